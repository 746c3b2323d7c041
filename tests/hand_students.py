"""Students who make no mistake, and carry fixed decimals in every intermediate result."""

import numpy as np

from gmmtutor.mixture import Mixture

VARIANCES = (0.25, 0.5, 1.5, 2.0, 3.0, 4.0)


def problem(rng):
    """Draw points, a start and weights as a student would choose them."""
    n_components = int(rng.choice([2, 2, 3]))
    points = np.sort(rng.permutation(np.arange(-8, 13))[: int(rng.integers(4, 8))] / 2)
    shares = rng.permutation(np.arange(1, 8))[:n_components]
    means = np.sort(rng.permutation(np.arange(-4, 7))[:n_components])
    weights = np.round(shares / shares.sum(), 1).clip(0.1)
    weights[-1] = 1 - weights[:-1].sum()
    if weights[-1] < 0.05:
        return problem(rng)
    return points, Mixture(weights, means, rng.choice(VARIANCES, n_components))


def densities(points, start, digits):
    """Return weight times density (N, K), rounded at every step to so many decimals."""
    roots = np.round(np.sqrt(2 * np.pi * start.variances), digits)
    squares = np.round((points[:, np.newaxis] - start.means[:, 0]) ** 2, digits)
    falls = np.round(np.exp(-np.round(squares / (2 * start.variances), digits)), digits)
    return np.round(start.weights * np.round(falls / roots, digits), digits)


def shares(joint, digits):
    """Return responsibilities (N, K); None if a row of densities has been rounded away."""
    totals = joint.sum(axis=1, keepdims=True)
    return None if (totals == 0).any() else np.round(joint / totals, digits)


def m_step(points, resp, digits):
    """Return weights, means and variances from these shares; None if a component is empty."""
    counts = np.round(resp.sum(axis=0), digits)
    if (counts < 0.05).any():
        return None
    sums = np.round(resp * points[:, np.newaxis], digits).sum(axis=0)
    means = np.round(sums / counts, digits)
    squares = np.round((points[:, np.newaxis] - means) ** 2, digits)
    spreads = np.round(resp * squares, digits).sum(axis=0) / counts
    return np.round(counts / len(points), digits), means, np.round(spreads, digits)


def as_typed(array):
    """Return nested lists, in which Python has dropped the zeros at the end."""
    return np.asarray(array).tolist()
