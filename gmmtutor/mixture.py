"""The Gaussian mixture as a value: densities, responsibilities, log-likelihood (floor 1)."""

from dataclasses import dataclass

import numpy as np

from gmmtutor.gaussian import log_gaussian
from gmmtutor.validation import as_samples, require_covariances, require_weights


@dataclass(frozen=True, eq=False)
class Mixture:
    """A Gaussian mixture: a frozen value that is checked once, when it is made.

    Parameters
    ----------
    weights : array_like, shape (K,)
        Not negative, sum 1.
    means : array_like, shape (K, D), or (K,) in one dimension
        In the units of the data.
    covariances : array_like, shape (K, D, D), or (K,) in one dimension
        In the units of the data squared. In one dimension these are the **variances**,
        not the standard deviations.

    Attributes
    ----------
    weights : ndarray, shape (K,)
    means : ndarray, shape (K, D)
    covariances : ndarray, shape (K, D, D)
        All three read-only.

    Raises
    ------
    ValueError
        If shapes do not fit, weights are negative or do not sum to 1 within 1e-6, or a covariance
        is not symmetric and positive definite; names the component.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def __post_init__(self):
        weights, means, covariances = _as_parameters(self.weights, self.means, self.covariances)
        require_weights(weights)
        require_covariances(covariances)
        for name, value in (("weights", weights), ("means", means), ("covariances", covariances)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def n_components(self):
        """K, the number of components."""
        return len(self.weights)

    @property
    def n_features(self):
        """D, the number of features."""
        return self.means.shape[1]

    @property
    def variances(self):
        """Variances, shape (K,), of a mixture in one dimension."""
        if self.n_features != 1:
            raise AttributeError(
                f"a mixture of {self.n_features} features has covariances, not one variance "
                "a component; use .covariances."
            )
        return self.covariances[:, 0, 0]


def _as_parameters(weights, means, covariances):
    """Return fresh arrays of shapes (K,), (K, D), (K, D, D), or raise ValueError."""
    weights = np.array(weights, dtype=float)
    means = np.array(means, dtype=float)
    covariances = np.array(covariances, dtype=float)
    given = f"weights {weights.shape}, means {means.shape}, covariances {covariances.shape}"
    if means.ndim == 1:
        means = means[:, np.newaxis]
    if covariances.ndim == 1:
        covariances = covariances[:, np.newaxis, np.newaxis]
    n_components, n_features = means.shape if means.ndim == 2 else (0, 0)
    if (
        weights.shape != (n_components,)
        or covariances.shape != (n_components, n_features, n_features)
        or means.size == 0
    ):
        raise ValueError(
            f"the shapes do not fit: {given}. Give (K,), (K, D), (K, D, D), "
            "or (K,), (K,), (K,) in one dimension, where the last are variances."
        )
    if not np.isfinite(means).all():
        k = np.argwhere(~np.isfinite(means))[0, 0]
        raise ValueError(f"the mean of component {k} is {means[k]}; give finite numbers.")
    return weights, means, covariances


def component_log_prob(X, mixture):
    """Log density of every sample under every component.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    ndarray, shape (N, K)
        Entry (n, k) is log N(x_n given mean k, covariance k), natural logarithm.

    Raises
    ------
    ValueError
        If X is empty, not finite, or of another number of features than the mixture.
    """
    X = as_samples(X, mixture.n_features)
    components = zip(mixture.means, mixture.covariances, strict=True)
    return np.column_stack([log_gaussian(X, mean, cov) for mean, cov in components])


def weighted_log_prob(X, mixture):
    """Log of weight times density, the joint log density of sample and label.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    ndarray, shape (N, K)
        Entry (n, k) is log weight k + log N(x_n given mean k, covariance k); minus infinity
        where a weight is 0.

    Raises
    ------
    ValueError
        As `component_log_prob`.
    """
    with np.errstate(divide="ignore"):
        log_weights = np.log(mixture.weights)
    return component_log_prob(X, mixture) + log_weights


def log_sum_exp(a):
    """Log of the sum of exponentials along the last axis, safe from underflow.

    Equation (eq-log-sum-exp): the largest entry is taken out before exponentiating.

    Parameters
    ----------
    a : ndarray, shape (N, K)
        Each row holds at least one finite entry.

    Returns
    -------
    ndarray, shape (N,)
    """
    largest = a.max(axis=-1)
    return largest + np.log(np.exp(a - largest[..., np.newaxis]).sum(axis=-1))


def score_samples(X, mixture):
    """Log density of the mixture at each sample, equation (eq-mixture-density).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    ndarray, shape (N,)
        log p(x_n), natural logarithm.

    Raises
    ------
    ValueError
        As `component_log_prob`.
    """
    return log_sum_exp(weighted_log_prob(X, mixture))


def log_likelihood(X, mixture):
    """Sum over samples of the log density, equation (eq-log-likelihood).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    float
        The sum, not the mean; natural logarithm.

    Raises
    ------
    ValueError
        As `component_log_prob`.
    """
    return float(score_samples(X, mixture).sum())


def responsibilities(X, mixture):
    """Probability of each component given the sample, equation (eq-responsibility).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    ndarray, shape (N, K)
        Rows sum to 1.

    Raises
    ------
    ValueError
        As `component_log_prob`.
    """
    joint = weighted_log_prob(X, mixture)
    return np.exp(joint - log_sum_exp(joint)[:, np.newaxis])


def sample(mixture, n_samples, rng=None):
    """Draw samples and the labels that they came from.

    Parameters
    ----------
    mixture : Mixture
    n_samples : int
    rng : numpy.random.Generator or int, optional
        Source of random numbers, or a seed for one.

    Returns
    -------
    X : ndarray, shape (n_samples, D)
    labels : ndarray, shape (n_samples,), int
        The component of each sample, 0 to K - 1.
    """
    rng = np.random.default_rng(rng)
    weights = mixture.weights / mixture.weights.sum()
    labels = rng.choice(mixture.n_components, size=n_samples, p=weights)
    labels = labels.astype(np.intp, copy=False)  # 32 bits in the browser; bincount insists
    factors = np.linalg.cholesky(mixture.covariances)  # (K, D, D)
    noise = rng.standard_normal((n_samples, mixture.n_features))
    return mixture.means[labels] + np.einsum("nij,nj->ni", factors[labels], noise), labels
