"""A prior on covariances, under which no component can collapse (floor 1)."""

import math
from dataclasses import dataclass

import numpy as np

from gmmtutor.gaussian import fit_gaussian
from gmmtutor.validation import COVARIANCE_TYPES, as_samples, require_covariances


@dataclass(frozen=True, eq=False)
class InverseWishart:
    """The inverse-Wishart distribution of a covariance, equation (eq-inverse-wishart).

    In one dimension it is the inverse gamma distribution of a variance, of shape ``dof / 2`` and
    scale ``scale / 2``.

    Parameters
    ----------
    dof : float
        Degrees of freedom, nu; greater than D - 1.
    scale : array_like, shape (D, D), or a number in one dimension
        Psi, in the units of the data squared; symmetric and positive definite. Stored as (D, D),
        read-only.

    Raises
    ------
    ValueError
        If the scale is not a covariance, or there are too few degrees of freedom.
    """

    dof: float
    scale: np.ndarray

    def __post_init__(self):
        scale, dof = np.array(self.scale, dtype=float), float(self.dof)
        scale = scale.reshape(1, 1) if scale.size == 1 else scale
        if scale.ndim != 2 or scale.shape[0] != scale.shape[1]:
            raise ValueError(
                f"the scale has shape {scale.shape}; give (D, D), or a number in one dimension."
            )
        if not len(scale) - 1 < dof < np.inf:
            raise ValueError(
                f"dof is {dof:g}; a prior of {len(scale)} x {len(scale)} covariances needs a "
                f"finite number greater than {len(scale) - 1}."
            )
        try:
            require_covariances(scale[np.newaxis])
        except ValueError as fault:
            raise ValueError(f"the scale of the prior is no covariance: {fault}") from None
        scale.setflags(write=False)
        object.__setattr__(self, "dof", dof)
        object.__setattr__(self, "scale", scale)

    @classmethod
    def from_data(cls, X, n_components):
        """Make a weak prior in the units of the data: nu = D + 2, Psi = covariance / K^(2/D).

        Its mean is a covariance of the data's shape whose volume is one K-th of the data's.

        Parameters
        ----------
        X : array_like, shape (N, D) or (N,)
            Samples that span the space; their covariance is taken with divisor N.
        n_components : int
            The number of components K.

        Returns
        -------
        InverseWishart

        References
        ----------
        Fraley and Raftery (2007), whose prior also has a part for the means, left out here.
        """
        X = as_samples(X)
        n_features = X.shape[1]
        _, covariance = fit_gaussian(X)
        return cls(n_features + 2, covariance / n_components ** (2 / n_features))

    @property
    def n_features(self):
        """D, the number of features."""
        return len(self.scale)

    @property
    def pseudo_count(self):
        """nu + D + 1: how many samples the mode counts for, equation (eq-map-covariance)."""
        return self.dof + self.n_features + 1

    @property
    def mode(self):
        """The most probable covariance, Psi / (nu + D + 1), shape (D, D)."""
        return self.scale / self.pseudo_count

    def update(self, covariances, counts):
        """Maximise Q plus the log prior over covariances, equation (eq-map-covariance).

        Parameters
        ----------
        covariances : ndarray, shape (K, D, D)
            Those that maximise Q alone, about the new means.
        counts : ndarray, shape (K,)
            Effective counts N_k.

        Returns
        -------
        ndarray, shape (K, D, D)
        """
        counts = counts[:, np.newaxis, np.newaxis]
        return (counts * covariances + self.scale) / (counts + self.pseudo_count)

    def log_density(self, covariances):
        """Log density of covariances (K, D, D), each by itself, shape (K,)."""
        dof, n_features = self.dof, self.n_features
        log_gammas = [math.lgamma((dof - j) / 2) for j in range(n_features)]
        log_multigamma = n_features * (n_features - 1) / 4 * math.log(math.pi) + sum(log_gammas)
        log_constant = (
            dof * np.linalg.slogdet(self.scale)[1] - dof * n_features * math.log(2)
        ) / 2
        traces = np.trace(np.linalg.solve(covariances, self.scale), axis1=1, axis2=2)  # (K,)
        log_dets = np.linalg.slogdet(covariances)[1]  # (K,)
        return log_constant - log_multigamma - (self.pseudo_count * log_dets + traces) / 2


def log_prior(mixture, prior, *, covariance_type="full"):
    """Log prior density of a mixture's covariances, equation (eq-map-objective).

    The objective that EM with a prior never lowers is the log-likelihood plus this.

    Parameters
    ----------
    mixture : Mixture
    prior : InverseWishart
        Of the same number of features.
    covariance_type : {"full", "tied", "diag", "spherical"}
        "tied" counts the one covariance once. For "diag" and "spherical" the density of full
        matrices is evaluated at matrices of that type; it is the log prior up to a constant that
        does not depend on the mixture.

    Returns
    -------
    float
        Weights and means have a flat prior and add nothing.

    Raises
    ------
    ValueError
        If the numbers of features differ or the covariance type is unknown.
    """
    require_same_features(prior, mixture.n_features)
    if covariance_type not in COVARIANCE_TYPES:
        raise ValueError(
            f"covariance_type is {covariance_type!r}; choose one of {', '.join(COVARIANCE_TYPES)}."
        )
    one_for_all = covariance_type == "tied"
    covariances = mixture.covariances[:1] if one_for_all else mixture.covariances
    return float(prior.log_density(covariances).sum())


def require_same_features(prior, n_features):
    """Raise ValueError unless the prior is of this many features."""
    if prior.n_features != n_features:
        raise ValueError(
            f"the prior is one of {prior.n_features} features, the data have {n_features}."
        )
