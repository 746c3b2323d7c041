"""The textbook steps: against loops over the definitions, SciPy and scikit-learn."""

from itertools import islice, pairwise

import numpy as np
import oracles
import pytest

from gmmtutor import (
    DegenerateComponentError,
    Mixture,
    e_step,
    em_steps,
    lower_bound,
    m_step,
)
from gmmtutor.em import constrain

seeds = pytest.mark.parametrize("seed", range(10))
types = pytest.mark.parametrize("covariance_type", oracles.TYPES)
features = pytest.mark.parametrize("n_features", [1, 3])


@pytest.mark.equation("eq-responsibility")
@pytest.mark.equation("eq-log-likelihood")
@features
@seeds
def test_e_step_gives_responsibilities_and_log_likelihood_of_the_same_mixture(seed, n_features):
    X, mixture = oracles.problem(seed, n_features=n_features)
    resp, value = e_step(X, mixture)
    np.testing.assert_allclose(resp, oracles.responsibilities(X, mixture), atol=1e-12)
    assert isinstance(value, float)
    assert value == pytest.approx(oracles.log_likelihood(X, mixture), rel=1e-10)


@pytest.mark.equation("eq-mean-update")
@pytest.mark.equation("eq-covariance-update")
@pytest.mark.equation("eq-weight-update")
@pytest.mark.equation("eq-covariance-types")
@types
@features
@seeds
def test_m_step_equals_the_textbook_sums(seed, n_features, covariance_type):
    X, _ = oracles.problem(seed, n_features=n_features)
    resp = oracles.random_resp(seed, len(X), 3)
    mixture = m_step(X, resp, covariance_type=covariance_type)
    expected = oracles.m_step(X, resp, covariance_type)
    oracles.assert_same_mixture(mixture, expected, rtol=1e-10, atol=1e-12)


def test_m_step_of_three_points_by_hand(reference):
    by_hand = reference("points 0, 1, 3: M-step")
    first = np.array(by_hand["first responsibilities"])
    mixture = m_step(by_hand["x"], np.column_stack([first, 1 - first]))
    oracles.assert_same_mixture(mixture, ([1 / 2] * 2, [[1 / 3], [7 / 3]], [[[2 / 9]], [[8 / 9]]]))
    np.testing.assert_allclose(mixture.means[:, 0], by_hand["means"], atol=5e-7)
    np.testing.assert_allclose(mixture.variances, by_hand["variances"], atol=5e-7)


def allowed_change(rng, covariance_type, n_components, n_features):
    """Symmetric random matrices (K, D, D) inside a covariance type."""
    noise = rng.standard_normal((n_components, n_features, n_features))
    noise = noise + noise.transpose(0, 2, 1)
    if covariance_type == "tied":
        return np.repeat(noise[:1], n_components, axis=0)
    if covariance_type == "diag":
        return noise * np.eye(n_features)
    if covariance_type == "spherical":
        return noise[:, :1, :1] * np.eye(n_features)
    return noise


@pytest.mark.equation("eq-covariance-types")
@types
@seeds
def test_gradient_of_q_vanishes_at_the_m_step(seed, covariance_type):
    X, _ = oracles.problem(seed)
    resp = oracles.random_resp(seed, len(X), 3)
    best = m_step(X, resp, covariance_type=covariance_type)
    rng = np.random.default_rng(seed)
    weight_change = rng.standard_normal(3)
    weight_change -= weight_change.mean()
    mean_change = rng.standard_normal(best.means.shape)
    covariance_change = allowed_change(rng, covariance_type, *best.means.shape)

    def q(h):
        moved = Mixture(
            best.weights + h * weight_change,
            best.means + h * mean_change,
            best.covariances + h * covariance_change,
        )
        return oracles.expected_complete_log_likelihood(X, resp, moved)

    h = 1e-4
    assert abs(q(h) - q(-h)) / (2 * h) < 1e-3
    assert q(0) > max(q(h), q(-h))


def test_constrain_by_hand():
    covariances = np.array([[[2.0, 1.0], [1.0, 4.0]], [[6.0, -1.0], [-1.0, 8.0]]])
    weights = np.array([0.25, 0.75])
    pooled = [[5.0, -0.5], [-0.5, 7.0]]
    expected = {
        "full": covariances,
        "tied": [pooled, pooled],
        "diag": [[[2, 0], [0, 4]], [[6, 0], [0, 8]]],
        "spherical": [[[3, 0], [0, 3]], [[7, 0], [0, 7]]],
    }
    for covariance_type, value in expected.items():
        np.testing.assert_allclose(constrain(covariances, weights, covariance_type), value)


@types
@seeds
def test_reg_covar_is_added_to_every_variance_and_to_nothing_else(seed, covariance_type):
    X, _ = oracles.problem(seed)
    resp = oracles.random_resp(seed, len(X), 3)
    weights, means, covariances = oracles.m_step(X, resp, covariance_type)
    mixture = m_step(X, resp, covariance_type=covariance_type, reg_covar=0.3)
    expected = (weights, means, covariances + 0.3 * np.eye(2))
    oracles.assert_same_mixture(mixture, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.equation("eq-lower-bound")
@features
@seeds
def test_lower_bound_is_q_plus_entropy(seed, n_features):
    X, mixture = oracles.problem(seed, n_features=n_features)
    resp = oracles.random_resp(seed, len(X), 3)
    q = oracles.expected_complete_log_likelihood(X, resp, mixture)
    expected = q + oracles.entropy(resp)
    assert lower_bound(X, resp, mixture) == pytest.approx(expected, rel=1e-10)


@pytest.mark.equation("eq-lower-bound")
@seeds
def test_gap_of_the_lower_bound_is_the_divergence_from_the_true_responsibilities(seed):
    X, mixture = oracles.problem(seed)
    resp = oracles.random_resp(seed, len(X), 3)
    divergence = (resp * np.log(resp / oracles.responsibilities(X, mixture))).sum()
    gap = oracles.log_likelihood(X, mixture) - lower_bound(X, resp, mixture)
    assert gap == pytest.approx(divergence, rel=1e-9)


def test_lower_bound_of_hard_labels_has_no_entropy():
    X, mixture = oracles.problem(0)
    resp = np.eye(3)[oracles.responsibilities(X, mixture).argmax(axis=1)]
    expected = np.log(oracles.joint(X, mixture).max(axis=1)).sum()
    assert lower_bound(X, resp, mixture) == pytest.approx(expected, rel=1e-12)


def test_lower_bound_of_mass_on_an_impossible_component_is_minus_infinity():
    mixture = Mixture([0, 1], [0, 1], [1, 1])
    assert lower_bound([0.5], [[0.5, 0.5]], mixture) == -np.inf
    assert np.isfinite(lower_bound([0.5], [[0, 1]], mixture))


@types
@seeds
def test_first_step_belongs_to_the_start_and_every_step_to_its_own_mixture(seed, covariance_type):
    X, start = oracles.problem(seed)
    steps = list(islice(em_steps(X, start, covariance_type=covariance_type), 4))
    assert steps[0].mixture is start
    for step in steps:
        resp = oracles.responsibilities(X, step.mixture)
        np.testing.assert_allclose(step.resp, resp, atol=1e-11)
        expected = oracles.log_likelihood(X, step.mixture)
        assert step.log_likelihood == pytest.approx(expected, rel=1e-10)
    for step, following in pairwise(steps):
        expected = oracles.m_step(X, step.resp, covariance_type)
        oracles.assert_same_mixture(following.mixture, expected, rtol=1e-9, atol=1e-12)


def test_em_steps_hands_reg_covar_to_every_m_step():
    X, start = oracles.problem(0)
    resp, _ = e_step(X, start)
    _, step = islice(em_steps(X, start, covariance_type="diag", reg_covar=0.5), 2)
    oracles.assert_same_mixture(
        step.mixture, m_step(X, resp, covariance_type="diag", reg_covar=0.5), rtol=1e-12
    )


@pytest.mark.slow  # scikit-learn takes a while to import
@types
@pytest.mark.parametrize("seed", range(4))
def test_several_iterations_equal_scikit_learns(seed, covariance_type):
    mixture_module = pytest.importorskip("sklearn.mixture")
    X, start = oracles.problem(seed, n_samples=60)
    resp, _ = e_step(X, start)
    start = m_step(X, resp, covariance_type=covariance_type)  # inside the type
    precisions = np.linalg.inv(start.covariances)
    n_iter = 3
    model = mixture_module.GaussianMixture(
        3,
        covariance_type=covariance_type,
        tol=0,
        reg_covar=0,
        max_iter=n_iter,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init={
            "full": precisions,
            "tied": precisions[0],
            "diag": precisions.diagonal(axis1=1, axis2=2),
            "spherical": precisions[:, 0, 0],
        }[covariance_type],
    )
    with pytest.warns(match="did not converge"):
        model.fit(X)
    steps = em_steps(X, start, covariance_type=covariance_type)
    last = next(islice(steps, n_iter, None)).mixture
    expected = {
        "full": model.covariances_,
        "tied": [model.covariances_] * 3,
        "diag": [np.diag(row) for row in model.covariances_] if covariance_type == "diag" else 0,
        "spherical": np.multiply.outer(model.covariances_, np.eye(2)),
    }[covariance_type]
    oracles.assert_same_mixture(last, (model.weights_, model.means_, expected), rtol=1e-8)


def test_component_on_one_point_is_named_with_its_count_and_the_remedies():
    X = [0.0, 1.0, 2.0, 9.0]
    resp = [[1, 0], [1, 0], [1, 0], [0, 1]]
    with pytest.raises(DegenerateComponentError, match=r"component 1 .*count 1\b.*reg_covar"):
        m_step(X, resp)
    assert m_step(X, resp, reg_covar=0.01).variances == pytest.approx([2 / 3 + 0.01, 0.01])


@pytest.mark.parametrize("sd", [1e-7, 3e-9, 0])
def test_a_component_collapses_when_its_sd_falls_below_1e_8_of_the_data_spread(sd):
    X = np.array([-1.0, 1.0, -sd, sd])  # the data's standard deviation is sqrt(1/2)
    resp = np.repeat([[1, 0], [0, 1]], 2, axis=0)
    if sd > 1e-8:
        assert m_step(X, resp).variances[1] == pytest.approx(sd**2)
    else:
        told = "component 1 has collapsed: its smallest standard deviation is below 1e-8 of"
        with pytest.raises(DegenerateComponentError, match=told):
            m_step(X, resp)


@pytest.mark.parametrize("reg_covar", [0, 1.0])
def test_empty_component_is_named_whatever_the_floor(reg_covar):
    resp = np.column_stack([np.ones(4), np.full(4, 1e-17)])
    with pytest.raises(DegenerateComponentError, match=r"component 1 has emptied.*count is 4e-17"):
        m_step([1.0, 2.0, 3.0, 4.0], resp, reg_covar=reg_covar)
