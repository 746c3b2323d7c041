"""Pictures of the log-likelihood as a landscape: where starts end, its heights, its basins."""

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Rectangle

from gmmtutor.plots.style import (
    BAR,
    GREY,
    INK,
    LINE_STYLES,
    PAPER,
    WRONG,
    axes_for,
    in_style,
    tint,
)
from gmmtutor.plus_minus import plus_minus_log_likelihood, plus_minus_update

ENDS = (GREY, tint(GREY, 0.55), BAR)  # of optima, the highest first; no component's colour
LINES = 18  # of equal height


def _end_look(n_ends):
    """Keywords for each kind of end: optima in greys, the last one, a collapse, hatched."""
    greys = [{"fc": shade, "ec": PAPER, "lw": 0.8} for shade in ENDS[: n_ends - 1]]
    return [*greys, {"fc": PAPER, "ec": GREY, "lw": 0.8, "hatch": WRONG[0]}]


@in_style
def endings(shares, names, ends, *, ax=None):
    """Draw where the starts of several schemes end, as stacked bars.

    Parameters
    ----------
    shares : array_like, shape (S, E)
        Of each scheme; a row sums to at most 1. The last column is what collapsed.
    names : sequence of S str
        The schemes.
    ends : sequence of E str
        What EM ends at, at most three optima and "collapsed".
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``bars`` (S lists of E rectangles), ``texts`` (a percentage in each that has room),
        ``key`` (the legend).
    """
    shares = np.asarray(shares, dtype=float)
    ax = axes_for(ax, 0.42 * len(shares) + 0.9)
    looks, left = _end_look(len(ends)), np.cumsum(shares, axis=1) - shares
    artists = {"bars": [], "texts": []}
    for row, places in enumerate(left):
        artists["bars"].append([])
        for share, place, look in zip(shares[row], places, looks, strict=True):
            bar = ax.add_patch(Rectangle((place, row - 0.35), share, 0.7, **look))
            artists["bars"][-1].append(bar)
            if share >= 0.06:
                artists["texts"].append(_percentage(ax, place + share / 2, row, share))
    ax.set(xlim=(0, 1), ylim=(len(shares) - 0.5, -0.5), xlabel="share of the starts")
    ax.set_yticks(range(len(shares)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    artists["key"] = _key(ax, looks, ends)
    return artists


def _percentage(ax, x, y, share):
    """Write a share in its bar, on a patch of paper."""
    patch = {"fc": PAPER, "ec": "none", "pad": 1.5}
    place = {"ha": "center", "va": "center_baseline", "bbox": patch}
    return ax.text(x, y, f"{100 * share:.0f}%", **place)


def _key(ax, looks, ends):
    """Explain the kinds of ends in one row above the axes."""
    swatches = [Rectangle((0, 0), 1, 1, **look) for look in looks]
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": len(ends)}
    spacing = {"handlelength": 1.3, "columnspacing": 1.4, "borderpad": 0, "borderaxespad": 0.3}
    return ax.legend(swatches, ends, **place, **spacing)


@in_style
def basins(x, y, labels, ends, *, neither="neither", ax=None):
    """Draw which end each start of a grid leads to.

    Parameters
    ----------
    x : array_like, shape (A,)
    y : array_like, shape (B,)
        In equal steps, both.
    labels : array_like of int, shape (B, A)
        Index into `ends`, or -1 for a start that leads to none of them, black.
    ends : sequence of E str
        At most three optima and, last, "collapsed".
    neither : str
        What the key calls the black ones, if there are any.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``map`` (image), ``hatched`` (contour set over what collapsed, None if nothing did),
        ``key``.
    """
    ax = axes_for(ax, 4.2)
    labels, looks = np.asarray(labels), _end_look(len(ends))
    half = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    extent = (x[0] - half[0], x[-1] + half[0], y[0] - half[1], y[-1] + half[1])
    shades = ListedColormap([look["fc"] for look in looks]).with_extremes(under=INK)
    steps = BoundaryNorm(np.arange(len(ends) + 1) - 0.5, len(ends))
    image = ax.imshow(
        labels, shades, steps, origin="lower", extent=extent, interpolation="nearest"
    )
    lost, hatched = (labels == len(ends) - 1).astype(float), None
    if lost.any():
        lines = {"levels": [0.5, 1.5], "colors": "none", "hatches": [WRONG[3]]}
        hatched = ax.contourf(x, y, lost, **lines)
        hatched.set(edgecolor=GREY, linewidth=0)
    if (labels < 0).any():
        looks, ends = [*looks, {"fc": INK}], [*ends, neither]
    return {"map": image, "hatched": hatched, "key": _key(ax, looks, ends)}


@in_style
def heights(x, y, values, *, paths=(), tops=(), saddles=(), ax=None):
    """Draw a function of two parameters by lines of equal height, and paths on it.

    Parameters
    ----------
    x : array_like, shape (A,)
    y : array_like, shape (B,)
    values : array_like, shape (B, A)
        The lines are dense near the highest value.
    paths : sequence of array_like, shape (T, 2)
        Each from its start (hollow) on, a dot a round.
    tops, saddles : sequence of (float, float)
        Marked by a filled and by a hollow square.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``lines`` (contour set), ``paths``, ``starts``, ``tops``, ``saddles`` (lists of lines).
    """
    ax = axes_for(ax, 4.2)
    values = np.asarray(values, dtype=float)
    depth = np.ptp(values) * np.linspace(1, 0, LINES, endpoint=False)[1:] ** 2.5
    look = {"colors": [tint(GREY, 0.5)], "linewidths": 1, "linestyles": "solid"}
    artists = {"lines": ax.contour(x, y, values, values.max() - depth, **look)}
    dots = {"color": INK, "ls": "-", "lw": 1.2, "marker": ".", "ms": 5}
    artists["paths"] = [ax.plot(*np.transpose(path), **dots)[0] for path in paths]
    hollow = {"color": INK, "mfc": PAPER, "ls": "", "zorder": 4}
    artists["starts"] = [ax.plot(*path[0], "o", ms=6, **hollow)[0] for path in paths]
    artists["tops"] = [ax.plot(*top, "s", color=INK, ms=8, zorder=4)[0] for top in tops]
    artists["saddles"] = [ax.plot(*saddle, "s", ms=8, **hollow)[0] for saddle in saddles]
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), aspect="equal")
    return artists


@in_style
def climbs(heights, distances, *, level=None, stops=(), log=False, ax=None):
    """Draw runs of EM twice: the log-likelihood, and the distance from a place.

    Parameters
    ----------
    heights, distances : sequence of array_like, shape (T,)
        Of each run, entry t after t rounds.
    level : float, optional
        Height of the place, drawn as a dashed line.
    stops : sequence of (int, str)
        Rounds of the first run to mark, and what to write at each.
    log : bool
        Whether distances are on a logarithmic axis.
    ax : pair of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``heights``, ``distances`` (a line a run), ``stops`` (two lines), ``labels``.
    """
    left, right = axes_for(ax, 2.7, 1, 2)
    artists = {"heights": [], "distances": [], "labels": []}
    for panel, name, runs in ((left, "heights", heights), (right, "distances", distances)):
        for run, style in zip(runs, LINE_STYLES[: len(runs)], strict=True):
            artists[name] += panel.plot(run, color=INK, ls=style, lw=1.6)
        panel.set_xlabel("round")
    rounds = [stop for stop, _ in stops]
    artists["stops"] = [
        panel.plot(rounds, np.asarray(runs[0])[rounds], "o", color=INK, ms=6)[0]
        for panel, runs in ((left, heights), (right, distances))
    ]
    for stop, text in stops:
        shift = {"xytext": (5, -15), "textcoords": "offset points"}
        artists["labels"].append(left.annotate(text, (stop, heights[0][stop]), **shift))
    if level is not None:
        left.axhline(level, color=GREY, lw=1, ls=(0, (4, 3)), zorder=0)
    if log:
        right.set_yscale("log")
        right.minorticks_off()
    return artists


@in_style
def plus_minus_atlas(sets, names, *, mus=None, ax=None):
    """Draw why the plus-minus model has no other stationary points, and its log-likelihood.

    Parameters
    ----------
    sets : sequence of array_like, shape (N,)
        Data sets.
    names : sequence of str
    mus : array_like, shape (M,), optional
        Positive and increasing; up to 3 when left out.
    ax : pair of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``quotients``, ``heights`` (a line a set), ``tops``, ``bottoms`` (marks of maxima and
        minima).
    """
    left, right = axes_for(ax, 2.9, 1, 2)
    mus = np.linspace(0.001, 3, 400) if mus is None else np.asarray(mus)
    both = np.concatenate([-mus[::-1], [0], mus])
    artists = {"quotients": [], "heights": [], "tops": [], "bottoms": []}
    for X, name, style in zip(sets, names, LINE_STYLES[: len(sets)], strict=True):
        quotient = plus_minus_update(X, mus) / mus
        artists["quotients"] += left.plot(mus, quotient, color=INK, ls=style)
        left.annotate(name, (mus[80], quotient[80]), (8, 4), textcoords="offset points")
        heights = plus_minus_log_likelihood(X, both) - plus_minus_log_likelihood(X, 0)
        artists["heights"] += right.plot(both, heights, color=INK, ls=style)
        _mark_extremes(right, both, heights, artists)
    left.axhline(1, color=GREY, lw=1, zorder=0)
    mu = "\N{GREEK SMALL LETTER MU}"
    left.set(xlabel=mu, title=f"M({mu}) / {mu}", ylim=(0, None), xlim=(0, mus[-1]))
    height = "\N{SCRIPT SMALL L}"
    right.set(xlabel=mu, title=f"{height}({mu}) \N{MINUS SIGN} {height}(0)", ylim=(-3, None))
    return artists


def _mark_extremes(ax, mus, heights, artists):
    """Mark maxima by filled squares, and a minimum at 0 by a hollow one."""
    middle, top = len(mus) // 2, int(heights.argmax())
    square = {"marker": "s", "ms": 7, "ls": "", "color": INK, "zorder": 4}
    places = sorted({top, 2 * middle - top})
    artists["tops"] += ax.plot(mus[places], heights[places], **square)
    if top != middle:
        artists["bottoms"] += ax.plot(0, 0, **square | {"mfc": PAPER, "zorder": 5})
