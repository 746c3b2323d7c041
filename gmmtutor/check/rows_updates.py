"""Mistakes with the three updates, moments, parameter counts and k-means."""

import numpy as np

from gmmtutor.check.recipe import RULES, Work
from gmmtutor.check.row import (
    COUNTED,
    CRITERIA,
    GAUSSIAN,
    PACKAGE,
    SPREADS,
    UPDATE,
    Misconception,
)

A_SHARE = 0.005  # what rounds to 0.01 at least


def _soft_by_distance(w):
    centred = w.X[:, np.newaxis, :] - w.centres_before
    closeness = np.exp(-0.5 * (centred**2).sum(axis=2))
    return closeness / closeness.sum(axis=1, keepdims=True)


def _square_over_triangle(w):
    return 2 * w.n_features / (w.n_features + 1)


def _points_with_a_share(w):
    return np.maximum((w.used >= A_SHARE).sum(axis=0), 1)


def _some_without_a_share(w):
    return bool((w.resp < A_SHARE).any())


def _untouched(w):
    return Work(w.given)


def _mean_not_squared(w):
    squares = w.used.T @ w.X**2 / w.counts[:, np.newaxis]
    return (squares - w.new_means)[:, :, np.newaxis]


def _mixture_mean_not_squared(w):
    mean = w.mixture_mean[:, np.newaxis]
    return RULES["mixture_covariance"](w) + mean**2 - mean


PARAMETERS = ("weights", "means", "covariances")
NOT_UPDATED = (
    ("weights are", ("weights",), ("weights", "m_step")),
    ("means are", ("means",), ("means", "m_step")),
    ("variances are", ("covariances",), SPREADS),
    ("parameters are all", PARAMETERS, ("m_step",)),
)


def _not_updated(noun, names, checks):
    """Return the row of those who give parameters as they were before the step."""

    def before(name):
        return lambda w: getattr(w.start, name)

    return Misconception(
        "not-updated",
        "the values before the update",
        f"the {noun} those before the update",
        "a step on which they change",
        (UPDATE, "three updates, one frozen matrix"),
        checks,
        {f"new_{name}": before(name) for name in names},
    )


UPDATE_ROWS = (
    # --- the three updates -------------------------------------------------------------
    Misconception(
        "old-means",
        "squares about the old means",
        "the squares are taken about the means before the update "
        "(the likelihood still never falls, but this is not the M-step)",
        "a step on which the means move",
        (UPDATE, "the old mean in the variance"),
        SPREADS,
        {"centres": lambda w: w.start.means},
    ),
    Misconception(
        "uncentred",
        "squares without the mean",
        "the mean is not subtracted before squaring",
        "means other than 0",
        (UPDATE, "the variance update"),
        SPREADS,
        {"centres": lambda w: np.zeros((w.resp.shape[1], w.X.shape[1]))},
    ),
    Misconception(
        "uncentred",
        "the second moment",
        "the square of the mean is not subtracted from the second moment",
        "a mixture whose mean is not 0",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_covariance",),
        {"between": lambda w: np.einsum("k,ki,kj->ij", w.factors, w.means, w.means)},
    ),
    Misconception(
        "squared-responsibilities",
        "squared responsibilities",
        "the responsibilities are squared together with the distances",
        "responsibilities that are not all 0 or 1",
        (UPDATE, "the variance update"),
        SPREADS,
        {"moment_weights": lambda w: w.used**2},
    ),
    Misconception(
        "divisor-nk-minus-1",
        "the divisor N_k - 1",
        "the sum of squares is divided by N_k - 1, and not by N_k "
        "(with it the likelihood can fall)",
        "any other data",
        (UPDATE, "the exercise about the alarm that rings late"),
        SPREADS,
        {"covariance_divisors": lambda w: w.counts - 1},
    ),
    Misconception(
        "divisor-n",
        "the divisor N",
        "the sum is divided by the number of points N, and not by the effective count N_k",
        "more than one component",
        (UPDATE, "the division by the effective count"),
        ("means", "m_step"),
        {
            "mean_divisors": lambda w: np.full(w.resp.shape[1], len(w.X)),
            "covariance_divisors": lambda w: np.full(w.resp.shape[1], len(w.X)),
        },
    ),
    Misconception(
        "divisor-n",
        "the divisor N",
        "the sum of squares is divided by the number of points N, "
        "and not by the effective count N_k",
        "more than one component",
        (UPDATE, "the division by the effective count"),
        SPREADS,
        {"covariance_divisors": lambda w: np.full(w.resp.shape[1], len(w.X))},
    ),
    Misconception(
        "points-counted",
        "the number of points that have a share",
        "the sum is divided by the number of points that have a share, "
        "and not by the effective count N_k",
        "responsibilities that are not all 0 or 1",
        (UPDATE, "the division by the effective count"),
        ("means", "m_step"),
        {"mean_divisors": _points_with_a_share, "covariance_divisors": _points_with_a_share},
        when=_some_without_a_share,
    ),
    Misconception(
        "points-counted",
        "the number of points that have a share",
        "the sum of squares is divided by the number of points that have a share, "
        "and not by the effective count N_k",
        "responsibilities that are not all 0 or 1",
        (UPDATE, "the division by the effective count"),
        SPREADS,
        {"covariance_divisors": _points_with_a_share},
        when=_some_without_a_share,
    ),
    Misconception(
        "counts-as-weights",
        "the counts in place of the weights",
        "the effective counts are not divided by the number of points N",
        "any other data",
        (UPDATE, "the weight update"),
        ("weights", "m_step"),
        {"new_weights": lambda w: w.counts},
    ),
    Misconception(
        "mean-not-squared",
        "the mean in place of its square",
        "the mean is subtracted from the mean square, and not its square",
        "means other than 0 and 1",
        (UPDATE, "the variance update"),
        SPREADS,
        {"new_covariances": _mean_not_squared},
        when=lambda w: w.X.shape[1] == 1,
    ),
    Misconception(
        "global-mean",
        "squares about the mean of all points",
        "the squares are taken about the mean of all points, and not about the component's own",
        "components with different means",
        (UPDATE, "the variance update"),
        SPREADS,
        {"centres": lambda w: np.tile(w.X.mean(axis=0), (w.resp.shape[1], 1))},
    ),
    Misconception(
        "unweighted-squares",
        "squares without the responsibilities",
        "the squares are added up without the responsibilities, and divided by N_k",
        "responsibilities that are not all 0 or 1",
        (UPDATE, "the variance update"),
        SPREADS,
        {"moment_weights": lambda w: np.ones_like(w.used)},
    ),
    Misconception(
        "unweighted-squares",
        "squares without the responsibilities",
        "the squares are averaged over all points, without the responsibilities",
        "responsibilities that are not all 0 or 1",
        (UPDATE, "the variance update"),
        SPREADS,
        {
            "moment_weights": lambda w: np.ones_like(w.used),
            "covariance_divisors": lambda w: np.full(w.resp.shape[1], len(w.X)),
        },
    ),
    Misconception(
        "means-for-variances",
        "means and variances exchanged",
        "the means stand in the place of the variances, and the variances in that of the means",
        "any other data",
        (UPDATE, "the variance update"),
        ("m_step",),
        {
            "new_means": lambda w: RULES["new_covariances"](_untouched(w))[:, :, 0],
            "new_covariances": lambda w: RULES["new_means"](_untouched(w))[:, :, np.newaxis],
        },
        when=lambda w: w.X.shape[1] == 1,
    ),
    # --- what has not been updated -----------------------------------------------------
    *(_not_updated(noun, names, checks) for noun, names, checks in NOT_UPDATED),
    # --- moments -----------------------------------------------------------------------
    Misconception(
        "sd-as-variance",
        "the standard deviation in place of the variance",
        "a square root is taken: this is the standard deviation, and the variance is asked for",
        "any other mixture",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_covariance",),
        {"mixture_covariance": lambda w: np.sqrt(RULES["mixture_covariance"](w))},
        when=lambda w: w.means.shape[1] == 1,
    ),
    Misconception(
        "mean-not-squared",
        "the mean in place of its square",
        "the mean is subtracted from the second moment, and not its square",
        "a mixture whose mean is neither 0 nor 1",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_covariance",),
        {"mixture_covariance": _mixture_mean_not_squared},
        when=lambda w: w.means.shape[1] == 1,
    ),
    Misconception(
        "between-only",
        "the spread of the means alone",
        "the spread of the means is given and the variances are left out",
        "any other mixture",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_covariance",),
        {"within": lambda w: np.zeros((w.n_features, w.n_features))},
    ),
    Misconception(
        "within-only",
        "the average variance",
        "the variances are averaged and the spread of the means is left out",
        "components with different means",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_covariance",),
        {"between": lambda w: np.zeros((w.n_features, w.n_features))},
    ),
    Misconception(
        "means-unweighted",
        "the spread of the means without the weights",
        "the variance of the means is taken without the weights",
        "unequal weights",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_covariance",),
        {"between": lambda w: np.atleast_2d(np.cov(w.means.T, bias=True))},
    ),
    Misconception(
        "variables-averaged",
        "an average of random variables",
        "the variables are averaged (squared weights), where a mixture averages the densities",
        "any other mixture",
        (GAUSSIAN, "a mixture is not a sum of variables"),
        ("mixture_covariance",),
        {"mixture_covariance": lambda w: np.einsum("k,kij->ij", w.factors**2, w.covariances)},
    ),
    # --- counting and choosing -----------------------------------------------------------
    Misconception(
        "bic-sign",
        "the other sign",
        "the whole criterion has the other sign, where higher is better (as in R's mclust)",
        "any other data",
        (PACKAGE, "judging a fit: `bic`, and where its sign differs"),
        CRITERIA,
        {"aic": lambda w: -RULES["aic"](w), "bic": lambda w: -RULES["bic"](w)},
    ),
    Misconception(
        "bic-sign",
        "the log-likelihood with the wrong sign",
        "the log-likelihood enters with +2, and not with -2",
        "any other data",
        (PACKAGE, "judging a fit: `bic`, and where its sign differs"),
        CRITERIA,
        {"fit_term": lambda w: 2 * w.log_likelihood},
    ),
    Misconception(
        "bic-sign",
        "the penalty with the wrong sign",
        "the penalty is subtracted, and not added",
        "any other data",
        (PACKAGE, "judging a fit: `bic`, and where its sign differs"),
        CRITERIA,
        {
            "aic_penalty": lambda w: -RULES["aic_penalty"](w),
            "bic_penalty": lambda w: -RULES["bic_penalty"](w),
        },
    ),
    Misconception(
        "criterion-halved",
        "the log-likelihood counted once",
        "the log-likelihood enters once, and not twice",
        "any other data",
        (PACKAGE, "judging a fit: `aic` and `bic`"),
        CRITERIA,
        {"fit_term": lambda w: -w.log_likelihood},
    ),
    Misconception(
        "criterion-halved",
        "the form on the scale of the log-likelihood",
        "the criterion is written on the scale of the log-likelihood, "
        "log-likelihood minus half the penalty, as some books do",
        "any other data",
        (PACKAGE, "judging a fit: `aic` and `bic`"),
        CRITERIA,
        {"aic": lambda w: -RULES["aic"](w) / 2, "bic": lambda w: -RULES["bic"](w) / 2},
    ),
    Misconception(
        "criterion-swapped",
        "the other criterion",
        "the penalty is the other criterion's: AIC adds 2, BIC adds log N for each parameter",
        "any other data",
        (PACKAGE, "judging a fit: `aic` and `bic`"),
        CRITERIA,
        {
            "aic_penalty": RULES["bic_penalty"],
            "bic_penalty": RULES["aic_penalty"],
        },
    ),
    Misconception(
        "parameters-miscounted",
        "K free weights",
        "all K weights are counted as free; they sum to 1, so K - 1 are",
        "any other model",
        (PACKAGE, "judging a fit: `n_parameters`"),
        COUNTED,
        {"free_weights": lambda w: w.n_components},
    ),
    Misconception(
        "parameters-miscounted",
        "no weights counted",
        "the weights are not counted",
        "more than one component",
        (PACKAGE, "judging a fit: `n_parameters`"),
        COUNTED,
        {"free_weights": lambda w: 0},
    ),
    Misconception(
        "parameters-miscounted",
        "no means counted",
        "the means are not counted",
        "any other model",
        (PACKAGE, "judging a fit: `n_parameters`"),
        COUNTED,
        {"free_means": lambda w: 0},
    ),
    Misconception(
        "parameters-miscounted",
        "no covariances counted",
        "the variances and covariances are not counted",
        "any other model",
        (PACKAGE, "judging a fit: `n_parameters`"),
        COUNTED,
        {"free_covariances": lambda w: 0},
    ),
    Misconception(
        "parameters-miscounted",
        "symmetric entries counted twice",
        "a covariance matrix counts D x D entries; it is symmetric, so D (D + 1) / 2 are free",
        "more than one feature",
        (PACKAGE, "judging a fit: `n_parameters`"),
        COUNTED,
        {"free_covariances": lambda w: RULES["free_covariances"](w) * _square_over_triangle(w)},
        when=lambda w: w.n_features > 1 and w.covariance_type in ("full", "tied"),
    ),
    Misconception(
        "parameters-miscounted",
        "one mean for each component",
        "each mean counts once, and not once for each feature",
        "more than one feature",
        (PACKAGE, "judging a fit: `n_parameters`"),
        COUNTED,
        {"free_means": lambda w: w.n_components},
        when=lambda w: w.n_features > 1,
    ),
    # --- k-means -----------------------------------------------------------------------
    Misconception(
        "divisor-n",
        "the divisor N",
        "the sum of a cluster's points is divided by the number of all points",
        "more than one cluster",
        (PACKAGE, "k-means and its two steps"),
        ("kmeans_step",),
        {"centre_divisors": lambda w: np.full(len(w.centres_before), len(w.X))},
    ),
    Misconception(
        "not-normalised",
        "sums that are not divided",
        "the sum of a cluster's points is not divided by their number",
        "more than one point in a cluster",
        (PACKAGE, "k-means and its two steps"),
        ("kmeans_step",),
        {"centre_divisors": lambda w: np.ones(len(w.centres_before))},
    ),
    Misconception(
        "soft-assignment",
        "shared points",
        "the points are shared among the centres, as in EM with variance 1",
        "points between two centres",
        (PACKAGE, "k-means and its two steps"),
        ("kmeans_step",),
        {"assignment": _soft_by_distance},
    ),
)
