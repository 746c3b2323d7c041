"""The numbered equations of the chapter on the landscape, against independent computations."""

import itertools

import mpmath
import numpy as np
import pytest

import gmmtutor as gm
from gmmtutor import datasets

SEEDS = range(6)
SEVEN = datasets.seven_points()


def random_problem(seed, n_components=None):
    rng = np.random.default_rng(seed)
    n_components = n_components or int(rng.integers(2, 5))
    X, _ = datasets.random_problem(int(rng.integers(20, 40)), n_components, rng=rng)
    weights = rng.dirichlet(np.full(n_components, 5.0))
    means = rng.choice(X[:, 0], n_components, replace=False)
    variances = rng.uniform(0.5, 1.5, n_components) * X.var()
    return X[:, 0], gm.Mixture(weights, means, variances)


def permuted(mixture, order):
    return gm.Mixture(mixture.weights[order], mixture.means[order], mixture.covariances[order])


def one_round(x, mixture):
    return gm.m_step(x, gm.responsibilities(x, mixture))


def parameters(mixture):
    return np.concatenate([mixture.weights, mixture.means[:, 0], mixture.variances])


@pytest.mark.equation("eq-permutation")
@pytest.mark.parametrize("seed", SEEDS)
def test_height_stays_and_a_round_commutes_with_every_permutation(seed):
    x, mixture = random_problem(seed)
    after = one_round(x, mixture)
    for order in map(list, itertools.permutations(range(mixture.n_components))):
        copy = permuted(mixture, order)
        assert gm.log_likelihood(x, copy) == pytest.approx(gm.log_likelihood(x, mixture))
        moved = one_round(x, copy)
        np.testing.assert_allclose(parameters(moved), parameters(permuted(after, order)))


def exact_log_likelihood(x, weights, means, variances):
    total = mpmath.mpf(0)
    for point in x:
        parts = zip(weights, means, variances, strict=True)
        density = sum(
            w * mpmath.exp(-((point - m) ** 2) / (2 * v)) / mpmath.sqrt(2 * mpmath.pi * v)
            for w, m, v in parts
        )
        total += mpmath.log(density)
    return total


def second_difference(function, h="1e-12"):
    h = mpmath.mpf(h)
    return float((function(h) - 2 * function(mpmath.mpf(0)) + function(-h)) / h**2)


def first_difference(function, h="1e-12"):
    h = mpmath.mpf(h)
    return float((function(h) - function(-h)) / (2 * h))


@pytest.mark.equation("eq-split-curvature")
@pytest.mark.parametrize("seed", SEEDS)
def test_curvature_when_a_component_is_pulled_apart(seed):
    """At a fit of one to three components; in 50 digits, by differences of the log-likelihood."""
    rng = np.random.default_rng(seed)
    x, start = random_problem(seed, 1 + seed % 3)
    fit = gm.fit_em(x, start=start, tol=1e-16, max_iter=50_000).mixture
    k, n_copies = int(rng.integers(fit.n_components)), int(rng.integers(2, 4))
    w = rng.dirichlet(np.ones(n_copies))
    a, b = rng.standard_normal((2, n_copies))
    a, b = a - w @ a, b - w @ b

    resp, variance = gm.responsibilities(x, fit)[:, k], fit.variances[k]
    z = (x - fit.means[k, 0]) / np.sqrt(variance)
    skewness, kurtosis = resp @ z**3 / resp.sum(), resp @ z**4 / resp.sum()
    formula = resp.sum() * (w * (skewness * a * b + (kurtosis - 3) / 4 * b**2)).sum()

    others = np.delete(np.arange(fit.n_components), k)
    root = mpmath.sqrt(variance)

    def height(t):
        weights = [*fit.weights[others], *(fit.weights[k] * w)]
        means = [*fit.means[others, 0], *(fit.means[k, 0] + t * root * v for v in a)]
        variances = [*fit.variances[others], *(variance * (1 + t * v) for v in b)]
        return exact_log_likelihood(x, weights, means, variances)

    with mpmath.workdps(50):
        assert first_difference(height) == pytest.approx(0, abs=1e-6)
        assert second_difference(height) == pytest.approx(formula, rel=1e-5, abs=1e-5)


def moments(x):
    z = (x - x.mean()) / x.std()
    return (z**3).mean(), (z**4).mean()


def factor(x):
    skewness, kurtosis = moments(x)
    c = (kurtosis - 1) / 2
    return (1 + c + np.sqrt((1 - c) ** 2 + 2 * skewness**2)) / 2


def near_the_pooled_fit(x, weights, a, b):
    return gm.Mixture(weights, x.mean() + x.std() * a, x.var() * (1 + b))


@pytest.mark.equation("eq-pooled-round")
@pytest.mark.parametrize("seed", SEEDS)
def test_one_round_near_the_pooled_fit(seed):
    """The first order, by a start that is a millionth away."""
    rng = np.random.default_rng(seed)
    x = rng.gamma(2, size=12)
    weights = rng.dirichlet(np.full(3, 4.0))
    a, b = rng.standard_normal((2, 3))
    new = one_round(x, near_the_pooled_fit(x, weights, 1e-6 * a, 1e-6 * b))
    a, b = a - weights @ a, b - weights @ b
    skewness, kurtosis = moments(x)
    new_a = (new.means[:, 0] - x.mean()) / x.std() / 1e-6
    new_b = (new.variances / x.var() - 1) / 1e-6
    np.testing.assert_allclose(new_a, a + skewness / 2 * b, atol=1e-4)
    np.testing.assert_allclose(new_b, skewness * a + (kurtosis - 1) / 2 * b, atol=1e-4)
    np.testing.assert_allclose(new.weights, weights, atol=1e-10)


@pytest.mark.equation("eq-pooled-factor")
@pytest.mark.parametrize("seed", SEEDS)
def test_factor_by_which_em_leaves_the_pooled_fit(seed):
    """Power iteration with EM itself: shrink the difference after every round."""
    rng = np.random.default_rng(seed)
    x = SEVEN if seed == 0 else rng.gamma(2, size=12)
    weights, size = rng.dirichlet(np.full(2, 4.0)), 1e-6
    a, b = rng.standard_normal((2, 2))
    for _ in range(200):
        a, b = a - weights @ a, b - weights @ b
        length = np.hypot(np.linalg.norm(a), np.linalg.norm(b))
        a, b = size * a / length, size * b / length
        new = one_round(x, near_the_pooled_fit(x, weights, a, b))
        a = (new.means[:, 0] - x.mean()) / x.std()
        b = new.variances / x.var() - 1
        a, b = a - weights @ a, b - weights @ b
        grown = np.hypot(np.linalg.norm(a), np.linalg.norm(b)) / size
    assert grown == pytest.approx(factor(x), abs=1e-4)
    assert factor(x) > 1


@pytest.mark.equation("eq-pooled-factor")
def test_factor_without_skewness():
    assert factor(np.array([-2.0, -1, 1, 2])) == pytest.approx(1)
    heavy = np.array([-9.0, -1, -1, 0, 0, 1, 1, 9])
    kurtosis = moments(heavy)[1]
    assert kurtosis > 3
    assert factor(heavy) == pytest.approx((kurtosis - 1) / 2)


@pytest.mark.equation("eq-escape")
@pytest.mark.parametrize("x", [SEVEN, np.array([0.0, 1, 1.5, 7])])
def test_rounds_to_leave_count_the_zeros(x):
    """Rounds until the means are a hundredth apart, from starts ever closer to the pooled fit."""

    def rounds(size):
        mixture = near_the_pooled_fit(x, [0.4, 0.6], size * np.array([0.6, -0.4]), np.zeros(2))
        for t in range(20_000):
            if abs(np.ptp(mixture.means)) > 1e-2 * x.std():
                return t
            mixture = one_round(x, mixture)
        raise AssertionError("it never leaves")

    counts = [rounds(size) for size in (1e-4, 1e-6, 1e-8)]
    predicted = np.log(100) / np.log(factor(x))
    np.testing.assert_allclose(np.diff(counts), predicted, atol=1.5)


@pytest.mark.equation("eq-free-gradient")
@pytest.mark.parametrize("seed", SEEDS)
def test_gradient_in_free_coordinates(seed):
    x, mixture = random_problem(seed)
    k = mixture.n_components
    logs = np.log(mixture.weights / mixture.weights[-1])[:-1]
    place = np.concatenate([logs, mixture.means[:, 0], np.log(mixture.variances)])

    def height(place):
        weights = np.exp(np.append(place[: k - 1], 0))
        means, variances = place[k - 1 : 2 * k - 1], np.exp(place[2 * k - 1 :])
        return gm.log_likelihood(x, gm.Mixture(weights / weights.sum(), means, variances))

    bumps = 1e-6 * np.eye(len(place))
    slopes = [(height(place + bump) - height(place - bump)) / 2e-6 for bump in bumps]
    resp = gm.responsibilities(x, mixture)
    apart = x[:, np.newaxis] - mixture.means[:, 0]
    by_ratio = resp.sum(axis=0) - len(x) * mixture.weights
    by_mean = (resp * apart / mixture.variances).sum(axis=0)
    by_log = (resp * (apart**2 / mixture.variances - 1)).sum(axis=0) / 2
    formula = np.concatenate([by_ratio[:-1], by_mean, by_log])
    np.testing.assert_allclose(formula, slopes, rtol=1e-5, atol=1e-5)


@pytest.mark.equation("eq-plus-minus-derivatives")
@pytest.mark.parametrize("seed", SEEDS)
def test_slope_of_the_plus_minus_likelihood(seed):
    """Of the mixture's own log-likelihood in 50 digits, not of the formula with cosh."""
    rng = np.random.default_rng(seed)
    x, mu = rng.standard_normal(9), float(rng.uniform(-3, 3))
    halves = [mpmath.mpf("0.5")] * 2
    with mpmath.workdps(50):
        slope = first_difference(
            lambda t: exact_log_likelihood(x, halves, [-(mu + t), mu + t], [1, 1])
        )
    assert slope == pytest.approx(len(x) * (gm.plus_minus_update(x, mu) - mu), abs=1e-9)


@pytest.mark.equation("eq-share-error")
@pytest.mark.parametrize("share", [0.1, 0.35, 0.7])
def test_standard_error_of_a_share(share):
    """The spread of many shares, each from 200 runs."""
    drawn = np.random.default_rng(0).binomial(200, share, size=20_000) / 200
    assert drawn.std() == pytest.approx(np.sqrt(share * (1 - share) / 200), rel=0.03)


@pytest.mark.equation("eq-restart-odds")
@pytest.mark.parametrize("share", [0.05, 0.35])
@pytest.mark.parametrize("n", [1, 4, 11])
def test_odds_of_at_least_one(share, n):
    hits = (np.random.default_rng(1).random((40_000, n)) < share).any(axis=1).mean()
    assert hits == pytest.approx(1 - (1 - share) ** n, abs=0.01)
