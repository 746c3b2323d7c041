"""The Jacobian of a round, and rates, against other ways to the same numbers."""

from itertools import islice

import batches
import numpy as np
import oracles
import pytest
from scipy.optimize import approx_fprime

import gmmtutor as gm
from gmmtutor import datasets
from gmmtutor.rates import coordinates, from_coordinates

SEEDS = range(10)
SEVEN = datasets.seven_points()
STARTS = {0.2395: datasets.first_start(), 0.4500: datasets.second_start()}
LEVELS = {0.2395: -13.9733, 0.4500: -13.9062}


def one_round(X, mixture, covariance_type="full"):
    resp = oracles.responsibilities(X.reshape(len(X), -1), mixture)
    return gm.Mixture(*oracles.m_step(X.reshape(len(X), -1), resp, covariance_type))


def end_of(X, start, covariance_type="full", n_rounds=100):
    steps = gm.em_steps(X, start, covariance_type=covariance_type)
    return next(islice(steps, n_rounds, None)).mixture


def settled(seed, covariance_type, n_features=2):
    """Data of two clusters, and the end of EM on them."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, n_features))
    X[:12] += 4
    ends = np.array([np.zeros(n_features), np.full(n_features, 4.0)])
    start = gm.Mixture([0.5, 0.5], ends, [np.eye(n_features)] * 2)
    return X, end_of(X, start, covariance_type, 200)


@pytest.mark.parametrize("rate", STARTS)
def test_rates_of_the_seven_points_by_jacobian(rate):
    end = end_of(SEVEN, STARTS[rate])
    assert gm.log_likelihood(SEVEN, end) == pytest.approx(LEVELS[rate], abs=5e-5)
    assert gm.spectral_radius(gm.em_jacobian(SEVEN, end)) == pytest.approx(rate, abs=5e-5)


@pytest.mark.parametrize("update", [one_round, batches.old_means_update])
@pytest.mark.parametrize("rate", STARTS)
def test_rates_of_the_seven_points_by_power_iteration(rate, update):
    end = end_of(SEVEN, STARTS[rate])
    at, size = coordinates(end, "full"), 1e-7
    error = np.full(len(at), size)
    for _ in range(30):
        there = from_coordinates(at + error, end, "full")
        new = coordinates(update(SEVEN, there), "full") - at
        found = np.linalg.norm(new) / np.linalg.norm(error)
        error = size * new / np.linalg.norm(new)
    assert found == pytest.approx(rate, abs=1e-4)


@pytest.mark.parametrize("rate", STARTS)
def test_jacobian_of_the_old_means_is_that_of_em_at_the_ends_of_the_seven_points(rate):
    end = end_of(SEVEN, STARTS[rate])
    theirs = gm.em_jacobian(SEVEN, end, update=batches.old_means_update)
    np.testing.assert_allclose(gm.em_jacobian(SEVEN, end), theirs, atol=1e-6)


@pytest.mark.parametrize("covariance_type", oracles.TYPES)
@pytest.mark.parametrize("seed", range(2))
def test_jacobian_of_the_old_means_is_that_of_em(covariance_type, seed):
    X, end = settled(seed, covariance_type)

    def update(X, mixture):
        return batches.old_means_update(X, mixture, covariance_type)

    ours = gm.em_jacobian(X, end, covariance_type=covariance_type)
    theirs = gm.em_jacobian(X, end, covariance_type=covariance_type, update=update)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("rate", STARTS)
def test_away_from_fixed_points_the_two_jacobians_differ(rate):
    ours = gm.em_jacobian(SEVEN, STARTS[rate])
    theirs = gm.em_jacobian(SEVEN, STARTS[rate], update=batches.old_means_update)
    assert np.abs(ours - theirs).max() > 0.1


@pytest.mark.parametrize("covariance_type", oracles.TYPES)
@pytest.mark.parametrize("n_features", [1, 3])
@pytest.mark.parametrize("seed", range(2))
def test_every_entry_by_scipy(covariance_type, n_features, seed):
    """At a place that is no fixed point, forward differences of the oracles' round."""
    X, mixture = settled(seed, covariance_type, n_features)
    moved = gm.Mixture([0.3, 0.7], mixture.means + 0.3, 1.2 * mixture.covariances)

    def plain(vector):
        there = from_coordinates(vector, moved, covariance_type)
        return coordinates(one_round(X, there, covariance_type), covariance_type)

    at = coordinates(moved, covariance_type)
    assert len(at) == gm.n_parameters(2, n_features, covariance_type)
    expected = approx_fprime(at, plain, 1e-7)
    found = gm.em_jacobian(X, moved, covariance_type=covariance_type)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("covariance_type", oracles.TYPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_coordinates_go_there_and_back(covariance_type, seed):
    X, _ = oracles.problem(seed, n_features=3)
    resp = oracles.random_resp(seed, len(X), 3)
    new = gm.m_step(X, resp, covariance_type=covariance_type)
    back = from_coordinates(coordinates(new, covariance_type), new, covariance_type)
    oracles.assert_same_mixture(back, new, rtol=1e-12)


def test_rate_of_the_plus_minus_model():
    """A map of one number: its only eigenvalue is its slope."""
    x = np.array([-2.0, -1, 1, 2])

    def update(X, mixture):
        return gm.plus_minus(float(gm.plus_minus_update(X, mixture.means[1, 0])))

    J = gm.em_jacobian(x, gm.plus_minus(1.4406478), update=update)
    assert J[2, 2] == pytest.approx(gm.plus_minus_slope(x, 1.4406478), abs=1e-8)
    assert gm.spectral_radius(J) == pytest.approx(0.125522, abs=1e-6)


def test_spectral_radius_of_a_rotation_and_of_a_shear():
    assert gm.spectral_radius([[0, -0.5], [0.5, 0]]) == pytest.approx(0.5)
    assert gm.spectral_radius([[0.2, 9], [0, -0.7]]) == pytest.approx(0.7)


def test_bad_input():
    with pytest.raises(ValueError, match="covariance_type is 'round'"):
        gm.em_jacobian(SEVEN, STARTS[0.45], covariance_type="round")
    with pytest.raises(ValueError, match="features"):
        gm.em_jacobian(np.ones((3, 2)), STARTS[0.45])
