"""What is judged in the assignment on real data, by machine and by hand."""
# ruff: noqa: E501  (the keys of EQUIVALENT are lines of the solution)

from functools import cache

import gmmtutor as gm
import numpy as np
from gmmtutor import check
from gmmtutor.check.verdict import Verdict
from gmmtutor.grading import reading_list as book
from gmmtutor.grading.personal import own_eruptions
from gmmtutor.grading.tasks import Check, Manual, Plan, Task, made, numbers, read_numbers

SEEN = [[2.8, 70.0]]


@cache
def fitted(student):
    """Return the data of a student and the fits with one and two components."""
    X = own_eruptions(student)
    return X, [gm.fit_em(X, k, rng=0, n_init=5) for k in (1, 2)]


def short(mixture):
    return int(mixture.means[:, 0].argmin())


def count(answer, personal):
    return check.n_parameters(answer, 2, 2)


def likelihoods(answer, personal):
    X, fits = fitted(personal.student)
    truth = np.array([fit.log_likelihood for fit in fits])
    mistakes = [
        ("mean-not-sum", "the mean over the points is given (`score` of scikit-learn)",
         truth / len(X)),
        ("sign-flipped", "the sign is changed", -truth),
        ("swapped", "the two stand in another order", truth[::-1]),
    ]  # fmt: skip
    return numbers(truth, mistakes, noun="log-likelihoods", decimals=2, tolerance=1e-5)(answer)


def criterion(answer, personal):
    X, fits = fitted(personal.student)
    values = np.array([fit.log_likelihood for fit in fits])
    free = np.array([5, 11])
    truth = free * np.log(len(X)) - 2 * values
    mistakes = [
        ("bic-sign", "the whole criterion has the other sign (as in R's mclust)", -truth),
        ("parameters-miscounted", "all K weights are counted as free",
         truth + np.log(len(X))),
        ("parameters-miscounted", "a covariance matrix counts four entries",
         truth + np.array([1, 2]) * np.log(len(X))),
        ("criterion-swapped", "this is AIC", 2 * free - 2 * values),
    ]  # fmt: skip
    return numbers(truth, mistakes, noun="criteria", decimals=2, tolerance=1e-5)(answer)


def mean_of_short(answer, personal):
    mixture = fitted(personal.student)[1][1].mixture
    k = short(mixture)
    mistakes = [
        ("swapped", "the other component is taken", mixture.means[1 - k]),
        ("pooled", "all eruptions are taken together", mixture.weights @ mixture.means),
    ]
    return numbers(mixture.means[k], mistakes, noun="means", decimals=2, tolerance=1e-4)(answer)


def share_of_short(answer, personal):
    mixture = fitted(personal.student)[1][1].mixture
    k = short(mixture)
    truth = gm.responsibilities(SEEN, mixture)[0, k]
    density = np.exp(gm.component_log_prob(SEEN, mixture))[0]
    mistakes = [
        ("swapped", "the other component is taken", 1 - truth),
        ("no-weights", "the weights are left out", density[k] / density.sum()),
        ("prior-for-posterior", "the weight is given, whatever was seen", mixture.weights[k]),
    ]
    return numbers(truth, mistakes, noun="share", decimals=2, tolerance=1e-3)(answer)


def error_of_mean(answer, personal):
    """A bootstrap is random: half to one and a half of what 240 points give is right."""
    X, fits = fitted(personal.student)
    mixture = fits[1].mixture
    k = short(mixture)
    spread = np.sqrt(mixture.covariances[k, 0, 0])
    naive = spread / np.sqrt(len(X) * mixture.weights[k])
    found = read_numbers(answer, 3).values
    if found.shape != ():
        return Verdict("unreadable", "Give one number.")
    if 0.65 * naive < found < 1.6 * naive:
        return Verdict("right", "Right, as far as a bootstrap is.")
    if 0.8 * spread < found < 1.2 * spread:
        text = (
            "Not right yet. This is the standard deviation of the eruptions, not that of their "
            "mean: the mean of many is surer than one."
        )
        return Verdict("wrong", text, ("sd-as-standard-error",))
    return Verdict("unknown", "Not right yet: a bootstrap of these data gives something else.")


PLAN = Plan(
    "A real data set, from question to report",
    (
        Task("count", "Count, and predict", (
            Check("parameters", 2, "free parameters", "n_parameters", judge=count),
            Check("prediction", 1, "a prediction", "prediction", judge=made((1, 2, 3, 4, 5))),
        )),
        Task("fit", "One component and two", (
            Check("likelihoods", 3, "log-likelihoods", "log_likelihoods", judge=likelihoods,
                  read=book.ENOUGH_STARTS),
            Check("bic", 3, "BIC", "bic", judge=criterion, read=book.JUDGING),
        )),
        Task("says", "What the fit says", (
            Check("short-mean", 2, "the mean of the shorter ones", "short_mean",
                  judge=mean_of_short, read=book.FAITHFUL),
            Check("share", 2, "the share of one eruption", "share", judge=share_of_short,
                  read=book.BAYES),
        )),
        Task("sure", "How sure", (
            Check("error", 2, "the standard error", "standard_error", judge=error_of_mean),
        )),
    ),
    manual=(
        Manual("report", "The report", 11, (
            "3: the question, K, and by what it was chosen",
            "3: every number with its uncertainty",
            "2: a picture of data and model, with units",
            "3: what the model does not say",
        )),
        Manual("conversation", "A conversation", 4, ("4: three questions, and what follows",)),
    ),
    catalogue={"wrong": 7, "correct": 2, "attack": 12},
    place=4,
    minutes=225,
    chapters=("many-dimensions", "singularities", "landscape"),
)  # fmt: skip

# Mutations of the solution that no check can see, each with its reason.
EQUIVALENT = {
    "prediction = 2: 2 -> 3": "any prediction is worth its point",
    "def fit(data, shares, rounds=200):: 200 -> 201": "it has converged long before",
    "one, two = fit(X, np.ones((len(X), 1)), 1), fit(X, halves): 1 -> 2": "one component is there after one round",
    "log_likelihoods = [round(one[0], 2), round(two[0], 2)]: 2 -> 3": "more digits than asked for",
    "bic = criteria.round(2).tolist(): 2 -> 3": "more digits than asked for",
    "spread = [(r[:, np.newaxis] * (data - m)).T @ (data - m) for r, m in zip(shares.T, means)]: data - m -> data + m": "deviations from the mean sum to 0, so that the other factor may be shifted",
    "halves = np.stack([X[:, 0] < 3, X[:, 0] >= 3], axis=1).astype(float): 3 -> 4": "another start, the same end",
    "halves = np.stack([X[:, 0] < 3, X[:, 0] >= 3], axis=1).astype(float): 0 -> 1": "another start",
    "share = round(float(1 / (1 + np.exp(seen[1] - seen[0]))), 2): 2 -> 3": "more digits than asked for",
    "seen = joint_of(np.array([[2.8, 70.0]]), two[3] / len(X), two[1], two[2])[0]: np.array([[2.8, 70.0]]) -> [[2.8, 70.0]]": "NumPy takes a list",
    "seen = joint_of(np.array([[2.8, 70.0]]), two[3] / len(X), two[1], two[2])[0]: two[3] / len(X) -> two[3] * len(X)": "a common factor of the weights cancels",
    "short_mean = two[1][0].round(2).tolist(): 2 -> 3": "more digits than asked for",
    "rng = np.random.default_rng(1): 1 -> 2": "other draws",
    "for _ in range(100):: 100 -> 101": "one draw more",
    "standard_error = round(float(np.std(found)), 3): 3 -> 4": "more digits than asked for",
    "found.append(fit(X[rows], halves[rows], 25)[1][0, 0]): 0 -> 1": "the mean of the longer eruptions is as sure, within what draws vary",
    "found.append(fit(X[rows], halves[rows], 25)[1][0, 0]): 25 -> 26": "it has converged",
}
