"""Parts that several pictures share: labels and keys, limits and grids, data and densities."""

import numpy as np
from matplotlib.patches import Rectangle

from gmmtutor.mixture import score_samples
from gmmtutor.plots.style import (
    BAR,
    GREY,
    INK,
    PAPER,
    WRONG,
    bar_look,
    component_look,
    fineness,
)
from gmmtutor.validation import as_samples

LETTER = 6.4  # points that a letter of a label takes, on average
MANY = 40  # more data than this are drawn smaller


def spread_out(wanted, widths, low=-np.inf, high=np.inf):
    """Move labels or bars as little as possible until they stand side by side.

    Parameters
    ----------
    wanted : array_like, shape (N,)
        Where the centres should be.
    widths : float or array_like, shape (N,)
        The room that each needs.
    low, high : float
        Limits of the room; the upper one holds where there is not enough.

    Returns
    -------
    ndarray, shape (N,)
        The centres that least squares gives, in the order of `wanted`.
    """
    wanted = np.asarray(wanted, dtype=float)
    if wanted.size == 0:
        return wanted
    order = np.argsort(wanted, kind="stable")
    widths = np.broadcast_to(widths, wanted.shape)[order]
    offsets = np.cumsum(widths) - widths / 2  # centres, when all stand at the left edge
    edges = rising(wanted[order] - offsets)
    edges = np.minimum(np.maximum(edges, low), high - widths.sum())
    placed = np.empty_like(wanted)
    placed[order] = edges + offsets
    return placed


def rising(values):
    """Return the nearest numbers, by least squares, that never fall: pool what violates it.

    Parameters
    ----------
    values : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (N,)
        As SciPy's ``isotonic_regression``, which a page in the browser need not load for this.
    """
    totals, counts = [], []
    for value in values:
        totals.append(value)
        counts.append(1)
        while len(totals) > 1 and totals[-2] / counts[-2] >= totals[-1] / counts[-1]:
            last, count = totals.pop(), counts.pop()
            totals[-1] += last
            counts[-1] += count
    return np.repeat(np.divide(totals, counts), counts)


def component_names(names, n_components):
    """Return the components' names, "component 1" and so on if none are given."""
    return [f"component {k + 1}" for k in range(n_components)] if names is None else list(names)


def _shortened(names, ax, gap):
    """Drop the word "component" if the names, gaps of some letters between, are too long.

    Also returns the width of the axes in points.
    """
    room = 72 * ax.get_window_extent().width / ax.figure.dpi
    if LETTER * sum(len(name) + gap for name in names) > room:
        names = [name.removeprefix("component ") for name in names]
    return names, room


def labels_on_top(ax, x, names, looks=None, level=1.02):
    """Write names in a row above the axes, near x, none over another; () writes none."""
    if len(names) == 0:
        return []
    names, room = _shortened(names, ax, gap=2)
    widths = LETTER * np.array([len(name) + 2 for name in names]) / room
    low, high = ax.get_xlim()
    shares = (np.asarray(x) - low) / (high - low)
    looks = [component_look(k)[1] for k in range(len(names))] if looks is None else looks
    return [
        ax.text(place, level, name, color=colour, ha="center", transform=ax.transAxes)
        for place, name, colour in zip(spread_out(shares, widths, 0, 1), names, looks, strict=True)
    ]


def key(ax, names, *, right=False):
    """Explain the components' bars in one row above the axes; () explains nothing."""
    if len(names) == 0:
        return None
    names, _ = _shortened(names, ax, gap=6)
    swatches = [Rectangle((0, 0), 1, 1, **bar_look(k)) for k in range(len(names))]
    legend = ax.legend(
        swatches,
        names,
        loc="lower right" if right else "lower left",
        bbox_to_anchor=(float(right), 1),
        ncols=len(names),
        handlelength=1.1,
        borderaxespad=0.2,
        borderpad=0,
        columnspacing=1.4,
        handletextpad=0.5,
    )
    for k, text in enumerate(legend.get_texts()):
        text.set_color(component_look(k)[1])
    return legend


def one_feature(X):
    X = as_samples(X)
    if X.shape[1] != 1:
        raise ValueError(f"X has {X.shape[1]} features; this picture shows one.")
    return X[:, 0]


def range_of(mixture, X=None, xlim=None):
    """Return limits that show three standard deviations of every component, and all data."""
    if xlim is not None:
        return tuple(xlim)
    sds, means = np.sqrt(mixture.variances), mixture.means[:, 0]
    ends = np.concatenate([means - 3 * sds, means + 3 * sds, [] if X is None else one_feature(X)])
    margin = 0.02 * np.ptp(ends)
    return ends.min() - margin, ends.max() + margin


def common_range(sequence, X=None, xlim=None):
    """Return the limits that show all of several mixtures."""
    ranges = np.array([range_of(mixture, X, xlim) for mixture in sequence])
    return ranges[:, 0].min(), ranges[:, 1].max()


def grid(mixture, xlim):
    """Return abscissae, shape (M,), in order, dense around every component, peaks included."""
    sds = np.sqrt(mixture.variances)
    around = mixture.means[:, 0] + np.linspace(-5, 5, 101)[:, np.newaxis] * sds  # (101, K)
    x = np.union1d(np.linspace(*xlim, 401), around)
    return x[(x >= xlim[0]) & (x <= xlim[1])]


def component_lines(ax, x, values):
    """Draw a line for each component, values (M, K), in its colour and style."""
    return [
        ax.plot(x, column, color=component_look(k)[0], linestyle=component_look(k)[2], lw=2.4)[0]
        for k, column in enumerate(values.T)
    ]


def data_on_axis(ax, X, bins=None):
    """Draw data as dots on the axis line, as a rug if they are many, or as a grey histogram."""
    X = one_feature(X)
    if bins is not None:
        patches = histogram(ax, X, bins, lw=0.8)
        top = max(patch.get_height() for patch in patches)
        ax.set_ylim(0, max(ax.get_ylim()[1], 1.06 * top))
        return patches
    look = {"marker": "o", "ms": 6 * fineness(ax)} if len(X) <= MANY else {"marker": 2, "ms": 6}
    on_axis = {"clip_on": False, "zorder": 5, "transform": ax.get_xaxis_transform()}
    (dots,) = ax.plot(X, np.zeros(len(X)), ls="", color=INK, **look, **on_axis)
    return dots


def histogram(ax, X, bins, *, wrong=False, lw=0.4):
    """Draw data as a grey histogram of area 1, hatched if they are wrong."""
    look = {"ec": GREY, "hatch": WRONG[0]} if wrong else {"ec": PAPER}
    return ax.hist(one_feature(X), bins, density=True, color=BAR, lw=lw, zorder=0, **look)[2]


def density_line(ax, x, mixture, **look):
    """Draw a mixture's density as a solid line in ink, or as the keywords say."""
    look = {"color": INK, "lw": 1.3, "ls": "-"} | look
    return ax.plot(x, np.exp(score_samples(x, mixture)), **look)[0]


def old_and_new(ax, k, old, new):
    """Mark two points (x, y) of component k: the old one hollow, the new one filled."""
    colour, _, _, marker, _ = component_look(k)
    look = {"marker": marker, "mec": colour, "ms": 9, "ls": "", "mew": 1.6}
    (before,) = ax.plot(*np.reshape(old, (2, 1)), mfc=PAPER, zorder=4, **look)
    (after,) = ax.plot(*np.reshape(new, (2, 1)), mfc=colour, zorder=5, **look)
    return before, after


def updated_means(X, resp):
    """Return the means of the M-step, shape (K,), of X (N,) and responsibilities (N, K)."""
    return resp.T @ X / resp.sum(axis=0)


def same_height(artists, panels, room=1.06):
    """Give panels the same upright limits, `room` times the highest of their mixtures."""
    top = max(artist["mixture"].get_ydata().max() for artist in artists)
    for panel in panels:
        panel.set_ylim(0, room * top)
