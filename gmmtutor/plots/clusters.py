"""Pictures of hard and soft clusters: rounds of k-means, shrinking variances, regions."""

import numpy as np

from gmmtutor.kmeans import kmeans_step
from gmmtutor.mixture import Mixture, responsibilities
from gmmtutor.plots.parts import component_lines, old_and_new, one_feature
from gmmtutor.plots.responsibility import responsibility_bars
from gmmtutor.plots.style import (
    BAR,
    GREY,
    HEIGHTS,
    INK,
    PAPER,
    TRUTH,
    axes_for,
    component_look,
    in_style,
    number,
    short,
    tint,
)
from gmmtutor.validation import as_samples


@in_style
def bars_by_variance(X, means, variances, *, xlabel="x", ax=None):
    """Show responsibilities as bars, a row for each variance that all components share.

    Parameters
    ----------
    X : array_like, shape (N,) or (N, 1)
    means : array_like, shape (K,)
        The same in every row; all weights are equal.
    variances : sequence of V float
    xlabel : str
        Name of the feature, with its unit.
    ax : sequence of V matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``rows`` (V, what `responsibility_bars` returns), ``labels`` (V texts), ``means``
        (V lists of K lines).
    """
    rows = np.atleast_1d(axes_for(ax, 0.5 + 0.93 * len(variances), len(variances), sharex=True))
    X, means, K = one_feature(X), np.ravel(means).astype(float), np.size(means)
    ends = np.concatenate([X, means])
    margin = 0.06 * np.ptp(ends)
    xlim = ends.min() - margin, ends.max() + margin
    artists = {"rows": [], "labels": [], "means": []}
    for row, variance in zip(rows, variances, strict=True):
        resp = responsibilities(X, Mixture(np.full(K, 1 / K), means, np.full(K, variance)))
        artists["rows"].append(responsibility_bars(X, resp, xlim=xlim, names=(), ax=row))
        last = row is rows[-1]
        row.set(ylabel="", xlabel=xlabel if last else "", yticks=[])
        row.tick_params(bottom=last)
        row.spines["left"].set_visible(False)
        text = f"variance {short(variance)}"
        artists["labels"].append(row.text(1, 0.8, text, ha="right", transform=row.transAxes))
        artists["means"].append([_stand(row, k, mean) for k, mean in enumerate(means)])
    return artists


def _stand(ax, k, mean):
    """Mark a mean on the axis."""
    colour, _, _, marker, _ = component_look(k)
    look = {"marker": marker, "color": colour, "mec": PAPER, "ms": 9, "clip_on": False}
    return ax.plot(mean, 0, zorder=6, transform=ax.get_xaxis_transform(), **look)[0]


@in_style
def kmeans_rounds(X, centres, n_rounds, *, xlabel="x", ax=None):
    """Draw rounds of k-means on a line: a lane where points are assigned, one where centres move.

    Parameters
    ----------
    X : array_like, shape (N,) or (N, 1)
    centres : array_like, shape (K,)
        Before the first round.
    n_rounds : int
    xlabel : str
        Name of the feature, with its unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``points`` (two lists of K lines for each round), ``boundaries`` (a list for each round),
        ``moves`` (a list of K pairs for each round), ``labels``.
    """
    ax = axes_for(ax, 0.5 + 0.85 * n_rounds * 2)
    X = one_feature(X)
    centres = np.sort(np.ravel(centres).astype(float))[:, np.newaxis]
    artists = {"points": [], "boundaries": [], "moves": [], "labels": []}
    for t in range(n_rounds):
        labels, moved = kmeans_step(X[:, np.newaxis], centres)
        for lane, words in ((2 * t, "assign"), (2 * t + 1, "move")):
            artists["points"].append(_members(ax, X, labels, len(centres), -lane))
            text = f"round {t + 1}: {words}"
            label = ax.text(0, -lane + 0.08, text, transform=ax.get_yaxis_transform(), ha="right")
            artists["labels"].append(label)
        middles = (centres[1:, 0] + centres[:-1, 0]) / 2
        look = {"color": GREY, "ls": (0, (1, 2)), "lw": 1.2}
        artists["boundaries"].append(ax.vlines(middles, -2 * t - 0.2, -2 * t + 0.55, **look))
        for k, centre in enumerate(centres[:, 0]):
            old_and_new(ax, k, (centre, 0.35 - 2 * t), (centre, 0.35 - 2 * t))
        artists["moves"].append(
            [
                _move(ax, k, centres[k, 0], moved[k, 0], -2 * t - 1 + 0.35)
                for k in range(len(centres))
            ]
        )
        centres = moved
    ends = np.concatenate(
        [X, *(line.get_xdata() for pair in artists["moves"][0] for line in pair)]
    )
    margin = 0.04 * np.ptp(ends)
    ax.set(ylim=(0.7 - 2 * n_rounds, 0.7), yticks=[], xlabel=xlabel)
    ax.set_xlim(ends.min() - margin, ends.max() + margin)
    ax.spines["left"].set_visible(False)
    return artists


def _members(ax, X, labels, n_components, height):
    """Draw each cluster's points on a thin line at some height."""
    ax.axhline(height, color=BAR, lw=1, zorder=0)
    lines = []
    for k in range(n_components):
        colour, _, _, marker, _ = component_look(k)
        own = X[labels == k]
        lines += ax.plot(own, np.full(len(own), height), marker, color=colour, ms=8, mec=PAPER)
    return lines


def _move(ax, k, old, new, height):
    """Draw a centre's move as an arrow from its hollow to its filled mark."""
    if old == new:
        return old_and_new(ax, k, (old, height), (new, height))
    arrow = {"arrowstyle": "-|>", "color": component_look(k)[0], "lw": 1.2}
    ax.annotate("", (new, height), (old, height), arrowprops=arrow | {"shrinkA": 5, "shrinkB": 5})
    return old_and_new(ax, k, (old, height), (new, height))


@in_style
def annealed_means(variances, means, X=None, *, marks=(), ylabel="mean", ax=None):
    """Draw the means at which EM comes to rest against the variance that is held fixed.

    Parameters
    ----------
    variances : array_like, shape (V,)
        Positive, from the largest to the smallest.
    means : array_like, shape (V, K)
    X : array_like, shape (N,), optional
        Data, drawn as dots at the right edge.
    marks : sequence of (float, str)
        Variances to be marked by an upright line, and their names.
    ylabel : str
        Name of the feature, with its unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``lines`` (K), ``data``, ``marks`` (lines), ``labels`` (texts).
    """
    ax = axes_for(ax, 3.2)
    variances, means = np.asarray(variances, dtype=float), np.asarray(means, dtype=float)
    artists = {"lines": component_lines(ax, variances, means), "marks": [], "labels": []}
    for k, line in enumerate(artists["lines"]):
        line.set(lw=4.4 - 1.2 * k, zorder=3 + k)  # where they coincide, each is seen
    artists["data"] = None
    if X is not None:
        X = one_feature(X)
        look = {"color": INK, "clip_on": False, "ms": 5, "transform": ax.get_yaxis_transform()}
        (artists["data"],) = ax.plot(np.ones(len(X)), X, "o", **look)
    for variance, text in marks:
        look = {"color": GREY, "lw": 0.9, "ls": (0, (1, 2))}
        artists["marks"].append(ax.axvline(variance, **look))
        spot, above = (variance, 1.02), ax.get_xaxis_transform()
        artists["labels"].append(ax.text(*spot, text, ha="center", transform=above))
    ax.set(xscale="log", xlim=(variances[0], variances[-1]), ylabel=ylabel)
    ax.set_xlabel("variance of all components, held fixed (shrinks to the right)")
    ticks = [tick for tick in (0.01, 0.1, 1, 10, 100) if variances[-1] <= tick <= variances[0]]
    ax.set_xticks(ticks, [short(tick) if tick >= 0.1 else f"{tick}" for tick in ticks])
    return artists


@in_style
def regions(decide, X, labels, *, xlim=None, ylim=None, title="", n_grid=240, ax=None):
    """Tint the plane by what a rule decides, under points that show what they are.

    Parameters
    ----------
    decide : callable
        Takes (M, 2) and returns M labels, counted from 0.
    X : array_like, shape (N, 2)
    labels : array_like, shape (N,), int
        What each point is: its colour and marker.
    xlim, ylim : (float, float), optional
    title : str
    n_grid : int
        Points of the grid in each direction.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``image``, ``points`` (lines, one for each value of `labels`).
    """
    ax = axes_for(ax, 3.2)
    X, labels = as_samples(X, 2), np.asarray(labels)
    limits = []
    for column, given in zip(X.T, (xlim, ylim), strict=True):
        margin = 0.06 * np.ptp(column)
        limits.append(given or (column.min() - margin, column.max() + margin))
    sides = [np.linspace(*limit, n_grid) for limit in limits]
    plane = np.column_stack([part.ravel() for part in np.meshgrid(*sides)])
    decided = np.asarray(decide(plane)).reshape(n_grid, n_grid)
    tints = np.array([tint(component_look(k)[0], 0.28) for k in range(decided.max() + 1)])
    look = {"origin": "lower", "aspect": "auto", "interpolation": "nearest", "zorder": 0}
    artists = {"image": ax.imshow(tints[decided], extent=[*limits[0], *limits[1]], **look)}
    artists["points"] = []
    for k in range(labels.max() + 1):
        colour, _, _, marker, _ = component_look(k)
        artists["points"] += ax.plot(*X[labels == k].T, marker, color=colour, ms=3, mew=0)
    ax.set(xlim=limits[0], ylim=limits[1], title=title)
    return artists


@in_style
def estimates(groups, truth, bins, *, xlabel, ax=None):
    """Draw histograms of several estimators of one number, a lane each, and the truth.

    Parameters
    ----------
    groups : mapping of str to array_like
        For each estimator its values.
    truth : float
    bins : array_like
        Edges; values beyond them are counted in the outermost bins.
    xlabel : str
    ax : sequence of matplotlib.axes.Axes, optional
        One for each estimator.

    Returns
    -------
    dict
        ``bars`` (a list for each estimator), ``truth`` (lines), ``labels`` (texts).
    """
    height = float(np.clip(0.5 + 0.9 * len(groups), *HEIGHTS))
    lanes = np.atleast_1d(axes_for(ax, height, len(groups), sharex=True, sharey=True))
    artists = {"bars": [], "truth": [], "labels": []}
    for lane, (name, values) in zip(lanes, groups.items(), strict=True):
        inside = np.clip(values, bins[0], bins[-1])
        artists["bars"].append(lane.hist(inside, bins, color=BAR, ec=GREY, lw=0.6)[2])
        artists["truth"].append(lane.axvline(truth, color=TRUTH, lw=1.2, ls="-"))
        text = f"{name}\nmedian {number(np.median(values))}"
        look = {"ha": "right", "va": "top", "transform": lane.transAxes}
        artists["labels"].append(lane.text(1, 0.95, text, **look))
        lane.set(yticks=[], xlabel=xlabel if lane is lanes[-1] else "")
        lane.spines["left"].set_visible(False)
    return artists
