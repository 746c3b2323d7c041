"""Pictures of mixtures in one dimension: densities, samples and moments."""

import itertools

import numpy as np

from gmmtutor.mixture import Mixture, weighted_log_prob
from gmmtutor.plots.parts import (
    component_names,
    data_on_axis,
    density_line,
    grid,
    histogram,
    labels_on_top,
    one_feature,
    range_of,
)
from gmmtutor.plots.style import (
    GREY,
    INK,
    LINE_STYLES,
    PAPER,
    TRUTH,
    axes_for,
    component_look,
    fineness,
    in_style,
    number,
    tint,
)


@in_style
def densities(
    mixture,
    X=None,
    *,
    xlim=None,
    top=None,
    bins=None,
    truth=None,
    names=None,
    xlabel="x",
    ax=None,
):
    """Draw the weighted components of a mixture in one dimension, and their sum in ink.

    Parameters
    ----------
    mixture : Mixture
        Of one feature.
    X : array_like, shape (N,) or (N, 1), optional
        Data, drawn as dots on the axis; as a histogram if `bins` is given.
    xlim : (float, float), optional
    top : float, optional
        The height of the frame; a spike that is higher is cut off. When omitted, all is seen.
    bins : int or sequence, optional
    truth : Mixture, optional
        Its density is drawn as a thin grey line.
    names : sequence of str, optional
        Names of the components; ``()`` for none.
    xlabel : str
        Name of the feature, with its unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``components`` and ``fills`` (lists of K), ``mixture``, ``data``, ``truth``, ``labels``.
        A component's line ends where it can no longer be told from the axis.
    """
    ax = axes_for(ax, 2.8)
    xlim = range_of(mixture, X, xlim)
    x = grid(mixture, xlim)
    heights = np.exp(weighted_log_prob(x, mixture))  # (M, K)
    top = 1.06 * heights.sum(axis=1).max() if top is None else top
    ax.set(xlim=xlim, ylim=(0, top), xlabel=xlabel, ylabel="density")
    artists = {"components": [], "fills": [], "data": None, "truth": None}
    for k, height in enumerate(heights.T):
        line, fill = _component(ax, k, x, height, top)
        artists["components"].append(line)
        artists["fills"].append(fill)
    artists["mixture"] = density_line(ax, x, mixture, lw=1.1 * fineness(ax), zorder=3)
    if truth is not None:
        artists["truth"] = density_line(ax, x, truth, color=TRUTH, lw=1, zorder=2.5)
    if X is not None:
        artists["data"] = data_on_axis(ax, X, bins)
    artists["labels"] = _label_densities(ax, mixture, component_names(names, mixture.n_components))
    return artists


def _component(ax, k, x, height, top):
    """Draw a component's line and the tinted area under it, as far as they can be seen."""
    colour, _, style, _, _ = component_look(k)
    seen = height > 0.002 * min(height.max(), top)
    fill = ax.fill_between(x[seen], height[seen], color=colour, alpha=0.25, lw=0, zorder=1)
    look = {"color": colour, "linestyle": style, "lw": 3.4 * fineness(ax)}
    return ax.plot(x[seen], height[seen], **look)[0], fill


def _label_densities(ax, mixture, names):
    """Name the components near their peaks, and the mixture at the right end of the row."""
    if len(names) == 0:
        return []
    inks = [component_look(k)[1] for k in range(len(names))] + [INK]
    return labels_on_top(ax, [*mixture.means[:, 0], ax.get_xlim()[1]], [*names, "mixture"], inks)


@in_style
def bells(standard_deviations, *, ax=None):
    """Draw Gaussian densities of mean 0, each with its peak's height, and a line at height 1.

    Parameters
    ----------
    standard_deviations : sequence of float
        From the narrowest to the widest.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``curves`` and ``labels`` (lists), ``one`` (the line at height 1).
    """
    ax = axes_for(ax, 2.8)
    reach = 3 * max(standard_deviations)
    x = np.linspace(-reach, reach, 1201)
    artists = {"curves": [], "labels": []}
    for sd, style in zip(standard_deviations, itertools.cycle(LINE_STYLES), strict=False):
        curve = density_line(ax, x, Mixture([1], [0], [sd**2]), ls=style, lw=1.8)
        peak = curve.get_ydata().max()
        text, spot = f"standard deviation {sd:g}\npeak {peak:.3f}", (0.62 * sd, 0.83 * peak)
        label = ax.annotate(text, spot, (9, 3), textcoords="offset points")
        artists["curves"].append(curve)
        artists["labels"].append(label)
    artists["one"] = ax.axhline(1, color=GREY, lw=0.9, ls=(0, (1, 2)))
    ax.annotate("height 1", (-reach, 1), (4, 4), textcoords="offset points", color=GREY)
    ax.set(xlim=(-reach, reach), ylim=(0, None), xlabel="x", ylabel="density")
    return artists


@in_style
def drawn(X, labels, mixture, bins, *, ax=None):
    """Draw a sample twice: stacked by its labels, and as one histogram under the density.

    Parameters
    ----------
    X : array_like, shape (N,)
    labels : array_like, shape (N,), int
        Counted from 0.
    mixture : Mixture
        Of one feature.
    bins : array_like, shape (M + 1,)
        Edges, all intervals of one width, around all data.
    ax : pair of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``stacks`` (K containers), ``bars``, ``density``, ``names`` (K texts).
    """
    left, right = axes_for(ax, 2.7, 1, 2, sharex=True, sharey=True)
    X, labels = one_feature(X), np.asarray(labels)
    parts = [X[labels == k] for k in range(mixture.n_components)]
    artists = {"stacks": _stack(left, parts, bins), "bars": histogram(right, X, bins)}
    artists["names"] = _name_stacks(left, mixture.means[:, 0], artists["stacks"])
    artists["density"] = density_line(right, np.linspace(bins[0], bins[-1], 801), mixture)
    left.set(title="with the labels", ylabel="density", xlabel="x", xlim=(bins[0], bins[-1]))
    right.set(title="what we are told", xlabel="x")
    return artists


def _stack(ax, parts, bins):
    """Draw one histogram of area 1, of which every part has its component's look."""
    looks = [component_look(k) for k in range(len(parts))]
    share = 1 / (sum(len(part) for part in parts) * np.diff(bins)[0])
    weights = [np.full(len(part), share) for part in parts]
    colours = [tint(look[0], 0.65) for look in looks]
    _, _, stacks = ax.hist(parts, bins, weights=weights, stacked=True, color=colours)
    for stack, look in zip(stacks, looks, strict=True):
        for patch in stack:
            patch.set(edgecolor=PAPER, linewidth=0.4, hatch=look[4])
    return stacks


def _name_stacks(ax, means, stacks):
    """Write each component's number above the bars around its mean."""
    tops = np.array([bar.get_y() + bar.get_height() for bar in stacks[-1]])
    left = np.array([bar.get_x() for bar in stacks[-1]])
    texts = []
    for k, mean in enumerate(means):
        near = np.clip(np.searchsorted(left, mean) - 1, 0, len(tops) - 1)
        top = tops[max(near - 1, 0) : near + 2].max() + 0.03 * tops.max()
        look = {"color": component_look(k)[1], "ha": "center", "weight": "bold"}
        texts.append(ax.text(mean, top, f"{k + 1}", **look))
    return texts


@in_style
def mixture_and_average(mixture, *, ax=None):
    """Draw a mixture beside the weighted average of independent draws from its components.

    Parameters
    ----------
    mixture : Mixture
        Of one feature.
    ax : pair of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``mixture`` (what `densities` returns), ``average`` (a line), ``means`` (K lines).
    """
    left, right = axes_for(ax, 2.6, 1, 2, sharex=True, sharey=True)
    weights, means = mixture.weights, mixture.means[:, 0]
    average = Mixture([1], [weights @ means], [weights**2 @ mixture.variances])
    xlim = range_of(mixture)
    artists = {"mixture": densities(mixture, xlim=xlim, names=(), ax=left)}
    artists["average"] = density_line(right, np.linspace(*xlim, 801), average)
    look = {"color": GREY, "lw": 0.8, "ls": (0, (1, 2))}
    artists["means"] = [right.axvline(mean, **look) for mean in means]
    tops = [line.get_ydata().max() for line in (artists["mixture"]["mixture"], artists["average"])]
    left.set(title="mixture: pick one", ylim=(0, 1.06 * max(tops)))
    right.set(title="average: blend the values", xlabel="x", xlim=xlim)
    return artists


@in_style
def spread(mixture, *, ax=None):
    """Draw each component's standard deviation, and its mean's distance from the whole mean.

    Parameters
    ----------
    mixture : Mixture
        Of one feature.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``bars``, ``arrows``, ``distances`` and ``names`` (lists of K), ``mean`` (a line).
    """
    weights, means = mixture.weights, mixture.means[:, 0]
    ax = axes_for(ax, 0.6 + 0.62 * len(weights))
    whole = weights @ means
    artists = {"bars": [], "arrows": [], "distances": [], "names": []}
    artists["mean"] = ax.axvline(whole, color=INK, lw=1.1, ls="-")
    for k, (mean, sd) in enumerate(zip(means, np.sqrt(mixture.variances), strict=True)):
        _lane(ax, k, mean, sd, whole, artists)
        look = {"color": component_look(k)[1], "ha": "right", "va": "center"}
        name = f"component {k + 1}, weight {weights[k]:g}"
        text = ax.text(-0.02, -k, name, transform=ax.get_yaxis_transform(), **look)
        artists["names"].append(text)
    top = ax.get_xaxis_transform()
    ax.annotate(f"mean {number(whole, 1)}", (whole, 1), (4, -2), top, "offset points")
    ax.set(ylim=(0.45 - len(weights), 0.9), yticks=[], xlabel="x")
    ax.spines["left"].set_visible(False)
    return artists


def _lane(ax, k, mean, sd, whole, artists):
    """Draw one component's bar, and the arrow to its mean from the mean of the whole."""
    colour, _, _, marker, _ = component_look(k)
    ends = [mean - sd, mean, mean + sd]
    artists["bars"] += ax.plot(ends, [-k] * 3, color=colour, ls="-", lw=7, alpha=0.45)
    ax.plot(mean, -k, marker=marker, color=colour, ms=9, mec=PAPER, ls="")
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1, "shrinkA": 0, "shrinkB": 5}
    artists["arrows"].append(ax.annotate("", (mean, -k), (whole, -k), arrowprops=arrow))
    middle, text = ((mean + whole) / 2, -k), number(mean - whole, 1)
    above = {"textcoords": "offset points", "ha": "center"}
    artists["distances"].append(ax.annotate(text, middle, (0, 6), **above))


@in_style
def samples_wrong_and_right(wrong, right, mixture, bins, *, ax=None):
    """Draw two samples as histograms, the wrong one hatched, each under the density.

    Parameters
    ----------
    wrong, right : array_like, shape (N,)
    mixture : Mixture
        Of one feature.
    bins : array_like, shape (M + 1,)
    ax : pair of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``wrong``, ``right`` (bars), ``densities`` (two lines).
    """
    panels = axes_for(ax, 2.6, 1, 2, sharex=True, sharey=True)
    artists = {
        "wrong": histogram(panels[0], wrong, bins, wrong=True),
        "right": histogram(panels[1], right, bins),
    }
    x = np.linspace(bins[0], bins[-1], 801)
    artists["densities"] = [density_line(panel, x, mixture) for panel in panels]
    panels[0].set(title="wrong", xlabel="x", ylabel="density", xlim=(bins[0], bins[-1]))
    panels[1].set(title="right", xlabel="x")
    return artists
