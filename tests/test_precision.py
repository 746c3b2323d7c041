"""Digits of the kernel after five iterations, against EM in long double written here anew."""

import numpy as np
import pytest

from gmmtutor import Mixture, datasets
from gmmtutor.kernel import EMMap, take

LONG = np.longdouble
pytestmark = pytest.mark.skipif(
    np.finfo(LONG).eps >= np.finfo(float).eps, reason="long double is double here"
)
N_ITER = 5


def cholesky(covariance):
    """Lower factor (D, D) in long double."""
    factor = np.zeros_like(covariance)
    for j in range(len(covariance)):
        rest = covariance[j:, j] - factor[j:, :j] @ factor[j, :j]
        factor[j:, j] = rest / np.sqrt(rest[0])
    return factor


def solve(factor, right):
    """Forward substitution in long double."""
    solution = np.zeros_like(right)
    for i in range(len(factor)):
        solution[i] = (right[i] - factor[i, :i] @ solution[:i]) / factor[i, i]
    return solution


def long_e_step(X, weights, means, covariances):
    """Responsibilities (N, K) and log-likelihood in long double."""
    log_2pi = np.log(2 * np.arctan2(LONG(0), LONG(-1)))
    joint = np.empty((len(X), len(weights)), LONG)
    for k in range(len(weights)):
        factor = cholesky(covariances[k])
        distance2 = (solve(factor, (X - means[k]).T) ** 2).sum(axis=0)
        constant = X.shape[1] * log_2pi / 2 + np.log(np.diag(factor)).sum()
        joint[:, k] = np.log(weights[k]) - constant - distance2 / 2
    largest = joint.max(axis=1)
    total = largest + np.log(np.exp(joint - largest[:, np.newaxis]).sum(axis=1))
    return np.exp(joint - total[:, np.newaxis]), total.sum()


def long_em(X, start):
    """Log-likelihood and covariances after N_ITER updates, in long double."""
    X = X.astype(LONG)
    parameters = [a.astype(LONG) for a in (start.weights, start.means, start.covariances)]
    for _ in range(N_ITER):
        resp, _ = long_e_step(X, *parameters)
        counts = resp.sum(axis=0)
        means = resp.T @ X / counts[:, np.newaxis]
        covariances = [
            (r[:, np.newaxis] * (X - mean)).T @ (X - mean) / r.sum()
            for r, mean in zip(resp.T, means, strict=True)
        ]
        parameters = [counts / len(X), means, np.array(covariances)]
    return long_e_step(X, *parameters)[1], parameters[2]


def kernel(X, start):
    """The same by the kernel."""
    em = EMMap(X)
    parameters = em.enter([start])
    for _ in range(N_ITER):
        parameters = em.step(parameters)[1]
    value = em.step(parameters)[0][0]
    return value, em.leave(take(parameters, 0)).covariances


def scikit_learn(X, start):
    """The same by scikit-learn's own E-step and M-step."""
    mixture = pytest.importorskip("sklearn.mixture")
    model = mixture.GaussianMixture(start.n_components, reg_covar=0)
    model.weights_, model.means_ = start.weights, start.means
    factors = np.linalg.cholesky(start.covariances)
    model.precisions_cholesky_ = np.linalg.inv(factors).transpose(0, 2, 1)
    for _ in range(N_ITER):
        model._m_step(X, model._e_step(X)[1])
    return model._e_step(X)[0] * len(X), model.covariances_


def error_in_own_metric(covariances, exact):
    """Largest entry of L^-1 (C - E) L^-T over components, where E = L L' is exact."""
    worst = 0.0
    for covariance, expected in zip(covariances, exact, strict=True):
        factor = cholesky(expected)
        error = solve(factor, solve(factor, covariance.astype(LONG) - expected).T)
        worst = max(worst, float(np.abs(error).max()))
    return worst


def rounding_loss(covariances):
    """What rounding each entry to a double may cost in `error_in_own_metric`, at worst."""
    worst = 0.0
    for covariance in covariances:
        inverse = np.abs(solve(cholesky(covariance), np.eye(len(covariance), dtype=LONG)))
        worst = max(worst, float((inverse @ np.abs(covariance) @ inverse.T).max()))
    return worst * np.finfo(float).eps / 2


def errors(X, start, *methods):
    """Relative errors (log-likelihood, covariances) of each method."""
    value, covariances = long_em(X, start)
    found = [method(X, start) for method in methods]
    return [(float(abs(v / value - 1)), error_in_own_metric(c, covariances)) for v, c in found]


def clusters(rng, n_samples, n_features, separation=4.0):
    """Three clusters (N, D), and a start near their centres."""
    centres = rng.normal(size=(3, n_features)) * separation
    roots = rng.normal(size=(3, n_features, n_features)) * 0.5 + np.eye(n_features)
    labels = rng.integers(3, size=n_samples)
    noise = rng.normal(size=(n_samples, n_features))
    X = centres[labels] + np.einsum("nij,nj->ni", roots[labels], noise)
    return X, near(X, centres + 0.1)


def near(X, means):
    """A start with these means and a share of the data's covariance."""
    covariance = np.cov(X.T).reshape(X.shape[1], X.shape[1]) * 0.3
    return Mixture(np.full(len(means), 1 / len(means)), means, [covariance] * len(means))


def shifted(rng, offset):
    X, start = clusters(rng, 1000, 3)
    return X + offset, near(X + offset, start.means + offset)


def tight(rng, spread):
    n_features = int(rng.integers(1, 4))
    centres = rng.uniform(size=(3, n_features))
    X = centres[rng.integers(3, size=600)] + spread * rng.normal(size=(600, n_features))
    covariances = [1.5 * spread**2 * np.eye(n_features)] * 3
    return X, Mixture([0.3, 0.3, 0.4], centres + 0.3 * spread, covariances)


def outlier(rng):
    X, start = clusters(rng, 1000, 2)
    X[0] = 2000
    return X, start


def needles(rng, ratio, apart):
    """Three components `ratio` times as long as they are thick, each in its own direction."""
    parts, means, covariances = [], [], []
    for _ in range(3):
        axes = np.linalg.qr(rng.normal(size=(2, 2)))[0] / [1, ratio]
        centre = rng.normal(size=2) * apart
        parts.append(centre + rng.normal(size=(200, 2)) @ axes.T)
        means.append(centre + axes @ rng.normal(size=2) * 0.1)
        covariances.append(1.5 * axes @ axes.T)
    return np.concatenate(parts), Mixture([0.3, 0.3, 0.4], means, covariances)


def seven(rng):
    return datasets.seven_points().astype(float)[:, np.newaxis], datasets.first_start()


CASES = {
    "data + 1e6": (lambda rng: shifted(rng, 1e6), 1e-12, 1e-8),
    "data + 1e8": (lambda rng: shifted(rng, 1e8), 1e-9, 1e-6),
    "spread 1e-2": (lambda rng: tight(rng, 1e-2), 1e-12, 1e-8),
    "spread 1e-4": (lambda rng: tight(rng, 1e-4), 1e-12, 1e-8),
    "spread 1e-6": (lambda rng: tight(rng, 1e-6), 1e-12, 1e-8),
    "outlier": (outlier, 1e-12, 1e-8),
    "D = 50": (lambda rng: clusters(rng, 1000, 50, 2.0), 1e-12, 1e-8),
    "N = 7": (seven, 1e-12, 1e-8),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES)
def test_digits_that_are_kept(case, seed):
    make, value, covariance = CASES[case]
    if case == "D = 50" and seed:
        pytest.skip("long double is slow here; one seed is enough")
    [found] = errors(*make(np.random.default_rng(seed)), kernel)
    assert found[0] <= value
    assert found[1] <= covariance


def require_digits(X, start):
    """Fail where the kernel loses more than twice what scikit-learn does, beyond 1e-12.

    A thin covariance cannot be written down in double without losing digits in its own metric;
    a loss that rounding its entries explains is no loss of the method's.
    """
    ours, theirs = errors(X, start, kernel, scikit_learn)
    assert ours[0] <= max(2 * theirs[0], 1e-12)
    assert ours[1] <= max(2 * theirs[1], 1e-12, rounding_loss(long_em(X, start)[1]))


@pytest.mark.parametrize("seed", range(6))
def test_collinear_features_keep_ten_times_more_than_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    X, start = clusters(rng, 1000, 2)
    X = np.column_stack([X, X[:, 0] + 1e-6 * rng.normal(size=1000)])
    start = near(X, np.column_stack([start.means, start.means[:, 0]]))
    ours, theirs = errors(X, start, kernel, scikit_learn)
    assert ours[0] <= theirs[0] / 10
    assert ours[1] <= max(theirs[1] / 10, rounding_loss(long_em(X, start)[1]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [1e-2, 1e-4, 1e-6])
def test_tight_clusters_keep_the_digits_of_the_rows(spread, seed):
    [found] = errors(*tight(np.random.default_rng(seed), spread), kernel)
    assert found[0] <= 1e-14 / spread**0.25
    assert found[1] <= 1e-12


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ratio", [1e2, 1e3, 1e4, 1e5])
@pytest.mark.parametrize("apart", [0.0, 1.0, 100.0])
def test_needles_lose_no_more_than_writing_their_covariances_down(apart, ratio, seed):
    X, start = needles(np.random.default_rng(seed), ratio, apart)
    require_digits(X, start)


@pytest.mark.parametrize(
    ("draw", "n_iter", "wide"),
    [
        (6, 5, False),
        (13, 5, False),
        (19, 5, True),
        (38, 5, True),
        (40, 5, True),
        (44, 5, True),
        (53, 5, False),
        (29, 4, False),
    ],
)
def test_components_that_become_tight_in_one_step(monkeypatch, draw, n_iter, wide):
    monkeypatch.setitem(globals(), "N_ITER", n_iter)
    X, start = outlier(np.random.default_rng(draw))
    covariances = near(X, start.means).covariances if wide else [np.eye(2)] * 3
    start = Mixture(start.weights, start.means, covariances)
    require_digits(X, start)
