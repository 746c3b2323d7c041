"""Pictures of the kernel, of speeds, and of ways to a limit."""

import numpy as np
from matplotlib.patches import Rectangle

from gmmtutor.mixture import responsibilities
from gmmtutor.plots.parts import one_feature, spread_out
from gmmtutor.plots.style import (
    COLOURS,
    GREY,
    HEIGHTS,
    INK,
    LINE_STYLES,
    PAPER,
    TEXT_COLOURS,
    axes_for,
    component_look,
    in_style,
    tint,
)

FEATURES = ("1", "x", "x\N{SUPERSCRIPT TWO}")


@in_style
def two_products(mixture, X, *, ax=None):
    """Show one EM step as two matrix products, shaded by the size of the entries.

    Parameters
    ----------
    mixture : Mixture
        Of one feature, and at most five components.
    X : array_like, shape (N,) or (N, 1)
        About ten columns can be read.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``theta`` (K, 3), ``features`` (3, N), ``resp`` (K, N) and ``statistics`` (K, 3), each a
        list of rows of rectangles; ``texts``.
    """
    x, mean, variance = one_feature(X), mixture.means[:, 0], mixture.variances
    constant = np.log(mixture.weights / np.sqrt(2 * np.pi * variance)) - mean**2 / (2 * variance)
    theta = np.column_stack([constant, mean / variance, -1 / (2 * variance)])
    features = np.array([np.ones(len(x)), x, x**2])
    resp = responsibilities(X, mixture).T
    ax = axes_for(ax, 3.2)
    n_components, middle, below = len(theta), 5.0, 6.2
    end = middle + len(x) + 4.4
    artists = {
        "theta": _matrix(ax, _column_shares(theta), 0, 0),
        "features": _matrix(ax, _column_shares(features.T).T, middle, 0, GREY),
        "resp": _matrix(ax, resp, middle, below),
        "statistics": _matrix(ax, _column_shares(resp @ features.T), end, below),
    }
    words = [
        ("\N{GREEK CAPITAL LETTER THETA}, parameters", 1.5, -0.7, "center"),
        ("\N{GREEK CAPITAL LETTER PHI}, the data", middle + len(x) / 2, -0.7, "center"),
        ("R, softmax down each column", middle + len(x) / 2, below - 0.7, "center"),
        ("S, all that is kept", end + 1.5, below - 0.7, "center"),
        ("\N{MULTIPLICATION SIGN}", 4, 1.5, "center"),
        (
            "\N{MULTIPLICATION SIGN} \N{GREEK CAPITAL LETTER PHI}  =\ntransposed",
            middle + len(x) + 2.2,
            below + n_components / 2,
            "center",
        ),
        *((name, middle + len(x) + 0.25, i + 0.5, "left") for i, name in enumerate(FEATURES)),
    ]
    artists["texts"] = [ax.text(x, y, word, ha=ha, va="center") for word, x, y, ha in words]
    arrow = {"arrowstyle": "->", "color": INK, "lw": 1}
    at = middle + len(x) / 2
    ax.annotate("", (at, below - 1.3), (at, 3.3), arrowprops=arrow)
    ax.set(xlim=(-0.5, end + 3.6), ylim=(below + n_components + 0.2, -1.3))
    ax.set_axis_off()
    return artists


def _column_shares(values):
    """Sizes of entries as shares of the largest in their column."""
    sizes = np.abs(values)
    return sizes / sizes.max(axis=0)


def _matrix(ax, shares, x, y, colour=None):
    """Draw a matrix of shares as tinted cells, in the components' colours or all in one."""
    rows = [
        [
            ax.add_patch(
                Rectangle(
                    (x + j, y + i),
                    1,
                    1,
                    lw=1.2,
                    ec=PAPER,
                    fc=tint(colour or component_look(i)[0], t),
                )
            )
            for j, t in enumerate(0.06 + 0.86 * row)
        ]
        for i, row in enumerate(np.asarray(shares))
    ]
    frame = Rectangle((x, y), len(rows[0]), len(rows), fill=False, ec=INK, lw=0.8)
    ax.add_patch(frame)
    return rows


@in_style
def ratios(rows, labels, *, xlabel, ax=None):
    """Show how many times longer others take, a line a case, on a logarithmic axis.

    Parameters
    ----------
    rows : mapping of str to sequence of float
        For each other its ratio in every case; None where it was not measured.
    labels : sequence of str
        The cases, from the top.
    xlabel : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``points``: name to its artist; ``key``.
    """
    ax = axes_for(ax, min(HEIGHTS[1], 1.1 + 0.33 * len(labels)))
    artists = {"points": {}}
    for k, (name, values) in enumerate(rows.items()):
        at = [i for i, value in enumerate(values) if value is not None]
        shown, (colour, _, _, marker, _) = [values[i] for i in at], component_look(k)
        (artists["points"][name],) = ax.plot(shown, at, marker, color=colour, ms=6, lw=0)
    ax.axvline(1, color=INK, lw=0.8)
    handles = list(artists["points"].values())
    artists["key"] = ax.legend(
        handles, rows, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(rows)
    )
    ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylim=(len(labels) - 0.5, -0.5), yticks=range(len(labels)))
    ax.set_yticklabels(labels)
    longest = max(value for values in rows.values() for value in values if value is not None)
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200) if tick <= 1.3 * longest]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    return artists


@in_style
def approach(paths, *, xlabel, ylabel, ax=None):
    """Show how a gap shrinks along several paths, on two logarithmic axes.

    Parameters
    ----------
    paths : mapping of str to (array_like, array_like)
        Abscissae and gaps, both positive; at most five.
    xlabel, ylabel : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``lines``: name to its line; ``names``, the texts at their ends.
    """
    ax = axes_for(ax, 3.0)
    artists = {"lines": {}, "names": []}
    for k, (name, (x, gaps)) in enumerate(paths.items()):
        colour, text, style = COLOURS[k], TEXT_COLOURS[k], LINE_STYLES[k]
        (artists["lines"][name],) = ax.plot(x, gaps, color=colour, ls=style, lw=1.8)
        label = ax.annotate(
            name, (x[-1], gaps[-1]), (6, 0), textcoords="offset points", va="center", color=text
        )
        artists["names"].append(label)
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    ax.margins(x=0.02, y=0.1)
    ends = np.array([np.log10(gaps[-1]) for _, gaps in paths.values()])
    wanted = ends * 150 / np.ptp(np.log10(ax.get_ylim()))  # in points, about
    for label, shift in zip(artists["names"], spread_out(wanted, 14.0) - wanted, strict=True):
        label.set_position((6, shift))
    return artists
