"""The EM algorithm in its textbook form, as the book prints it (floor 2)."""

from typing import NamedTuple

import numpy as np

from gmmtutor.gaussian import fit_gaussian
from gmmtutor.mixture import Mixture, log_sum_exp, weighted_log_prob
from gmmtutor.prior import require_same_features
from gmmtutor.validation import (
    COVARIANCE_TYPES,
    as_responsibilities,
    as_samples,
    require_floor,
)

SMALLEST_SD = 1e-8  # of the data's spread
ROUNDED_SPREAD = 10 * np.finfo(float).eps / SMALLEST_SD  # of X: what hides a sd of SMALLEST_SD
SMALLEST_COUNT = 10 * np.finfo(float).eps


class DegenerateComponentError(ValueError):
    """A component has emptied, or has shrunk onto a point, a line or a plane."""


class Step(NamedTuple):
    """One state of EM: responsibilities and log-likelihood belong to the mixture beside them."""

    mixture: Mixture
    resp: np.ndarray
    log_likelihood: float


def e_step(X, mixture):
    """Responsibilities and log-likelihood of the same parameters.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    resp : ndarray, shape (N, K)
        Equation (eq-responsibility); rows sum to 1.
    log_likelihood : float
        Equation (eq-log-likelihood); the sum over samples.

    Raises
    ------
    ValueError
        If X is empty, not finite, or of another number of features than the mixture.
    """
    joint = weighted_log_prob(X, mixture)  # (N, K)
    total = log_sum_exp(joint)  # (N,)
    resp = np.exp(joint - total[:, np.newaxis])  # (N, K)
    return resp, float(total.sum())


def m_step(X, resp, *, covariance_type="full", reg_covar=0.0, prior=None):
    """Weights, means and covariances that maximise Q with the responsibilities held fixed.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
        Responsibilities; rows sum to 1.
    covariance_type : {"full", "tied", "diag", "spherical"}
        What the covariances may be: free, one for all, diagonal, a multiple of the identity.
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared.
    prior : InverseWishart, optional
        On every covariance, or once on the tied one; then Q plus the log prior is maximised,
        equation (eq-map-covariance).

    Returns
    -------
    Mixture
        Equations (eq-mean-update), (eq-covariance-update), (eq-weight-update);
        each covariance is about the *new* mean.

    Raises
    ------
    DegenerateComponentError
        If a component is empty (its effective count is below 10 eps), or, without floor and
        prior, its smallest standard deviation falls below 1e-8 of the data's spread.
    ValueError
        If X or resp cannot be used, the covariance type is unknown, or the prior does not fit.
    """
    X = as_samples(X)
    resp = as_responsibilities(resp, len(X))
    require_floor(reg_covar)
    counts = resp.sum(axis=0)  # (K,), effective counts N_k
    require_occupied(counts)
    weights = counts / counts.sum()
    fits = [fit_gaussian(X, column) for column in resp.T]
    means = np.array([mean for mean, _ in fits])  # (K, D)
    covariances = np.array([covariance for _, covariance in fits])  # (K, D, D)
    covariances = constrain(covariances, weights, covariance_type)
    if prior is not None:
        covariances = with_prior(covariances, counts, covariance_type, prior)
    covariances += reg_covar * np.eye(X.shape[1])
    if reg_covar == 0 and prior is None:
        require_spread(X, covariances, counts)
    return Mixture(weights, means, covariances)


def constrain(covariances, weights, covariance_type):
    """Project full covariances on a covariance type, equation (eq-covariance-types).

    Parameters
    ----------
    covariances : ndarray, shape (K, D, D)
        Covariances about their own means.
    weights : ndarray, shape (K,)
    covariance_type : {"full", "tied", "diag", "spherical"}

    Returns
    -------
    ndarray, shape (K, D, D)
        The maximum of Q among covariances of that type.

    Raises
    ------
    ValueError
        If the covariance type is unknown.
    """
    identity = np.eye(covariances.shape[1])
    if covariance_type == "full":
        return covariances
    if covariance_type == "tied":
        pooled = np.einsum("k,kij->ij", weights, covariances)
        return np.repeat(pooled[np.newaxis], len(weights), axis=0)
    if covariance_type == "diag":
        return covariances * identity
    if covariance_type == "spherical":
        average_variances = np.trace(covariances, axis1=1, axis2=2) / len(identity)
        return average_variances[:, np.newaxis, np.newaxis] * identity
    raise ValueError(
        f"covariance_type is {covariance_type!r}; choose one of {', '.join(COVARIANCE_TYPES)}."
    )


def with_prior(covariances, counts, covariance_type, prior):
    """Maximise Q plus the log prior within a covariance type, equation (eq-map-types).

    Parameters
    ----------
    covariances : ndarray, shape (K, D, D)
        The maximum of Q alone, of that type.
    counts : ndarray, shape (K,)
        Effective counts N_k.
    covariance_type : {"full", "tied", "diag", "spherical"}
    prior : InverseWishart

    Returns
    -------
    ndarray, shape (K, D, D)

    Raises
    ------
    ValueError
        If the prior is of another number of features.
    """
    require_same_features(prior, covariances.shape[1])
    if covariance_type == "tied":
        counts = np.full_like(counts, counts.sum())  # all samples, one covariance
    covariances = prior.update(covariances, counts)
    return constrain(covariances, counts / counts.sum(), covariance_type)


def require_occupied(counts):
    """Raise DegenerateComponentError if an effective count (K,) is below 10 eps."""
    k = counts.argmin()
    if counts[k] < SMALLEST_COUNT:
        raise DegenerateComponentError(
            f"component {k} has emptied: its effective count is {counts[k]:.3g}. "
            "Start elsewhere, or use fewer components."
        )


def require_spread(X, covariances, counts):
    """Raise DegenerateComponentError if a covariance is singular to working precision.

    Parameters
    ----------
    X : ndarray, shape (N, D)
        Each feature is measured in units of its own standard deviation.
    covariances : ndarray, shape (K, D, D)
    counts : ndarray, shape (K,)
        Effective counts, for the message.

    Raises
    ------
    DegenerateComponentError
        Naming the component whose smallest standard deviation is below 1e-8 of the data's.
    """
    spread = np.maximum(X.std(axis=0), ROUNDED_SPREAD * np.abs(X).max(axis=0))
    spread[np.ptp(X, axis=0) == 0] = np.inf  # a constant feature, whatever rounding made of it
    eigenvalues = np.linalg.eigvalsh(covariances / np.outer(spread, spread))  # (K, D), ascending
    rounding = X.shape[1] * np.finfo(float).eps * eigenvalues[:, -1]
    singular = eigenvalues[:, 0] <= np.maximum(SMALLEST_SD**2, rounding * (X.shape[1] > 1))
    if singular.any():
        k = singular.argmax()
        smallest_sd = np.sqrt(max(eigenvalues[k, 0], 0))
        size = f"{smallest_sd:.3g}" if smallest_sd > SMALLEST_SD else "below 1e-8"
        raise DegenerateComponentError(
            f"component {k} has collapsed: its smallest standard deviation is {size} "
            f"of the data's spread, its effective count {counts[k]:.4g}. Start elsewhere, use "
            "fewer components or covariance_type='tied', or give reg_covar > 0; a constant or "
            "repeated column of X does this to every component."
        )


def lower_bound(X, resp, mixture):
    """Evidence lower bound (ELBO) of any responsibilities, equation (eq-lower-bound).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
        Any distribution over the components for each sample; rows sum to 1.
    mixture : Mixture

    Returns
    -------
    float
        At most the log-likelihood, and equal to it right after an E-step; minus infinity if resp
        puts mass on a component of weight 0.

    Raises
    ------
    ValueError
        If X or resp cannot be used.
    """
    joint = weighted_log_prob(X, mixture)  # (N, K)
    resp = as_responsibilities(resp, len(joint))
    held = resp > 0  # 0 log 0 = 0
    return float((resp[held] * (joint[held] - np.log(resp[held]))).sum())


def em_steps(X, start, *, covariance_type="full", reg_covar=0.0, prior=None):
    """Iterate EM without end; the first item belongs to the start itself.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    start : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
    reg_covar : float
    prior : InverseWishart, optional
        As in `m_step`.

    Yields
    ------
    Step
        Mixture, its responsibilities, its log-likelihood (without `log_prior`).

    Raises
    ------
    DegenerateComponentError
        When a component empties or collapses.
    ValueError
        If X cannot be used.
    """
    options = {"covariance_type": covariance_type, "reg_covar": reg_covar, "prior": prior}
    mixture = start
    while True:
        resp, log_likelihood = e_step(X, mixture)
        yield Step(mixture, resp, log_likelihood)
        mixture = m_step(X, resp, **options)
