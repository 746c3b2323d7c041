"""The checks themselves: one function for each kind of answer."""

import numpy as np

from gmmtutor.check.judge import judge
from gmmtutor.check.problems import (
    explain_bad_problem,
    from_mixture,
    from_parameters,
    from_resp,
    parameters_of,
    step_of,
    with_start,
)
from gmmtutor.validation import as_samples


@explain_bad_problem
def density(answer, X, mixture, *, at=None, decimals=None):
    """Judge densities of the mixture, p(x_n).

    Parameters
    ----------
    answer : object
        Shape (N,), or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    at : int, optional
        The point that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    return judge("density", from_mixture(X, mixture), {"density": answer}, at, decimals)


@explain_bad_problem
def component_density(answer, X, mixture, *, at=None, decimals=None):
    """Judge densities of the components, N(x_n given mean k, covariance k), without weights.

    Parameters
    ----------
    answer : object
        Shape (N, K), or a row or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    at : int or (int, int), optional
        The row n, or the entry (n, k), that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    answers = {"component_density": answer}
    return judge("component_density", from_mixture(X, mixture), answers, at, decimals)


@explain_bad_problem
def responsibilities(answer, X, mixture, *, start=None, at=None, decimals=None):
    """Judge responsibilities, equation (eq-responsibility).

    Parameters
    ----------
    answer : object
        Shape (N, K), or a row or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    start : Mixture, optional
        The parameters one step earlier, to recognise responsibilities that are late.
    at : int or (int, int), optional
        The row n, or the entry (n, k), that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = with_start(from_mixture(X, mixture), start)
    return judge("responsibilities", given, {"responsibilities": answer}, at, decimals)


@explain_bad_problem
def hard_assignments(answer, X, mixture):
    """Judge the labels of the most responsible components.

    Parameters
    ----------
    answer : object
        Shape (N,), labels counted from 0 or from 1; or (N, K), a 1 in each row.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture

    Returns
    -------
    Verdict
    """
    given = from_mixture(X, mixture)
    labels, note = _as_labels(answer, mixture.n_components)
    verdict = judge("hard_assignments", given, {"hard_assignments": labels})
    if not verdict and verdict.status not in ("unreadable", "unanswered") and np.min(labels) >= 1:
        shifted = judge("hard_assignments", given, {"hard_assignments": np.subtract(labels, 1)})
        if shifted or np.max(labels) == mixture.n_components:
            verdict, note = shifted, "Your labels count from 1, Python's from 0."
    return verdict.noted(note)


def _as_labels(answer, n_components):
    """Return one label for each row of a table of 0 and 1, and a note; else the answer itself."""
    try:
        table = np.asarray(answer if isinstance(answer, np.ndarray | list | tuple) else ())
    except ValueError:
        return answer, ""
    if table.ndim == 2 and table.shape[1] == n_components > 1 and table.dtype.kind in "fiub":
        if ((table == 0) | (table == 1)).all() and (table.sum(axis=1) == 1).all():
            return table.argmax(axis=1), "Your table has a 1 in place of each label."
    return answer, ""


@explain_bad_problem
def counts(answer, X, resp, *, at=None, decimals=None):
    """Judge effective counts N_k, the column sums of the responsibilities.

    Parameters
    ----------
    answer : object
        Shape (K,), or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    at : int, optional
        The component that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    return judge("counts", from_resp(X, resp), {"counts": answer}, at, decimals)


@explain_bad_problem
def weights(answer, X, resp, *, start=None, at=None, decimals=None):
    """Judge updated weights, equation (eq-weight-update).

    Parameters
    ----------
    answer : object
        Shape (K,), or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    start : Mixture, optional
        The parameters before the update, to recognise weights that are not updated.
    at : int, optional
        The component that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = with_start(from_resp(X, resp), start)
    return judge("weights", given, {"weights": answer}, at, decimals)


@explain_bad_problem
def means(answer, X, resp, *, start=None, at=None, decimals=None):
    """Judge updated means, equation (eq-mean-update).

    Parameters
    ----------
    answer : object
        Shape (K, D), or (K,) for one feature; one mean or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    start : Mixture, optional
        The parameters before the update.
    at : int or tuple of int, optional
        The component (and feature) that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = with_start(from_resp(X, resp), start)
    return judge("means", given, {"means": answer}, at, decimals)


@explain_bad_problem
def covariances(answer, X, resp, *, start=None, at=None, decimals=None):
    """Judge updated covariances, about the new means, equation (eq-covariance-update).

    Parameters
    ----------
    answer : object
        Shape (K, D, D), or (K,) variances for one feature; a matrix or one number with `at`.
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    start : Mixture, optional
        The parameters before the update: mistakes that need them are tried when it is given.
    at : int or tuple of int, optional
        The component (and entry) that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = with_start(from_resp(X, resp), start)
    return judge("covariances", given, {"covariances": answer}, at, decimals)


variances = covariances


@explain_bad_problem
def m_step(answer, X, resp, start=None, *, decimals=None):
    """Judge a whole M-step: weights, means and covariances.

    Parameters
    ----------
    answer : Mixture, tuple (weights, means, covariances), or dict with these keys
        In one dimension the last may be the variances, shape (K,).
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    start : Mixture, optional
        The parameters before the update: mistakes that need them are tried when it is given.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = with_start(from_resp(X, resp), start)
    return judge("m_step", given, parameters_of(answer), None, decimals)


@explain_bad_problem
def log_likelihood(answer, X, mixture, *, start=None, decimals=None):
    """Judge a log-likelihood: the sum over the points, natural logarithm.

    Parameters
    ----------
    answer : object
        One number.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    start : Mixture, optional
        The parameters one step earlier, to recognise a number that is late.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = with_start(from_mixture(X, mixture), start)
    return judge("log_likelihood", given, {"log_likelihood": answer}, None, decimals)


@explain_bad_problem
def lower_bound(answer, X, resp, mixture, *, decimals=None):
    """Judge an evidence lower bound (ELBO), equation (eq-lower-bound).

    Parameters
    ----------
    answer : object
        One number.
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    mixture : Mixture
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = from_mixture(X, mixture) | from_resp(X, resp)
    return judge("lower_bound", given, {"lower_bound": answer}, None, decimals)


@explain_bad_problem
def q(answer, X, resp, mixture, *, decimals=None):
    """Judge Q, the complete-data log-likelihood expected under the responsibilities.

    Parameters
    ----------
    answer : object
        One number.
    X : array_like, shape (N, D) or (N,)
    resp : array_like, shape (N, K)
    mixture : Mixture
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = from_mixture(X, mixture) | from_resp(X, resp)
    return judge("q", given, {"q": answer}, None, decimals)


@explain_bad_problem
def n_parameters(answer, n_components, n_features, covariance_type="full"):
    """Judge a number of free parameters.

    Parameters
    ----------
    answer : object
        A whole number.
    n_components, n_features : int
    covariance_type : {"full", "tied", "diag", "spherical"}

    Returns
    -------
    Verdict
    """
    given = {
        "n_components": n_components,
        "n_features": n_features,
        "covariance_type": covariance_type,
    }
    return judge("n_parameters", given, {"n_parameters": answer})


@explain_bad_problem
def aic(answer, X, mixture, *, covariance_type="full", decimals=None):
    """Judge an AIC, -2 log-likelihood + 2 parameters.

    Parameters
    ----------
    answer : object
        One number.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = from_mixture(X, mixture) | {"covariance_type": covariance_type}
    return judge("aic", given, {"aic": answer}, None, decimals)


@explain_bad_problem
def bic(answer, X, mixture, *, covariance_type="full", decimals=None):
    """Judge a BIC, -2 log-likelihood + parameters x log N.

    Parameters
    ----------
    answer : object
        One number.
    X : array_like, shape (N, D) or (N,)
    mixture : Mixture
    covariance_type : {"full", "tied", "diag", "spherical"}
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = from_mixture(X, mixture) | {"covariance_type": covariance_type}
    return judge("bic", given, {"bic": answer}, None, decimals)


@explain_bad_problem
def mixture_mean(answer, mixture, *, at=None, decimals=None):
    """Judge the mean of a whole mixture.

    Parameters
    ----------
    answer : object
        Shape (D,), or one number for one feature.
    mixture : Mixture
    at : int, optional
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = from_parameters(mixture)
    return judge("mixture_mean", given, {"mixture_mean": answer}, at, decimals)


@explain_bad_problem
def mixture_covariance(answer, mixture, *, at=None, decimals=None):
    """Judge the covariance of a whole mixture; in one dimension its variance.

    Parameters
    ----------
    answer : object
        Shape (D, D), or one number for one feature.
    mixture : Mixture
    at : (int, int), optional
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    given = from_parameters(mixture)
    return judge("mixture_covariance", given, {"mixture_covariance": answer}, at, decimals)


mixture_variance = mixture_covariance


@explain_bad_problem
def kmeans_step(answer, X, centres, *, decimals=None):
    """Judge one step of k-means: assign each point, then move each centre to its points' mean.

    Parameters
    ----------
    answer : object
        The new centres, shape (K, D), or (K,) for one feature; or a tuple (labels, centres).
    X : array_like, shape (N, D) or (N,)
    centres : array_like, shape (K, D) or (K,)
        Before the step.
    decimals : int, optional
        To how many decimals the answer was rounded; counted when omitted.

    Returns
    -------
    Verdict
    """
    X = as_samples(X)
    given = {"X": X, "centres_before": as_samples(centres, X.shape[1])}
    return judge("kmeans_step", given, step_of(answer, len(X)), None, decimals)
