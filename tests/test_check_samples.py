"""Samples are known by their distribution: whose are they?"""

import re

import numpy as np
import pytest

from gmmtutor import check, mixture
from gmmtutor.datasets import first_start
from gmmtutor.mixture import Mixture

FIRST = first_start()
SHARED = Mixture([0.2, 0.3, 0.5], [-2, 1, 5], [2, 0.5, 4])
W, M, V = SHARED.weights, SHARED.means[:, 0], SHARED.variances
N = 20_000


def drawn(rng):
    return rng.choice(3, size=N, p=W)


SAMPLERS = {
    "equally often": lambda rng, k: rng.normal(M[k], V[k] ** 0.5)[rng.permutation(N)],
    "variance is used": lambda rng, k: rng.normal(M[k], V[k]),
    "deviation is used": lambda rng, k: rng.normal(M[k], V[k] ** 0.25),
    "are averaged": lambda rng, k: rng.normal(M, V**0.5, (N, 3)) @ W,
    "one mean": lambda rng, k: rng.normal(W @ M, V[k] ** 0.5),
    "do not scatter": lambda rng, k: M[k],
    "two separate draws": lambda rng, k: rng.normal(M[k], V[drawn(rng)] ** 0.5),
    "one Gaussian": lambda rng, k: rng.normal(W @ M, (W @ (V + (M - W @ M) ** 2)) ** 0.5, N),
}


@pytest.mark.parametrize("word", SAMPLERS)
@pytest.mark.parametrize("seed", range(5))
def test_wrong_samplers_are_named(word, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=N) if word == "equally often" else drawn(rng)
    verdict = check.sample(SAMPLERS[word](rng, labels), SHARED)
    assert verdict.status == "wrong" and len(verdict.misconceptions) == 1
    assert word in verdict.misconceptions[0] and verdict.misconceptions[0] in verdict.message


def test_right_samples_pass_and_matched_moments_do_not():
    for seed in range(100):
        points, _ = mixture.sample(SHARED, 5000, seed)
        verdict = check.sample(points, SHARED)
        assert verdict and verdict.notes == ()
    spread = W @ (V + (M - W @ M) ** 2)
    same_moments = np.random.default_rng(0).laplace(W @ M, (spread / 2) ** 0.5, N)
    verdict = check.sample(same_moments, SHARED)
    assert verdict.status == "unknown"
    assert re.search(r"\d+% of your points lie between .* the mixture has \d+%", verdict.message)
    equal, _ = mixture.sample(FIRST, 5000, 0)
    assert "equally often" in check.sample(equal, FIRST).notes[0]


@pytest.mark.parametrize("first", [0, 1])
def test_labels_are_no_points(first):
    labels = first + drawn(np.random.default_rng(0))
    verdict = check.sample(labels, SHARED)
    assert not verdict and "labels, not points" in verdict.message


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        (None, "unanswered", "No answer yet"),
        (np.zeros((N, 3)), "unreadable", "shape (20000, 3)"),
        ([1, 2, 3], "unreadable", "at least 1000"),
        ("points", "unreadable", "cannot be read"),
        (np.full(N, np.nan), "unreadable", "Point 0"),
    ],
)
def test_samples_that_are_none_get_a_sentence(answer, status, word):
    verdict = check.sample(answer, SHARED)
    assert verdict.status == status and word in verdict.message
    flat = Mixture([1.0], [[0, 0]], [np.eye(2)])
    assert check.sample(np.zeros(N), flat).status == "unreadable"
    assert check.sample(np.zeros(N), "mixture").status == "unreadable"
