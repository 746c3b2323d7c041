"""Every picture of the package on the book's data, and where its words stand."""

import itertools

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from gmmtutor import Mixture, datasets, em_steps, log_likelihood, m_step, plots, sample
from gmmtutor.mixture import responsibilities

SEVEN = datasets.seven_points()
STARTS = (datasets.first_start(), datasets.second_start())
FIVE_COMPONENTS = Mixture([0.2] * 5, [-3, -1.5, 0, 3, 5], [1, 2, 1, 2, 1])
FAITHFUL = Mixture([0.36, 0.64], [54.6, 80.1], [34.5, 34.4])
FAITHFUL_2D = Mixture(
    [0.36, 0.64],
    [[2.04, 54.5], [4.29, 80]],
    [[[0.07, 0.44], [0.44, 33.7]], [[0.17, 0.94], [0.94, 36]]],
)
HISTORY = [-18.61, -15.98, -15.9, -15.83, -15.75, -15.57]
EDGES = np.arange(-8, 13.5, 0.5)


def trajectory(start, count):
    return [step.mixture for step in itertools.islice(em_steps(SEVEN, start), count)]


def states(start):
    """The four states of one M-step: the start, new means, new variances, new weights."""
    new = m_step(SEVEN, responsibilities(SEVEN, start))
    moved = Mixture(start.weights, new.means, start.covariances)
    return [start, moved, Mixture(start.weights, new.means, new.covariances), new]


def of_mixtures(mixture):
    """Pictures of a mixture of three components and of samples of it, by name."""
    X, labels = sample(mixture, 500, rng=1)
    average = Mixture([0.5, 0.5], mixture.means[:2], mixture.covariances[:2])
    steps = trajectory(mixture, 6)
    return {
        "densities": lambda ax=None: plots.densities(mixture, SEVEN, truth=steps[-1], ax=ax),
        "histogram": lambda ax=None: plots.densities(mixture, SEVEN, bins=5, ax=ax),
        "bells": lambda ax=None: plots.bells([0.25, 0.5, 1], ax=ax),
        "drawn": lambda ax=None: plots.drawn(X, labels, mixture, EDGES, ax=ax),
        "average": lambda ax=None: plots.mixture_and_average(average, ax=ax),
        "spread": lambda ax=None: plots.spread(mixture, ax=ax),
        "samples": lambda ax=None: plots.samples_wrong_and_right(
            X[labels != 1], X, mixture, EDGES[::2], ax=ax
        ),
    }


def of_responsibilities(mixture):
    """Pictures of the responsibilities that a mixture has for the seven points, by name."""
    resp = responsibilities(SEVEN, mixture)
    hard = np.eye(mixture.n_components)[resp.argmax(axis=1)]
    return {
        "bars": lambda ax=None: plots.responsibility_bars(SEVEN, resp, ax=ax),
        "signature": lambda ax=None: plots.signature(mixture, SEVEN, ax=ax),
        "curves": lambda ax=None: plots.responsibility_curves(mixture, X=SEVEN, ax=ax),
        "logs": lambda ax=None: plots.log_densities(mixture, X=SEVEN, ax=ax),
        "shares": lambda ax=None: plots.shares(mixture, -2.5, ax=ax),
        "table": lambda ax=None: plots.responsibility_table(
            resp, SEVEN, cell=(2, 1), counts=True, ax=ax
        ),
        "wrong": lambda ax=None: plots.wrong_and_right(SEVEN, hard, resp, ax=ax),
    }


def of_updates(mixture):
    """Pictures of what EM does with a mixture on the seven points, by name."""
    resp = responsibilities(SEVEN, mixture)
    steps, four = trajectory(mixture, 6), states(mixture)
    values = [log_likelihood(SEVEN, step) for step in steps[:4]]
    names = ["start", "means", "variances", "weights"]
    return {
        "tug": lambda ax=None: plots.tug_of_war(SEVEN, resp, mixture.means, ax=ax),
        "about": lambda ax=None: plots.spread_about(SEVEN, resp, mixture.means, ax=ax),
        "q": lambda ax=None: plots.likelihood_and_q(
            SEVEN, mixture, 2, np.linspace(-2, 11, 131), ax=ax
        ),
        "frozen": lambda ax=None: plots.frozen_steps(
            four, SEVEN, resp, titles=names, xlim=(-7, 12), ax=ax
        ),
        "wrongly": lambda ax=None: plots.wrong_and_right_mixtures(*four[:2], SEVEN, ax=ax),
        "ledger": lambda ax=None: plots.ledger(values, names, ax=ax),
        "mixtures": lambda ax=None: plots.mixtures(steps, SEVEN, ax=ax),
        "before": lambda ax=None: plots.mixtures(steps[:2], SEVEN, n_cols=2, arrows=True, ax=ax),
        "history": lambda ax=None: plots.log_likelihood_history(
            HISTORY, n_samples=7, tol=1e-6, ax=ax
        ),
    }


def of_clusters():
    """Pictures of k-means and of what becomes of EM when the variance shrinks, by name."""
    X, labels = sample(FAITHFUL_2D, 200, rng=1)
    variances = np.geomspace(20, 0.05, 9)
    means = np.column_stack([-3 + variances**0.5, 0 * variances, 4 - variances**0.5])
    values = np.random.default_rng(1).normal([[2], [2.3]], 0.1, (2, 300))
    return {
        "by-variance": lambda ax=None: plots.bars_by_variance(
            SEVEN, [-4, 0, 8], [20, 4, 1, 0.25], ax=ax
        ),
        "rounds": lambda ax=None: plots.kmeans_rounds(SEVEN, [-4, 0, 8], 2, ax=ax),
        "annealed": lambda ax=None: plots.annealed_means(
            variances, means, SEVEN, marks=[(16, "16"), (8.34, "8.34")], ax=ax
        ),
        "regions": lambda ax=None: plots.regions(
            lambda plane: responsibilities(plane, FAITHFUL_2D).argmax(axis=1), X, labels, ax=ax
        ),
        "estimates": lambda ax=None: plots.estimates(
            {"EM": values[0], "classification EM": values[1]},
            2,
            np.linspace(1.5, 3, 31),
            xlabel="distance of the means",
            ax=ax,
        ),
    }


def of_old_faithful():
    """Pictures of other units, of many data, and of two dimensions, by name."""
    X = datasets.old_faithful()
    labels = ("duration (min)", "waiting time (min)")
    return {
        "histogram": lambda ax=None: plots.densities(FAITHFUL, X[:, 1], bins=25, ax=ax),
        "signature": lambda ax=None: plots.signature(FAITHFUL, X[::5, 1], ax=ax),
        "ellipses": lambda ax=None: plots.ellipses(FAITHFUL_2D, X, labels=labels, ax=ax),
        "territories": lambda ax=None: plots.territories(
            FAITHFUL_2D, X, limits=((1, 6), (40, 100)), labels=labels, ax=ax
        ),
        "whitened": lambda ax=None: plots.whitened(
            X, FAITHFUL_2D.means[0], [[1, 0.6], [0.6, 1]], ax=ax
        ),
        "strip": lambda ax=None: plots.strip_square_circle(
            np.random.default_rng(2).standard_normal((300, 2)), (0.683, 0.466, 0.393), ax=ax
        ),
        "products": lambda ax=None: plots.two_products(STARTS[1], SEVEN, ax=ax),
        "ratios": lambda ax=None: plots.ratios(
            {"one": [4.1, 23], "another": [2.1, None]}, ["few", "many"], xlabel="times", ax=ax
        ),
        "narrowing": lambda ax=None: plots.narrowing(
            [1, 0.1, 0.01], {"two": [-18, -17, -15], "one": [-17, -80, -900]}, ylim=(-30, 0), ax=ax
        ),
        "collapse": lambda ax=None: plots.collapse(
            HISTORY[:3], [[1, 2], [0.1, 2], [1e-6, 2]], [[2, 5], [1.2, 5.8], [1, 6]], ax=ax
        ),
        "rises and falls": lambda ax=None: plots.rises_and_falls(
            {"a floor": [-28, -15, -15.2], "a prior": HISTORY}, ylabel="log-likelihood", ax=ax
        ),
        "approach": lambda ax=None: plots.approach(
            {"power 1": ([1, 10, 100], [0.5, 0.2, 0.1]), "power 0.6": ([1, 10], [0.4, 0.01])},
            xlabel="points seen",
            ylabel="gap",
            ax=ax,
        ),
    }


def of_the_plus_minus_model():
    """Pictures of the bound and of the EM map, by name."""
    x = np.array([-2.0, -1, 1, 2])
    return {
        "bounds": lambda ax=None: plots.moving_bound(x, [0.25, 0.58, 1.09], ax=ax),
        "half-rounds": lambda ax=None: plots.bound_and_likelihood(
            [-8.5, -8.27, -7.9, -7.39], [-8.5, -7.9, -7.9, -7.05], ["E", "M", "E", "M"], ax=ax
        ),
        "map": lambda ax=None: plots.em_map(x, [0.1, -2.1], ax=ax),
        "lengths": lambda ax=None: plots.step_lengths(x, [0.6, 1.0, 1.44], ax=ax),
    }


def of_precision():
    """Pictures of finite precision, by name."""
    x = np.linspace(-30, 30, 61)
    shares = responsibilities(x, STARTS[0])
    cut = np.where(np.abs(x[:, np.newaxis]) > 20, np.nan, shares)
    powers = 10.0 ** np.arange(6)
    lines = {"one pass": 1e-16 * powers**2, "two passes": np.full(6, 1e-16)}
    return {
        "strips": lambda ax=None: plots.strips(x, {"plain": cut, "logarithms": shares}, ax=ax),
        "floors": lambda ax=None: plots.to_the_floor(
            x + 30,
            -((x + 30) ** 2),
            {"small": -500, "smaller": -2000},
            xlabel="x",
            ylabel="log",
            ax=ax,
        ),
        "errors": lambda ax=None: plots.relative_errors(
            powers, lines, limit=("theory", 2e-16 * powers**2), xlabel="offset", ax=ax
        ),
    }


def of_landscapes():
    """Pictures of where starts end, by name."""
    axis, ends = (
        np.linspace(-4, 6, 21),
        ["A, \N{MINUS SIGN}13.91", "B, \N{MINUS SIGN}13.97", "collapsed"],
    )
    labels = (axis[:, np.newaxis] + axis > 3) + 1 * (axis[:, np.newaxis] + axis > 6)
    bowl = -((axis[:, np.newaxis] - 1) ** 2) - axis**2
    route = [(5, 5), (2, 3), (0, 1)]
    return {
        "endings": lambda ax=None: plots.endings(
            [[0.65, 0.15, 0.2], [0.34, 0.4, 0.26]],
            ["k-means++ points", "random points"],
            ends,
            ax=ax,
        ),
        "basins": lambda ax=None: plots.basins(axis, axis, labels, ends, ax=ax),
        "climbs": lambda ax=None: plots.climbs(
            [HISTORY], [[2, 1.5, 1, 0.5, 1, 1.5]], level=-15.9, stops=[(2, "tol 1e-2")], ax=ax
        ),
        "plus-minus": lambda ax=None: plots.plus_minus_atlas(
            [[-2, -1, 1, 2], [-0.8, -0.5, 0.5, 0.8]], ["first", "second"], ax=ax
        ),
        "heights": lambda ax=None: plots.heights(
            axis, axis, bowl, paths=[route], tops=[(0, 1)], ax=ax
        ),
    }


def of_seven_points(mixture):
    of_one = of_mixtures(mixture) | of_responsibilities(mixture) | of_updates(mixture)
    return of_one | of_clusters()


def visible_texts(figure):
    """Texts that are shown somewhere."""
    for text in figure.findobj(Text):
        shown = text.get_visible() and text.get_text().strip() and text.axes is not None
        if shown and text.axes.get_visible():
            yield text


def tick_labels_not_drawn(figure):
    """Labels of ticks outside the limits, and of axes that are switched off."""
    hidden = set()
    for axes in figure.axes:
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                low, high = sorted(limits)
                if not (low <= tick.get_loc() <= high and axes.axison):
                    hidden |= {tick.label1, tick.label2}
        if not axes.axison:
            hidden |= {axes.xaxis.label, axes.yaxis.label}
    return hidden


def lies_on(text, line):
    """Whether a drawn text covers a part of a line."""
    corners = text.get_window_extent()
    path = line.get_transform().transform_path(line.get_path())
    return path.intersects_bbox(corners, filled=False)


def luminance(colour):
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """Contrast of two colours as WCAG 2 defines it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
