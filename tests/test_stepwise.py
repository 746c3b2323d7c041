"""Stepwise EM: what it does exactly, and where it goes."""

from collections import deque

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gmmtutor import Mixture, fit_em, log_likelihood, m_step, responsibilities, sample
from gmmtutor.datasets import old_faithful
from gmmtutor.em import COVARIANCE_TYPES
from gmmtutor.stepwise import blend, step_size, stepwise_em

TRUTH = Mixture([0.3, 0.7], [[-1.0, 0.0], [2.0, 1.0]], [np.eye(2), [[1.0, 0.5], [0.5, 0.8]]])
START = Mixture([0.5, 0.5], [[-2.0, -1.0], [3.0, 1.0]], [2 * np.eye(2), 2 * np.eye(2)])


def stream(n_blocks, n_rows, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(n_blocks):
        yield sample(TRUTH, n_rows, rng)[0]


def last(steps):
    return deque(steps, maxlen=1)[0]


def assert_same(mixture, other, tolerance):
    for name in ("weights", "means", "covariances"):
        assert_allclose(getattr(mixture, name), getattr(other, name), rtol=0, atol=tolerance)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
@pytest.mark.parametrize("reg_covar", [0.0, 0.1])
def test_a_share_of_one_is_an_em_step(covariance_type, reg_covar):
    X = old_faithful()
    start = Mixture([0.4, 0.6], X[[0, 1]], np.repeat(np.cov(X.T)[np.newaxis], 2, axis=0))
    options = {"covariance_type": covariance_type, "reg_covar": reg_covar}
    step = next(stepwise_em([X], start, power=1, delay=0, **options))
    assert_same(step.mixture, m_step(X, responsibilities(X, start), **options), 1e-9)
    assert_allclose(step.log_likelihood, log_likelihood(X, start), rtol=1e-12)
    assert step[2:] == (272, 1.0)


def test_blending_is_a_weighted_sum_of_statistics():
    rng = np.random.default_rng(0)

    def raw(state):
        weights, means, covariances = state
        square = covariances + means[:, :, None] * means[:, None, :]
        return weights, weights[:, None] * means, weights[:, None, None] * square

    for share in (0.0, 0.2, 1.0):
        old, new = (
            (rng.dirichlet(np.ones(3)), rng.normal(size=(3, 2)), rng.normal(size=(3, 2, 2)))
            for _ in range(2)
        )
        for mixed, a, b in zip(raw(blend(old, new, share)), raw(old), raw(new), strict=True):
            assert_allclose(mixed, (1 - share) * a + share * b, atol=1e-12)


def test_the_mean_log_likelihood_nears_the_best():
    test, _ = sample(TRUTH, 50_000, np.random.default_rng(99))
    gaps = {}
    for power in (0.6, 0.8):
        steps = stepwise_em(stream(500, 100), START, power=power)
        gaps[power] = [
            (log_likelihood(test, TRUTH) - log_likelihood(test, step.mixture)) / len(test)
            for t, step in enumerate(steps)
            if t in (0, 9, 499)
        ]
    for first, tenth, end in gaps.values():
        assert first > 2 * tenth > 10 * end
        assert -1e-4 < end < 2e-3


def test_every_seed_ends_near_the_batch_fit():
    for seed in range(3):
        X = np.concatenate(list(stream(300, 100, seed)))
        batch = fit_em(X, start=START).mixture
        online = last(stepwise_em(np.split(X, 300), START, power=0.8)).mixture
        assert_same(online, batch, 0.15)


def test_one_sample_at_a_time():
    X = np.concatenate(list(stream(1, 2000)))
    online = last(stepwise_em(X[:, np.newaxis], START, delay=100)).mixture
    assert_same(online, TRUTH, 0.4)


def test_a_component_without_samples_is_kept():
    far = Mixture([0.5, 0.5], [0, 1000], [1, 1])
    step = next(stepwise_em([np.array([-1.0, 0.0, 2.0])], far))
    share = step_size(1)
    assert_allclose(step.mixture.weights, [0.5 + 0.5 * share, 0.5 - 0.5 * share])
    assert_allclose(step.mixture.means[1], 1000)
    assert_allclose(step.mixture.covariances[1], 1)


def test_far_from_the_origin_no_digits_are_lost():
    X = np.concatenate(list(stream(20, 100)))
    near = last(stepwise_em(np.split(X, 20), START)).mixture
    moved = Mixture(START.weights, START.means + 2.0**27, START.covariances)
    far = last(stepwise_em(np.split(X + 2.0**27, 20), moved)).mixture
    assert_allclose(far.covariances, near.covariances, rtol=1e-6)


def test_step_sizes_keep_the_conditions():
    t = np.arange(1, 10**6 + 1)
    assert_allclose(step_size(t, 1.0, 0.0), 1 / t)
    for power in (0.51, 0.7, 1.0):
        share = step_size(t, power)
        assert (share > 0).all() and (share < 1).all() and (np.diff(share) < 0).all()
        assert share[-1] * t[-1] ** power == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("options", [{"power": 0.5}, {"power": 1.1}, {"delay": -1}])
def test_steps_that_cannot_converge_are_refused(options):
    with pytest.raises(ValueError, match="give a power above"):
        next(stepwise_em(stream(1, 10), START, **options))


def test_a_bad_block_is_named():
    with pytest.raises(ValueError, match="3 features"):
        next(stepwise_em([np.ones((2, 3))], START))


def test_one_array_is_no_iterable_of_blocks_and_an_empty_block_says_nothing():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    start = Mixture([0.5, 0.5], [[-1, 0], [1, 0]], [np.eye(2)] * 2)
    with pytest.raises(ValueError, match=r"shape \(90, 2\).*np.array_split"):
        next(stepwise_em(X, start))
    parts = np.array_split(X, 3)
    plain = [step.log_likelihood for step in stepwise_em(parts, start)]
    parts.insert(1, np.empty((0, 2)))
    assert [step.log_likelihood for step in stepwise_em(parts, start)] == plain
