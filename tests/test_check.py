"""Answers are judged with the reason: the right mistake is named, and no other."""

import doctest
import re
import subprocess
import sys
import time
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import check_page
import check_power as power
import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from gmmtutor import check, em, mixture, selection
from gmmtutor.check import functions
from gmmtutor.check.misconceptions import MISCONCEPTIONS, candidates, paired_candidates
from gmmtutor.check.quantities import QUANTITIES
from gmmtutor.check.recipe import Work
from gmmtutor.datasets import first_start, random_problem, second_start, seven_points
from gmmtutor.kmeans import kmeans_step
from gmmtutor.mixture import Mixture

ROOT = Path(__file__).resolve().parent.parent
X = seven_points()
FIRST, SECOND = first_start(), second_start()
W, M, V = SECOND.weights, SECOND.means[:, 0], SECOND.variances
R = mixture.responsibilities(X, SECOND)
NK = R.sum(axis=0)
MU = R.T @ X / NK
VAR = np.array([R[:, k] @ (X - MU[k]) ** 2 for k in range(3)]) / NK
OTHER = mixture.responsibilities(X, FIRST)  # responsibilities that do not belong to SECOND
FLAT = Mixture([0.2, 0.3, 0.5], [[-2, 0], [1, 1], [5, 0]], [[[2, 0.8], [0.8, 1.5]]] * 3)
X2 = np.column_stack([X, np.sin(3 * X)])
R2 = mixture.responsibilities(X2, FLAT)
MU2 = (R2.T @ X2) / R2.sum(axis=0)[:, np.newaxis]


# --- wrong answers as a student would come to them, in plain NumPy and SciPy ---------------------


def densities(scale):
    """Densities (N, K) with this `scale` of `norm.pdf`."""
    return np.column_stack([norm.pdf(X, M[k], scale[k]) for k in range(3)])


P = densities(np.sqrt(V))  # right
JOINT = W * P


def share(table):
    return table / table.sum(axis=1, keepdims=True)


def loglik(table):
    return np.log(table.sum(axis=1)).sum()


def spread(centres, power_of_r=1, divisor=NK):
    return np.array([(R[:, k] ** power_of_r) @ (X - centres[k]) ** 2 for k in range(3)]) / divisor


def bic(ll, parameters=8, sign=-2):
    return sign * ll + parameters * np.log(7)


LL = loglik(JOINT)
Q = (OTHER * np.log(JOINT)).sum()
ENTROPY = -(OTHER * np.log(OTHER)).sum()
HARD = np.eye(3)[R.argmax(axis=1)]
MIXED = Mixture([0.25, 0.75], [-2, 2], [1, 3])
PAIR = Mixture([0.25, 0.75], [0, 4], [1, 9])
CENTRES = np.array([-2.0, 1.0, 4.5])
DISTANCES = (X[:, np.newaxis] - CENTRES) ** 2
NEAREST = np.eye(3)[DISTANCES.argmin(axis=1)]
SOFT = share(np.exp(-0.5 * DISTANCES))
DIAGONAL = np.array([multivariate_normal.pdf(X2, m, np.diag([2, 1.5])) for m in FLAT.means]).T


def responsibilities(answer):
    return check.responsibilities(answer, X, SECOND, start=FIRST)


def log_likelihood(answer):
    return check.log_likelihood(answer, X, SECOND, start=FIRST)


def component_density(answer):
    return check.component_density(answer, X, SECOND)


def variances(answer):
    return check.variances(answer, X, R, start=SECOND)


def bound(answer):
    return check.lower_bound(answer, X, OTHER, SECOND)


STUDENTS = [
    ("variance-as-sd", responsibilities, share(W * densities(V))),
    ("variance-as-sd", log_likelihood, loglik(W * densities(V))),
    ("variance-as-sd", component_density, densities(V)),
    ("sd-as-variance", responsibilities, share(W * densities(V**0.25))),
    ("sd-as-variance", variances, np.sqrt(VAR)),
    ("precision-as-variance", log_likelihood, loglik(W * densities(V**-0.5))),
    ("precision-as-variance", variances, 1 / VAR),
    (
        "exponent-times-variance",
        component_density,
        np.exp(-((X[:, None] - M) ** 2) / 2 * V) / np.sqrt(2 * np.pi * V),
    ),
    (
        "no-square",
        component_density,
        np.exp(-(X[:, None] - M) / (2 * V)) / np.sqrt(2 * np.pi * V),
    ),
    ("no-2pi", component_density, P * np.sqrt(2 * np.pi)),
    ("no-2pi", log_likelihood, loglik(JOINT * np.sqrt(2 * np.pi))),
    ("no-determinant", responsibilities, share(JOINT * np.sqrt(V))),
    ("no-determinant", component_density, P * np.sqrt(V)),
    ("determinant-without-root", responsibilities, share(JOINT / np.sqrt(V))),
    ("no-half", component_density, np.exp(-((X[:, None] - M) ** 2) / V) / np.sqrt(2 * np.pi * V)),
    ("log-not-density", component_density, np.log(P)),
    ("log-not-density", lambda a: check.density(a, X, SECOND), np.log(JOINT.sum(axis=1))),
    ("diagonal-for-full", lambda a: check.component_density(a, X2, FLAT), DIAGONAL),
    (
        "diagonal-for-full",
        lambda a: check.covariances(a, X2, R2),
        [np.diag(R2[:, k] @ (X2 - MU2[k]) ** 2 / R2[:, k].sum()) for k in range(3)],
    ),
    ("no-weights", responsibilities, share(P)),
    ("no-weights", log_likelihood, loglik(P)),
    ("uniform-weights", log_likelihood, loglik(P / 3)),
    ("uniform-weights", lambda a: check.weights(a, X, R), [1 / 3] * 3),
    ("uniform-weights", lambda a: check.mixture_mean(a, PAIR, decimals=2), 2),
    ("no-weights", lambda a: check.mixture_mean(a, PAIR, decimals=2), 4 + 0),
    ("weights-exchanged", lambda a: check.mixture_mean(a, PAIR, decimals=2), 0.75 * 0 + 0.25 * 4),
    ("weights-exchanged", responsibilities, share(W[::-1] * P)),
    ("weights-exchanged", log_likelihood, loglik(W[::-1] * P)),
    ("variances-exchanged", responsibilities, share(W * densities(np.sqrt(V[::-1])))),
    ("variances-exchanged", component_density, densities(np.sqrt(V[::-1]))),
    ("one-term", lambda a: check.density(a, X, SECOND), JOINT[:, 1]),
    ("one-term", lambda a: check.density(a, X, SECOND, at=3), round(JOINT[3, 2], 4)),
    ("conditional-reversed", responsibilities, P),
    ("conditional-reversed", component_density, share(JOINT)),
    ("wrong-axis", responsibilities, JOINT / JOINT.sum(axis=0)),
    ("wrong-axis", lambda a: check.counts(a, X, R), R.sum(axis=1)),
    ("not-normalised", responsibilities, JOINT),
    ("not-normalised", lambda a: check.means(a, X, R), R.T @ X),
    ("not-normalised", lambda a: check.kmeans_step(a, X, CENTRES), NEAREST.T @ X),
    ("transposed", responsibilities, share(JOINT).T),
    ("underflow", lambda a: check.responsibilities(a, [0, 400], SECOND), [R[3], [np.nan] * 3]),
    ("hard-assignment", responsibilities, HARD),
    ("hard-assignment", log_likelihood, np.log(JOINT.max(axis=1)).sum()),
    ("hard-assignment", lambda a: check.counts(a, X, R, decimals=2), HARD.sum(axis=0)),
    ("log10", log_likelihood, np.log10(JOINT.sum(axis=1)).sum()),
    ("mean-not-sum", log_likelihood, np.log(JOINT.sum(axis=1)).mean()),
    ("sign-flipped", log_likelihood, -LL),
    ("product-not-log", log_likelihood, JOINT.sum(axis=1).prod()),
    ("sum-of-logs", log_likelihood, np.log(JOINT).sum()),
    ("complete-data", log_likelihood, (R * np.log(JOINT)).sum()),
    ("complete-data", log_likelihood, Q),
    ("elbo-without-entropy", bound, Q),
    ("entropy-sign", bound, Q - ENTROPY),
    ("likelihood-for-expectation", bound, LL),
    ("entropy-added", lambda a: check.q(a, X, OTHER, SECOND), Q + ENTROPY),
    ("one-step-late", log_likelihood, mixture.log_likelihood(X, FIRST)),
    ("one-step-late", responsibilities, OTHER),
    ("old-means", variances, spread(M)),
    ("uncentred", variances, spread(np.zeros(3))),
    ("uncentred", lambda a: check.mixture_variance(a, PAIR), 7 + 0.75 * 16),
    ("squared-responsibilities", variances, spread(MU, 2)),
    ("divisor-nk-minus-1", variances, spread(MU, divisor=NK - 1)),
    ("divisor-n", variances, spread(MU, divisor=7)),
    ("divisor-n", lambda a: check.means(a, X, R), R.T @ X / 7),
    ("divisor-n", lambda a: check.kmeans_step(a, X, CENTRES), NEAREST.T @ X / 7),
    ("points-counted", lambda a: check.means(a, X, R), R.T @ X / (R >= 0.005).sum(axis=0)),
    ("points-counted", variances, spread(MU, divisor=(R >= 0.005).sum(axis=0))),
    ("means-unweighted", lambda a: check.mixture_variance(a, PAIR), 7 + 4),
    ("counts-as-weights", lambda a: check.weights(a, X, R), NK),
    ("mean-not-squared", variances, R.T @ X**2 / NK - MU),
    ("mean-not-squared", lambda a: check.mixture_variance(a, PAIR, decimals=2), 10 + 9 - 3),
    ("global-mean", variances, spread(np.full(3, X.mean()))),
    ("unweighted-squares", variances, spread(MU, 0)),
    ("unweighted-squares", variances, spread(MU, 0, 7)),
    ("means-for-variances", lambda a: check.m_step(a, X, R, SECOND), (NK / 7, VAR, MU)),
    ("not-updated", lambda a: check.weights(a, X, R, start=SECOND), W),
    ("not-updated", lambda a: check.means(a, X, R, start=SECOND, decimals=2), M),
    ("not-updated", variances, V),
    ("not-updated", lambda a: check.m_step(a, X, R, SECOND), (W, MU, VAR)),
    ("not-updated", lambda a: check.m_step(a, X, R, SECOND), (NK / 7, M, spread(M))),
    ("not-updated", lambda a: check.m_step(a, X, R, SECOND, decimals=3), (W, M, V)),
    ("sd-as-variance", lambda a: check.mixture_variance(a, PAIR), 10**0.5),
    ("between-only", lambda a: check.mixture_variance(a, PAIR, decimals=2), 3),
    ("within-only", lambda a: check.mixture_variance(a, MIXED), 2.5),
    ("variables-averaged", lambda a: check.mixture_variance(a, MIXED), 0.0625 + 0.5625 * 3),
    ("bic-sign", lambda a: check.bic(a, X, SECOND), -bic(LL)),
    ("bic-sign", lambda a: check.bic(a, X, SECOND), bic(LL, sign=2)),
    ("criterion-halved", lambda a: check.bic(a, X, SECOND), bic(LL, sign=-1)),
    ("criterion-swapped", lambda a: check.bic(a, X, SECOND), -2 * LL + 16),
    ("parameters-miscounted", lambda a: check.bic(a, X, SECOND), bic(LL, 9)),
    ("parameters-miscounted", lambda a: check.n_parameters(a, 3, 2), 20),
    (
        "soft-assignment",
        lambda a: check.kmeans_step(a, X, CENTRES),
        SOFT.T @ X / SOFT.sum(axis=0),
    ),
    ("variance-as-sd+no-weights", responsibilities, share(densities(V))),
    ("no-2pi+no-determinant", component_density, P * np.sqrt(2 * np.pi * V)),
    (
        "old-means+counts-as-weights",
        lambda a: check.m_step(a, X, R, SECOND),
        (NK, MU, spread(M)),
    ),
]


@pytest.mark.parametrize(("identity", "judge", "answer"), STUDENTS)
def test_a_mistake_is_named_and_no_other(identity, judge, answer):
    verdict = judge(answer)
    assert verdict.misconceptions == (identity,), verdict
    assert not verdict and verdict.status == "wrong"
    assert len(sentences(verdict.message)) <= 3


def test_every_misconception_has_a_students_answer():
    shown = {identity for identity, _, _ in STUDENTS}
    assert {row.id for row in MISCONCEPTIONS} <= shown


def sentences(text):
    return [s for s in re.split(r"[.?](?=\s+[A-Z]|$)", text) if s.strip()]


# --- the origin --------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [0.249686, 0.2497, "0.250", 0.24968589892074194])
def test_the_wrong_cell_of_the_origin(answer):
    verdict = check.responsibilities(answer, X, FIRST, at=(2, 2))
    assert verdict.misconceptions == ("variance-as-sd",)
    assert "consistent with" in verdict.message
    assert "the variance 3 of component 2 (of 0, 1, 2)" in verdict.message
    assert "x = -1 lies 5.2 standard deviations from the mean 8" in verdict.hint(1)


def test_the_wrong_row_of_the_origin():
    verdict = check.responsibilities([".749", ".001", ".250"], X, FIRST, at=2)
    assert verdict.misconceptions == ("variance-as-sd",)
    html = verdict._repr_html_()
    assert "x = -1" in html and "0.749" in html and "gmm-check-bar" in html
    assert html == check.responsibilities([0.749, 0.001, 0.25], X, FIRST, at=2)._repr_html_()


def test_forgotten_weights_hide_on_the_first_start_and_show_on_the_second():
    def forgotten(start):
        table = np.exp(mixture.component_log_prob(X, start))
        return check.responsibilities(share(table), X, start)

    hidden = forgotten(FIRST)
    assert hidden and hidden.misconceptions == () and "try weights .2, .3, .5" in hidden.notes[0]
    assert forgotten(SECOND).misconceptions == ("no-weights",)


def test_printed_matrix_has_one_wrong_row():
    printed = [[1, 0, 0], [1, 0, 0], [0.057, 0.943, 0], [0.001, 0.999, 0], [0, 0.066, 0.934]]
    verdict = check.responsibilities([*printed, [0, 0, 1], [0, 0, 1]], X, FIRST)
    assert verdict.status == "unknown" and "row 3 (x = 0)" in verdict.where


def test_one_m_step_by_hand():
    resp = [[1, 0], [0.5, 0.5], [0, 1]]
    answer = (["1/2", "1/2"], ["1/3", "7/3"], ["2/9", "8/9"])
    assert check.m_step(answer, [0, 1, 3], resp)
    assert check.variances([0.667, 2.667], [0, 1, 3], resp).misconceptions == (
        "divisor-nk-minus-1",
    )


# --- the recipe is the package's mathematics -----------------------------------------------------


def test_right_numbers_are_the_packages():
    data, truth = random_problem(30, 3, 2, separation=1, rng=0)
    other = mixture.responsibilities(data, random_problem(2, 3, 2, separation=1, rng=1)[1])
    step = em.m_step(data, other)
    labels, centres = kmeans_step(data, truth.means)
    assert check.density(np.exp(mixture.score_samples(data, truth)), data, truth)
    assert check.component_density(np.exp(mixture.component_log_prob(data, truth)), data, truth)
    assert check.responsibilities(mixture.responsibilities(data, truth), data, truth)
    assert check.log_likelihood(mixture.log_likelihood(data, truth), data, truth)
    assert check.lower_bound(em.lower_bound(data, other, truth), data, other, truth)
    assert check.counts(other.sum(axis=0), data, other)
    assert check.weights(step.weights, data, other)
    assert check.means(step.means, data, other)
    assert check.covariances(step.covariances, data, other)
    assert check.m_step(step, data, other)
    assert check.aic(selection.aic(data, truth), data, truth)
    assert check.bic(selection.bic(data, truth), data, truth)
    assert check.bic(
        selection.bic(data, truth, covariance_type="tied"), data, truth, covariance_type="tied"
    )
    assert check.n_parameters(selection.n_parameters(3, 2, "diag"), 3, 2, "diag")
    assert check.kmeans_step(centres, data, truth.means)
    assert check.kmeans_step((labels, centres), data, truth.means)
    draws, _ = mixture.sample(MIXED, 10**6, 0)
    assert abs(draws.var() - Work(power_given(MIXED)).mixture_covariance[0, 0]) < 0.02
    assert check.mixture_mean(1, MIXED)


def power_given(model):
    return {key: getattr(model, key) for key in ("weights", "means", "covariances")}


@pytest.mark.parametrize("name", power.CHECKS)
def test_power(name):
    rng = np.random.default_rng(len(name))
    digits = None if name in QUANTITIES and QUANTITIES[name].whole else 4
    score = power.power_of(name, digits, 2, rng)
    assert all(named == asked > 0 for named, asked in score.values()), score


def test_right_answers_are_never_accused():
    for name, digits, right, accused, asked in power.right_table(4, seed=3):
        assert right == asked and accused == 0, (name, digits)


def test_noise_and_unlisted_mistakes_stay_unknown():
    assert all(named == 0 for _, named, _ in power.noise_table(30, seed=4))
    for name, mistake, unknown, named, asked in power.unlisted_table(3, seed=5):
        assert (unknown, named) == (asked, 0), (name, mistake)


def test_fast_enough():
    assert min(power.speed() for _ in range(3)) < 20


# --- as people write ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "right"),
    [
        (0.057, True),
        ("0.057", True),
        ("0,057", True),
        ("5.7%", True),
        (".0571", True),
        (Decimal("0.0571"), True),
        (np.float32(mixture.responsibilities(X, FIRST)[2, 0]), True),
        (0.06, True),
        (0.061, False),
        ("0.0575", False),
    ],
)
def test_right_if_it_could_be_a_rounding(written, right):
    assert bool(check.responsibilities(written, X, FIRST, at=(2, 0))) == right


def test_decimals_are_the_longest_in_the_array():
    assert check.responsibilities([0.057, 0.943, 0], X, FIRST, at=2)
    assert not check.responsibilities([0.05, 0.943, 0], X, FIRST, at=2)


def test_too_few_digits_are_never_right():
    verdict = check.responsibilities([0.1, 0.9, 0], X, FIRST, at=2)
    assert (
        verdict.status == "few-digits" and not verdict and "at least 2 decimals" in verdict.message
    )
    assert check.responsibilities([0.1, 0.9, 0], X, FIRST, at=2, decimals=1).status == "few-digits"
    assert check.log_likelihood(-28.3, X, FIRST)
    assert check.log_likelihood(-28, X, FIRST).status == "few-digits"
    assert check.weights([0.5, Fraction(1, 2)], [0, 1, 3], [[1, 0], [0.5, 0.5], [0, 1]])


def test_cut_off_digits_are_told_from_mistakes():
    verdict = check.counts([2.057, 2.009, 2.933], X, OTHER)
    assert verdict.status == "unknown" and "cut off" in verdict.message


def test_a_whole_mixture_is_right_in_another_order_unless_a_start_names_its_components():
    order = [2, 0, 1]
    turned = (NK[order] / 7, MU[order], VAR[order])
    verdict = check.m_step(turned, X, R)
    assert verdict and "2, 0, 1" in verdict.notes[0]
    named = check.m_step(turned, X, R, SECOND)
    assert not named and named.misconceptions == ()
    assert "right numbers, for components in another order (2, 0, 1)" in named.message
    assert not check.m_step((NK / 7, MU[order], VAR), X, R)


@pytest.mark.parametrize(
    ("verdict", "noun"),
    [
        (check.responsibilities([0.001, 0, 0.999], X, SECOND, at=0), "responsibilities"),
        (check.responsibilities(R[:, ::-1], X, SECOND), "responsibilities"),
        (check.component_density(P[:, ::-1], X, SECOND), "component densities"),
        (check.means([3.996, 0.867, -2.021], X, R, start=SECOND), "means"),
        (check.variances(VAR[::-1].round(3), X, R), "variances"),
        (check.counts(NK[::-1].round(3), X, R), "effective counts"),
        (check.weights((NK[::-1] / 7).round(3), X, R), "weights"),
        (check.kmeans_step((NEAREST.T @ X / NEAREST.sum(axis=0))[::-1], X, CENTRES), "centres"),
        (check.m_step((NK[::-1] / 7, MU, VAR), X, R), "weights"),
    ],
)
def test_another_order_of_given_components_is_not_right(verdict, noun):
    assert not verdict and verdict.misconceptions == ()
    assert f"right {noun}, for components in another order (2, 1, 0)" in verdict.message, verdict


def test_rounded_intermediates_are_right():
    rounded = np.round(R, 3)
    verdict = check.means(rounded.T @ X / rounded.sum(axis=0), X, R)
    assert verdict and "rounded" in verdict.notes[0]


def test_multicycle_ecm_is_different_and_valid():
    moved = Mixture(W, MU, V)
    again = mixture.responsibilities(X, moved)
    later = np.array([again[:, k] @ (X - MU[k]) ** 2 for k in range(3)]) / again.sum(axis=0)
    verdict = check.m_step((again.mean(axis=0), MU, later), X, R, SECOND)
    assert verdict.status == "different" and "valid" in verdict.message
    assert not verdict and verdict.misconceptions == ()


def test_variances_that_follow_from_wrong_means():
    wrong = MU + 0.3
    verdict = check.m_step((NK / 7, wrong, spread(wrong)), X, R)
    assert verdict.misconceptions == () and "follow from your means" in verdict.message


def test_parts_with_different_reasons():
    verdict = check.m_step((NK, MU, spread(MU, 2)), X, R)
    assert verdict.misconceptions == ("counts-as-weights+squared-responsibilities",)
    assert len(sentences(verdict.message)) <= 3


def test_labels_from_one_and_tables_are_read():
    labels = R.argmax(axis=1)
    for answer in (labels, labels + 1, HARD, HARD.tolist()):
        assert check.hard_assignments(answer, X, SECOND)
    assert check.hard_assignments(labels + 1, X, SECOND).notes
    assert not check.hard_assignments(labels[::-1], X, SECOND)


def test_single_entries_of_other_quantities():
    assert check.means(MU[1], X, R, at=1)
    assert check.variances(round(VAR[2], 3), X, R, at=2)
    assert check.density(JOINT[3].sum(), X, SECOND, at=3)
    verdict = check.responsibilities(0.943, X, FIRST, at=(2, 0))
    assert "right number for entry [2, 1]" in verdict.message


# --- what cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (None, "No answer yet"),
        (mixture.responsibilities, "function"),
        ([[1, 0, 0], [1, 0]], "different lengths"),
        ([[1, None, 0]], "None"),
        (1 + 2j, "complex"),
        (np.array([1j]), "complex"),
        (True, "comparison"),
        ("a quarter", "cannot be read"),
        ("1/0", "cannot be read"),
        ([], "empty"),
        (np.zeros((0, 3)), "empty"),
        ({"a": 1}, "dict"),
        (object(), "object"),
        (np.full((7, 3), np.nan), "NaN at [0, 0]"),
        (np.full((7, 3), np.inf), "infinity"),
        (np.ones((3, 7)), "transposed"),
        (np.full((7, 3, 1, 1), 0.25), "should sum to 1"),
        (np.ones(5), "shape (5,)"),
        (0.5, "one number"),
    ],
)
def test_unreadable_answers_get_a_helping_sentence(answer, word):
    verdict = check.responsibilities(answer, X, FIRST)
    assert not verdict and verdict.misconceptions == ()
    assert word in verdict.message
    assert len(sentences(verdict.message)) <= 3
    assert all(verdict.hint(level) for level in range(1, 6))


class _Raising:
    """What a tensor with a gradient does when asked for its numbers."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call detach() first")

    def __repr__(self):
        raise RuntimeError("nor can it be shown")


class _Table:
    """A table of another library: it has columns, and turns into an array."""

    columns = ("a", "b", "c")

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __iter__(self):
        return iter(self.columns)


ENDLESS = [0.5]
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (np.ma.masked_less(R, 0.01), "masked"),
        ([np.ma.masked, 0.5, 0.5], "masked"),
        (_Raising(), "gives no numbers: call detach() first."),
        ([[_Raising()]], "gives no numbers"),
        (ENDLESS, "nested too deeply"),
        ("0,057 0,943", "one string"),
        ("[0.057, 0.943]", "one string"),
        ("1,234.5", "cannot be read"),
        (10**400, "belongs"),
        ((value for value in (0.1, 0.9)), "give a list"),
        (np.zeros(7, "M8[s]"), "datetime"),
        (np.full((7, 3), 1e308), "off"),
        (np.full((200_000, 3), 1 / 3), "shape (200000, 3)"),
        ([0.25] * 200_000, "shape (200000,)"),
    ],
)
def test_no_answer_makes_the_check_stumble(answer, word):
    began = time.perf_counter()
    for n_samples, verdict in [
        (7, check.responsibilities(answer, X, SECOND)),
        (1, check.log_likelihood(answer, X, SECOND)),
        (7, check.number(answer, R)),
        (0, check.function("responsibilities", lambda x, m: answer)),
    ]:
        assert not verdict and verdict.status != "right"
        assert all(isinstance(verdict.hint(level), str) for level in range(1, 6))
        assert verdict._repr_html_() and len(verdict.message) < 600
        if n_samples == 7 and word != "off":
            assert word in verdict.message
    assert time.perf_counter() - began < 10


def test_what_holds_the_right_numbers_is_right():
    for answer in (
        np.ma.masked_array(R, mask=False),
        _Table(R),
        R.astype(complex),
        R.astype(np.float16),
        R.astype(np.longdouble),
        R.astype(object),
        R.astype(str),
        np.asfortranarray(R),
        [tuple(row) for row in R],
        R[np.newaxis],
    ):
        assert check.responsibilities(answer, X, SECOND)
        assert check.number(answer, R)


@pytest.mark.parametrize(
    "call",
    [
        lambda: check.responsibilities(R, X, (1, 2, 3)),
        lambda: check.responsibilities(R, X.astype(complex), FIRST),
        lambda: check.responsibilities(R, _Raising(), FIRST),
        lambda: check.means(MU, X, _Raising()),
        lambda: check.n_parameters(8, "three", 2),
        lambda: check.responsibilities(0.1, X, FIRST, at=list(range(10_000))),
        lambda: check.responsibilities(R, [1, np.nan], FIRST),
        lambda: check.responsibilities(R, None, FIRST),
        lambda: check.responsibilities(0.1, X, FIRST, at=(9, 9)),
        lambda: check.responsibilities(0.1, X, FIRST, at="row"),
        lambda: check.responsibilities(0.1, X, FIRST, at=(0, 0), decimals="three"),
        lambda: check.weights(W, X, 2 * R),
        lambda: check.weights(W, X, "resp"),
        lambda: check.weights(W, X, R.T),
        lambda: check.means(MU, X, np.eye(3)[[0] * 7]),
        lambda: check.means([np.nan] * 3, X, np.eye(3)[[0] * 7]),
        lambda: check.m_step((1, 2), X, R),
        lambda: check.m_step({"weights": W}, X, R),
        lambda: check.m_step((W, M, V), X, R, start=3),
        lambda: check.log_likelihood(mixture.score_samples(X, FIRST), X, FIRST),
        lambda: check.n_parameters(8, 3, 1, "round"),
        lambda: check.kmeans_step([1], X, [[1, 2]]),
        lambda: check.hard_assignments("abc", X, SECOND),
    ],
)
def test_bad_problems_get_a_sentence(call):
    verdict = call()
    assert verdict.status == "unreadable" and verdict.message.endswith((".", "?"))


BLANKS = [
    lambda: check.responsibilities(None, X, FIRST),
    lambda: check.responsibilities([None, None, None], X, FIRST, at=2),
    lambda: check.density(..., X, FIRST),
    lambda: check.hard_assignments(None, X, SECOND),
    lambda: check.m_step(None, X, R),
    lambda: check.m_step((None, None, None), X, R),
    lambda: check.m_step({"weights": None, "means": None}, X, R),
    lambda: check.n_parameters(None, 3, 2),
    lambda: check.kmeans_step((None, None), X, CENTRES),
    lambda: check.mixture_mean(None, MIXED, decimals=2),
]


@pytest.mark.parametrize("call", BLANKS)
def test_an_exercise_without_an_answer_says_so(call):
    verdict = call()
    assert verdict.status == "unanswered" and not verdict
    assert verdict.message == "No answer yet: put yours in place of `None`."
    assert "<code" in verdict._repr_html_() and "`" not in verdict._repr_html_()


def _unwritten(x, m):
    raise NotImplementedError


def test_a_function_without_a_result_says_so():
    for name in ("responsibilities", "log_likelihood", "hard_assignments"):
        verdict = check.function(name, lambda x, m: None)
        assert verdict.status == "unanswered" and "returns `None`: write it" in verdict.message
    assert check.function("m_step", lambda X, resp: (None,) * 3).status == "unanswered"
    assert check.function("responsibilities", _unwritten).status == "unanswered"


def test_a_function_that_forgets_one_branch_to_return():
    def forgets(X, m):
        return mixture.responsibilities(X, m) if m.n_components < 3 else None

    verdict = check.function("responsibilities", forgets)
    assert verdict.status == "unreadable" and "every branch" in verdict.message


# --- the verdict -----------------------------------------------------------------------------


def test_the_ladder():
    verdict = check.responsibilities(share(W * densities(V)), X, SECOND)
    rungs = [verdict.hint() for _ in range(6)]
    assert rungs[:5] == [verdict.hint(level) for level in range(1, 6)] and rungs[5] == rungs[4]
    question, where, reason, read, truth = rungs[:5]
    assert question.endswith("?") and where.startswith("Look at") and "if the variance" in reason
    assert '"responsibilities"' in read and str(round(R[0, 0], 6)) in truth
    with pytest.raises(ValueError, match="hints 1 to 5"):
        verdict.hint(0)


def test_a_lecturer_can_switch_off_the_last_hints(monkeypatch):
    monkeypatch.setattr(check.Verdict, "highest_hint", 3)
    verdict = responsibilities(share(P))
    assert "weights are left out" in verdict.hint(3)
    assert verdict.hint(5) == "Hints end at level 3 here."


def test_right_rows_in_another_order_are_told():
    assert "another order" in responsibilities(np.round(R[::-1], 3)).message


def test_text_and_html_are_safe_and_deterministic():
    verdict = check.responsibilities("<script>", X, FIRST, at=(0, 0))
    assert "<script>" not in verdict._repr_html_() and "&lt;script&gt;" in verdict._repr_html_()
    assert repr(verdict) == verdict.message
    classes = re.findall(r'class="([^"]*)"', responsibilities(share(P))._repr_html_())
    assert classes and all(name.startswith("gmm-check") for c in classes for name in c.split())


def test_code_is_shown_as_code():
    for _, judge, answer in STUDENTS:
        assert "`" not in judge(answer)._repr_html_()
    html = responsibilities(share(W * densities(V)))._repr_html_()
    assert re.search(r"<code[^>]*>norm.pdf\(scale=variance\)</code>", html)
    assert "`" not in check.responsibilities("a", X, FIRST, decimals="``b``")._repr_html_()


def test_every_page_to_read_exists():
    pages = {row.read[0] for row in MISCONCEPTIONS} | {q.read[0] for q in QUANTITIES.values()}
    there = {path.stem for path in (ROOT / "book").glob("*.*")}
    assert pages <= there


def test_components_are_named_so_that_one_sees_where_the_count_begins():
    text = [check.means(np.add(MU, [0, 1, 0]), X, R, decimals=3).where]
    text += [responsibilities(share(P)).hint(1), variances(spread(M)).hint(1)]
    text += [component_density(densities(V)).hint(1), component_density(densities(V)).message]
    assert all("(of 0, 1, 2)" in passage for passage in text), text
    assert "centre 1 (of 0, 1, 2)" in check.kmeans_step([-2, 9, 4], X, CENTRES, decimals=2).hint(1)
    assert "(the only one)" in check.counts(3.07, X, np.ones((7, 1))).where


def test_ties_may_be_broken_either_way():
    points, centres = [0, 1, 2, 3, 4], [0, 4]
    for answer in ([1, 3.5], [0.5, 3], ([0, 0, 1, 1, 1], [0.5, 3]), ([0, 0, 0, 1, 1], [1, 3.5])):
        assert check.kmeans_step(answer, points, centres), answer
    assert not check.kmeans_step(([0, 0, 1, 1, 1], [1, 3.5]), points, centres)
    assert not check.kmeans_step([0.5, 3.5], points, centres)
    mirror = Mixture([0.5, 0.5], [-1, 1], [1, 1])
    for labels in ([0, 0, 1], [0, 1, 1], [1, 2, 2]):
        assert check.hard_assignments(labels, [-1, 0, 1], mirror)
    assert not check.hard_assignments([1, 1, 0], [-1, 0, 1], mirror)


def _last_centre(x, centres):
    distances = (x[:, np.newaxis] - centres) ** 2
    labels = len(centres) - 1 - distances[:, ::-1].argmin(axis=1)
    sums = [x[labels == k] for k in range(len(centres))]
    return [s.mean() if s.size else c for s, c in zip(sums, centres, strict=True)]


def test_a_function_may_break_ties_the_other_way():
    verdict = check.function("kmeans_step", _last_centre)
    assert verdict and verdict.notes == ()


def test_a_log_likelihood_in_other_units():
    metres = Mixture(W, 100 * M, 100**2 * V)
    assert check.log_likelihood(round(LL - 7 * np.log(100), 2), 100 * X, metres)
    forgotten = check.log_likelihood(round(LL, 2), 100 * X, metres)
    assert forgotten.status == "unknown" and "7 x log(100), which" in forgotten.message
    turned = check.log_likelihood(LL + 7 * np.log(100), 100 * X, metres)
    assert "by 100, with the wrong sign" in turned.message
    for scale in (1e-8, 1e8):
        other = Mixture(W, scale * M, scale**2 * V)
        assert check.log_likelihood(round(LL - 7 * np.log(scale), 1), scale * X, other)


def test_the_table_shows_at_most_ten_rows():
    data, truth = random_problem(200, 2, rng=1)
    wrong = mixture.responsibilities(data, truth) ** 2
    html = check.responsibilities(wrong, data, truth)._repr_html_()
    assert html.count("<tr") == 11 and "190 more rows" in html


def test_inputs_are_not_changed():
    answer, data, resp = R.copy(), X.copy(), R.copy()
    for array in (answer, data, resp):
        array.setflags(write=False)
    check.responsibilities(answer, data, SECOND)
    check.m_step((NK, MU, VAR), data, resp)


def test_import_needs_neither_scipy_nor_matplotlib():
    code = (
        "import sys; from gmmtutor import check; "
        "assert not {'scipy', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_rows_are_well_formed():
    known = {*QUANTITIES, "m_step"}
    for row in MISCONCEPTIONS:
        assert set(row.checks) <= known and row.replaces
        assert not row.because.endswith(".") and row.because[0].islower()
    for name in known:
        ids = {row.id for row in candidates(name)}
        assert all(part.id in ids for row in paired_candidates(name) for part in row.parts)


# --- what a student wrote who made mistakes of his own -------------------------------------------

OWN = np.array([-2.0, 0, 1, 3])
OWN_START = Mixture([0.4, 0.6], [-1, 2], [0.5, 2])


def by_hand(decimals):
    """One M-step by hand, every intermediate result rounded: shares, weights, means, variances."""
    roots = np.round(np.sqrt(2 * np.pi * np.array([0.5, 2])), 4)
    halves = np.array([[1, 4], [1, 1], [4, 0.25], [16, 0.25]])
    joint = np.round([0.4, 0.6] * np.round(np.exp(-halves), 4) / roots, 4)
    shares = np.round(joint / joint.sum(axis=1, keepdims=True), decimals)
    sizes = shares.sum(axis=0).round(decimals)
    means = ((shares.T * OWN).round(decimals).sum(axis=1) / sizes).round(decimals)
    squares = ((OWN[:, np.newaxis] - means) ** 2).round(decimals)
    spread = (shares * squares).round(decimals).sum(axis=0) / sizes
    return shares, (sizes / 4).round(decimals), means, spread.round(decimals)


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_a_round_by_hand_with_rounded_numbers_is_right(decimals):
    shares, *step = by_hand(decimals)
    assert check.responsibilities(shares, OWN, OWN_START, decimals=decimals)
    verdict = check.m_step(step, OWN, shares, OWN_START, decimals=decimals)
    assert verdict, verdict
    worse = [step[0], step[1], step[2] * 1.05]
    assert not check.m_step(worse, OWN, shares, OWN_START, decimals=decimals)


def test_a_share_may_be_off_by_one_unit_of_rounding():
    def row(answer):
        return check.responsibilities(answer, X, SECOND, at=4)

    for answer in ([0.011, 0.651, 0.339], [0.010, 0.651, 0.339]):
        assert row(answer) and "rounded" in row(answer).notes[0]
    for answer in ([0.011, 0.652, 0.337], [0.011, 0.651, 0.341], [0.02, 0.641, 0.339]):
        assert not row(answer)


def test_zeros_that_python_drops():
    assert check.means(4.00, X, R, start=SECOND, at=2, decimals=2)
    assert check.means("4.00", X, R, start=SECOND, at=2)
    assert '"4.00" in quotes' in check.means(4.00, X, R, start=SECOND, at=2).message
    assert check.means([-2.70, -0.40, 3.70], X, OTHER, decimals=2)
    short = check.log_likelihood(-28.3, X, FIRST, decimals=2)
    assert short.status == "few-digits" and "give 2 decimals" in short.message
    assert check.log_likelihood(-27.9, X, FIRST, decimals=2).status == "unknown"


def test_percent_is_told():
    for verdict in (check.number(39, 0.3866), check.weights([34, 33, 33], X, np.ones((7, 3)) / 3)):
        assert not verdict
    assert '"39%" in quotes' in check.number(39, 0.3866).message
    assert "In percent" in check.responsibilities([1, 65, 34], X, SECOND, at=4).message


def _precedence(x, weights, means, variances):
    logs = np.log(weights / np.sqrt(2 * np.pi * variances))
    logs = logs - (x[:, np.newaxis] - means) ** 2 / 2 * variances
    return share(np.exp(logs - logs.max(axis=1, keepdims=True)))


def test_a_counterexample_shows_its_error_and_what_is_right():
    verdict = check.function("responsibilities", _precedence)
    assert verdict.misconceptions == ("exponent-times-variance",)
    gap = np.abs(verdict.example["answer"] - verdict.example["right"]).max()
    assert gap > 0.05 and "and right is [[" in verdict.message
    assert "densities-and-mixtures" in verdict.hint(4)


def test_the_third_hint_says_more_than_the_verdict():
    unknown = check.variances([1.1, 0.9, 2.2], X, R)
    assert "effective count" in unknown.hint(3) and unknown.hint(3) not in unknown.message
    assert "start=" not in "".join(unknown.hint(level) for level in range(1, 6))
    named = check.mixture_variance(7, PAIR, decimals=2)
    assert "own part is 7" in named.hint(3) and "did the weights" in named.hint(1)
    assert "by about 20%" in check.number(0.4, 1 / 3, decimals=2).hint(3)


def test_the_first_hint_asks_in_the_direction_of_the_error():
    assert "spread so far" in check.variances([9.0, 0.9, 2.2], X, R, decimals=2).hint(1)
    assert "keep so close" in check.variances(0.2, X, R, at=2, decimals=2).hint(1)
    assert "to the left of 1.75" in check.means(1.75, X, R, at=2).hint(1)
    assert "is the curve so high anywhere" in check.log_likelihood(5.25, X, FIRST).hint(1)


def test_a_fact_takes_the_place_of_not_knowing():
    verdict = check.responsibilities(0.943, X, FIRST, at=(2, 0))
    assert "None of the mistakes" not in verdict.message
    verdict = check.log_likelihood(LL - np.log(100), 100 * X, Mixture(W, 100 * M, 100**2 * V))
    assert "only once" in verdict.message and "densities-and-mixtures" in verdict.hint(4)
    assert "both entries are off" in check.means([1.25, 2.25], OWN, by_hand(4)[0]).message


# --- what an outside student was told wrongly ---------------------------------------------------

THREE, HALVES = [0, 1, 3], [[1, 0], [0.5, 0.5], [0, 1]]
BEFORE = Mixture([1 / 3, 2 / 3], [0, 2], [1, 1])


def of_three(weights, means=("1/3", "7/3"), spreads=("2/9", "8/9"), start=None):
    return check.m_step((list(weights), list(means), list(spreads)), THREE, HALVES, start)


def test_weights_alone_are_wrong():
    for start in (None, BEFORE):
        for weights in (["1/3", "2/3"], ["3/4", "3/4"], ["2/5", "3/5"]):
            verdict = of_three(weights, start=start)
            text = "the weights are off; the means and the variances are right"
            assert text in verdict.message and "follow from your means" not in verdict.message
            assert verdict.hint(2).startswith("Look at the weights; the means and")
    assert of_three(["1/3", "2/3"], start=BEFORE).misconceptions == ("not-updated",)


def test_whole_numbers_among_fractions_are_exact():
    verdict = of_three(["1/2", "1/2"], spreads=["0", "4"])
    assert verdict.misconceptions == ("mean-not-squared",)
    verdict = of_three(["1/3", "2/3"], ["0", "2"], ["0", "1"])
    assert verdict.status == "unknown" and "quotes" not in verdict.message
    assert "the weights, the means and the variances are off" in verdict.message
    assert verdict.hint(2).startswith("Begin with the weights, ")
    shares = by_hand(4)[0]
    step = em.m_step(OWN, shares)
    answer = step.weights.round(4), [-1, 2], step.variances.round(4)
    verdict = check.m_step(answer, OWN, shares, OWN_START)
    assert verdict.status == "few-digits" and "means before" not in verdict.message
    assert "or if the means are those before the update" in verdict.message


def test_values_before_a_round_are_no_common_factor():
    triplets = Mixture([0.2, 0.3, 0.5], [1, 1, 1], [4, 4, 4])
    same = mixture.responsibilities(X, triplets)
    answer = [0.2, 0.3, 0.5], [1, 1, 1], [4, 4, 4]
    assert "times" not in check.m_step(answer, X, same, decimals=3).message
    verdict = check.m_step(answer, X, same, triplets, decimals=3)
    assert verdict.misconceptions == ("not-updated",)


def test_collisions_name_all_that_fit():
    verdict = check.density(0.0605, [1.0], PAIR, at=0)
    assert set(verdict.misconceptions) >= {"one-term", "exponent-times-variance"}
    assert "component 0 alone" in verdict.message and "consistent with" in verdict.message
    verdict = check.responsibilities([0.0, 1.0, 0.0], X, SECOND, at=4)
    assert {"hard-assignment", "exponent-times-variance"} <= set(verdict.misconceptions)
    swapped = Mixture(OWN_START.weights, OWN_START.means, OWN_START.variances[::-1])
    verdict = check.responsibilities(
        mixture.responsibilities(OWN, swapped).round(4), OWN, OWN_START
    )
    assert set(verdict.misconceptions) == {"precision-as-variance", "variances-exchanged"}
    assert "consistent with" in verdict.message


def test_the_last_digit_of_a_hand_sum_hides_no_mistake():
    assert check.density(0.3227, [1.0], PAIR, at=0).misconceptions == ("no-weights",)
    assert "but for the last digit" in check.density(0.3227, [1.0], PAIR, at=0).message
    assert check.density(0.3229, [1.0], PAIR, at=0).status == "unknown"


def test_factors_that_people_leave_out():
    history = np.array([-28.326, -14.405, -13.9])
    for factor, word in [
        (1 / 7, "1/7 of (divided by N = 7?)"),
        (1 / np.log(10), "base 10"),
    ]:
        assert word in check.number(history * factor, history).message
    assert "right row for x = 0" in check.responsibilities(R[3].round(3), X, SECOND, at=2).message


def test_notes_fit_the_problem():
    one, two = Mixture([1], [1], [4]), Mixture([0.5, 0.5], [0, 2], [1, 4])
    assert check.density(np.exp(mixture.score_samples(X, one)), X, one).notes == ()
    assert "weights .3, .7" in check.responsibilities(0.579, [1.0], two, at=(0, 0)).message


def test_no_hint_says_the_same_twice():
    verdict = check.choice("no", "yes", options=("yes", "no"))
    hints = [verdict.hint() for _ in range(5)]
    assert hints[0] != hints[1] != hints[2] and hints[3] == hints[4]
    assert verdict.hint(3).startswith("This hint would only repeat")
    unread = check.responsibilities("a", X, FIRST)
    assert unread.hint(1) == unread.message and "no further hint" in unread.hint(2)


# --- whole functions -------------------------------------------------------------------------


def naive(x, weights, means, variances):
    table = weights * norm.pdf(x[:, np.newaxis], means, np.sqrt(variances))
    return share(table)


def looped(x, means, weights, variances):
    """Right, slowly, with the arguments in another order: they are told by name."""
    rows = []
    for value in x:
        logs = [
            np.log(w) + norm.logpdf(value, m, np.sqrt(v))
            for w, m, v in zip(weights, means, variances, strict=True)
        ]
        rows.append(np.exp(np.array(logs) - np.logaddexp.reduce(logs)).tolist())
    return rows


def test_right_functions_pass():
    assert check.function("responsibilities", mixture.responsibilities)
    assert check.function("responsibilities", mixture.responsibilities, n_features=2)
    assert check.function("responsibilities", looped)
    assert check.function("responsibilities", naive, far=False)
    for name, f in [
        ("log_likelihood", mixture.log_likelihood),
        ("m_step", em.m_step),
        ("lower_bound", em.lower_bound),
        ("aic", selection.aic),
        ("bic", selection.bic),
        ("n_parameters", selection.n_parameters),
        ("counts", lambda resp: resp.sum(axis=0)),
        ("weights", lambda resp: resp.mean(axis=0)),
        ("means", lambda x, r: r.T @ x / r.sum(axis=0)),
        ("density", lambda x, m: np.exp(mixture.score_samples(x, m))),
        ("component_density", lambda x, m: np.exp(mixture.component_log_prob(x, m))),
        ("hard_assignments", lambda x, m: mixture.responsibilities(x, m).argmax(axis=1)),
        ("mixture_mean", lambda weights, means, variances: weights @ means),
        ("kmeans_step", lambda x, c: kmeans_step(x[:, None], c[:, None])),
    ]:
        assert check.function(name, f), name


def test_underflow_is_named_and_its_example_is_far():
    verdict = check.function("responsibilities", naive)
    assert verdict.misconceptions == ("underflow",)
    assert abs(verdict.example["x"]).max() > 100


def _with(table):
    def f(x, weights, means, variances):
        return table(x[:, np.newaxis], weights, means, variances)

    return f


@pytest.mark.parametrize(
    ("identity", "f"),
    [
        ("variance-as-sd", _with(lambda x, w, m, v: share(w * norm.pdf(x, m, v)))),
        ("no-weights", _with(lambda x, w, m, v: share(norm.pdf(x, m, np.sqrt(v))))),
        ("not-normalised", _with(lambda x, w, m, v: w * norm.pdf(x, m, np.sqrt(v)))),
        ("transposed", _with(lambda x, w, m, v: share(w * norm.pdf(x, m, np.sqrt(v))).T)),
        ("variance-as-sd+no-weights", _with(lambda x, w, m, v: share(norm.pdf(x, m, v)))),
    ],
)
def test_a_wrong_function_is_explained_on_its_smallest_failure(identity, f):
    verdict = check.function("responsibilities", f)
    assert verdict.misconceptions == (identity,), verdict
    assert len(verdict.example["x"]) == 1 and len(verdict.example["weights"]) <= 2


def test_m_step_functions_may_take_the_start():
    def old(x, resp, start):
        n_k = resp.sum(axis=0)
        centred = x[:, np.newaxis] - start.means[:, 0]
        return n_k / len(x), resp.T @ x / n_k, (resp * centred**2).sum(axis=0) / n_k

    assert check.function("m_step", old).misconceptions == ("old-means",)


def _raises(x, m):
    return x["no such"]


def _exits(x, m):
    sys.exit()


def _spoils(x, m):
    answer = mixture.responsibilities(x, m)
    x[:] = 0
    return answer


def test_functions_that_misbehave_get_a_sentence():
    assert "IndexError" in check.function("responsibilities", _raises).message
    assert "SystemExit" in check.function("responsibilities", _exits).message
    assert "copies" in check.function("responsibilities", _spoils).message
    assert "3 arguments" in check.function("responsibilities", lambda a, b, c: 0).message
    assert check.function("responsibilities", 3).status == "unreadable"
    with pytest.raises(ValueError, match="no check 'nonsense'"):
        check.function("nonsense", naive)


def _centred_first(x, weights, means, variances):
    x -= x.mean()
    return mixture.responsibilities(x, Mixture(weights, means, variances))


def _with_a_ridge(X, resp):
    step = em.m_step(X, resp)
    return step.weights, step.means[:, 0], step.variances + 1e-6


def _long_winded(x, m):
    print("calculating")
    raise ValueError("no " * 2000)


def _slow(x, weights, means, variances):
    time.sleep(0.03)
    return weights * np.ones((len(x), 1))


def test_functions_that_fail_quietly_get_a_word():
    verdict = check.function("responsibilities", _centred_first)
    assert verdict.status == "unknown" and "changes the arrays" in verdict.message
    verdict = check.function("m_step", _with_a_ridge)
    assert "gives [1.0], [-1.066667], [0.115557], and right is" in verdict.message
    assert "the variances are off; the weights and the means are right" in verdict.message
    for name, f in [
        ("responsibilities", lambda x, m: mixture.responsibilities(x, m).round(3)),
        ("log_likelihood", lambda x, m: round(mixture.log_likelihood(x, m), 3)),
    ]:
        assert "rounded to 3 decimals: return all digits" in check.function(name, f).message
    turned = check.function(
        "responsibilities", lambda x, m: mixture.responsibilities(x, m)[:, ::-1]
    )
    assert not turned and "in another order (1, 0)" in turned.message


def test_a_function_may_take_its_time_and_print_what_it_likes(capsys, monkeypatch):
    verdict = check.function("responsibilities", _long_winded)
    assert len(verdict.message) < 600 and "[...]" in verdict.message
    monkeypatch.setattr(functions, "PATIENCE", 0.2)
    verdict = check.function("responsibilities", _slow)  # wrong, but not with one component
    assert verdict.status == "unknown" and "It is slow" in verdict.message
    monkeypatch.setattr(functions, "PATIENCE", 0.02)
    verdict = check.function("responsibilities", _slow)
    assert verdict.status == "unreadable" and "too slow to judge: 1 small" in verdict.message
    assert capsys.readouterr().out == ""


def test_underflow_is_mended_where_log_sum_exp_stands():
    assert "em-algorithm" in check.function("responsibilities", naive).hint(4)
    assert "log-sum-exp" in check.responsibilities(np.full((7, 3), np.nan), X, FIRST).hint(4)


def test_a_function_that_stops_becomes_an_answer_that_says_so():
    def stops(x, n):
        return x[n]

    for verdict in (
        check.number(check.run(stops, [1, 2], 6), [1, 2]),
        check.responsibilities(check.run(stops, [1, 2], 6), X, FIRST),
        check.m_step(check.run(stops, [1, 2], n=6), X, R),
        check.sample(check.run(stops, [1, 2], 6), MIXED),
    ):
        assert verdict.status == "unreadable"
        assert verdict.message == "Your function stops with IndexError: list index out of range."
    assert check.number(check.run(stops, [1, 2], 1), 2)
    assert check.number(check.run(_unwritten, 1, 2), 2).status == "unanswered"
    assert check.number(check.run(3), 2).status == "unreadable"


def test_functions_are_judged_alike_each_time():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (check.function("responsibilities", naive) for _ in range(2))
    assert first.message == second.message


# --- the page about misconceptions -------------------------------------------------------------

PAGE = ROOT / "book" / "misconceptions.md"


def test_the_page_lists_the_rows_of_the_package():
    page = PAGE.read_text(encoding="utf-8")
    assert check_page.generated(page, "rows") == check_page.rows_part(), check_page.COMMAND


def test_the_page_measures_every_mistake_in_every_check():
    measured = check_page.generated(PAGE.read_text(encoding="utf-8"), "measured")
    for name in power.CHECKS:
        fold = measured.partition(f"`check.{name}`: ")[2].partition(":::")[0]
        named = [cell.split("|")[1] for cell in re.findall(r"^\| `.*", fold, flags=re.M)]
        mistakes = ["+".join(re.findall("`([^`]*)`", cell)) for cell in named]
        rows = (*candidates(name), *paired_candidates(name))
        known = [row.id for row in rows if row.id != "underflow"]
        assert mistakes == list(dict.fromkeys(known)), (name, check_page.COMMAND)


def test_what_the_page_shows_is_what_the_checks_say():
    page = PAGE.read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(page.replace("```", ""), {}, PAGE.name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(examples).failed == 0 and len(examples.examples) > 9
    verdict = check.responsibilities([0.749, 0.001, 0.250], X, FIRST, at=2)
    for level in range(1, 6):
        assert re.search(rf"^\| {level} \| [a-z ]* \| (.*) \|$", page, re.M)[1] == verdict.hint(
            level
        )


@pytest.mark.parametrize("power", [1, 3])
def test_a_typical_density_that_underflows_is_asked_about_without_a_warning(power):
    """Warnings are errors here; a density of 0 must not reach a logarithm."""
    X, given = np.array([-1.2, 0.3, -200.0]), Mixture([0.4, 0.6], [-1, 1], [1, 1])
    logs = mixture.score_samples(X, given)
    mean = check.log_likelihood(logs.mean(), X, given)
    assert mean.misconceptions == ("mean-not-sum",) and mean.hint(1)
    lower = check.log_likelihood(10.0**power * logs.sum(), X, given)
    assert not lower and "so low anywhere" in lower.hint(1)
    assert "underflow" in check.log_likelihood(-np.inf, X, given).misconceptions


class NoLength(list):
    def __len__(self):
        raise RuntimeError("no length")


class NoLengthTuple(tuple):
    def __len__(self):
        raise RuntimeError("no length")


class NoItems(dict):
    def __getitem__(self, key):
        raise KeyError


class NoIteration(list):
    def __iter__(self):
        raise AttributeError("no iteration")


@pytest.mark.parametrize("name", ["m_step", "kmeans_step"])
@pytest.mark.parametrize(
    "answer",
    [
        NoLength([NK / 7, MU, spread(MU)]),
        NoLengthTuple((NK / 7, MU)),
        NoItems(weights=NK / 7, means=MU, covariances=spread(MU)),
        NoIteration([NK / 7, MU, spread(MU)]),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_an_answer_that_cannot_be_taken_apart_gets_a_sentence(name, answer):
    given = {"m_step": (X, R), "kmeans_step": (X, [-4, 0, 8])}[name]
    for verdict in (
        getattr(check, name)(answer, *given),
        check.function(name, lambda X, other: answer),
    ):
        assert not verdict and verdict.status == "unreadable"
        assert type(answer).__name__ in verdict.message or "None" not in verdict.message
        assert "compare with" not in verdict.message


def test_a_matrix_of_whole_numbers_has_all_its_digits():
    points = np.array([[4, 3], [2, 1], [0, 1], [6, 5], [6, 1], [12, 7]])
    halves = np.array([[1, 1, 1, 0.5, 0.5, 0], [0, 0, 0, 0.5, 0.5, 1]]).T
    for answer, words in [
        ([[5, 2], [2, 2]], "right numbers for component 0"),
        ([[6, 6], [6, 9]], "two features stand in the other order"),
        ([[9, -6], [-6, 6]], "sign is wrong"),
        ([[9, 7], [7, 6]], "None of the mistakes"),
    ]:
        verdict = check.covariances(answer, points, halves, at=1)
        assert verdict.status == "unknown" and words in verdict.message, verdict.message
    assert check.covariances([[9, 6], [6, 6]], points, halves, at=1)
    assert check.covariances([1, 5, 9], X, R).status == "unknown"
