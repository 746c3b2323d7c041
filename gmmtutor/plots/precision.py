"""Pictures of finite precision: where numbers vanish, and how many digits are left."""

from itertools import pairwise

import numpy as np

from gmmtutor.plots.parts import key, one_feature, spread_out
from gmmtutor.plots.style import (
    COLOURS,
    GREY,
    HEIGHTS,
    INK,
    LINE_STYLES,
    PAPER,
    TEXT_COLOURS,
    WRONG,
    axes_for,
    bar_look,
    in_style,
)


@in_style
def strips(X, rows, *, names=None, xlabel="x", ax=None):
    """Draw responsibilities along x as a strip a way of computing, hatched where there are none.

    Parameters
    ----------
    X : array_like, shape (M,) or (M, 1)
        Abscissae in ascending order.
    rows : mapping of str to array_like, shape (M, K)
        For each way, from the top, its responsibilities; NaN where it has none.
    names : sequence of str, optional
        Names of the components.
    xlabel : str
        Name of the feature, with its unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``bands``: name to the areas of the K components, stacked; ``missing``: name to the
        hatched area; ``key``.
    """
    x = one_feature(X)
    ax = axes_for(ax, 0.9 + 0.6 * len(rows))
    artists = {"bands": {}, "missing": {}}
    for level, (name, shares) in enumerate(rows.items()):
        shares = np.asarray(shares, dtype=float)
        kept = _changing(shares)
        at, missing = x[kept], np.isnan(shares[kept]).any(axis=1)
        stacked = np.column_stack([np.zeros(len(at)), np.cumsum(shares[kept], axis=1)])
        edges = -level + 0.7 * stacked.T
        artists["bands"][name] = [
            ax.fill_between(at, low, high, where=~missing, **bar_look(k))
            for k, (low, high) in enumerate(pairwise(edges))
        ]
        look = {"fc": PAPER, "ec": GREY, "hatch": WRONG[0], "lw": 0}
        artists["missing"][name] = ax.fill_between(at, -level, 0.7 - level, where=missing, **look)
    ax.set_yticks([0.35 - level for level in range(len(rows))], list(rows))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set(xlim=(x[0], x[-1]), ylim=(0.85 - len(rows), 0.75), xlabel=xlabel)
    n_components = shares.shape[1]
    artists["key"] = key(ax, names or [f"component {k + 1}" for k in range(n_components)])
    return artists


def _changing(shares):
    """Whether a row differs from a neighbour by what can be seen, or is the first or the last."""
    seen = np.nan_to_num(shares.round(3), nan=-1.0)
    steps = (np.diff(seen, axis=0) != 0).any(axis=1)
    return np.concatenate([[True], steps]) | np.concatenate([steps, [True]])


@in_style
def to_the_floor(x, logs, floors, *, xlabel, ylabel, ax=None):
    """Draw logarithms that fall, and for each floor where numbers below it become 0.

    Parameters
    ----------
    x, logs : array_like, shape (M,)
    floors : mapping of str to float
        Names of number types, and the logarithm under which each has nothing but 0.
    xlabel, ylabel : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``curve``; ``floors``, ``crossings`` and ``texts`` (lists); ``places``, where the curve
        first is below each floor.
    """
    x, logs = np.asarray(x, dtype=float), np.asarray(logs, dtype=float)
    ax = axes_for(ax, 2.8)
    (curve,) = ax.plot(x, logs, color=INK, lw=1.8)
    artists = {"curve": curve, "floors": [], "crossings": [], "texts": [], "places": []}
    for name, floor in floors.items():
        place = x[(logs < floor).argmax()]
        artists["places"].append(place)
        artists["floors"].append(ax.axhline(floor, color=GREY, lw=1.2, ls=(0, (5, 2))))
        artists["crossings"] += ax.plot(place, floor, "o", color=INK, ms=6)
        late = place > (x[0] + x[-1]) / 2  # then the name stands below the line, on the left
        look = {"ha": "right", "va": "top"} if late else {"ha": "left", "va": "bottom"}
        words, shift = f"{name}: 0 from {place:.4g} on", (-8, -5) if late else (6, 4)
        artists["texts"].append(
            ax.annotate(words, (place, floor), shift, textcoords="offset points", **look)
        )
    ax.set(xlim=(x[0], x[-1]), ylim=(1.15 * min(floors.values()), None))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return artists


@in_style
def relative_errors(x, lines, *, limit=None, xlabel, ylabel="relative error", ax=None):
    """Draw errors of several ways of computing on two logarithmic axes.

    Parameters
    ----------
    x : array_like, shape (M,)
        Positive.
    lines : mapping of str to array_like, shape (M,)
        Errors of each way; at most five. Errors of 0 are drawn near the lower edge.
    limit : (str, array_like of shape (M,)), optional
        What theory says: its name and values, a thin line in grey.
    xlabel, ylabel : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``lines``: name to its line; ``limit``; ``names``, the texts at their right ends.
    """
    x = np.asarray(x, dtype=float)
    ax = axes_for(ax, HEIGHTS[0] + 0.6)
    positive = np.concatenate([np.asarray(values, dtype=float) for values in lines.values()])
    least = 10 ** np.floor(np.log10(positive[positive > 0].min()))
    artists, ends = {"lines": {}, "limit": None, "names": []}, []
    for k, (name, values) in enumerate(lines.items()):
        shown = np.maximum(values, least)
        look = {"color": COLOURS[k], "ls": LINE_STYLES[k], "lw": 1.8}
        (artists["lines"][name],) = ax.plot(x, shown, **look)
        ends.append((name, shown[-1], TEXT_COLOURS[k]))
    if limit is not None:
        (artists["limit"],) = ax.plot(x, limit[1], color=GREY, lw=1)
        ends.append((limit[0], np.asarray(limit[1], dtype=float)[-1], GREY))
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel, xlim=(x[0], x[-1]))
    ax.set_ylim(least / 3, 3 * ax.get_ylim()[1])
    low, high = np.log10(ax.get_ylim())
    scale = 72 * ax.get_window_extent().height / ax.figure.dpi / (high - low)  # points a decade
    wanted = scale * np.log10([end for _, end, _ in ends])
    placed = spread_out(wanted, 13.0, scale * low, scale * high)
    for (name, end, colour), shift in zip(ends, placed - wanted, strict=True):
        look = {"textcoords": "offset points", "va": "center", "color": colour}
        artists["names"].append(ax.annotate(name, (x[-1], end), (6, shift), **look))
    return artists
