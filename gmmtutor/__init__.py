"""gmmtutor: Gaussian mixtures and the EM algorithm, as the book derives them."""

from gmmtutor import datasets
from gmmtutor.classification import ClassificationStep, c_step, classification_em_steps
from gmmtutor.em import (
    DegenerateComponentError,
    Step,
    e_step,
    em_steps,
    lower_bound,
    m_step,
)
from gmmtutor.estimator import GaussianMixture
from gmmtutor.fit import ConvergenceWarning, Fit, fit_em
from gmmtutor.gaussian import fit_gaussian, log_gaussian
from gmmtutor.kernel import mixture_from, statistics
from gmmtutor.kmeans import KMeans, kmeans, kmeans_plusplus
from gmmtutor.mixture import (
    Mixture,
    component_log_prob,
    log_likelihood,
    log_sum_exp,
    responsibilities,
    sample,
    score_samples,
    weighted_log_prob,
)
from gmmtutor.plus_minus import (
    plus_minus,
    plus_minus_log_likelihood,
    plus_minus_slope,
    plus_minus_update,
)
from gmmtutor.prior import InverseWishart, log_prior
from gmmtutor.rates import em_jacobian, spectral_radius
from gmmtutor.selection import aic, align, bic, icl, n_parameters
from gmmtutor.source import show_source
from gmmtutor.stepwise import OnlineStep, stepwise_em

__version__ = "0.1.0"

__all__ = [
    "ClassificationStep",
    "ConvergenceWarning",
    "DegenerateComponentError",
    "Fit",
    "GaussianMixture",
    "InverseWishart",
    "KMeans",
    "Mixture",
    "OnlineStep",
    "Step",
    "aic",
    "align",
    "bic",
    "c_step",
    "classification_em_steps",
    "component_log_prob",
    "datasets",
    "e_step",
    "em_jacobian",
    "em_steps",
    "fit_em",
    "fit_gaussian",
    "icl",
    "kmeans",
    "kmeans_plusplus",
    "log_gaussian",
    "log_likelihood",
    "log_prior",
    "log_sum_exp",
    "lower_bound",
    "m_step",
    "mixture_from",
    "n_parameters",
    "plus_minus",
    "plus_minus_log_likelihood",
    "plus_minus_slope",
    "plus_minus_update",
    "responsibilities",
    "sample",
    "score_samples",
    "show_source",
    "spectral_radius",
    "statistics",
    "stepwise_em",
    "weighted_log_prob",
]
