"""Answers judged with the reason (floor 5): what is your number the answer to?

Every check takes the answer as people write it (numbers, strings, lists, arrays) and the problem,
and returns a `Verdict`: true or false, a short message, the mistake that gives these numbers.
"""

from gmmtutor.check.checks import (
    aic,
    bic,
    component_density,
    counts,
    covariances,
    density,
    hard_assignments,
    kmeans_step,
    log_likelihood,
    lower_bound,
    m_step,
    means,
    mixture_covariance,
    mixture_mean,
    mixture_variance,
    n_parameters,
    q,
    responsibilities,
    variances,
    weights,
)
from gmmtutor.check.functions import function, run
from gmmtutor.check.misconceptions import MISCONCEPTIONS, PAIRS
from gmmtutor.check.number import choice, number
from gmmtutor.check.planted import test_of
from gmmtutor.check.row import Misconception
from gmmtutor.check.samples import sample
from gmmtutor.check.verdict import Verdict

__all__ = [
    "MISCONCEPTIONS",
    "PAIRS",
    "Misconception",
    "Verdict",
    "aic",
    "bic",
    "choice",
    "component_density",
    "counts",
    "covariances",
    "density",
    "function",
    "hard_assignments",
    "kmeans_step",
    "log_likelihood",
    "lower_bound",
    "m_step",
    "means",
    "mixture_covariance",
    "mixture_mean",
    "mixture_variance",
    "n_parameters",
    "number",
    "q",
    "responsibilities",
    "run",
    "sample",
    "test_of",
    "variances",
    "weights",
]
