"""Pictures of the lower bound: how it touches the log-likelihood, moves, and limits a step."""

import numpy as np

from gmmtutor.plots.parts import one_feature, spread_out
from gmmtutor.plots.style import GREY, INK, LINE_STYLES, PAPER, axes_for, in_style, number, tint
from gmmtutor.plus_minus import plus_minus_log_likelihood, plus_minus_slope, plus_minus_update


@in_style
def moving_bound(X, mus, *, xlim=None, ax=None):
    """Draw the log-likelihood of the plus-minus model, and its lower bounds from several places.

    Parameters
    ----------
    X : array_like, shape (N,) or (N, 1)
    mus : sequence of float
        Where responsibilities are computed, so that a bound touches; at most five.
    xlim : (float, float), optional
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``likelihood``, ``bounds`` (lines), ``touching``, ``tops`` (lines of one point each),
        ``arrows`` (from each place to where its bound is highest), ``lifts`` (from there up to
        the log-likelihood), ``labels``.
    """
    ax = axes_for(ax, 3.4)
    X, mus = one_feature(X), np.asarray(mus, dtype=float)
    tops = plus_minus_update(X, mus)
    heights = plus_minus_log_likelihood(X, mus)
    if xlim is None:
        reach = 1.6 * max(np.abs(tops).max(), np.abs(mus).max())
        xlim = (-0.3 * reach if min(mus) >= 0 else -reach), reach
    grid = np.linspace(*xlim, 601)
    likelihood = plus_minus_log_likelihood(X, grid)
    artists = {"bounds": [], "touching": [], "tops": [], "arrows": [], "lifts": [], "labels": []}
    (artists["likelihood"],) = ax.plot(grid, likelihood, color=INK, ls="-", lw=2.2, zorder=3)
    for n, (mu, top, height) in enumerate(zip(mus, tops, heights, strict=True)):
        summit = height + len(X) / 2 * (top - mu) ** 2
        bound = summit - len(X) / 2 * (grid - top) ** 2
        artists["bounds"] += ax.plot(grid, bound, color=GREY, ls=LINE_STYLES[n + 1], lw=1.6)
        look = {"ls": "", "zorder": 4, "ms": 7, "color": INK}
        artists["touching"] += ax.plot([mu], [height], "o", **look)
        artists["tops"] += ax.plot([top], [summit], "o", mfc=PAPER, **look)
        lifted = plus_minus_log_likelihood(X, top)
        artists["lifts"] += ax.plot([top, top], [summit, lifted], color=INK, ls=":", lw=1)
        arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.1, "shrinkA": 4, "shrinkB": 4}
        artists["arrows"].append(ax.annotate("", (top, summit), (mu, height), arrowprops=arrow))
    low, high = min(likelihood.min(), heights.min()), likelihood.max()
    margin = high - low
    ax.set(xlim=xlim, ylim=(low - 0.45 * margin, high + 0.12 * margin))
    ax.set(xlabel="\N{GREEK SMALL LETTER MU}", ylabel="log-likelihood")
    for mu, height in zip(mus, heights, strict=True):
        place = {"xytext": (-6, 7), "textcoords": "offset points", "ha": "right"}
        artists["labels"].append(ax.annotate(number(mu), (mu, height), **place))
    return artists


@in_style
def bound_and_likelihood(bounds, likelihoods, names, *, ax=None):
    """Draw a lower bound and the log-likelihood over half rounds, the gap between them shaded.

    Parameters
    ----------
    bounds, likelihoods : array_like, shape (S,)
        After each half round; no bound exceeds its log-likelihood.
    names : sequence of S str
        What was done, E or M.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``likelihood``, ``bound`` (staircases), ``gaps`` (patches), ``labels``.
    """
    ax = axes_for(ax, 2.8)
    bounds, likelihoods = np.asarray(bounds, dtype=float), np.asarray(likelihoods, dtype=float)
    places = np.arange(len(bounds))
    edges = np.repeat(np.arange(len(bounds) + 1) - 0.5, 2)[1:-1]
    look = {"color": tint(GREY, 0.3), "lw": 0}
    pairs = zip(places, bounds, likelihoods, strict=True)
    artists = {"gaps": [ax.fill_between([n - 0.5, n + 0.5], b, v, **look) for n, b, v in pairs]}
    (artists["likelihood"],) = ax.plot(edges, np.repeat(likelihoods, 2), color=INK, ls="-")
    (artists["bound"],) = ax.plot(
        edges, np.repeat(bounds, 2), color=GREY, ls=LINE_STYLES[1], lw=1.8
    )
    artists["labels"] = [
        ax.annotate(number(v), (n, v), (0, 4), textcoords="offset points", ha="center")
        for n, v in zip(places, likelihoods, strict=True)
    ]
    span = likelihoods.max() - bounds.min()
    ax.set(ylim=(bounds.min() - 0.08 * span, likelihoods.max() + 0.16 * span))
    ax.set_xticks(places, names)
    ax.set_ylabel("log-likelihood")
    ax.tick_params(axis="x", length=0)
    return artists


@in_style
def em_map(X, starts, *, n_rounds=12, xlim=None, ax=None):
    """Draw the EM map of the plus-minus model as a cobweb from several starts.

    Parameters
    ----------
    X : array_like, shape (N,) or (N, 1)
    starts : sequence of float
    n_rounds : int
    xlim : (float, float), optional
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``map``, ``diagonal``, ``webs`` (lines), ``fixed`` (points: filled if they attract).
    """
    ax = axes_for(ax, 4.0)
    X = one_feature(X)
    xlim = (-2.2, 2.2) if xlim is None else xlim
    grid = np.linspace(*xlim, 601)
    artists = {"webs": [], "fixed": []}
    (artists["diagonal"],) = ax.plot(xlim, xlim, color=GREY, ls=LINE_STYLES[3], lw=1)
    (artists["map"],) = ax.plot(grid, plus_minus_update(X, grid), color=INK, ls="-", lw=2.2)
    for start in starts:
        path = [start]
        for _ in range(n_rounds):
            path.append(float(plus_minus_update(X, path[-1])))
        twice = np.repeat(path, 2)  # up to the curve, across to the diagonal, and so on
        across, up = twice[:-1], np.append(path[0], twice[2:])
        artists["webs"] += ax.plot(across, up, color=GREY, ls="-", lw=1.1, zorder=1)
    for place in fixed_points(X):
        attracts = plus_minus_slope(X, place) < 1
        look = {"color": INK, "mfc": INK if attracts else PAPER, "ms": 8, "ls": "", "zorder": 5}
        artists["fixed"] += ax.plot([place], [place], "o", **look)
    ax.set(xlim=xlim, ylim=xlim, aspect="equal")
    mu = "\N{GREEK SMALL LETTER MU}"
    ax.set(xlabel=f"{mu} before the round", ylabel=f"{mu} after the round")
    return artists


def fixed_points(X):
    """Fixed points of the plus-minus model's EM map, in order: 0, and a pair if 0 repels.

    Parameters
    ----------
    X : array_like, shape (N,) or (N, 1)

    Returns
    -------
    list of float
    """
    x = one_feature(X)
    low, high = 1e-12, np.abs(x).mean()  # the map is concave from 0 on, and below the mean of |x|
    if np.mean(x**2) <= 1:
        return [0.0]
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if plus_minus_update(x, middle) > middle else (low, middle)
    return [-low, 0.0, low]


@in_style
def step_lengths(X, mus, *, longest=3.0, ax=None):
    """Draw what a step of s times the EM step gains, in units of N / 2 times its square.

    Parameters
    ----------
    X : array_like, shape (N,) or (N, 1)
        Data of the plus-minus model.
    mus : sequence of float
        Where the step begins; no fixed points.
    longest : float
        Of the values of s.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``bound`` (one line: in these units the bound gains s (2 - s) from everywhere),
        ``gains`` (lines), ``labels``.
    """
    ax = axes_for(ax, 3.2)
    X, s = one_feature(X), np.linspace(0, longest, 301)
    artists = {"gains": [], "labels": []}
    ax.axhline(0, color=INK, lw=0.8, ls="-")
    (artists["bound"],) = ax.plot(s, s * (2 - s), color=GREY, ls=LINE_STYLES[1], lw=1.8)
    names, ends = ["the bound, from anywhere"], [longest * (2 - longest)]
    for n, mu in enumerate(mus):
        step = plus_minus_update(X, mu) - mu
        values = plus_minus_log_likelihood(X, mu + s * step) - plus_minus_log_likelihood(X, mu)
        scaled = values / (len(X) / 2 * step**2)
        look = {"color": INK, "ls": ("-", *LINE_STYLES[2:])[n % 4], "lw": 1.8}
        artists["gains"] += ax.plot(s, scaled, **look)
        names.append(f"\N{GREEK SMALL LETTER MU} = {number(mu)}")
        ends.append(scaled[-1])
    room = np.ptp(ends) / 14
    for name, end, place in zip(names, ends, spread_out(ends, room), strict=True):
        look = {"textcoords": "data", "va": "center", "color": GREY if name == names[0] else INK}
        artists["labels"].append(
            ax.annotate(name, (longest, end), (1.02 * longest, place), **look)
        )
    ax.set(xlim=(0, longest), xlabel="s, in EM steps", ylabel="gain, scaled")
    return artists
