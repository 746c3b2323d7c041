"""Random points, judged by their distribution: whose sample is it?"""

import numpy as np

from gmmtutor.check.number import SOLUTION
from gmmtutor.check.problems import explain_bad_problem, require_mixture
from gmmtutor.check.reading import Unreadable, read
from gmmtutor.check.verdict import Verdict
from gmmtutor.mixture import Mixture

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
    fitting = [text for text, wrong in _mistakes(mixture) if _reach(points, wrong) < WRONG_REACH]
    if len(np.unique(points)) <= mixture.n_components:
        fitting = ["the points do not scatter about the means"]
    report = (
        f"Your points have mean {np.round(points.mean(), 2) + 0:.2f} "  # + 0: never -0.00
        f"and variance {points.var():.2f}, "
        f"the mixture has {_mean(mixture):.2f} and {_variance(mixture):.2f}."
    )
    if _reach(points, mixture) < RIGHT_REACH:
        notes = tuple(f"The same points could come if {text}." for text in fitting)
        return Verdict("right", " ".join(("Right.", report, *notes[:1])), notes=notes)
    return _refused(report, tuple(fitting))


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
    ]


def _mean(mixture):
    return mixture.weights @ mixture.means[:, 0]


def _variance(mixture):
    means = mixture.means[:, 0] - _mean(mixture)
    return mixture.weights @ (mixture.variances + means**2)


def _reach(points, mixture):
    """Return sqrt(N) times the largest distance between the two distribution functions."""
    from scipy.special import ndtr

    points, n = np.sort(points), len(points)
    standard = (points[:, np.newaxis] - mixture.means[:, 0]) / np.sqrt(mixture.variances)
    below = ndtr(standard) @ mixture.weights
    above = np.arange(1, n + 1) / n - below
    return np.sqrt(n) * max(above.max(), (1 / n - above).max())


def _refused(report, fitting):
    because = "No mistake known here gives such points."
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
