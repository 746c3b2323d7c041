"""The Gaussian: its log density by Cholesky, and its maximum-likelihood fit (floor 0)."""

import numpy as np

from gmmtutor.validation import as_samples

LOG_2PI = np.log(2 * np.pi)


def log_gaussian(X, mean, covariance):
    """Log density of a Gaussian at each sample, equation (eq-gaussian-density-matrix).

    Computed by the Cholesky factor, equation (eq-log-density-cholesky).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
        Samples.
    mean : array_like, shape (D,)
        Mean, in the units of X.
    covariance : array_like, shape (D, D)
        Covariance, in the units of X squared; in one dimension a 1 x 1 matrix of the variance,
        never the standard deviation.

    Returns
    -------
    ndarray, shape (N,)
        Natural logarithm of the density, which may be positive.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the covariance is not positive definite.
    """
    X = as_samples(X)
    factor = np.linalg.cholesky(np.atleast_2d(covariance))  # (D, D), lower triangle
    whitened = np.linalg.solve(factor, (X - mean).T)  # (D, N)
    log_determinant = 2 * np.log(np.diag(factor)).sum()
    distance2 = (whitened**2).sum(axis=0)  # (N,), squared Mahalanobis distance
    return -0.5 * (X.shape[1] * LOG_2PI + log_determinant + distance2)


def fit_gaussian(X, sample_weight=None):
    """Maximum-likelihood mean and covariance of weighted samples.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
        Samples.
    sample_weight : array_like, shape (N,), optional
        How much each sample counts; a column of responsibilities, or ones when omitted.

    Returns
    -------
    mean : ndarray, shape (D,)
        Equation (eq-mean-update).
    covariance : ndarray, shape (D, D)
        About that mean, divided by the sum of the weights (not by the sum minus 1);
        equation (eq-covariance-update).
    """
    X = as_samples(X)
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    count = weight.sum()
    mean = weight @ X / count  # (D,)
    centred = X - mean  # (N, D)
    covariance = (weight[:, np.newaxis] * centred).T @ centred / count  # (D, D)
    return mean, (covariance + covariance.T) / 2
