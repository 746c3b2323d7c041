"""The plus-minus model against the general mixture, finite differences and printed numbers."""

import numpy as np
import pytest
from scipy.optimize import brentq

import gmmtutor as gm
from gmmtutor.plus_minus import (
    plus_minus,
    plus_minus_log_likelihood,
    plus_minus_slope,
    plus_minus_update,
)

SEEDS = range(20)
OUTER = np.array([-2.0, -1, 1, 2])
INNER = np.array([-0.8, -0.5, 0.5, 0.8])


def draws(seed):
    rng = np.random.default_rng(seed)
    return rng.normal(scale=rng.uniform(0.3, 3), size=30) + rng.normal(), rng.normal()


@pytest.mark.parametrize("seed", SEEDS)
def test_log_likelihood_is_that_of_the_mixture(seed):
    x, mu = draws(seed)
    assert np.isclose(plus_minus_log_likelihood(x, mu), gm.log_likelihood(x, plus_minus(mu)))


@pytest.mark.parametrize("seed", SEEDS)
def test_update_maximises_q_over_the_one_parameter(seed):
    """Q's derivative in mu, with the shares of the old mixture, is zero at the new mu."""
    x, mu = draws(seed)
    resp = gm.responsibilities(x, plus_minus(mu))

    def q_slope(new):
        return (resp[:, 1] * (x - new) - resp[:, 0] * (x + new)).sum()

    assert np.isclose(plus_minus_update(x, mu), brentq(q_slope, -100, 100))


@pytest.mark.parametrize("seed", SEEDS)
def test_slope_is_the_derivative_of_the_update(seed):
    x, mu = draws(seed)
    h = 1e-5
    difference = (plus_minus_update(x, mu + h) - plus_minus_update(x, mu - h)) / (2 * h)
    assert np.isclose(plus_minus_slope(x, mu), difference, atol=1e-8)


def test_far_points_and_many_values_of_mu():
    mu = np.array([[-1e4, 0], [3, 1e4]])
    assert plus_minus_log_likelihood(OUTER, mu).shape == (2, 2)
    assert np.isfinite(plus_minus_log_likelihood(OUTER * 1e4, mu)).all()
    assert np.allclose(plus_minus_update(OUTER, mu)[0], [-1.5, 0])
    assert np.allclose(plus_minus_slope(OUTER, mu)[0], [0, 2.5])


def test_reference_numbers():
    fixed = brentq(lambda mu: plus_minus_update(OUTER, mu) - mu, 1, 2)
    assert abs(fixed - 1.4406478) < 5e-8
    assert abs(plus_minus_slope(OUTER, fixed) - 0.125522) < 5e-7
    assert np.isclose(plus_minus_slope(OUTER, 0), 2.5)
    assert np.isclose(plus_minus_slope(INNER, 0), 0.445)


def test_more_than_one_feature_is_refused():
    with pytest.raises(ValueError, match="feature"):
        plus_minus_update(np.ones((3, 2)), 1.0)
