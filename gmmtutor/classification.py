"""Classification EM: every sample goes to one component, wholly (floor 3)."""

from typing import NamedTuple

import numpy as np

from gmmtutor.em import m_step
from gmmtutor.mixture import Mixture, weighted_log_prob


class ClassificationStep(NamedTuple):
    """One state of classification EM: labels and value belong to the mixture beside them."""

    mixture: Mixture
    labels: np.ndarray
    classification_log_likelihood: float


def c_step(X, mixture):
    """Give each sample to the component with the largest weight times density.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    labels : ndarray, shape (N,), int
        Counted from 0; of components that tie, the first.
    classification_log_likelihood : float
        Equation (eq-classification-likelihood) for these labels, the largest that any labels have.

    Raises
    ------
    ValueError
        If X is empty, not finite, or of another number of features than the mixture.
    """
    joint = weighted_log_prob(X, mixture)  # (N, K)
    return joint.argmax(axis=1), float(joint.max(axis=1).sum())


def classification_em_steps(X, start, *, covariance_type="full", reg_covar=0.0):
    """Iterate classification EM without end; the first item belongs to the start itself.

    Once the labels of two items in a row agree, nothing changes any more.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    start : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
    reg_covar : float
        As in `m_step`.

    Yields
    ------
    ClassificationStep
        Mixture, its labels, its classification log-likelihood; this never falls if the start is
        of the covariance type and ``reg_covar`` is 0.

    Raises
    ------
    DegenerateComponentError
        When no sample is left to a component, or too few to span all features.
    ValueError
        If X cannot be used.

    References
    ----------
    Celeux and Govaert (1992), A classification EM algorithm for clustering and two stochastic
    versions.
    """
    mixture = start
    while True:
        labels, value = c_step(X, mixture)
        yield ClassificationStep(mixture, labels, value)
        resp = np.eye(mixture.n_components)[labels]  # (N, K), one 1 in a row
        mixture = m_step(X, resp, covariance_type=covariance_type, reg_covar=reg_covar)
