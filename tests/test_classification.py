"""Classification EM: against all labellings, SciPy's densities, and k-means."""

from itertools import islice, pairwise, product

import numpy as np
import oracles
import pytest

from gmmtutor import (
    DegenerateComponentError,
    Mixture,
    c_step,
    classification_em_steps,
    datasets,
    kmeans,
    lower_bound,
    m_step,
)
from gmmtutor.kmeans import kmeans_step
from gmmtutor.starts import random_points

seeds = pytest.mark.parametrize("seed", range(10))


def run(X, start, covariance_type="full", most=60):
    """All states until the labels repeat, or until a component degenerates."""
    states = []
    try:
        steps = classification_em_steps(X, start, covariance_type=covariance_type)
        for state in islice(steps, most):
            states.append(state)
            if len(states) > 1 and (states[-1].labels == states[-2].labels).all():
                break
    except DegenerateComponentError:
        pass
    return states


def stopped(states):
    return len(states) > 1 and (states[-1].labels == states[-2].labels).all()


@seeds
def test_c_step_is_the_best_of_all_labellings(seed):
    X, mixture = oracles.problem(seed, n_samples=5)
    joint = oracles.log_joint(X, mixture)
    values = {
        labels: sum(joint[n, k] for n, k in enumerate(labels))
        for labels in product(range(3), repeat=5)
    }
    labels, value = c_step(X, mixture)
    assert value == pytest.approx(max(values.values()), rel=1e-12)
    assert values[tuple(labels)] == max(values.values())


@seeds
def test_value_is_the_lower_bound_of_responsibilities_of_0_and_1(seed):
    X, mixture = oracles.problem(seed)
    labels, value = c_step(X, mixture)
    assert lower_bound(X, np.eye(3)[labels], mixture) == pytest.approx(value, rel=1e-12)
    assert value < oracles.log_likelihood(X, mixture)


def test_of_components_that_tie_the_first_wins():
    labels, _ = c_step([-1, 0, 1], Mixture([0.5, 0.5], [-1, 1], [1, 1]))
    assert labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize("covariance_type", oracles.TYPES)
def test_value_never_falls_and_the_labels_come_to_rest(covariance_type):
    n_stopped = 0
    for seed in range(100):
        X, _ = oracles.problem(seed, n_samples=80, n_features=1 + seed % 4)
        start = random_points(X, 3, seed)
        states = run(X, start, covariance_type)
        first = covariance_type != "full"  # the start is not of the type, and may be better
        values = [state.classification_log_likelihood for state in states][first:]
        assert (np.diff(values) >= -1e-10 * np.abs(values[:-1])).all(), seed
        if stopped(states):
            n_stopped += 1
            follower = m_step(X, np.eye(3)[states[-1].labels], covariance_type=covariance_type)
            oracles.assert_same_mixture(follower, states[-1].mixture, rtol=1e-10, atol=1e-12)
    assert n_stopped > 60


@seeds
def test_mixture_is_the_fit_of_the_labels_before(seed):
    X, _ = oracles.problem(seed)
    start = random_points(X, 3, seed)
    for old, new in pairwise(islice(classification_em_steps(X, start, covariance_type="tied"), 3)):
        fit = oracles.m_step(X, np.eye(3)[old.labels], "tied")
        oracles.assert_same_mixture(new.mixture, fit, rtol=1e-9, atol=1e-12)


@seeds
def test_best_partition_of_a_small_set_stays_and_no_run_ends_above_it(seed):
    x = np.random.default_rng(seed).standard_normal(9)

    def value(labels):
        resp = np.eye(2)[list(labels)]
        return oracles.expected_complete_log_likelihood(
            x[:, np.newaxis], resp, Mixture(*oracles.m_step(x[:, np.newaxis], resp))
        )

    allowed = [z for z in product(range(2), repeat=9) if 1 < sum(z) < 8]
    best = max(allowed, key=value)
    states = run(x, m_step(x, np.eye(2)[list(best)]))
    if stopped(states):  # unless the best partition feeds a spike
        assert states[-1].classification_log_likelihood >= value(best) - 1e-9
    for labels in allowed[::20]:
        states = run(x, m_step(x, np.eye(2)[list(labels)]))
        if stopped(states) and 1 < states[-1].labels.sum() < 8:
            assert states[-1].classification_log_likelihood <= value(best) + 1e-9


@seeds
@pytest.mark.parametrize("variance", [0.01, 1, 100])
def test_equal_weights_and_one_spherical_variance_are_k_means(seed, variance):
    X, _ = oracles.problem(seed, n_samples=60)
    centres, labels = X[:4], None
    for _ in range(50):
        mixture = Mixture(np.full(4, 0.25), centres, np.repeat([variance * np.eye(2)], 4, axis=0))
        previous, (labels, _) = labels, c_step(X, mixture)
        expected, moved = kmeans_step(X, centres)
        assert (labels == expected).all()
        means = [X[labels == k].mean(axis=0) for k in range(4)]  # no cluster empties here
        np.testing.assert_allclose(moved, means, rtol=1e-12)
        centres = moved
        if previous is not None and (labels == previous).all():
            break
    np.testing.assert_allclose(centres, kmeans(X, 4, start=X[:4]).centres, rtol=1e-12)


def test_seven_points_by_hand():
    x = datasets.seven_points()
    states = run(x, datasets.first_start())
    assert states[-1].labels.tolist() == [0, 0, 1, 1, 2, 2, 2]
    np.testing.assert_allclose(states[-1].mixture.means[:, 0], [-2.75, -0.5, 11 / 3])
    np.testing.assert_allclose(states[-1].mixture.variances, [1 / 16, 1 / 4, 14 / 9])
    assert states[-1].classification_log_likelihood == pytest.approx(-13.989381, abs=5e-7)


def test_a_component_without_samples_is_named():
    start = Mixture([0.5, 0.5], [0, 50], [1, 1])
    with pytest.raises(DegenerateComponentError, match="component 1 has emptied"):
        list(islice(classification_em_steps([-1, 0, 1], start), 2))
