"""Checks of what comes in; every message says what came, why it cannot work, and what to do."""

import numpy as np

WEIGHT_SUM_TOLERANCE = 1e-6
SYMMETRY_TOLERANCE = 1e-8
COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")


def as_samples(X, n_features=None):
    """Return the data as a float array of shape (N, D).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
        Samples; (N,) is read as N samples of one feature.
    n_features : int, optional
        The number of features that X must have.

    Returns
    -------
    ndarray, shape (N, D), float64
        The caller's array is never changed.

    Raises
    ------
    ValueError
        If X is empty, has another number of axes or features, or holds NaN or infinity.
    """
    X = np.asarray(X, dtype=float)
    if X.ndim == 1:
        X = X[:, np.newaxis]
    if X.ndim != 2:
        raise ValueError(
            f"X has {X.ndim} axes, shape {X.shape}; "
            "give (n_samples, n_features), or (n_samples,) for one feature."
        )
    if X.size == 0:
        raise ValueError(
            f"X has {X.shape[0]} samples and {X.shape[1]} features; it needs at least one of each."
        )
    if n_features is not None and X.shape[1] != n_features:
        raise ValueError(
            f"X has {X.shape[1]} features, the mixture has {n_features}; "
            "give data and mixture of the same number of features "
            "(one sample of D features has shape (1, D))."
        )
    _require_finite(X, "X")
    return X


def _require_finite(array, name):
    if np.isfinite(array).all():
        return
    row, column = np.argwhere(~np.isfinite(array))[0]
    raise ValueError(
        f"{name} holds {array[row, column]} at row {row}, column {column}; "
        "remove or fill in such entries before fitting."
    )


def as_responsibilities(resp, n_samples):
    """Return responsibilities as a float array of shape (N, K) whose rows sum to 1.

    Parameters
    ----------
    resp : array_like, shape (N, K)
    n_samples : int
        N, the number of samples that they belong to.

    Returns
    -------
    ndarray, shape (N, K)

    Raises
    ------
    ValueError
        If the shape does not fit, an entry is negative or not finite, or a row does not sum to 1.
    """
    resp = np.asarray(resp, dtype=float)
    if resp.ndim != 2 or len(resp) != n_samples:
        raise ValueError(
            f"resp has shape {resp.shape}; give (n_samples, n_components) with one row for each "
            f"of the {n_samples} samples."
        )
    _require_finite(resp, "resp")
    if (resp < 0).any():
        row, column = np.argwhere(resp < 0)[0]
        raise ValueError(
            f"resp holds {resp[row, column]:.6g} at row {row}, column {column}; "
            "a responsibility is a probability and cannot be negative."
        )
    off = np.abs(resp.sum(axis=1) - 1)
    if off.max() > WEIGHT_SUM_TOLERANCE:
        row = off.argmax()
        raise ValueError(
            f"row {row} of resp sums to {resp[row].sum():.6g}, not to 1; "
            "divide each row by its sum (and check that rows are samples, columns components)."
        )
    return resp


def require_weights(weights):
    """Raise ValueError unless weights (K,) are non-negative and sum to 1 within 1e-6."""
    if not np.isfinite(weights).all():
        k = np.flatnonzero(~np.isfinite(weights))[0]
        raise ValueError(f"the weight of component {k} is {weights[k]}; give a finite number.")
    if (weights < 0).any():
        k = np.flatnonzero(weights < 0)[0]
        raise ValueError(
            f"the weight of component {k} is {weights[k]:.6g}; weights cannot be negative."
        )
    if abs(weights.sum() - 1) > WEIGHT_SUM_TOLERANCE:
        raise ValueError(
            f"the weights {weights.tolist()} sum to {weights.sum():.9g}, not to 1; "
            "divide them by their sum."
        )


def require_floor(reg_covar):
    """Raise ValueError unless reg_covar is a finite number of 0 or more."""
    if not 0 <= reg_covar < np.inf:
        raise ValueError(
            f"reg_covar is {reg_covar}; it is added to variances, so give a finite number >= 0."
        )


def require_covariances(covariances):
    """Raise ValueError unless each of (K, D, D) is finite, symmetric and positive definite."""
    for k, covariance in enumerate(covariances):
        if not np.isfinite(covariance).all():
            raise ValueError(f"the covariance of component {k} holds NaN or infinity.")
        sizes = np.sqrt(np.abs(np.diag(covariance)))
        skew = np.abs(covariance - covariance.T)
        if (skew > SYMMETRY_TOLERANCE * np.outer(sizes, sizes)).any():
            i, j = np.unravel_index(skew.argmax(), skew.shape)
            raise ValueError(
                f"the covariance of component {k} is not symmetric: entry ({i}, {j}) is "
                f"{covariance[i, j]:.6g}, entry ({j}, {i}) is {covariance[j, i]:.6g}."
            )
    try:
        np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        smallest = np.linalg.eigvalsh(covariances)[:, 0]  # (K,)
        k = smallest.argmin()
        raise ValueError(
            f"the covariance of component {k} is not positive definite: its smallest "
            f"eigenvalue is {smallest[k]:.6g}. A variance must be greater than 0; "
            "for a variance that a fit drives to 0, use reg_covar or fewer components."
        ) from None
