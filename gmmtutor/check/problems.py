"""The problem to which an answer belongs, checked; the answer to an M-step, taken apart."""

import warnings
from contextlib import contextmanager
from functools import wraps

import numpy as np

from gmmtutor.check.reading import Unreadable, require_answer, short
from gmmtutor.check.verdict import Verdict
from gmmtutor.mixture import Mixture
from gmmtutor.validation import as_samples

ROW_SUM_REACH = 0.02  # responsibilities written by hand need not sum to 1 exactly
KEYS = {
    "weights": ("weights", "weight", "pi", "pis", "w", "phi"),
    "means": ("means", "mean", "mu", "mus", "mean_arr"),
    "covariances": (
        "covariances",
        "variances",
        "covs",
        "cov",
        "vars",
        "var",
        "sigma2",
        "variance",
        "covariance",
    ),
}


@contextmanager
def quietly():
    """Let numbers overflow and warnings pass: the verdict says what is to be said."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def explain_bad_problem(check):
    """Turn an error about the problem itself (X, mixture, resp) into a verdict that says so."""

    @wraps(check)
    def checked(*args, **kwargs):
        try:
            with quietly():
                return check(*args, **kwargs)
        except Unreadable as problem:
            return Verdict(problem.status, str(problem))
        except (ValueError, TypeError, ArithmeticError, RuntimeError, MemoryError) as error:
            text = f"The check cannot use what it was given to compare with: {error}"
            return Verdict("unreadable", f"{text.rstrip('.')}.")

    return checked


def explain_foreign_answer(take):
    """Turn whatever an answer raises while it is taken apart into a sentence about it."""

    @wraps(take)
    def taken(answer, *args):
        try:
            return take(answer, *args)
        except Unreadable:
            raise
        except Exception as error:  # whatever a foreign object raises when asked for its parts
            why = f"{type(error).__name__}: {error}".rstrip(": .")
            raise Unreadable(
                f"The answer, of type {type(answer).__name__}, cannot be taken apart ({why}): "
                "give plain tuples, lists or arrays."
            ) from None

    return taken


def from_parameters(mixture):
    """Return the given arrays of a problem about a mixture alone."""
    require_mixture(mixture, "mixture")
    return {name: getattr(mixture, name) for name in ("weights", "means", "covariances")}


def from_mixture(X, mixture):
    """Return the given arrays of a problem about data and a mixture."""
    return from_parameters(mixture) | {"X": samples(X, mixture.n_features)}


def require_mixture(mixture, name):
    """Raise Unreadable unless this is a Mixture."""
    if not isinstance(mixture, Mixture):
        raise Unreadable(
            f"`{name}` is of type {type(mixture).__name__}; "
            "give a `Mixture(weights, means, covariances)`."
        )


def samples(X, n_features=None):
    """Return X as (N, D); raise Unreadable or ValueError with a sentence."""
    try:
        if np.iscomplexobj(X):
            raise Unreadable("`X` is complex; give the data, an array of real numbers.")
        return as_samples(X, n_features)
    except (TypeError, ArithmeticError):
        raise Unreadable(f"`X` is {short(X)}; give the data, an array of numbers.") from None


def from_resp(X, resp):
    """Return the given arrays of a problem about an M-step; hand-rounded responsibilities pass."""
    X = samples(X)
    try:
        resp = np.asarray(resp, dtype=float)
    except (TypeError, ValueError):
        raise Unreadable(
            "`resp` is no array of numbers; give (n_samples, n_components)."
        ) from None
    if resp.ndim != 2 or len(resp) != len(X):
        raise Unreadable(
            f"`resp` has shape {resp.shape}; give one row for each of the {len(X)} points, "
            "one column for each component."
        )
    bad = ~(np.isfinite(resp).all(axis=1) & (resp >= 0).all(axis=1))
    bad |= np.abs(resp.sum(axis=1) - 1) > ROW_SUM_REACH
    if bad.any():
        row = int(bad.argmax())
        raise Unreadable(
            f"Row {row} of the `resp` given to the check is {resp[row].round(4).tolist()}: "
            "responsibilities are not negative and sum to 1. Check them first."
        )
    return {"X": X, "resp": resp}


def with_start(given, start):
    """Add the parameters one step earlier to a problem, if there are any."""
    if start is None:
        return given
    require_mixture(start, "start")
    return given | {"start": start}


@explain_foreign_answer
def parameters_of(answer):
    """Take the answer to an M-step apart.

    Parameters
    ----------
    answer : Mixture, tuple or dict

    Returns
    -------
    dict
        With keys weights, means, covariances.

    Raises
    ------
    Unreadable
        If it is none of these; Unanswered if it is None.
    """
    require_answer(list(answer.values()) if isinstance(answer, dict) else answer)
    if isinstance(answer, Mixture):
        return {name: getattr(answer, name) for name in KEYS}
    if isinstance(answer, dict):
        return _from_dict(answer)
    if isinstance(answer, tuple | list) and len(answer) == len(KEYS):
        return dict(zip(KEYS, answer, strict=True))
    came = f"{len(answer)} parts" if isinstance(answer, tuple | list) else type(answer).__name__
    raise Unreadable(
        f"An M-step gives three things, and this is {came}: give a tuple "
        "(weights, means, variances), a dict with these keys, or a Mixture."
    )


def _from_dict(answer):
    found = {}
    for name, keys in KEYS.items():
        key = next((key for key in keys if key in answer), None)
        if key is None:
            raise Unreadable(
                f"The dict has no {name!r}; its keys are {', '.join(map(str, answer))}."
            )
        found[name] = answer[key]
    return found


@explain_foreign_answer
def step_of(answer, n_samples):
    """Take the answer to a step of k-means apart: (labels, centres), or the centres alone."""
    if isinstance(answer, tuple) and len(answer) == 2 and np.size(answer[0]) == n_samples:
        return {"kmeans_labels": answer[0], "kmeans_step": answer[1]}
    return {"kmeans_step": answer}
