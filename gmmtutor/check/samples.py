"""Random points, judged by their distribution: whose sample is it?"""

import numpy as np

from gmmtutor.check.number import SOLUTION
from gmmtutor.check.problems import explain_bad_problem, require_mixture
from gmmtutor.check.reading import Unreadable, read
from gmmtutor.check.verdict import Verdict
from gmmtutor.mixture import Mixture

LABELS = "These are labels, not points."
FEWEST = 1000  # points below which mistakes look alike
RIGHT_REACH = (
    2.7  # of sqrt(N) times the largest distance: one right sample in a million exceeds it
)
WRONG_REACH = 1.9  # a mistake's own sample exceeds it once in 700


@explain_bad_problem
def sample(answer, mixture):
    """Judge random points: do they come from the mixture?

    The distribution function of the points is compared with that of the mixture (the statistic of
    Kolmogorov and Smirnov). A right sample is refused once in a million times.

    Parameters
    ----------
    answer : array_like, shape (N,)
        At least 1000 points, drawn independently.
    mixture : Mixture
        Of one feature.

    Returns
    -------
    Verdict
    """
    require_mixture(mixture, "mixture")
    if mixture.n_features != 1:
        raise ValueError("samples are judged in one dimension only.")
    points = _points(answer)
    values = np.unique(points)
    if len(values) <= mixture.n_components:
        if _are_labels(values, mixture):
            return _refused(LABELS, ())
        fitting = ["the points do not scatter about the means"]
    else:
        mistakes = _mistakes(mixture)
        fitting = [text for text, wrong in mistakes if _reach(points, wrong) < WRONG_REACH]
    report = (
        f"Your points have mean {np.round(points.mean(), 2) + 0:.2f} "  # + 0: never -0.00
        f"and variance {points.var():.2f}, "
        f"the mixture has {_mean(mixture):.2f} and {_variance(mixture):.2f}."
    )
    if _reach(points, mixture) < RIGHT_REACH:
        notes = tuple(f"The same points could come if {text}." for text in fitting)
        return Verdict("right", " ".join(("Right.", report, *notes[:1])), notes=notes)
    shares = "" if fitting else _where_they_differ(points, mixture)
    return _refused(f"{report}{shares}", tuple(fitting))


def _are_labels(values, mixture):
    """Return whether the points are 0, 1, 2, ... or 1, 2, 3, ..., and not means."""
    labels = np.arange(mixture.n_components + 1)
    return bool(np.isin(values, labels).all() and not np.isin(values, mixture.means[:, 0]).all())


def _where_they_differ(points, mixture):
    """Say on which interval there are too many or too few points."""
    points = np.sort(points)
    excess = (np.arange(len(points)) + 0.5) / len(points) - _below(points, mixture)
    ends = np.round(np.sort(points[[excess.argmin(), excess.argmax()]]), 1)
    mine = np.mean((points > ends[0]) & (points <= ends[1]))
    due = float(np.diff(_below(ends, mixture))[0])
    return (
        f" {100 * mine:.0f}% of your points lie between {ends[0] + 0:g} and {ends[1] + 0:g}, "
        f"where the mixture has {100 * due:.0f}%."
    )


def _points(answer):
    """Return the points as an array; raise Unreadable unless there are enough finite ones."""
    points = read(answer).values
    if points.ndim == 2 and 1 in points.shape:
        points = points.ravel()
    if points.ndim != 1 or len(points) < FEWEST:
        raise Unreadable(
            f"This is an array of shape {points.shape}; give at least {FEWEST} points, "
            "of shape (n_samples,)."
        )
    if not np.isfinite(points).all():
        raise Unreadable(f"Point {int(np.argmin(np.isfinite(points)))} is no finite number.")
    return points


def _mistakes(mixture):
    """Return [(how the points come about, the mixture that they come from)]."""
    w, m, v = mixture.weights, mixture.means[:, 0], mixture.variances
    whole, flat = _mean(mixture), np.full(len(w), 1 / len(w))
    return [
        ("every component is drawn equally often, whatever its weight", Mixture(flat, m, v)),
        ("the variance is used where the standard deviation belongs", Mixture(w, m, v**2)),
        ("the standard deviation is used where the variance belongs", Mixture(w, m, v**0.5)),
        (
            "the draws from all components are averaged, where one of them is picked",
            Mixture([1.0], [whole], [w**2 @ v]),
        ),
        ("all points scatter about one mean", Mixture(w, np.full(len(w), whole), v)),
        (
            "mean and standard deviation are taken from two separate draws of the label",
            Mixture(np.outer(w, w).ravel(), np.repeat(m, len(w)), np.tile(v, len(w))),
        ),
        (
            "one Gaussian is drawn from, with the mean and variance of the mixture",
            Mixture([1.0], [whole], [_variance(mixture)]),
        ),
    ]


def _mean(mixture):
    return mixture.weights @ mixture.means[:, 0]


def _variance(mixture):
    means = mixture.means[:, 0] - _mean(mixture)
    return mixture.weights @ (mixture.variances + means**2)


def _reach(points, mixture):
    """Return sqrt(N) times the largest distance between the two distribution functions."""
    points, n = np.sort(points), len(points)
    below = _below(points, mixture)
    above = np.arange(1, n + 1) / n - below
    return np.sqrt(n) * max(above.max(), (1 / n - above).max())


def _below(points, mixture):
    """Return the distribution function of the mixture at points (N,)."""
    from scipy.special import ndtr

    standard = (points[:, np.newaxis] - mixture.means[:, 0]) / np.sqrt(mixture.variances)
    return ndtr(standard) @ mixture.weights


def _refused(report, fitting):
    because = "No mistake known here gives such points."
    if report == LABELS:
        because = "Draw a point from the component of each label, and return the points."
    if fitting:
        because = f"Such points come if {'; or if '.join(fitting)}."
    message = f"Not right yet. {report} {because}"
    ladder = (
        "Draw a histogram over the density of the mixture: where are there too many points?",
        report,
        because,
        SOLUTION,
        "First draw which component, with the weights as probabilities; then draw the point "
        "from that component's normal density, with the root of its variance as `scale`.",
    )
    return Verdict("wrong" if fitting else "unknown", message, fitting, ladder=ladder)
