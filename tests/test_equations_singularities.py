"""The equations of the chapter on singularities and priors, on random instances."""

import math
from itertools import combinations, islice, pairwise

import numpy as np
import oracles
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.stats import invwishart, multivariate_normal, special_ortho_group

import gmmtutor as gm
from gmmtutor import InverseWishart, Mixture

seeds = pytest.mark.parametrize("seed", range(20))
dimensions = pytest.mark.parametrize("n_features", [1, 2, 3])
types = pytest.mark.parametrize("covariance_type", oracles.TYPES)


def positive_definite(rng, n_features, n=None):
    """A random covariance, or n of them, of sizes over several powers of ten."""
    factor = rng.standard_normal((n or 1, n_features, n_features + 1))
    sizes = 10 ** rng.uniform(-1.5, 1.5, (n or 1, 1, 1))
    matrices = sizes * factor @ factor.transpose(0, 2, 1)
    return matrices if n else matrices[0]


@pytest.mark.equation("eq-spike-rate")
@pytest.mark.parametrize(("n_features", "flat"), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)])
@seeds
def test_a_collapse_gains_the_points_times_the_thin_directions(seed, n_features, flat):
    """M copies on a flat of dimension d, turned at random; densities from SciPy."""
    rng = np.random.default_rng(seed)
    n_on, n_off = int(rng.integers(1, 5)), 6
    turn = special_ortho_group(n_features, seed=seed).rvs() if n_features > 1 else np.eye(1)
    along, across = turn[:, :flat], turn[:, flat:]
    origin = rng.standard_normal(n_features)
    on_it = origin + rng.standard_normal((n_on, flat)) @ along.T
    off = origin + rng.standard_normal((n_off, n_features)) * 3
    X = np.vstack([on_it, off])
    wide = np.cov(X.T, ddof=0).reshape(n_features, n_features) + np.eye(n_features)

    def value(sd):
        thin = along @ along.T + sd**2 * across @ across.T
        rest = multivariate_normal(X.mean(axis=0), wide).logpdf(X)
        # far more digits than SciPy's eigenvalues leave: by the coordinates on and off the flat
        inside, outside = (X - origin) @ along, (X - origin) @ across
        outside[:n_on] = 0
        spike = -(n_features * math.log(2 * math.pi)) / 2 - (n_features - flat) * math.log(sd)
        spike = spike - (inside**2).sum(axis=1) / 2 - (outside**2).sum(axis=1) / (2 * sd**2)
        if sd > 0.05:
            expected = multivariate_normal(origin, thin).logpdf(X)
            np.testing.assert_allclose(spike, expected, rtol=1e-7, atol=1e-7)
        return np.logaddexp(math.log(0.3) + spike, math.log(0.7) + rest).sum()

    value(0.1)
    gain = value(1e-8) - value(1e-7)
    assert gain == pytest.approx(n_on * (n_features - flat) * math.log(10), abs=1e-5)


@pytest.mark.equation("eq-spike-rate")
@pytest.mark.parametrize(("n_features", "flat"), [(1, 0), (2, 1), (3, 1)])
@seeds
def test_without_others_all_points_must_lie_on_the_flat(seed, n_features, flat):
    """One component alone: it grows if the flat holds all points, and falls if one is off."""
    rng = np.random.default_rng(seed)
    turn = special_ortho_group(n_features, seed=seed).rvs() if n_features > 1 else np.eye(1)
    along, across = turn[:, :flat], turn[:, flat:]
    on_it = rng.standard_normal((5, flat)) @ along.T

    def value(X, sd):
        thin = along @ along.T + sd**2 * across @ across.T
        return multivariate_normal(np.zeros(n_features), thin).logpdf(X).sum()

    gain = value(on_it, 1e-3) - value(on_it, 1e-2)
    assert gain == pytest.approx(5 * (n_features - flat) * math.log(10), abs=1e-6)
    one_off = np.vstack([on_it, across[:, 0]])
    assert value(one_off, 1e-3) < value(one_off, 1e-2) - 1e5


@pytest.mark.equation("eq-logdet-trace")
@dimensions
@seeds
def test_log_determinant_and_trace_have_one_maximum(seed, n_features):
    rng = np.random.default_rng(seed)
    A, c = positive_definite(rng, n_features), rng.uniform(0.1, 20)
    top = -c / 2 * (np.linalg.slogdet(A / c)[1] + n_features)

    def value(covariance):
        trace = np.trace(np.linalg.inv(covariance) @ A)
        return -c / 2 * np.linalg.slogdet(covariance)[1] - trace / 2

    assert value(A / c) == pytest.approx(top, rel=1e-9)
    for covariance in positive_definite(rng, n_features, 50):
        assert value(covariance) < top
    for size in (1e-3, 0.1):
        noise = size * rng.standard_normal((n_features, n_features))
        turn = np.eye(n_features) + noise
        assert value(turn @ A @ turn.T / c) < top


@pytest.mark.equation("eq-one-gaussian-maximum")
@dimensions
@seeds
def test_one_gaussian_has_the_maximum_of_the_formula(seed, n_features):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_features + 3, n_features)) @ rng.standard_normal((n_features,) * 2)
    S = np.cov(X.T, ddof=0).reshape(n_features, n_features)
    top = -len(X) / 2 * (n_features * math.log(2 * math.pi) + np.linalg.slogdet(S)[1] + n_features)
    best = multivariate_normal(X.mean(axis=0), S, allow_singular=True).logpdf(X).sum()
    assert best == pytest.approx(top, rel=1e-8)
    for covariance in positive_definite(rng, n_features, 30):
        mean = X.mean(axis=0) + 0.1 * rng.standard_normal(n_features)
        assert multivariate_normal(mean, covariance).logpdf(X).sum() < top


def covering_radius(values, n_centres):
    """Smallest radius within which so many centres cover numbers: all ways to cut them."""
    values = np.sort(values)
    if n_centres >= len(values):
        return 0.0
    cuts = combinations(range(1, len(values)), n_centres - 1)
    return min(max(np.ptp(part) / 2 for part in np.split(values, cut)) for cut in cuts)


def radius_of_all_directions(X, n_centres):
    """A lower bound of Delta: the smallest radius over 2000 directions, less what lies between."""
    if X.shape[1] == 1:
        return covering_radius(X[:, 0], n_centres)
    angles = np.linspace(0, np.pi, 2001)
    smallest = min(
        covering_radius(X @ [math.cos(angle), math.sin(angle)], n_centres) for angle in angles
    )
    return smallest - np.diff(angles)[0] / 2 * np.linalg.norm(X, axis=1).max()


@pytest.mark.equation("eq-tied-bound")
@pytest.mark.parametrize("n_features", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_no_tied_mixture_is_above_the_bound(seed, n_features):
    """Neither a random one, nor one that EM climbs to, nor one that minimize looks for."""
    rng = np.random.default_rng(seed)
    n_components, n_samples = 2, 7
    X = rng.standard_normal((n_samples, n_features))
    X -= X.mean(axis=0)
    delta = radius_of_all_directions(X, n_components)
    assert delta > 0
    size = n_samples * n_features
    bound = -size / 2 * (math.log(2 * math.pi * delta**2 / size) + 1)
    for _ in range(100):
        means = X[rng.choice(n_samples, n_components)] + 0.05 * rng.standard_normal(n_features)
        covariance = positive_definite(rng, n_features)
        weights = rng.dirichlet(np.ones(n_components))
        mixture = Mixture(weights, means, [covariance] * n_components)
        assert gm.log_likelihood(X, mixture) <= bound
    best = gm.fit_em(X, n_components, covariance_type="tied", n_init=20, rng=seed)
    assert best.log_likelihood <= bound


@pytest.mark.parametrize("seed", range(10))
def test_tied_mixtures_on_k_parallel_lines_grow_without_limit_and_one_point_more_stops_them(seed):
    """Both directions of the theorem in the plane: K + D - 1 points always, K + D never."""
    rng = np.random.default_rng(seed)
    n_components = 3
    X = rng.standard_normal((n_components + 2, 2))
    few, edge = X[:-1], X[1] - X[0]  # the first two on one line, each other on its own
    normal = np.array([-edge[1], edge[0]]) / np.linalg.norm(edge)
    means = np.array([X[:2].mean(axis=0), X[2], X[3]])
    values = []
    for sd in (1e-3, 1e-4):
        covariance = np.eye(2) - (1 - sd**2) * np.outer(normal, normal)
        mixture = Mixture(np.full(3, 1 / 3), means, [covariance] * 3)
        values.append(oracles_log_likelihood(few, mixture, normal, sd))
    assert values[1] - values[0] == pytest.approx(len(few) * math.log(10), rel=1e-6)
    assert radius_of_all_directions(X - X.mean(axis=0), n_components) > 0


def oracles_log_likelihood(X, mixture, normal, sd):
    """Log-likelihood with standard deviation sd along the normal and 1 across, by coordinates."""
    along = np.array([-normal[1], normal[0]])
    logs = np.column_stack(
        [
            math.log(w / (2 * math.pi * sd))
            - ((X - m) @ along) ** 2 / 2
            - np.round((X - m) @ normal, 12) ** 2 / (2 * sd**2)
            for w, m, _ in oracles.parameters(mixture)
        ]
    )
    return np.logaddexp.reduce(logs, axis=1).sum()


@pytest.mark.equation("eq-floor-penalty")
@dimensions
@seeds
def test_a_floor_maximises_q_with_a_penalty_of_the_frozen_counts(seed, n_features):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((12, n_features))
    resp, floor = oracles.random_resp(seed, 12, 2), rng.uniform(0.01, 1)
    best = gm.m_step(X, resp, reg_covar=floor)
    counts = resp.sum(axis=0)

    def penalised(covariances):
        mixture = Mixture(best.weights, best.means, covariances)
        q = oracles.expected_complete_log_likelihood(X, resp, mixture)
        traces = [np.trace(np.linalg.inv(c)) for c in covariances]
        return q - floor / 2 * counts @ traces

    top = penalised(best.covariances)
    for covariances in [positive_definite(rng, n_features, 2) for _ in range(20)]:
        assert penalised(covariances) < top
    for size in (1e-3, 0.1):
        turn = np.eye(n_features) + size * rng.standard_normal((2, n_features, n_features))
        assert penalised(turn @ best.covariances @ turn.transpose(0, 2, 1)) < top


def clamped(S, floor):
    eigenvalues, vectors = np.linalg.eigh(S)
    return (vectors * np.maximum(eigenvalues, floor)) @ vectors.T


@pytest.mark.equation("eq-clamped")
@dimensions
@seeds
def test_clamping_is_the_constrained_maximum(seed, n_features):
    """Against random admissible covariances, and in one start against SciPy's optimiser."""
    rng = np.random.default_rng(seed)
    S, floor = positive_definite(rng, n_features), 10 ** rng.uniform(-1, 1)

    def loss(covariance):
        return np.linalg.slogdet(covariance)[1] + np.trace(np.linalg.solve(covariance, S))

    best = loss(clamped(S, floor))
    for other in positive_definite(rng, n_features, 50):
        assert loss(other + floor * np.eye(n_features)) >= best - 1e-10
    for share in np.linspace(0, 1, 20):
        admissible = S + share * floor * np.eye(n_features)
        if np.linalg.eigvalsh(admissible)[0] >= floor:
            assert loss(admissible) >= best - 1e-10

    def of_factor(entries):
        factor = entries.reshape(n_features, n_features)
        return loss(factor @ factor.T + floor * np.eye(n_features))

    begin = np.eye(n_features).ravel() * math.sqrt(np.trace(S) / n_features)
    found = minimize(of_factor, begin, method="BFGS").fun
    assert best - 1e-10 <= found <= best + 1e-2


@seeds
def test_em_with_clamped_covariances_never_falls(seed):
    rng = np.random.default_rng(seed)
    X, floor, before = rng.standard_normal((10, 2)), 0.1, -np.inf
    resp = rng.dirichlet(np.ones(3), size=10)
    for _ in range(40):
        weights, means, covariances = oracles.m_step(X, resp)
        mixture = Mixture(weights, means, [clamped(c, floor) for c in covariances])
        resp, value = gm.e_step(X, mixture)
        assert value >= before - 1e-10
        assert value <= -len(X) * math.log(2 * math.pi * floor)
        before = value


@pytest.mark.parametrize("seed", range(5))
def test_floors_and_only_floors_fall(seed):
    X = np.random.default_rng(seed).standard_normal((30, 1))
    _, start = oracles.problem(seed, n_features=1)
    options = [{"reg_covar": 0.5}, {"prior": InverseWishart(3, 1)}]
    falls = []
    for option in options:
        values = []
        for step in islice(gm.em_steps(X, start, **option), 30):
            prior = option.get("prior")
            extra = gm.log_prior(step.mixture, prior) if prior else 0
            values.append(step.log_likelihood + extra)
        falls.append(np.diff(values).min() < -1e-6)
    assert falls == [True, False]


@pytest.mark.equation("eq-inverse-wishart")
@pytest.mark.parametrize("seed", range(5))
def test_the_density_integrates_to_one(seed):
    """In one dimension on a grid; its mode is where the formula has it."""
    rng = np.random.default_rng(seed)
    prior = InverseWishart(rng.uniform(1, 6), rng.uniform(0.2, 3))
    u = np.linspace(-12, 25, 20001)  # log of the variance
    density = np.exp(prior.log_density(np.exp(u)[:, np.newaxis, np.newaxis]) + u)
    assert np.trapezoid(density, u) == pytest.approx(1, abs=1e-4)
    near = prior.mode * np.array([0.99, 1, 1.01])[:, np.newaxis, np.newaxis]
    assert prior.log_density(near).argmax() == 1


@pytest.mark.equation("eq-map-objective")
@pytest.mark.equation("eq-map-covariance")
@seeds
def test_gradient_of_the_objective_vanishes_where_em_with_a_prior_ends(seed):
    """Finite differences of log-likelihood plus log prior, both from SciPy, at a run's end."""
    X, start = oracles.problem(seed, n_samples=30, n_components=2)
    prior = InverseWishart(4, 0.5 * np.eye(2))
    for step in islice(gm.em_steps(X, start, prior=prior), 1500):
        end = step.mixture
    i, j = np.tril_indices(2)

    def objective(vector):
        weight, means, entries = vector[0], vector[1:5].reshape(2, 2), vector[5:].reshape(2, 3)
        covariances = np.zeros((2, 2, 2))
        covariances[:, i, j] = covariances[:, j, i] = entries
        mixture = Mixture([weight, 1 - weight], means, covariances)
        priors = [invwishart(prior.dof, prior.scale).logpdf(c) for c in covariances]
        return oracles.log_likelihood(X, mixture) + sum(priors)

    if end.weights.min() < 1e-3:
        pytest.skip("a component is about to empty: the maximum is at the edge")
    entries = end.covariances[:, i, j].ravel()
    vector = np.concatenate([end.weights[:1], end.means.ravel(), entries])
    assert np.abs(approx_fprime(vector, objective, 1e-7)).max() < 2e-2


@pytest.mark.equation("eq-map-ascent")
@seeds
def test_gain_of_the_objective_is_that_of_q_and_the_prior_plus_a_divergence(seed):
    """For any two mixtures, not only for an M-step."""
    X, old = oracles.problem(seed)
    _, new = oracles.problem(seed + 1000)
    prior = InverseWishart(5, np.eye(2))
    resp, new_resp = oracles.responsibilities(X, old), oracles.responsibilities(X, new)

    def q(mixture):
        value = oracles.expected_complete_log_likelihood(X, resp, mixture)
        return value + gm.log_prior(mixture, prior)

    def objective(mixture):
        return oracles.log_likelihood(X, mixture) + gm.log_prior(mixture, prior)

    held = resp > 0
    divergence = (resp[held] * np.log(resp[held] / new_resp[held])).sum()
    gain = objective(new) - objective(old)
    assert gain == pytest.approx(q(new) - q(old) + divergence, rel=1e-8, abs=1e-8)
    assert divergence >= 0


@pytest.mark.equation("eq-map-floor")
@types
@seeds
def test_no_direction_is_thinner_than_the_floor_of_the_prior(seed, covariance_type):
    """Data that are all one point, and responsibilities of every kind."""
    rng = np.random.default_rng(seed)
    X = np.ones((6, 3)) * rng.standard_normal(3)
    scale = positive_definite(rng, 3)
    prior = InverseWishart(4, scale)
    resp = rng.dirichlet(np.full(2, 0.2), size=6)
    mixture = gm.m_step(X, resp, covariance_type=covariance_type, prior=prior)
    v = rng.standard_normal(3)
    part = {"diag": np.diag(np.diag(scale)), "spherical": np.trace(scale) / 3 * np.eye(3)}
    least = v @ part.get(covariance_type, scale) @ v / (6 + 4 + 3 + 1)
    for covariance in mixture.covariances:
        assert v @ covariance @ v >= least * (1 - 1e-9)


@pytest.mark.equation("eq-map-bound")
@dimensions
@seeds
def test_no_mixture_is_above_the_bound_of_the_objective(seed, n_features):
    """Random ones, ones with a component near the most dangerous place, and the end of a run."""
    rng = np.random.default_rng(seed)
    n_samples, n_components = 8, 2
    X = rng.standard_normal((n_samples, n_features))
    prior = InverseWishart(n_features + 1, positive_definite(rng, n_features))
    a = prior.dof + n_features + 1
    mode = prior.scale / a
    bound = -n_samples * n_features / 2 * math.log(2 * math.pi)
    bound += n_components * invwishart(prior.dof, prior.scale).logpdf(mode)
    bound -= n_samples / 2 * np.linalg.slogdet(mode)[1]
    bound += n_features / 2 * ((n_samples + a) * math.log((n_samples + a) / a) - n_samples)
    spike = prior.scale / (n_samples + a)

    def objective(data, mixture):
        return gm.log_likelihood(data, mixture) + gm.log_prior(mixture, prior)

    for _ in range(30):
        covariances = positive_definite(rng, n_features, n_components)
        means = X[rng.choice(n_samples, n_components)]
        weights = rng.dirichlet(np.ones(n_components))
        assert objective(X, Mixture(weights, means, covariances)) <= bound
        assert objective(X, Mixture(weights, means, [spike, mode])) <= bound
    heap = np.zeros((n_samples, n_features))  # all in one place: here the bound is nearly met
    worst = Mixture([1 - 1e-12, 1e-12], np.zeros((2, n_features)), [spike, mode])
    assert bound - 1e-6 <= objective(heap, worst) <= bound + 1e-9
    start = Mixture([0.5, 0.5], X[:2], [mode, mode])
    steps = islice(gm.em_steps(X, start, prior=prior), 50)
    values = [objective(X, step.mixture) for step in steps]
    assert all(after >= before - 1e-9 for before, after in pairwise(values))
    assert values[-1] <= bound
