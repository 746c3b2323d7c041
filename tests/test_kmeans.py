"""k-means: against scikit-learn, every partition of a small set, and its own definition."""

from itertools import product

import numpy as np
import oracles
import pytest

from gmmtutor import kmeans, kmeans_plusplus
from gmmtutor.kmeans import candidates_for, kmeans_step, squared_distances

seeds = pytest.mark.parametrize("seed", range(10))


def test_squared_distances_by_hand():
    expected = [[0 + 0, 9 + 16], [1 + 4, 4 + 4]]
    assert squared_distances(np.array([[0, 0], [1, 2]]), np.array([[0, 0], [3, 4]])).tolist() == (
        expected
    )


@pytest.mark.slow  # scikit-learn takes a while to import
@seeds
def test_same_start_ends_where_scikit_learn_does(seed):
    cluster = pytest.importorskip("sklearn.cluster")
    X, _ = oracles.problem(seed, n_samples=80)
    start = X[:4]
    expected = cluster.KMeans(4, init=start, n_init=1, tol=0, algorithm="lloyd").fit(X)
    fit = kmeans(X, 4, start=start)
    np.testing.assert_allclose(fit.centres, expected.cluster_centers_, rtol=1e-10)
    assert (fit.labels == expected.labels_).all()
    assert fit.inertia == pytest.approx(expected.inertia_, rel=1e-10)


@seeds
def test_best_of_many_starts_is_the_best_of_all_partitions(seed):
    X, _ = oracles.problem(seed, n_samples=8)

    def inertia(labels):
        groups = [X[np.array(labels) == k] for k in range(2)]
        return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups if len(group))

    best = min(inertia(labels) for labels in product(range(2), repeat=len(X)))
    rng = np.random.default_rng(seed)
    assert min(kmeans(X, 2, rng=rng).inertia for _ in range(20)) == pytest.approx(best)


@seeds
def test_every_step_lowers_the_inertia_until_nothing_moves(seed):
    X, _ = oracles.problem(seed)
    centres, last = X[:5], np.inf
    while True:
        labels, moved = kmeans_step(X, centres)
        assert (labels == squared_distances(X, centres).argmin(axis=1)).all()
        inertia = squared_distances(X, moved)[np.arange(len(X)), labels].sum()
        assert inertia <= last * (1 + 1e-12)
        if (moved == centres).all():
            break
        centres, last = moved, inertia
    assert kmeans(X, 5, start=X[:5]).inertia == pytest.approx(inertia)


def test_max_iter_limits_the_steps():
    X, _ = oracles.problem(0)
    fit = kmeans(X, 5, start=X[:5], max_iter=1)
    labels, centres = kmeans_step(X, X[:5])
    assert fit.n_iter == 1
    assert (fit.labels == labels).all() and (fit.centres == centres).all()


def test_centre_without_samples_stays_where_it_is():
    labels, centres = kmeans_step(np.array([[0.0], [2.0]]), np.array([[1.0], [99.0]]))
    assert labels.tolist() == [0, 0]
    assert centres.tolist() == [[1], [99]]


def test_second_centre_is_chosen_with_probability_proportional_to_squared_distance():
    X = np.array([0.0, 1.0, 3.0, 7.0])
    n_draws = 4000
    counts = np.zeros((4, 4))
    rng = np.random.default_rng(1)
    for _ in range(n_draws):
        first, second = np.searchsorted(X, kmeans_plusplus(X, 2, rng)[:, 0])
        counts[first, second] += 1
    distance2 = (X[:, np.newaxis] - X) ** 2
    expected = n_draws / 4 * distance2 / distance2.sum(axis=1, keepdims=True)
    assert (counts[expected == 0] == 0).all()
    possible = expected > 0
    chi2 = ((counts - expected)[possible] ** 2 / expected[possible]).sum()
    assert chi2 < 11 + 5 * np.sqrt(2 * 11)  # 12 pairs, 11 degrees of freedom


@seeds
def test_third_centre_is_far_from_both_of_the_others(seed):
    X = np.array([0.0, 1e-6, 10.0, 10 + 1e-6, 20.0, 20 + 1e-6])
    chosen = np.sort(kmeans_plusplus(X, 3, seed)[:, 0])
    np.testing.assert_allclose(chosen, [0, 10, 20], atol=1e-5)


@seeds
def test_chosen_centres_are_different_samples(seed):
    X = np.repeat(np.arange(4.0), 5)
    assert sorted(kmeans_plusplus(X, 4, seed)[:, 0]) == [0, 1, 2, 3]


def test_too_few_different_samples_are_counted():
    with pytest.raises(ValueError, match="X has 2 different samples, fewer than 3 components"):
        kmeans_plusplus([1, 1, 5, 5], 3, 0)


@seeds
def test_greedy_seeds_leave_less_than_plain_ones_on_average(seed):
    X, _ = oracles.problem(seed, n_samples=200)
    K, rng = 6, np.random.default_rng(seed)

    def left(n_candidates):
        centres = (kmeans_plusplus(X, K, rng, n_candidates=n_candidates) for _ in range(60))
        return np.mean([squared_distances(X, c).min(axis=1).sum() for c in centres])

    assert candidates_for(K) == 3
    assert left(candidates_for(K)) < left(1)


@seeds
def test_of_many_candidates_the_best_second_centre_stays(seed):
    X, _ = oracles.problem(seed, n_samples=12)
    first, second = kmeans_plusplus(X, 2, seed, n_candidates=1000)
    left = np.minimum(squared_distances(X, first[np.newaxis]), squared_distances(X, X))
    assert (X[left.sum(axis=0).argmin()] == second).all()
