"""The equations of the chapter on k-means, on random instances, against other means.

Oracles: loops from the definitions, all labellings, SciPy's densities, optimiser and quadrature,
central differences, 50-digit arithmetic.
"""

from itertools import product

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm

import gmmtutor as gm
from gmmtutor import datasets
from gmmtutor.kmeans import kmeans_step

seeds = pytest.mark.parametrize("seed", range(8))


def problem(seed, n_samples=12, n_centres=3, n_features=None):
    """Random points (N, D) and centres (K, D), D from 1 to 3."""
    rng = np.random.default_rng([10, seed])
    n_features = n_features or 1 + seed % 3
    X = 2 * rng.standard_normal((n_samples, n_features))
    return X, 1.5 * rng.standard_normal((n_centres, n_features))


def sum_of_squares(X, labels, centres):
    """Within-cluster sum of squares, point by point."""
    return sum(np.square(x - centres[k]).sum() for x, k in zip(X, labels, strict=True))


def nearest(X, centres):
    """Index of the nearest centre, point by point."""
    return [min(range(len(centres)), key=lambda k: np.linalg.norm(x - centres[k])) for x in X]


def of_nearest(X, centres):
    return sum_of_squares(X, nearest(X, centres), centres)


def common(centres, variance):
    """The mixture of equal weights and one spherical covariance."""
    K, D = centres.shape
    return gm.Mixture(np.full(K, 1 / K), centres, np.repeat([variance * np.eye(D)], K, axis=0))


def log_likelihood(X, centres, variance):
    density = sum(multivariate_normal(c, variance * np.eye(X.shape[1])).pdf(X) for c in centres)
    return np.log(density / len(centres)).sum()


def one_round(X, centres, variance, weights=None):
    """New means of EM with fixed weights and variance, from SciPy's densities."""
    weights = np.ones(len(centres)) if weights is None else weights
    sd = np.sqrt(variance)
    joint = np.array(
        [w * norm.pdf(X, c, sd).prod(axis=1) for w, c in zip(weights, centres, strict=True)]
    )
    resp = joint / joint.sum(axis=0)
    return np.array([row @ X / row.sum() for row in resp])


@pytest.mark.equation("eq-kmeans-objective")
@seeds
def test_objective_is_what_the_package_calls_inertia_and_each_half_minimises_it(seed):
    X, centres = problem(seed, n_samples=6)
    fit = gm.kmeans(X, 3, start=centres)
    assert fit.inertia == pytest.approx(sum_of_squares(X, fit.labels, fit.centres), rel=1e-12)
    labels, moved = kmeans_step(X, centres)
    best = min(sum_of_squares(X, z, centres) for z in product(range(3), repeat=6))
    assert sum_of_squares(X, labels, centres) == pytest.approx(best, rel=1e-12)
    found = minimize(
        lambda flat: sum_of_squares(X, labels, flat.reshape(centres.shape)), centres.ravel()
    )
    assert sum_of_squares(X, labels, moved) == pytest.approx(found.fun, abs=1e-8)


@pytest.mark.equation("eq-kmeans-fall")
@seeds
def test_fall_of_a_round_is_the_sum_of_its_two_halves(seed):
    X, start = problem(seed, n_samples=40, n_centres=4)
    labels, centres = kmeans_step(X, start)
    for _ in range(6):
        new_labels, new_centres = kmeans_step(X, centres)
        fall = sum_of_squares(X, labels, centres) - sum_of_squares(X, new_labels, new_centres)
        assigning = sum_of_squares(X, labels, centres) - of_nearest(X, centres)
        counts = np.bincount(new_labels, minlength=4)
        moving = counts @ ((new_centres - centres) ** 2).sum(axis=1)
        assert fall == pytest.approx(assigning + moving, abs=1e-10)
        assert assigning >= -1e-12
        labels, centres = new_labels, new_centres


@pytest.mark.equation("eq-fixed-variance-responsibility")
@seeds
def test_responsibilities_of_one_variance_need_squared_distances_only(seed):
    X, centres = problem(seed)
    variance = 0.3 + seed
    formula = np.exp(-((X[:, np.newaxis] - centres) ** 2).sum(axis=2) / (2 * variance))
    formula /= formula.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(gm.responsibilities(X, common(centres, variance)), formula)


@pytest.mark.equation("eq-hard-limit")
@pytest.mark.parametrize("variance", [2.0, 0.5, 0.1, 0.02])
@seeds
def test_shares_go_to_the_nearest_at_the_stated_rate_and_ties_stay(seed, variance):
    rng = np.random.default_rng([11, seed])
    K, m = 4, 1 + seed % 3  # the first m centres are equally near
    smallest, gap = rng.uniform(0, 2), rng.uniform(0.1, 1)
    others = np.concatenate([[gap], gap + rng.uniform(0, 3, K - m - 1)])
    distances = np.concatenate([np.full(m, smallest), smallest + others])
    with mpmath.workdps(50):
        terms = [mpmath.exp(-mpmath.mpf(d) / (2 * variance)) for d in distances]
        shares = [term / mpmath.fsum(terms) for term in terms]
        decay = mpmath.exp(-mpmath.mpf(gap) / (2 * variance))
        for share in shares[:m]:
            assert 0 <= mpmath.mpf(1) / m - share <= (K - m) * decay / m**2 * (1 + 1e-12)
        for share in shares[m:]:
            assert 0 < share <= decay / m * (1 + 1e-12)
        assert shares[m] * m / decay > mpmath.mpf(1) / K  # the rate is met, not only kept


def test_limit_of_the_means_of_the_seven_points_with_its_tie():
    x, means = datasets.seven_points()[:, np.newaxis], np.array([[-4.0], [0], [8]])
    new = gm.responsibilities(x, common(means, 1e-3)).T @ x
    new /= gm.responsibilities(x, common(means, 1e-3)).sum(axis=0)[:, np.newaxis]
    np.testing.assert_allclose(new[:, 0], [-2.75, 6 / 7, 14 / 3], atol=1e-12)


@seeds
def test_centre_that_is_nearest_to_nothing_goes_where_it_loses_least(seed):
    x = np.sort(np.random.default_rng([12, seed]).uniform(-1, 1, 9))
    means = np.array([-0.5, 0.5, 5.0])
    distance2 = (x[:, np.newaxis] - means) ** 2
    expected = x[(distance2[:, 2] - distance2.min(axis=1)).argmin()]
    with mpmath.workdps(400):
        v = mpmath.mpf(1) / 1000
        rows = [[mpmath.exp(-mpmath.mpf(d) / (2 * v)) for d in row] for row in distance2]
        shares = [row[2] / mpmath.fsum(row) for row in rows]
        total = mpmath.fsum(shares)
        pulls = [share * mpmath.mpf(point) for share, point in zip(shares, x, strict=True)]
        mean = mpmath.fsum(pulls) / total
    assert float(mean) == pytest.approx(expected, abs=1e-9)


@pytest.mark.equation("eq-likelihood-limit")
@pytest.mark.parametrize("variance", [5.0, 0.5, 0.05])
@seeds
def test_log_likelihood_times_minus_2v_is_the_sum_of_squares_up_to_the_stated_gap(seed, variance):
    X, centres = problem(seed)
    N, D = X.shape
    ell = sum(
        float(mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(t)) for t in row)))
        for row in np.column_stack(
            [np.log(1 / 3) + norm.logpdf(X, c, np.sqrt(variance)).sum(axis=1) for c in centres]
        )
    )
    gap = -2 * variance * ell - N * D * variance * np.log(2 * np.pi * variance)
    gap -= of_nearest(X, centres)
    assert -1e-10 <= gap <= 2 * variance * N * np.log(3)


@pytest.mark.equation("eq-annealed-optimum")
@pytest.mark.parametrize("variance", [1.0, 0.2, 0.05])
def test_maximum_of_the_likelihood_is_nearly_the_best_sum_of_squares(variance):
    x = datasets.seven_points()[:, np.newaxis]
    found = [
        minimize(lambda m: -log_likelihood(x, m[:, np.newaxis], variance), x[list(s), 0])
        for s in [(0, 3, 5), (1, 2, 5), (0, 2, 4), (0, 4, 6)]
    ]
    best = min(found, key=lambda result: result.fun).x[:, np.newaxis]
    smallest = 14 / 3
    assert smallest - 1e-9 <= of_nearest(x, best) <= smallest + 2 * variance * 7 * np.log(3)


@pytest.mark.equation("eq-mean-difference")
@seeds
def test_difference_of_two_new_means_is_the_average_covariance_times_the_old(seed):
    X, means = problem(seed)
    variance = 1 + seed / 2
    weights = np.random.default_rng(seed).dirichlet([2, 2, 2])
    new = one_round(X, means, variance, weights)
    step = (means[0] - means[1]) / variance
    start = gm.responsibilities(X, gm.Mixture(weights, means, common(means, variance).covariances))
    share = start[:, 1]

    def rate(t, i):
        w = share * np.exp(t * X @ step)
        w = w / w.sum()
        centred = X - w @ X
        return ((w * (centred @ step)) @ centred)[i]

    integral = [quad(rate, 0, 1, args=(i,))[0] for i in range(X.shape[1])]
    np.testing.assert_allclose(new[0] - new[1], integral, rtol=1e-8, atol=1e-9)


@pytest.mark.equation("eq-means-contract")
@seeds
def test_means_draw_together_when_the_variance_is_large(seed):
    X, means = problem(seed)
    diameter = max(np.linalg.norm(a - b) for a in X for b in X)
    weights = np.random.default_rng(seed).dirichlet([2, 2, 2])
    for factor in (0.05, 0.5, 1.5):
        variance = factor * diameter**2 / 4
        new = one_round(X, means, variance, weights)
        for k in range(3):
            before = np.linalg.norm(means[k] - means[k - 1])
            assert np.linalg.norm(new[k] - new[k - 1]) <= before / factor * (1 + 1e-12)
    for _ in range(200):
        means = one_round(X, means, 1.5 * diameter**2 / 4)
    np.testing.assert_allclose(means, np.tile(X.mean(axis=0), (3, 1)), atol=1e-9)


@pytest.mark.equation("eq-collapse-jacobian")
@seeds
def test_jacobian_where_all_means_agree(seed):
    X, means = problem(seed)
    K, D = means.shape
    variance, h = 2.0, 1e-5
    centre = np.tile(X.mean(axis=0), (K, 1))
    jacobian = np.zeros((K * D, K * D))
    for i in range(K * D):
        shift = np.zeros(K * D)
        shift[i] = h
        ends = [one_round(X, centre + s * shift.reshape(K, D), variance) for s in (1, -1)]
        jacobian[:, i] = (ends[0] - ends[1]).ravel() / (2 * h)
    covariance = np.cov(X.T, bias=True).reshape(D, D)
    formula = np.kron(np.eye(K) - 1 / K, covariance / variance)
    np.testing.assert_allclose(jacobian, formula, atol=1e-7)
    largest = np.linalg.eigvalsh(covariance)[-1] / variance
    assert np.abs(np.linalg.eigvals(jacobian)).max() == pytest.approx(largest, abs=1e-6)


def test_below_the_largest_eigenvalue_the_means_leave_above_they_return():
    X, _ = problem(4, n_samples=60, n_features=2)
    largest = np.linalg.eigvalsh(np.cov(X.T, bias=True))[-1]
    rng = np.random.default_rng(0)
    for factor, returns in ((0.9, False), (1.1, True)):
        means = X.mean(axis=0) + 1e-4 * rng.standard_normal((3, 2))
        for _ in range(400):
            means = one_round(X, means, factor * largest)
        assert (np.ptp(means, axis=0).max() < 1e-4) == returns


@pytest.mark.equation("eq-classification-likelihood")
@seeds
def test_classification_likelihood_is_the_joint_density_of_points_and_labels(seed):
    X, means = problem(seed, n_samples=5)
    rng = np.random.default_rng(seed)
    weights, variances = rng.dirichlet([2, 2, 2]), rng.uniform(0.3, 2, 3)
    D = X.shape[1]
    mixture = gm.Mixture(weights, means, [v * np.eye(D) for v in variances])

    def value(labels):
        density = 1.0
        for x, k in zip(X, labels, strict=True):
            density *= weights[k] * multivariate_normal(means[k], variances[k] * np.eye(D)).pdf(x)
        return np.log(density)

    labels, best = gm.c_step(X, mixture)
    assert best == pytest.approx(value(labels), rel=1e-9)
    assert best == pytest.approx(max(map(value, product(range(3), repeat=5))), rel=1e-9)


@pytest.mark.equation("eq-classification-of-labels")
@seeds
def test_best_value_of_given_labels(seed):
    X, _ = problem(seed, n_samples=30)
    labels = np.random.default_rng(seed).integers(3, size=30)
    N, D = X.shape
    formula = -N * D / 2 * (1 + np.log(2 * np.pi))
    for k in range(3):
        own = X[labels == k]
        determinant = np.linalg.det(np.cov(own.T, bias=True).reshape(D, D))
        formula += len(own) * (np.log(len(own) / N) - np.log(determinant) / 2)
    mixture = gm.m_step(X, np.eye(3)[labels])
    direct = gm.weighted_log_prob(X, mixture)[np.arange(N), labels].sum()
    assert direct == pytest.approx(formula, rel=1e-10)


@pytest.mark.equation("eq-classification-spherical")
@seeds
def test_with_equal_weights_and_one_variance_the_value_is_the_sum_of_squares(seed):
    X, centres = problem(seed)
    N, D = X.shape
    labels = np.random.default_rng(seed).integers(3, size=N)
    for variance in (0.2, 1.7):
        direct = sum(
            np.log(multivariate_normal(centres[k], variance * np.eye(D)).pdf(x) / 3)
            for x, k in zip(X, labels, strict=True)
        )
        formula = -N * np.log(3) - N * D / 2 * np.log(2 * np.pi * variance)
        formula -= sum_of_squares(X, labels, centres) / (2 * variance)
        assert direct == pytest.approx(formula, rel=1e-10)


@pytest.mark.equation("eq-folded-mean")
@pytest.mark.parametrize("mu", [0.0, 0.3, 1.0, 2.5])
def test_mean_and_variance_of_what_a_cut_at_0_leaves(mu):
    def density(x):
        return norm.pdf(x, mu) + norm.pdf(x, -mu)  # given x > 0: half the mixture, doubled

    mean = quad(lambda x: x * density(x), 0, 40)[0]
    variance = quad(lambda x: (x - mean) ** 2 * density(x), 0, 40)[0]
    formula = mu * (2 * norm.cdf(mu) - 1) + 2 * norm.pdf(mu)
    assert formula == pytest.approx(mean, rel=1e-8)
    assert 1 + mu**2 - formula**2 == pytest.approx(variance, rel=1e-7)
    assert formula > mu and variance < 1


@pytest.mark.equation("eq-spherical-boundary")
@seeds
def test_boundary_of_two_spheres(seed):
    rng = np.random.default_rng([13, seed])
    D, weights, variances = 1 + seed % 3, rng.dirichlet([3, 3]), rng.uniform(0.3, 3, 2)
    means, X = rng.standard_normal((2, D)), 3 * rng.standard_normal((50, D))
    first, second = (
        np.log(w) + multivariate_normal(m, v * np.eye(D)).logpdf(X)
        for w, m, v in zip(weights, means, variances, strict=True)
    )
    distance2 = ((X[:, np.newaxis] - means) ** 2).sum(axis=2)
    sides = distance2 / variances + D * np.log(variances) - 2 * np.log(weights)
    np.testing.assert_allclose(sides[:, 1] - sides[:, 0], 2 * (first - second), rtol=1e-9)
