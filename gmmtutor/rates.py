"""How fast EM arrives: the derivative of one round at a fixed point (floor 4)."""

import numpy as np

from gmmtutor.em import COVARIANCE_TYPES, m_step
from gmmtutor.mixture import Mixture, responsibilities
from gmmtutor.validation import as_samples

STEP = 1e-5  # of a coordinate's own unit; central differences then keep about ten digits


def em_jacobian(X, mixture, *, covariance_type="full", update=None):
    """Derivative of one round of EM, by central differences.

    The coordinates are free numbers, in this order: all weights but the last, which makes the sum
    1; the means, component by component; the entries of the covariances on and below the diagonal,
    row by row, component by component, as far as the covariance type leaves them free (tied: one
    matrix; diag: variances; spherical: one variance a component).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
        Where to differentiate, usually the end of a fit; its covariances of the type named.
    covariance_type : {"full", "tied", "diag", "spherical"}
    update : callable, optional
        ``update(X, mixture)`` makes the next mixture, of the same covariance type; one round of EM
        when left out.

    Returns
    -------
    ndarray, shape (P, P)
        Entry (i, j) is the derivative of coordinate i after the round with respect to coordinate j
        before it. P is `gmmtutor.n_parameters`. At a fixed point its eigenvalues do not depend on
        the coordinates, equation (eq-em-jacobian).

    Raises
    ------
    ValueError
        If X cannot be used, a weight is too small to be moved, or the covariance type is unknown.
    """
    X = as_samples(X, mixture.n_features)
    if covariance_type not in COVARIANCE_TYPES:
        choice = ", ".join(COVARIANCE_TYPES)
        raise ValueError(f"covariance_type is {covariance_type!r}; choose one of {choice}.")
    if update is None:

        def update(X, mixture):
            return m_step(X, responsibilities(X, mixture), covariance_type=covariance_type)

    at, columns = coordinates(mixture, covariance_type), []
    for i, unit in enumerate(coordinate_units(mixture, covariance_type)):
        move = np.zeros(len(at))
        move[i] = STEP * unit
        ahead, behind = (
            coordinates(
                update(X, from_coordinates(there, mixture, covariance_type)), covariance_type
            )
            for there in (at + move, at - move)
        )
        columns.append((ahead - behind) / (2 * STEP * unit))
    return np.column_stack(columns)


def spectral_radius(matrix):
    """Largest size of an eigenvalue: at a fixed point, the factor by which errors shrink.

    Parameters
    ----------
    matrix : array_like, shape (P, P)

    Returns
    -------
    float
        Of the Jacobian of a round at a fixed point: nearly all small errors shrink, in the long
        run, by this factor a round, if it is below 1.
    """
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def free_entries(n_components, n_features, covariance_type):
    """Indices (k, i, j) of the covariance entries that are free, three arrays."""
    if covariance_type in ("diag", "spherical"):
        i = np.arange(n_features if covariance_type == "diag" else 1)
        i, j = i, i
    else:
        i, j = np.tril_indices(n_features)
    n_matrices = 1 if covariance_type == "tied" else n_components
    return np.repeat(np.arange(n_matrices), len(i)), np.tile(i, n_matrices), np.tile(j, n_matrices)


def coordinates(mixture, covariance_type):
    """Free numbers of a mixture, shape (P,), in the order of `em_jacobian`."""
    entries = free_entries(mixture.n_components, mixture.n_features, covariance_type)
    parts = mixture.weights[:-1], mixture.means.ravel(), mixture.covariances[entries]
    return np.concatenate(parts)


def coordinate_units(mixture, covariance_type):
    """What is a small change of each coordinate, times 1 / STEP, shape (P,)."""
    k, i, j = free_entries(mixture.n_components, mixture.n_features, covariance_type)
    variances = np.diagonal(mixture.covariances, axis1=1, axis2=2)  # (K, D)
    sds = np.sqrt(variances)
    weights = np.minimum(mixture.weights[:-1], mixture.weights[-1])
    return np.concatenate([weights, sds.ravel(), sds[k, i] * sds[k, j]])


def from_coordinates(vector, like, covariance_type):
    """Make the mixture of coordinates (P,), of the shapes of another mixture."""
    K, D = like.means.shape
    weights, means, entries = np.split(vector, [K - 1, K - 1 + K * D])
    k, i, j = free_entries(K, D, covariance_type)
    covariances = np.zeros((K, D, D))
    covariances[k, i, j] = covariances[k, j, i] = entries
    if covariance_type == "tied":
        covariances[:] = covariances[0]
    if covariance_type == "spherical":
        covariances = covariances[:, :1, :1] * np.eye(D)
    return Mixture(np.append(weights, 1 - weights.sum()), means.reshape(K, D), covariances)
