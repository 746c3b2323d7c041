"""Pictures of likelihoods without a maximum, and of what gives them one."""

import numpy as np

from gmmtutor.plots.parts import LETTER, spread_out
from gmmtutor.plots.style import (
    COLOURS,
    INK,
    LINE_STYLES,
    PAPER,
    TEXT_COLOURS,
    axes_for,
    component_look,
    in_style,
)


@in_style
def narrowing(sds, curves, *, ylim=None, ylabel="log-likelihood", ax=None):
    """Draw quantities over a standard deviation that shrinks to the right.

    Parameters
    ----------
    sds : array_like, shape (S,)
        Standard deviations, falling, in the units of the data.
    curves : mapping of str to array_like, shape (S,)
        At most five, of which two may leave the picture at the bottom.
    ylim : (float, float), optional
    ylabel : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``lines``: name to its line; ``names``, a text for each.
    """
    ax = axes_for(ax, 3.2)
    sds = np.asarray(sds, dtype=float)
    ax.set(xscale="log", xlim=(sds.max(), sds.min()), xlabel="standard deviation", ylabel=ylabel)
    ax.minorticks_off()
    artists = {"lines": {}, "names": []}
    for k, (name, values) in enumerate(curves.items()):
        look = {"color": COLOURS[k], "ls": LINE_STYLES[k], "lw": 2}
        (artists["lines"][name],) = ax.plot(sds, values, **look)
    ax.set_ylim(ylim)
    artists["names"] = _names_at_ends(ax, artists["lines"])
    return artists


def _names_at_ends(ax, lines):
    """Write each name right of its line, or beside the place where it leaves at the bottom."""
    low, high = ax.get_ylim()
    look = {"va": "center", "textcoords": "offset points"}
    leaving = {name: line for name, line in lines.items() if line.get_ydata()[-1] < low}
    in_points = 72 * ax.get_window_extent().height / ax.figure.dpi / (high - low)
    ends = [line.get_ydata()[-1] * in_points for n, line in lines.items() if n not in leaving]
    heights = iter(spread_out(ends, 2.3 * LETTER) / in_points)
    texts = []
    for k, (name, line) in enumerate(lines.items()):
        x, values = line.get_data()
        at, look["color"] = np.argmax(values < low), TEXT_COLOURS[k]
        if name not in leaving:
            texts.append(ax.annotate(name, (x[-1], next(heights)), (5, 0), **look))
        elif all(np.argmax(other.get_ydata() < low) >= at for other in leaving.values()):
            texts.append(ax.annotate(name, (x[at], low), (-8, 10), ha="right", **look))
        else:
            texts.append(ax.annotate(name, (x[at], low), (8, 10), **look))
    return texts


@in_style
def collapse(log_likelihoods, sds, counts, *, ax=None):
    """Draw a run that collapses: log-likelihood, standard deviations, effective counts.

    Parameters
    ----------
    log_likelihoods : array_like, shape (S,)
        After 0, 1, ... rounds.
    sds : array_like, shape (S, K)
        Of each component, the smallest where there are several directions.
    counts : array_like, shape (S, K)
    ax : three matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``log_likelihood`` (line), ``sds`` and ``counts`` (K lines each).
    """
    left, middle, right = axes_for(ax, 2.6, 1, 3)
    (line,) = left.plot(log_likelihoods, color=INK, marker="o", ms=3.5, lw=1.2, ls="-")
    artists = {"log_likelihood": line, "sds": [], "counts": []}
    for name, panel, columns in (("sds", middle, sds), ("counts", right, counts)):
        for k, values in enumerate(np.asarray(columns, dtype=float).T):
            colour, _, style, _, _ = component_look(k)
            artists[name] += panel.plot(values, color=colour, ls=style, lw=2)
    middle.set_yscale("log")
    middle.minorticks_off()
    for panel, title in (
        (left, "log-likelihood"),
        (middle, "standard deviation"),
        (right, "effective count"),
    ):
        panel.set(title=title, xlabel="round")
        panel.xaxis.get_major_locator().set_params(integer=True, nbins=5)
    right.set_ylim(bottom=0)
    return artists


@in_style
def rises_and_falls(histories, *, ylabel, ax=None):
    """Draw what runs gain, a panel each; after a fall the mark is hollow and the line dashed.

    Parameters
    ----------
    histories : mapping of str to array_like, shape (S,)
        Title to the values after 0, 1, ... rounds.
    ylabel : str
    ax : sequence of matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        Title to ``rises`` and ``falls``, lists of lines.
    """
    panels = np.atleast_1d(axes_for(ax, 2.5, 1, len(histories)))
    artists = {}
    for panel, (title, values) in zip(panels, histories.items(), strict=True):
        values = np.asarray(values, dtype=float)
        artists[title] = {"rises": panel.plot(0, values[0], "o", color=INK, ms=4), "falls": []}
        for t in range(1, len(values)):
            falls = values[t] < values[t - 1] - 1e-9 * abs(values[t - 1])
            look = {"ls": (0, (2, 2)), "mfc": PAPER} if falls else {"ls": "-", "mfc": INK}
            look |= {"color": INK, "marker": "o", "ms": 4, "lw": 1.2, "markevery": [1]}
            artists[title]["falls" if falls else "rises"] += panel.plot(
                [t - 1, t], values[t - 1 : t + 1], **look
            )
        panel.set(title=title, xlabel="round")
        panel.xaxis.get_major_locator().set_params(integer=True)
    panels[0].set_ylabel(ylabel)
    return artists
