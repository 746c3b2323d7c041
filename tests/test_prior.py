"""The prior on covariances: against SciPy, perturbations, and data on which plain EM collapses."""

from itertools import islice

import numpy as np
import oracles
import pytest
from scipy.stats import invgamma, invwishart

import gmmtutor as gm
from gmmtutor import DegenerateComponentError, InverseWishart, Mixture, datasets, log_prior

seeds = pytest.mark.parametrize("seed", range(20))
types = pytest.mark.parametrize("covariance_type", oracles.TYPES)


def random_prior(rng, n_features):
    """A prior of a random shape, from nearly flat to firm."""
    factor = rng.standard_normal((n_features, n_features + 2))
    dof = n_features - 1 + rng.uniform(0.1, 8)
    return InverseWishart(dof, 10 ** rng.uniform(-2, 1) * factor @ factor.T)


def hard_problem(rng):
    """Few samples in one to five dimensions, with copies, constant columns and thin directions."""
    n_features = int(rng.integers(1, 6))
    n_components = int(rng.integers(2, 5))
    n_samples = int(rng.integers(n_components + 2, 20))
    X = rng.standard_normal((n_samples, n_features)) * 10 ** rng.uniform(-1, 1, n_features)
    kind = rng.integers(4)
    if kind == 1:  # copies of a few
        X = X[rng.integers(0, 3, n_samples)] + 3.0 * rng.integers(0, 2, (n_samples, 1))
    if kind == 2:  # a constant column
        X[:, 0] = 7.0
    if kind == 3:  # on a few parallel planes
        X[:, -1] = np.round(X[:, -1])
    scale = np.diag(10 ** rng.uniform(-2, 0.5, n_features))
    prior = InverseWishart(n_features - 1 + rng.uniform(0.2, 5), scale)
    resp = rng.dirichlet(np.full(n_components, rng.uniform(0.2, 2)), size=n_samples)
    return X, resp, prior


def climb(X, start, n_steps, **options):
    """Steps of EM, at most so many, and what stopped them early, if anything did."""
    steps = []
    try:
        steps.extend(islice(gm.em_steps(X, start, **options), n_steps))
    except DegenerateComponentError as failure:
        return steps, str(failure)
    return steps, ""


@pytest.mark.equation("eq-map-ascent")
@pytest.mark.equation("eq-map-floor")
@pytest.mark.parametrize("seed", range(20))
def test_objective_never_falls_and_nothing_collapses_on_a_thousand_hard_problems(seed):
    """50 problems a seed; in at least a third of them plain EM collapses.

    The prior does not keep weights from 0: a component may empty, and then that is reported.
    """
    n_problems, n_collapsed, n_emptied = 50, 0, 0
    for number in range(n_problems):
        rng = np.random.default_rng([seed, number])
        X, resp, prior = hard_problem(rng)
        covariance_type = oracles.TYPES[number % 4]
        options = {"covariance_type": covariance_type, "prior": prior}
        start = gm.m_step(X, resp, **options)
        steps, message = climb(X, start, 15, **options)
        assert not message or "has emptied" in message
        n_emptied += bool(message)
        history = np.array(
            [
                step.log_likelihood
                + log_prior(step.mixture, prior, covariance_type=covariance_type)
                for step in steps
            ]
        )
        assert (np.diff(history) >= -1e-11 * (1 + abs(history[:-1]))).all(), (seed, number)
        lowest = prior.scale / (len(X) + prior.dof + X.shape[1] + 1)
        for step in steps:
            room = step.mixture.covariances - gm.em.constrain(
                np.repeat(lowest[np.newaxis], len(step.mixture.weights), axis=0),
                step.mixture.weights,
                covariance_type,
            )
            size = abs(step.mixture.covariances).max()
            assert np.linalg.eigvalsh(room).min() > -1e-13 * size, (seed, number)
        n_collapsed += bool(climb(X, start, 60, covariance_type=covariance_type)[1])
    assert n_collapsed >= n_problems / 3
    assert n_emptied <= n_problems / 10


@pytest.mark.equation("eq-inverse-wishart")
@pytest.mark.parametrize("n_features", [1, 2, 4])
@seeds
def test_log_density_is_scipys(seed, n_features):
    rng = np.random.default_rng(seed)
    prior = random_prior(rng, n_features)
    factors = rng.standard_normal((3, n_features, n_features + 1))
    covariances = factors @ factors.transpose(0, 2, 1)
    expected = [invwishart(prior.dof, prior.scale).logpdf(c) for c in covariances]
    np.testing.assert_allclose(prior.log_density(covariances), expected, rtol=1e-10, atol=1e-10)


@seeds
def test_in_one_dimension_it_is_the_inverse_gamma_distribution(seed):
    rng = np.random.default_rng(seed)
    dof, scale, variance = rng.uniform(0.1, 5, 3)
    expected = invgamma(dof / 2, scale=scale / 2).logpdf(variance)
    assert InverseWishart(dof, scale).log_density([[[variance]]])[0] == pytest.approx(expected)


@pytest.mark.equation("eq-map-objective")
@seeds
def test_log_prior_sums_over_the_components_and_counts_a_tied_covariance_once(seed):
    rng = np.random.default_rng(seed)
    _, mixture = oracles.problem(seed)
    prior = random_prior(rng, 2)
    each = [invwishart(prior.dof, prior.scale).logpdf(c) for c in mixture.covariances]
    assert log_prior(mixture, prior) == pytest.approx(sum(each), rel=1e-10)
    tied = Mixture(mixture.weights, mixture.means, [mixture.covariances[0]] * 3)
    assert log_prior(tied, prior, covariance_type="tied") == pytest.approx(each[0], rel=1e-10)


@pytest.mark.equation("eq-map-types")
@pytest.mark.equation("eq-map-covariance")
@types
@seeds
def test_m_step_maximises_q_plus_the_log_prior(seed, covariance_type):
    """No perturbation within the type beats it, near or far, and the gradient is zero."""
    rng = np.random.default_rng(seed)
    X, _ = oracles.problem(seed)
    resp, prior = oracles.random_resp(seed, len(X), 3), random_prior(rng, 2)
    best = gm.m_step(X, resp, covariance_type=covariance_type, prior=prior)
    options = {"covariance_type": covariance_type}

    def objective(mixture):
        q = oracles.expected_complete_log_likelihood(X, resp, mixture)
        return q + log_prior(mixture, prior, **options)

    top = objective(best)
    for size in (0.01, 0.1, 0.5):
        weights = best.weights * np.exp(size * rng.standard_normal(3))
        means = best.means + size * rng.standard_normal((3, 2))
        covariances = best.covariances * within(rng, covariance_type, size)
        assert objective(Mixture(weights / weights.sum(), means, covariances)) < top

    change = allowed(rng, covariance_type)

    def moved(h):
        return objective(Mixture(best.weights, best.means, best.covariances + h * change))

    h = 1e-5
    assert abs(moved(h) - moved(-h)) / (2 * h) < 1e-4 * (1 + abs(top))


def within(rng, covariance_type, size):
    """Random factors (3, 2, 2) that keep a covariance in its type."""
    factor = np.exp(size * rng.standard_normal((3, 1, 1)))
    if covariance_type == "tied":
        factor = factor[:1] * np.ones((3, 1, 1))
    return factor


def allowed(rng, covariance_type):
    """Symmetric random matrices (3, 2, 2) inside a covariance type."""
    noise = rng.standard_normal((3, 2, 2))
    noise = noise + noise.transpose(0, 2, 1)
    if covariance_type == "tied":
        return np.repeat(noise[:1], 3, axis=0)
    if covariance_type == "diag":
        return noise * np.eye(2)
    if covariance_type == "spherical":
        return noise[:, :1, :1] * np.eye(2)
    return noise


def test_m_step_by_hand():
    """Points 0, 1, 3, shares 1, 1/2, 0: counts 1.5, variances 2/9, 8/9, then nu = 3, Psi = 1."""
    resp = [[1, 0], [0.5, 0.5], [0, 1]]
    mixture = gm.m_step([0, 1, 3], resp, prior=InverseWishart(3, 1))
    np.testing.assert_allclose(mixture.variances, [(1 / 3 + 1) / 6.5, (4 / 3 + 1) / 6.5])
    np.testing.assert_allclose(mixture.means[:, 0], [1 / 3, 7 / 3])
    np.testing.assert_allclose(mixture.weights, [0.5, 0.5])


@types
def test_a_component_without_samples_has_the_mode_and_is_still_reported_when_empty(
    covariance_type,
):
    X, prior = np.arange(6.0).reshape(3, 2), InverseWishart(4, np.diag([2.0, 3.0]))
    almost = np.array([[1 - 1e-14, 1e-14]] * 3)
    mixture = gm.m_step(X, almost, covariance_type=covariance_type, prior=prior)
    if covariance_type != "tied":
        expected = gm.em.constrain(prior.mode[np.newaxis], np.ones(1), covariance_type)[0]
        np.testing.assert_allclose(mixture.covariances[1], expected, atol=1e-12)
    empty = np.array([[1.0, 0.0]] * 3)
    with pytest.raises(DegenerateComponentError, match="component 1 has emptied"):
        gm.m_step(X, empty, covariance_type=covariance_type, prior=prior)


def test_em_reports_a_component_that_empties_under_a_prior():
    start = Mixture([0.5, 0.5], [0, 1000], [1, 1])
    steps = gm.em_steps(datasets.seven_points(), start, prior=InverseWishart(3, 1))
    next(steps)
    with pytest.raises(DegenerateComponentError, match="emptied"):
        next(steps)


def test_prior_from_data_is_in_the_units_of_the_data():
    X = datasets.old_faithful()
    A = np.array([[2.0, 0.5], [0.0, 60.0]])
    prior, scaled = InverseWishart.from_data(X, 3), InverseWishart.from_data(X @ A.T, 3)
    assert prior.dof == 4
    np.testing.assert_allclose(scaled.scale, A @ prior.scale @ A.T)
    assert np.linalg.det(np.cov(X.T, ddof=0)) == pytest.approx(np.linalg.det(3 * prior.scale))


@seeds
def test_log_density_under_a_change_of_units(seed):
    """Densities of covariances get the Jacobian of C -> A C A', |det A|^(D + 1)."""
    rng = np.random.default_rng(seed)
    prior, A = random_prior(rng, 3), rng.standard_normal((3, 3))
    C = prior.scale[np.newaxis] * rng.uniform(0.1, 2)
    scaled = InverseWishart(prior.dof, (A @ prior.scale @ A.T + (A @ prior.scale @ A.T).T) / 2)
    lost = 4 * np.log(abs(np.linalg.det(A)))
    np.testing.assert_allclose(
        scaled.log_density(A @ C @ A.T), prior.log_density(C) - lost, rtol=1e-8, atol=1e-8
    )


def test_it_is_a_frozen_value():
    given = np.eye(2)
    prior = InverseWishart(4, given)
    given[0, 0] = 5
    assert prior.scale[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        prior.scale[0, 0] = 2
    with pytest.raises(AttributeError):
        prior.dof = 5
    assert prior.pseudo_count == 7
    np.testing.assert_allclose(prior.mode, np.eye(2) / 7)


@pytest.mark.parametrize(
    ("dof", "scale", "words"),
    [
        (1, np.eye(2), "greater than 1"),
        (0, 1.0, "greater than 0"),
        (np.inf, 1.0, "finite"),
        (np.nan, 1.0, "finite"),
        (4, np.zeros((2, 2)), "positive definite"),
        (4, [[1, 2], [0, 1]], "not symmetric"),
        (4, [1.0, 2.0], r"shape \(2,\)"),
        (4, [[np.nan]], "NaN"),
    ],
)
def test_what_is_no_prior_is_refused(dof, scale, words):
    with pytest.raises(ValueError, match=words):
        InverseWishart(dof, scale)


def test_a_prior_of_other_dimensions_or_types_is_refused():
    X, start = oracles.problem(0)
    with pytest.raises(ValueError, match="1 features, the data have 2"):
        gm.m_step(X, oracles.random_resp(0, len(X), 3), prior=InverseWishart(3, 1))
    with pytest.raises(ValueError, match="1 features, the data have 2"):
        log_prior(start, InverseWishart(3, 1))
    with pytest.raises(ValueError, match="choose one of"):
        log_prior(start, InverseWishart(4, np.eye(2)), covariance_type="vvv")
