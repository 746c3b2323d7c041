"""The equations of the chapter on many dimensions, on random instances, against other means.

Oracles: enumeration of discrete distributions, SciPy's densities and quadrature, central
differences, 50-digit arithmetic, random rivals of a claimed maximum, counted entries.
"""

from itertools import islice

import mpmath
import numpy as np
import oracles
import pytest
from scipy.integrate import dblquad
from scipy.stats import chi2, multivariate_normal

import gmmtutor as gm
from gmmtutor.em import COVARIANCE_TYPES

seeds = pytest.mark.parametrize("seed", range(8))
features = pytest.mark.parametrize("n_features", [1, 2, 5])
types = pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)


def problem(seed, n_features=3, n_components=3, n_samples=30):
    """Random data, responsibilities that do not come from them, a mixture and a generator."""
    X, mixture = oracles.problem(
        seed, n_samples=n_samples, n_components=n_components, n_features=n_features
    )
    resp = oracles.random_resp(seed, n_samples, n_components)
    return X, resp, mixture, np.random.default_rng([5, seed])


def positive_definite(rng, n_features):
    root = rng.standard_normal((n_features, n_features + 2))
    return root @ root.T


def rotation(rng, n_features):
    return np.linalg.qr(rng.standard_normal((n_features, n_features)))[0]


@pytest.mark.equation("eq-direction-variance")
@features
@seeds
def test_variance_in_a_direction(seed, n_features):
    """All values of a discrete distribution are enumerated."""
    X, resp, _, rng = problem(seed, n_features)
    probability = resp[:, 0] / resp[:, 0].sum()
    _, covariance = gm.fit_gaussian(X, resp[:, 0])
    direction = rng.standard_normal(n_features)
    values = [sum(a * b for a, b in zip(direction, x, strict=True)) for x in X]
    mean = sum(p * v for p, v in zip(probability, values, strict=True))
    variance = sum(p * (v - mean) ** 2 for p, v in zip(probability, values, strict=True))
    assert direction @ covariance @ direction == pytest.approx(variance, rel=1e-10)


@seeds
def test_eigenvalues_of_two_by_two_and_the_largest_variance(seed):
    rng = np.random.default_rng(seed)
    matrix = positive_definite(rng, 2)
    (a, c), (_, b) = matrix
    root = np.sqrt(((a - b) / 2) ** 2 + c**2)
    np.testing.assert_allclose(
        [(a + b) / 2 - root, (a + b) / 2 + root], np.linalg.eigvalsh(matrix)
    )
    turn = np.linspace(0, np.pi, 20_001)
    directions = np.column_stack([np.cos(turn), np.sin(turn)])
    variances = np.einsum("ni,ij,nj->n", directions, matrix, directions)
    assert variances.max() == pytest.approx((a + b) / 2 + root, rel=1e-6)
    assert variances.min() == pytest.approx((a + b) / 2 - root, rel=1e-5)


@pytest.mark.equation("eq-mahalanobis")
@features
@seeds
def test_mahalanobis_distance_three_ways(seed, n_features):
    X, _, mixture, _ = problem(seed, n_features)
    mean, covariance = mixture.means[0], mixture.covariances[0]
    whitened = np.linalg.solve(np.linalg.cholesky(covariance), (X - mean).T)
    by_length = (whitened**2).sum(axis=0)
    by_inverse = [(x - mean) @ np.linalg.inv(covariance) @ (x - mean) for x in X]
    eigenvalues, vectors = np.linalg.eigh(covariance)
    by_axes = (((X - mean) @ vectors) ** 2 / eigenvalues).sum(axis=1)
    np.testing.assert_allclose(by_length, by_inverse, rtol=1e-9)
    np.testing.assert_allclose(by_length, by_axes, rtol=1e-9)


@pytest.mark.equation("eq-mahalanobis")
@seeds
def test_whitening_leaves_the_identity(seed):
    X, resp, _, _ = problem(seed)
    mean, covariance = gm.fit_gaussian(X, resp[:, 0])
    whitened = np.linalg.solve(np.linalg.cholesky(covariance), (X - mean).T).T
    mean, covariance = gm.fit_gaussian(whitened, resp[:, 0])
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(covariance, np.eye(3), atol=1e-12)


@pytest.mark.equation("eq-log-density-cholesky")
@features
@seeds
def test_log_density_by_cholesky_to_fifty_digits(seed, n_features):
    X, _, mixture, _ = problem(seed, n_features)
    mean, covariance = mixture.means[0], mixture.covariances[0]
    with mpmath.workdps(50):
        L = mpmath.cholesky(mpmath.matrix(covariance.tolist()))
        shift = [mpmath.mpf(a) - mpmath.mpf(b) for a, b in zip(X[0], mean, strict=True)]
        z = mpmath.lu_solve(L, mpmath.matrix(shift))
        value = -n_features * mpmath.log(2 * mpmath.pi) / 2 - sum(c**2 for c in z) / 2
        value -= sum(mpmath.log(L[j, j]) for j in range(n_features))
        exact = oracles.exact_log_density(X[0], mean, covariance)  # by determinant and inverse
        assert abs(value - exact) < mpmath.mpf(10) ** -40
    assert gm.log_gaussian(X[:1], mean, covariance)[0] == pytest.approx(float(exact), rel=1e-11)


@pytest.mark.equation("eq-inside-ellipse")
@pytest.mark.parametrize("radius", [0.3, 1, 1.515, 2.448, 4])
def test_share_inside_an_ellipse(radius):
    """Against chi-square with two degrees, and the density integrated over the ellipse."""
    share = 1 - np.exp(-(radius**2) / 2)
    assert share == pytest.approx(chi2.cdf(radius**2, 2), rel=1e-12)
    covariance = np.array([[5.0, 2], [2, 2]])
    density = multivariate_normal([0, 0], covariance).pdf
    width = radius * np.sqrt(5)  # of the ellipse, along the first feature

    def edges(u):
        centre, half = 0.4 * u, np.sqrt(max(radius**2 - u**2 / 5, 0) * (2 - 4 / 5))
        return centre - half, centre + half

    integral = dblquad(
        lambda v, u: density([u, v]),
        -width,
        width,
        lambda u: edges(u)[0],
        lambda u: edges(u)[1],
        epsabs=1e-7,
        epsrel=1e-7,
    )[0]
    assert share == pytest.approx(integral, abs=1e-5)


def sorted_q(X, resp, mixture):
    """Q as the chapter sorts it, with distances from the inverse."""
    total, counts = 0.0, resp.sum(axis=0)
    for k, (weight, mean, covariance) in enumerate(oracles.parameters(mixture)):
        inverse = np.linalg.inv(covariance)
        squares = sum(
            r * (x - mean) @ inverse @ (x - mean) for r, x in zip(resp[:, k], X, strict=True)
        )
        bracket = counts[k] * X.shape[1] * np.log(2 * np.pi) + squares
        bracket += counts[k] * np.linalg.slogdet(covariance)[1]
        total += counts[k] * np.log(weight) - bracket / 2
    return total


@pytest.mark.equation("eq-q-sorted-matrix")
@features
@seeds
def test_q_sorted_is_q(seed, n_features):
    X, resp, mixture, _ = problem(seed, n_features)
    q = oracles.expected_complete_log_likelihood(X, resp, mixture)
    assert sorted_q(X, resp, mixture) == pytest.approx(q, rel=1e-10)


@pytest.mark.equation("eq-mean-gradient-matrix")
@features
@seeds
def test_gradient_of_q_in_a_mean_by_differences(seed, n_features):
    X, resp, mixture, _ = problem(seed, n_features)
    h = 1e-5
    for k in range(3):
        shift = resp[:, k] @ (X - mixture.means[k])
        gradient = np.linalg.solve(mixture.covariances[k], shift)
        for i in range(n_features):
            step = np.zeros_like(mixture.means)
            step[k, i] = h
            up, down = (
                oracles.expected_complete_log_likelihood(
                    X, resp, gm.Mixture(mixture.weights, means, mixture.covariances)
                )
                for means in (mixture.means + step, mixture.means - step)
            )
            assert (up - down) / (2 * h) == pytest.approx(gradient[i], rel=1e-5, abs=1e-5)


@pytest.mark.equation("eq-scatter-shift")
@features
@seeds
def test_scatter_about_another_centre(seed, n_features):
    X, resp, _, rng = problem(seed, n_features)
    column = resp[:, 0]
    centre, mean = rng.standard_normal(n_features), column @ X / column.sum()
    about_mean = oracles.scatter(X, column, mean) + column.sum() * np.outer(
        mean - centre, mean - centre
    )
    np.testing.assert_allclose(oracles.scatter(X, column, centre), about_mean, atol=1e-10)


@pytest.mark.equation("eq-trace-log-det")
@features
@seeds
def test_trace_minus_log_determinant_is_at_least_the_dimension(seed, n_features):
    rng = np.random.default_rng([seed, n_features])
    S = positive_definite(rng, n_features)
    for _ in range(50):
        sigma = positive_definite(rng, n_features)
        ratio = np.linalg.inv(sigma) @ S
        t = np.linalg.eigvals(ratio)
        assert np.abs(t.imag).max() < 1e-6 * np.abs(t).max() and (t.real > 0).all()
        left = np.trace(ratio) - np.linalg.slogdet(ratio)[1]
        assert left == pytest.approx((t.real - np.log(t.real)).sum(), rel=1e-6)
        assert left > n_features
    near = S + 1e-3 * np.trace(S) * np.eye(n_features)
    ratio = np.linalg.inv(near) @ S
    assert np.trace(ratio) - np.linalg.slogdet(ratio)[1] > n_features  # strictly, off S
    one = np.linalg.inv(S) @ S
    assert np.trace(one) - np.linalg.slogdet(one)[1] == pytest.approx(n_features, rel=1e-9)


@pytest.mark.equation("eq-covariance-update")
@pytest.mark.equation("eq-covariance-types")
@types
@seeds
def test_no_rival_of_the_kind_has_a_larger_q(seed, covariance_type):
    """Rivals of the kind near and far, with means and weights of their own."""
    X, resp, _, rng = problem(seed)
    best = gm.m_step(X, resp, covariance_type=covariance_type)
    highest = oracles.expected_complete_log_likelihood(X, resp, best)
    for size in (0.01, 0.1, 1):
        for _ in range(10):
            noise = np.array([positive_definite(rng, 3) for _ in range(3)])
            rivals = (1 - size / 2) * best.covariances + size * noise
            rivals = gm.em.constrain(rivals, np.full(3, 1 / 3), covariance_type)
            weights = best.weights + size * rng.dirichlet(np.ones(3))
            means = best.means + size * rng.standard_normal((3, 3))
            rival = gm.Mixture(weights / weights.sum(), means, rivals)
            assert oracles.expected_complete_log_likelihood(X, resp, rival) < highest


@seeds
def test_q_has_no_bound_when_the_scatter_is_singular(seed):
    """Points on a plane: S + epsilon I makes the bracket as small as one likes."""
    X, resp, _, rng = problem(seed)
    X = X - np.outer(X @ (normal := rotation(rng, 3)[0]), normal)
    _, S = gm.fit_gaussian(X, resp[:, 0])
    assert np.linalg.eigvalsh(S)[0] < 1e-12
    values = []
    for epsilon in (1e-2, 1e-4, 1e-6):
        sigma = S + epsilon * np.eye(3)
        trace = np.trace(np.linalg.solve(sigma, S))
        assert trace <= 3
        values.append(np.linalg.slogdet(sigma)[1] + trace)
    assert values[0] > values[1] + 3 > values[2] + 6
    with pytest.raises(gm.DegenerateComponentError):
        gm.m_step(X, resp)


def covariance_of(mixture):
    """Covariance of a mixture, within plus between."""
    off = mixture.means - mixture.weights @ mixture.means
    parts = zip(mixture.weights, mixture.covariances, off, strict=True)
    return sum(w * (c + np.outer(d, d)) for w, c, d in parts)


@pytest.mark.equation("eq-mixture-covariance")
@seeds
def test_covariance_of_a_mixture_of_five_points_a_component(seed):
    """The formula uses no Gaussian: components of a few points can be pooled and enumerated."""
    rng = np.random.default_rng(seed)
    weights, clouds = rng.dirichlet(np.ones(3)), rng.standard_normal((3, 5, 2))
    fits = [gm.fit_gaussian(cloud) for cloud in clouds]
    mixture = gm.Mixture(weights, [m for m, _ in fits], [c for _, c in fits])
    pooled = np.cov(clouds.reshape(15, 2).T, aweights=np.repeat(weights / 5, 5), ddof=0)
    np.testing.assert_allclose(covariance_of(mixture), pooled, atol=1e-12)


@pytest.mark.equation("eq-moments-kept-matrix")
@features
@types
@seeds
def test_second_moments_are_kept(seed, n_features, covariance_type):
    """Wholly by full and tied, on the diagonal by diag, in the trace by spherical."""
    X, resp, _, _ = problem(seed, n_features)
    new = gm.m_step(X, resp, covariance_type=covariance_type)
    parts = oracles.parameters(new)
    moment = sum(w * (c + np.outer(m, m)) for w, m, c in parts)
    truth = sum(np.outer(x, x) for x in X) / len(X)
    kept = {
        "full": lambda matrix: matrix,
        "tied": lambda matrix: matrix,
        "diag": np.diag,
        "spherical": np.trace,
    }[covariance_type]
    np.testing.assert_allclose(kept(moment), kept(truth), atol=1e-10)
    np.testing.assert_allclose(
        kept(covariance_of(new)), kept(np.atleast_2d(np.cov(X.T, ddof=0))), atol=1e-10
    )
    if n_features > 1 and covariance_type in ("diag", "spherical"):
        assert np.abs(moment - truth).max() > 1e-3


@pytest.mark.equation("eq-n-parameters")
@types
@features
@pytest.mark.parametrize("n_components", [1, 2, 4])
def test_numbers_of_parameters_are_the_dimensions_of_the_class(
    n_components, n_features, covariance_type
):
    """The rank of many random members of the class, as points of a space."""
    rng = np.random.default_rng([n_components, n_features])
    members = []
    for _ in range(100):
        noise = rng.standard_normal((n_components, n_features, n_features))
        noise = noise + noise.transpose(0, 2, 1)
        weights = rng.dirichlet(np.ones(n_components))
        kind = gm.em.constrain(noise, np.full(n_components, 1 / n_components), covariance_type)
        means = rng.standard_normal(n_components * n_features)
        members.append(np.concatenate([weights, means, kind.ravel()]))
    differences = np.array(members[1:]) - members[0]
    rank = np.linalg.matrix_rank(differences, tol=1e-8)
    assert gm.n_parameters(n_components, n_features, covariance_type) == rank


@pytest.mark.equation("eq-log-odds-matrix")
@features
@seeds
def test_log_odds_are_a_quadratic_form(seed, n_features):
    X, _, mixture, _ = problem(seed, n_features)
    precision = np.linalg.inv(mixture.covariances)
    means, weights = mixture.means, mixture.weights
    log_dets = np.linalg.slogdet(mixture.covariances)[1]
    for j, k in ((0, 1), (2, 0)):
        A = (precision[k] - precision[j]) / 2
        b = precision[j] @ means[j] - precision[k] @ means[k]
        c = np.log(weights[j] / weights[k]) - (log_dets[j] - log_dets[k]) / 2
        c += -means[j] @ precision[j] @ means[j] / 2 + means[k] @ precision[k] @ means[k] / 2
        form = np.einsum("ni,ij,nj->n", X, A, X) + X @ b + c
        scipys = [
            np.log(weights[i]) + multivariate_normal(means[i], mixture.covariances[i]).logpdf(X)
            for i in (j, k)
        ]
        np.testing.assert_allclose(form, scipys[0] - scipys[1], rtol=1e-8, atol=1e-8)


def moved(mixture, A, b):
    return gm.Mixture(mixture.weights, mixture.means @ A.T + b, A @ mixture.covariances @ A.T)


@pytest.mark.equation("eq-affine-shift")
@features
@seeds
def test_other_units_shift_the_log_likelihood_and_leave_the_shares(seed, n_features):
    X, _, mixture, rng = problem(seed, n_features)
    A, b = rng.standard_normal((n_features, n_features)), rng.standard_normal(n_features)
    Y, there = X @ A.T + b, moved(mixture, A, b)
    np.testing.assert_allclose(
        gm.responsibilities(Y, there), gm.responsibilities(X, mixture), atol=1e-8
    )
    densities = sum(w * multivariate_normal(m, c).pdf(Y) for w, m, c in oracles.parameters(there))
    shift = len(X) * np.log(abs(np.linalg.det(A)))
    expected = oracles.log_likelihood(X, mixture) - shift
    assert np.log(densities).sum() == pytest.approx(expected, rel=1e-8)
    assert gm.log_likelihood(Y, there) == pytest.approx(expected, rel=1e-8)


def maps(rng, n_features):
    """One map of each sort."""
    diagonal = np.diag(rng.uniform(0.3, 3, n_features) * rng.choice([-1, 1], n_features))
    return {
        "any": rng.standard_normal((n_features, n_features)),
        "axes": diagonal[rng.permutation(n_features)],
        "turned": 1.7 * rotation(rng, n_features),
    }


GO_ALONG = {
    "full": {"any", "axes", "turned"},
    "tied": {"any", "axes", "turned"},
    "diag": {"axes"},
    "spherical": {"turned"},
}


@types
@seeds
def test_which_kinds_go_along_with_which_maps(seed, covariance_type):
    """Three rounds from a moved start give the moved mixture, or they do not."""
    X, resp, _, rng = problem(seed)
    start = gm.m_step(X, resp, covariance_type="spherical")
    kind = {"covariance_type": covariance_type}

    def three_rounds(X, start):
        return next(islice(gm.em_steps(X, start, **kind), 3, None)).mixture

    plain = three_rounds(X, start)
    for name, A in maps(rng, 3).items():
        there = three_rounds(X @ A.T, moved(start, A, 0))
        expected = moved(plain, A, 0)
        same = np.allclose(there.covariances, expected.covariances, rtol=1e-6, atol=1e-8)
        assert same == (name in GO_ALONG[covariance_type]), name
