"""Scorer, chunk by chunk, against the functions that are read; in little memory."""

import tracemalloc

import numpy as np
import oracles
import pytest
from numpy.testing import assert_allclose

import gmmtutor as gm
from gmmtutor import kernel
from gmmtutor.scoring import Scorer

seeds = pytest.mark.parametrize("seed", range(10))


def assert_same(X, mixture, atol=1e-9):
    scorer = Scorer(mixture)
    joint = gm.weighted_log_prob(X, mixture)
    logs = gm.score_samples(X, mixture)
    assert_allclose(scorer.log_densities(X), logs, rtol=1e-12, atol=atol)
    assert_allclose(scorer.responsibilities(X), gm.responsibilities(X, mixture), atol=atol)
    best = np.sort(joint, axis=1)
    clear = best[:, -1] - best[:, -2] > 1e-6 if joint.shape[1] > 1 else np.full(len(X), True)
    assert (scorer.labels(X) == joint.argmax(axis=1))[clear].all()
    assert scorer.log_likelihood(X) == pytest.approx(logs.sum(), rel=1e-11)


@seeds
@pytest.mark.parametrize("n_features", [1, 2, 5])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_agrees_with_the_functions_that_are_read(monkeypatch, seed, n_features, shift):
    monkeypatch.setattr(kernel, "CHUNK_BYTES", 1)  # many chunks
    X, mixture = oracles.problem(seed, n_features=n_features, n_samples=300)
    moved = gm.Mixture(mixture.weights, mixture.means + shift, mixture.covariances)
    assert_same(X + shift, moved, atol=1e-9 if shift == 0 else 1e-7)


@seeds
def test_diagonal_covariances_and_a_weight_of_0(seed):
    X, mixture = oracles.problem(seed, n_features=3)
    diagonals = mixture.covariances * np.eye(3)
    weights = np.append(0.0, np.full(mixture.n_components - 1, 1 / (mixture.n_components - 1)))
    assert_same(X, gm.Mixture(weights, mixture.means, diagonals))


@seeds
def test_far_points(seed):
    X, mixture = oracles.problem(seed, n_features=2)
    far = np.concatenate([X, [[1e3, -1e3], [-1e4, 5.0], [0.0, 1e5]]])
    assert_same(far, mixture)


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-8])
def test_tight_distant_components(width):
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(50, 2)), [5, -3] + width * rng.normal(size=(50, 2))])
    tight = gm.Mixture([0.5, 0.5], [[0, 0], [5, -3]], [np.eye(2), width**2 * np.eye(2)])
    assert_same(X, tight)


def test_many_features():
    X, mixture = oracles.problem(1, n_features=40, n_samples=200)
    assert_same(X, mixture)


def test_a_memory_map_of_small_numbers_and_blocks(tmp_path):
    X, mixture = oracles.problem(0, n_features=2, n_samples=500)
    np.save(tmp_path / "x.npy", X.astype(np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_same(mapped, mixture)
    blocks = [*np.array_split(X, 7), np.empty((0, 2))]
    assert Scorer(mixture).log_likelihood(blocks) == pytest.approx(gm.log_likelihood(X, mixture))


@pytest.mark.parametrize("method", ["score", "bic", "predict", "score_samples"])
def test_no_array_of_all_samples_and_components(method):
    rng = np.random.default_rng(0)
    K, X = 20, rng.normal(size=(200_000, 2))
    model = gm.GaussianMixture(K)
    model.weights_, model.means_ = np.full(K, 1 / K), rng.normal(size=(K, 2))
    model.covariances_ = np.repeat(np.eye(2)[np.newaxis], K, axis=0)
    tracemalloc.start()
    getattr(model, method)(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16e6  # 200,000 samples times 20 components are 32 MB
