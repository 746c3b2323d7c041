"""Many small problems at once, in plain NumPy: rounds of EM, and of updates that resemble it.

Leading axis P: problems. X (P, N, D), weights (P, K), means (P, K, D), covariances (P, K, D, D).
Nothing here imports the package's mathematics, except for `old_means_update`'s own check of the
mixture that it returns.
"""

from typing import NamedTuple

import numpy as np

from gmmtutor import Mixture


class Parameters(NamedTuple):
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray


def problems(seed, n_problems, n_samples, n_components, n_features):
    """Random samples of two or more clusters, and random starts that fit them badly."""
    rng = np.random.default_rng(seed)
    P, N, K, D = n_problems, n_samples, n_components, n_features
    centres = 2 * rng.standard_normal((P, K, D))
    labels = rng.integers(0, K, size=(P, N))
    scale = rng.uniform(0.3, 1.5, size=(P, 1, D))
    X = np.take_along_axis(centres, labels[..., np.newaxis], axis=1)
    X = X + scale * rng.standard_normal((P, N, D))
    weights = rng.dirichlet(np.full(K, 3.0), size=P)
    means = X[:, :K] + rng.standard_normal((P, K, D))
    factors = rng.standard_normal((P, K, D, D + 2))
    wide = rng.uniform(1, 6, size=(P, K, 1, 1)) / (D + 2)
    return X, Parameters(weights, means, wide * factors @ factors.swapaxes(-1, -2))


def log_joint(X, parameters):
    """Log of weight times density, (P, N, K)."""
    weights, means, covariances = parameters
    away = X[:, :, np.newaxis] - means[:, np.newaxis]  # (P, N, K, D)
    scaled = np.linalg.solve(covariances, away.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    distance2 = (away * scaled).sum(axis=-1)
    log_dets = np.linalg.slogdet(2 * np.pi * covariances)[1]
    return np.log(weights)[:, np.newaxis] - 0.5 * (log_dets[:, np.newaxis] + distance2)


def e_step(X, parameters):
    """Responsibilities (P, N, K) and log-likelihoods (P,)."""
    logs = log_joint(X, parameters)
    top = logs.max(axis=-1, keepdims=True)
    total = top + np.log(np.exp(logs - top).sum(axis=-1, keepdims=True))
    return np.exp(logs - total), total.sum(axis=(1, 2))


def q_function(X, resp, parameters):
    return (resp * log_joint(X, parameters)).sum(axis=(1, 2))


def about(X, resp, centres, covariance_type="full"):
    """Weighted covariances about given centres, (P, K, D, D)."""
    away = X[:, :, np.newaxis] - centres[:, np.newaxis]
    counts = resp.sum(axis=1)
    scatter = np.einsum("pnk,pnki,pnkj->pkij", resp, away, away)
    full, D = scatter / counts[..., np.newaxis, np.newaxis], X.shape[-1]
    if covariance_type == "tied":
        return np.repeat(scatter.sum(axis=1, keepdims=True) / X.shape[1], counts.shape[1], axis=1)
    if covariance_type == "diag":
        return full * np.eye(D)
    if covariance_type == "spherical":
        return np.einsum("pkii,ab->pkab", full, np.eye(D)) / D
    return full


def m_step(X, resp, old, covariance_type="full", *, old_means=False):
    """The M-step, or the origin's: covariances about the old means."""
    counts = resp.sum(axis=1)
    means = np.einsum("pnk,pni->pki", resp, X) / counts[..., np.newaxis]
    centres = old.means if old_means else means
    return Parameters(counts / X.shape[1], means, about(X, resp, centres, covariance_type))


def between(old, new, s):
    """Go s times the way from old to new, in weights, means and covariances (s: (P,))."""
    return Parameters(*(a + _along(s, a) * (b - a) for a, b in zip(old, new, strict=True)))


def proper(X, parameters):
    """Which problems have no covariance near to singular (P,): the theorems' condition."""
    spread = X.var(axis=1).min(axis=-1)
    finite = np.where(np.isfinite(parameters.covariances), parameters.covariances, 0)
    return np.linalg.eigvalsh(finite).min(axis=(1, 2)) > 1e-6 * spread


def histories(X, parameters, update, n_rounds):
    """Log-likelihoods (n_rounds + 1, P); a problem that is no longer proper stays where it was.

    ``update(X, resp, parameters)`` makes the next parameters.
    """
    resp, log_likelihood = e_step(X, parameters)
    found = [log_likelihood]
    for _ in range(n_rounds):
        new = update(X, resp, parameters)
        well = proper(X, new)
        pairs = zip(new, parameters, strict=True)
        parameters = Parameters(*(np.where(_along(well, a), a, b) for a, b in pairs))
        resp, log_likelihood = e_step(X, parameters)
        found.append(log_likelihood)
    return np.array(found)


def _along(values, like):
    return np.reshape(values, (-1,) + (1,) * (like.ndim - 1))


def old_means_update(X, mixture, covariance_type="full"):
    """One round of the origin's class, for one mixture: the covariances about the old means."""
    X = np.reshape(X, (1, len(X), -1))
    old = Parameters(mixture.weights[None], mixture.means[None], mixture.covariances[None])
    new = m_step(X, e_step(X, old)[0], old, covariance_type, old_means=True)
    return Mixture(*(array[0] for array in new))
