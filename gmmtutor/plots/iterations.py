"""Pictures of EM's iterations: the mixtures, and the log-likelihood that they gain."""

import itertools

import numpy as np
from matplotlib.transforms import Affine2D, ScaledTranslation

from gmmtutor.plots.one_dimension import densities
from gmmtutor.plots.parts import common_range, same_height
from gmmtutor.plots.style import GREY, INK, axes_for, component_look, in_style, number


@in_style
def ledger(values, names, *, ax=None):
    """Draw a log-likelihood as a staircase, one step for each update.

    Parameters
    ----------
    values : array_like, shape (S,)
        The first is the start.
    names : sequence of S str
        What was updated.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``stairs`` (one line), ``values`` (S texts).
    """
    ax = axes_for(ax, 2.8)
    values = np.asarray(values, dtype=float)
    x = np.arange(len(values))
    edges = np.repeat(np.arange(len(values) + 1) - 0.5, 2)[1:-1]
    (stairs,) = ax.plot(edges, np.repeat(values, 2), color=INK, ls="-")
    texts = [
        ax.annotate(number(v), (n, v), (0, 4), textcoords="offset points", ha="center")
        for n, v in enumerate(values)
    ]
    gains = np.diff(values)
    lines = [f"{names[0]}\n"] + [
        f"{name}\n{'+' if gain >= 0 else ''}{number(gain)}"
        for name, gain in zip(names[1:], gains, strict=True)
    ]
    span = np.ptp(values) or 1
    ax.set(ylim=(values.min() - 0.1 * span, values.max() + 0.16 * span), ylabel="log-likelihood")
    ax.set_xticks(x, lines)
    ax.tick_params(axis="x", length=0)
    return {"stairs": stairs, "values": texts}


@in_style
def mixtures(
    sequence,
    X=None,
    *,
    titles=None,
    xlim=None,
    top=None,
    n_cols=3,
    arrows=False,
    xlabel="x",
    ax=None,
):
    """Draw several mixtures as small multiples that share their axes.

    Parameters
    ----------
    sequence : sequence of S Mixture
        Of one feature.
    X : array_like, shape (N,) or (N, 1), optional
    titles : sequence of S str, optional
        "start", "1 step", "2 steps" and so on when left out.
    xlim : (float, float), optional
    top : float, optional
        The height of the frames; a spike that is higher is cut off. When omitted, all is seen.
    n_cols : int
    arrows : bool
        Show how each mean has moved since the panel before.
    xlabel : str
        Name of the feature, with its unit.
    ax : sequence of S matplotlib.axes.Axes, optional

    Returns
    -------
    list of dict
        What `densities` returns, for each mixture.
    """
    sequence = list(sequence)
    n_cols = min(n_cols, len(sequence))
    n_rows = -(-len(sequence) // n_cols)
    axes = np.atleast_1d(
        axes_for(ax, 1.55 * n_rows + 0.3, n_rows, n_cols, sharex=True, sharey=True)
    )
    xlim = common_range(sequence, X, xlim)
    artists = [
        densities(mixture, X, xlim=xlim, top=top, names=(), xlabel=xlabel, ax=panel)
        for mixture, panel in zip(sequence, axes, strict=False)
    ]
    if top is None:
        same_height(artists, axes, 1.3 if arrows else 1.06)
    for n, panel in enumerate(axes):
        panel.set_title(_title(n, titles))
        panel.label_outer()
        panel.locator_params(axis="x", nbins=5)
        panel.set_visible(n < len(sequence))
    if arrows:
        for n in range(1, len(sequence)):
            artists[n]["arrows"] = _moves(axes[n], sequence[n - 1], sequence[n])
    return artists


def _moves(ax, before, after):
    """Draw an arrow from each component's mean before to its mean after, near the top."""
    place, (low, high) = ax.get_xaxis_transform(), ax.get_xlim()
    look = {"lw": 2, "shrinkA": 0, "shrinkB": 0}
    arrows = []
    for k in range(after.n_components):
        old, new, y = before.means[k, 0], after.means[k, 0], 0.97 - 0.05 * k
        head = "-|>" if abs(new - old) > 0.02 * (high - low) else "-"  # no longer than the move
        arrow = look | {"arrowstyle": head, "color": component_look(k)[0]}
        arrows.append(ax.annotate("", (new, y), (old, y), place, place, arrowprops=arrow))
    return arrows


def _title(n, titles):
    if titles is not None:
        return titles[n] if n < len(titles) else ""
    return "start" if n == 0 else f"{n} step{'s' * (n > 1)}"


@in_style
def log_likelihood_history(history, *, n_samples=1, tol=None, ax=None):
    """Draw the log-likelihood after each update, and the gains with the tolerance.

    Parameters
    ----------
    history : array_like, shape (S,)
        Entry i belongs to the parameters after i updates.
    n_samples : int
        N; the gains are shown per sample.
    tol : float, optional
        The gain per sample at which EM stops.
    ax : pair of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``history``, ``gains``, ``tol`` (lines).
    """
    left, right = axes_for(ax, 2.6, 1, 2)
    history = np.asarray(history, dtype=float)
    look = {"color": INK, "ls": "-", "marker": "o", "ms": 4, "lw": 1.2}
    (line,) = left.plot(history, **look)
    left.set(xlabel="updates", title="log-likelihood")
    gains = np.diff(history) / n_samples
    (falls,) = right.semilogy(
        np.arange(1, len(history)), np.where(gains > 0, gains, np.nan), **look
    )
    right.set(xlabel="updates", title="gain per sample")
    right.minorticks_off()
    artists = {"history": line, "gains": falls, "tol": None, "label": None}
    if tol is not None:
        artists["tol"] = right.axhline(tol, color=GREY, lw=1, ls=(0, (4, 3)))
        artists["label"] = _label_tolerance(tol, falls)
    for panel in (left, right):
        panel.xaxis.get_major_locator().set_params(integer=True)
    return artists


def _label_tolerance(tol, curve):
    """Write the tolerance above or under its line, where the curve leaves room."""
    ax = curve.axes
    written = np.format_float_scientific(tol, trim="-", exp_digits=1)
    text = ax.text(0, tol, f"tol = {written}", color=GREY)
    x, side = _free_place(curve, tol, text.get_window_extent().size, ax.figure.dpi / 18)
    shift = ScaledTranslation(0, side / 18, ax.figure.dpi_scale_trans)
    text.set(x=x, va="baseline" if side > 0 else "top", transform=ax.get_yaxis_transform() + shift)
    return text


def _free_place(curve, level, size, gap):
    """Find where along a level a label of `size` is `gap` away from a curve, or else farthest.

    Returns its left end, a share of the axes, and 1 if it stands above the level, -1 if under it.
    """
    ax = curve.axes
    ax.autoscale_view()
    room = ax.get_window_extent().size
    to_pixels = ax.transScale + ax.transLimits + Affine2D().scale(*room)
    line, height = to_pixels.transform(curve.get_xydata()), to_pixels.transform((1, level))[1]
    between = line[:-1] + np.linspace(0, 1, 50)[:, np.newaxis, np.newaxis] * np.diff(line, axis=0)
    points = np.concatenate([line, between.reshape(-1, 2)])
    points = points[np.isfinite(points).all(axis=1)]
    distances = {}
    for side, x in itertools.product((1, -1), np.linspace(0.02, 0.98 - size[0] / room[0], 30)):
        centre = x * room[0] + size[0] / 2, height + side * (gap + size[1] / 2)
        apart = (abs(points - centre) - size / 2).max(axis=1).min(initial=np.inf)
        distances[x, side] = apart if size[1] / 2 < centre[1] < room[1] - size[1] / 2 else -np.inf
    free = (place for place, apart in distances.items() if apart > gap)
    return next(free, max(distances, key=distances.get))
