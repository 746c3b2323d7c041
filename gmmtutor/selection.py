"""Judging a fit: parameter counts, AIC, BIC, ICL, and matching components (floor 4)."""

import numpy as np

from gmmtutor.em import COVARIANCE_TYPES, e_step
from gmmtutor.mixture import Mixture, log_likelihood
from gmmtutor.validation import as_samples


def n_parameters(n_components, n_features, covariance_type="full"):
    """Number of free parameters of a mixture, equation (eq-n-parameters).

    Parameters
    ----------
    n_components : int
        The number of components K.
    n_features : int
        The number of features D.
    covariance_type : {"full", "tied", "diag", "spherical"}

    Returns
    -------
    int
        K - 1 weights, K D means, and the entries of the covariances that are free.

    Raises
    ------
    ValueError
        If the covariance type is unknown.
    """
    symmetric = n_features * (n_features + 1) // 2
    free = {
        "full": n_components * symmetric,
        "tied": symmetric,
        "diag": n_components * n_features,
        "spherical": n_components,
    }
    if covariance_type not in free:
        raise ValueError(
            f"covariance_type is {covariance_type!r}; choose one of {', '.join(COVARIANCE_TYPES)}."
        )
    return n_components - 1 + n_components * n_features + free[covariance_type]


def aic(X, mixture, *, covariance_type="full"):
    """Akaike's criterion, -2 log-likelihood + 2 parameters; lower is better.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
        What the covariances were allowed to be; the mixture itself does not know.

    Returns
    -------
    float
    """
    count = n_parameters(mixture.n_components, mixture.n_features, covariance_type)
    return 2 * count - 2 * log_likelihood(X, mixture)


def bic(X, mixture, *, covariance_type="full"):
    """Schwarz's criterion, -2 log-likelihood + parameters x log N; lower is better.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
        What the covariances were allowed to be; the mixture itself does not know.

    Returns
    -------
    float
        R's mclust reports the same number with the opposite sign, where higher is better.

    References
    ----------
    Schwarz (1978), Estimating the dimension of a model.
    """
    X = as_samples(X)
    count = n_parameters(mixture.n_components, mixture.n_features, covariance_type)
    return count * np.log(len(X)) - 2 * log_likelihood(X, mixture)


def icl(X, mixture, *, covariance_type="full"):
    """Integrated completed likelihood: BIC with samples assigned to components; lower is better.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
        What the covariances were allowed to be; the mixture itself does not know.

    Returns
    -------
    float
        BIC - 2 sum over samples of the log of the largest responsibility, as mclust computes it
        (with the opposite sign).

    References
    ----------
    Biernacki, Celeux and Govaert (2000), Assessing a mixture model for clustering with the
    integrated completed likelihood.
    """
    resp, _ = e_step(X, mixture)
    certainty = np.log(resp.max(axis=1)).sum()
    return bic(X, mixture, covariance_type=covariance_type) - 2 * float(certainty)


def align(mixture, reference):
    """Permute the components of a mixture so that they match those of a reference.

    Parameters
    ----------
    mixture, reference : Mixture
        Of the same number of components and features.

    Returns
    -------
    Mixture
        The same density with weights, means and covariances all in the reference's order; the
        sum of the symmetric Kullback-Leibler divergences between partners is least.

    Raises
    ------
    ValueError
        If the numbers of components or features differ.
    """
    from scipy.optimize import linear_sum_assignment

    if mixture.means.shape != reference.means.shape:
        raise ValueError(
            f"the mixture has {mixture.n_components} components of {mixture.n_features} features, "
            f"the reference {reference.n_components} of {reference.n_features}; "
            "only mixtures of the same shape can be aligned."
        )
    _, order = linear_sum_assignment(_divergences(reference, mixture))
    return Mixture(mixture.weights[order], mixture.means[order], mixture.covariances[order])


def _divergences(a, b):
    """Symmetric Kullback-Leibler divergences between the components of two mixtures, (K, K)."""
    precision_a, precision_b = np.linalg.inv(a.covariances), np.linalg.inv(b.covariances)
    shift = a.means[:, np.newaxis] - b.means  # (K, K, D)
    traces = np.einsum("iab,jba->ij", precision_a, b.covariances)
    traces += np.einsum("jab,iba->ij", precision_b, a.covariances)
    precisions = precision_a[:, np.newaxis] + precision_b  # (K, K, D, D)
    return traces / 2 + np.einsum("ija,ijab,ijb->ij", shift, precisions, shift) / 2
