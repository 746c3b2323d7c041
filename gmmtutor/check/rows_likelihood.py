"""Mistakes with densities, Bayes' rule, and what is summed and logged."""

import numpy as np

from gmmtutor.check.recipe import RULES, Work, diagonal_only, one_hot, xlogx
from gmmtutor.check.row import (
    CRITERIA,
    DENSITIES,
    FORMULAS,
    FROM_MIXTURE,
    GAUSSIAN,
    LIKELIHOODS,
    LOOP,
    MOMENTS,
    POSTERIOR,
    POSTERIORS,
    SPREADS,
    SUMS,
    UPDATE,
    UPDATES,
    Misconception,
    one_feature,
    ones,
    several_features,
)

MOST_TERMS = 4  # components whose parts alone are tried


def _naive_posterior(w):
    joint = np.exp(w.log_joint)
    return joint / joint.sum(axis=1, keepdims=True)


def _posterior_before(w):
    names = ("weights", "means", "covariances")
    return Work({"X": w.X} | {name: getattr(w.start, name) for name in names}).posterior


def _underflows(w):
    return bool((np.exp(w.log_joint).sum(axis=1) == 0).any())


def _uniform(w):
    return np.full(len(w.weights), 1 / len(w.weights))


def _one_term(k):
    """Return the row of those who stop at one component, counted from 0."""
    return Misconception(
        "one-term",
        "one component's part of the density",
        f"component {k} alone is counted, its weight times its density, "
        "and the other components are forgotten",
        "any other data",
        (GAUSSIAN, "a weighted sum of densities"),
        ("density",),
        {"density": lambda w: np.exp(w.log_joint[:, k])},
        when=lambda w: k < len(w.weights) > 1,
    )


LIKELIHOOD_ROWS = (
    # --- a density ---------------------------------------------------------------------
    *(_one_term(k) for k in range(MOST_TERMS)),
    Misconception(
        "variance-as-sd",
        "the variance in place of the standard deviation",
        "the variance{variance} is used where the standard deviation{sd} belongs "
        "(as in `norm.pdf(scale=variance)`)",
        "variances other than 1, such as {variances}",
        (POSTERIOR, "the variance that went into `scale`"),
        (*FROM_MIXTURE, "mixture_covariance"),
        {"spreads": lambda w: w.covariances**2},
        when=one_feature,
    ),
    Misconception(
        "sd-as-variance",
        "the standard deviation in place of the variance",
        "the standard deviation{sd} is used where the variance{variance} belongs",
        "variances other than 1, such as {variances}",
        (POSTERIOR, "variance and standard deviation"),
        (*FROM_MIXTURE, "mixture_covariance"),
        {"spreads": lambda w: np.sqrt(w.covariances)},
        when=one_feature,
    ),
    Misconception(
        "sd-as-variance",
        "standard deviations in place of variances",
        "a square root is taken: these are standard deviations, and variances are asked for",
        "data whose variances are not 1",
        (UPDATE, "the variance update"),
        SPREADS,
        {"new_covariances": lambda w: np.sqrt(RULES["new_covariances"](w))},
        when=one_feature,
    ),
    Misconception(
        "precision-as-variance",
        "the precision in place of the variance",
        "the inverse of the variance (the precision) is used where the variance{variance} belongs",
        "variances other than 1, such as {variances}",
        (GAUSSIAN, "the Gaussian density, factor by factor"),
        (*FROM_MIXTURE, "mixture_covariance"),
        {"spreads": lambda w: np.linalg.inv(w.covariances)},
    ),
    Misconception(
        "precision-as-variance",
        "precisions in place of variances",
        "an inverse is taken: these are precisions, and variances are asked for",
        "data whose variances are not 1",
        (UPDATE, "the variance update"),
        SPREADS,
        {"new_covariances": lambda w: np.linalg.inv(RULES["new_covariances"](w))},
    ),
    Misconception(
        "exponent-times-variance",
        "an exponent multiplied by the variance",
        "the exponent is multiplied by the variance, and not divided by it "
        "(`(x - m)**2 / 2 * v` divides by 2 alone; `(x - m)**2 / (2 * v)` is meant)",
        "variances other than 1, such as {variances}",
        (GAUSSIAN, "the Gaussian density, factor by factor"),
        FROM_MIXTURE,
        {"distances2": lambda w: RULES["distances2"](w) * w.covariances[:, 0, 0] ** 2},
        when=one_feature,
    ),
    Misconception(
        "no-square",
        "an exponent without its square",
        "the distance in the exponent is not squared",
        "points that lie farther than 1 from every mean",
        (GAUSSIAN, "the Gaussian density, factor by factor"),
        FROM_MIXTURE,
        {"distances2": lambda w: (w.X - w.means[:, 0]) / w.covariances[:, 0, 0]},
        when=one_feature,
    ),
    Misconception(
        "no-2pi",
        "a density without its 2 pi",
        "the factor 1/sqrt(2 pi) of each Gaussian is left out",
        "any other data",
        (GAUSSIAN, "the constant of the normal density"),
        (*DENSITIES, *SUMS),
        {"log_two_pi": lambda w: 0.0},
    ),
    Misconception(
        "no-determinant",
        "a density without its factor 1/sd",
        "the factor 1/sd in front of each Gaussian (1/sqrt of the determinant) is left out",
        "variances that differ from one another and from 1",
        (GAUSSIAN, "the constant of the normal density"),
        FROM_MIXTURE,
        {"log_determinants": lambda w: np.zeros(len(w.means))},
    ),
    Misconception(
        "determinant-without-root",
        "a density with 1/variance in front",
        "the factor in front of each Gaussian is 1/variance, without the root that makes it 1/sd",
        "variances that differ from one another and from 1",
        (GAUSSIAN, "the constant of the normal density"),
        FROM_MIXTURE,
        {"log_determinants": lambda w: 2 * RULES["log_determinants"](w)},
    ),
    Misconception(
        "no-half",
        "an exponent without its 1/2",
        "the 1/2 in the exponent of each Gaussian is left out",
        "points that do not sit on a mean",
        (GAUSSIAN, "the exponent of the normal density"),
        FROM_MIXTURE,
        {"half": lambda w: 1.0},
    ),
    Misconception(
        "log-not-density",
        "the logarithm of the density",
        "the logarithm of the density is given, and the density itself is asked for "
        "(`logpdf` for `pdf`)",
        "any other data",
        (GAUSSIAN, "densities and their logarithms"),
        DENSITIES,
        {
            "component_density": lambda w: w.log_component,
            "density": lambda w: w.log_total,
        },
    ),
    Misconception(
        "diagonal-for-full",
        "variances without the covariances",
        "only the diagonal of each covariance matrix is used",
        "covariance matrices with entries off the diagonal",
        (FORMULAS, "what the covariance types make of a covariance"),
        (*FROM_MIXTURE, "mixture_covariance"),
        {"spreads": lambda w: diagonal_only(w.covariances)},
        when=several_features,
    ),
    Misconception(
        "diagonal-for-full",
        "variances without the covariances",
        "only the diagonal of each covariance matrix is computed",
        "data whose features are correlated within a component",
        (FORMULAS, "what the covariance types make of a covariance"),
        SPREADS,
        {"new_covariances": lambda w: diagonal_only(RULES["new_covariances"](w))},
        when=several_features,
    ),
    # --- components taken for one another ----------------------------------------------
    Misconception(
        "variances-exchanged",
        "variances in the other order",
        "the variances are those of the components in reverse order",
        "variances that are not the same in both directions, such as {variances}",
        (GAUSSIAN, "a weighted sum of densities"),
        FROM_MIXTURE,
        {"spreads": lambda w: w.covariances[::-1]},
        when=lambda w: not np.allclose(w.covariances, w.covariances[::-1]),
    ),
    Misconception(
        "weights-exchanged",
        "weights in the other order",
        "the weights are those of the components in reverse order",
        "weights {weights}",
        (GAUSSIAN, "a weighted sum of densities"),
        ("density", *POSTERIORS, *SUMS, *MOMENTS),
        {"factors": lambda w: w.weights[::-1]},
        when=lambda w: not np.allclose(w.weights, w.weights[::-1]),
    ),
    # --- weights, Bayes' rule ----------------------------------------------------------
    Misconception(
        "no-weights",
        "forgotten weights",
        "the weights are left out",
        "weights {weights}",
        (POSTERIOR, "Bayes' rule: weight times density"),
        ("density", *POSTERIORS, *SUMS),
        {"factors": lambda w: np.ones(len(w.weights))},
    ),
    Misconception(
        "no-weights",
        "forgotten weights",
        "the means are added up without their weights",
        "weights {weights}",
        (GAUSSIAN, "the moments of a mixture"),
        ("mixture_mean",),
        {"factors": lambda w: np.ones(len(w.weights))},
    ),
    Misconception(
        "uniform-weights",
        "equal weights",
        "every component has the same weight 1/K",
        "weights {weights}",
        (GAUSSIAN, "the weights of a mixture"),
        ("density", *SUMS, *MOMENTS),
        {"factors": _uniform},
    ),
    Misconception(
        "uniform-weights",
        "weights that stay equal",
        "every component keeps the same weight 1/K",
        "responsibilities whose columns have different sums",
        (UPDATE, "the weight update"),
        ("weights", "m_step"),
        {"new_weights": lambda w: ones(w) / len(ones(w))},
    ),
    Misconception(
        "conditional-reversed",
        "p(x|k) in place of p(k|x)",
        "the density of the point given the component, p(x|k), is given for the probability "
        "of the component given the point, p(k|x)",
        "any other data",
        (POSTERIOR, "p(k|x) is not p(x|k)"),
        ("responsibilities",),
        {"responsibilities": lambda w: w.component},
    ),
    Misconception(
        "conditional-reversed",
        "p(k|x) in place of p(x|k)",
        "the probability of the component given the point, p(k|x), is given for the density "
        "of the point given the component, p(x|k)",
        "any other data",
        (POSTERIOR, "p(k|x) is not p(x|k)"),
        ("component_density",),
        {"component_density": lambda w: w.posterior},
    ),
    Misconception(
        "wrong-axis",
        "sums along the wrong axis",
        "each column is divided by its sum, and not each row",
        "any other data",
        (POSTERIOR, "which sums are 1"),
        ("responsibilities",),
        {"posterior": lambda w: np.exp(w.log_joint) / np.exp(w.log_joint).sum(axis=0)},
    ),
    Misconception(
        "wrong-axis",
        "sums along the wrong axis",
        "the responsibilities are summed over the components (along each row, which gives 1), "
        "and not over the points",
        "any other data",
        (UPDATE, "the effective counts"),
        ("counts",),
        {"counts": lambda w: w.used.sum(axis=1)},
    ),
    Misconception(
        "not-normalised",
        "weight times density, not divided",
        "weight times density is not divided by the sum over the components",
        "any other data",
        (POSTERIOR, "Bayes' rule: the division"),
        ("responsibilities",),
        {"posterior": lambda w: np.exp(w.log_joint)},
    ),
    Misconception(
        "not-normalised",
        "sums that are not divided by the counts",
        "the sum over the points is not divided by the effective count N_k",
        "effective counts other than 1",
        (UPDATE, "the division by the effective count"),
        ("means", "m_step"),
        {"mean_divisors": ones, "covariance_divisors": ones},
    ),
    Misconception(
        "not-normalised",
        "sums that are not divided by the counts",
        "the sum of squares is not divided by the effective count N_k",
        "effective counts other than 1",
        (UPDATE, "the division by the effective count"),
        SPREADS,
        {"covariance_divisors": ones},
    ),
    Misconception(
        "transposed",
        "rows and columns exchanged",
        "rows and columns are exchanged: points belong in rows, components in columns",
        "any other data",
        (LOOP, "the shapes of the arrays"),
        ("responsibilities", "component_density"),
        {
            "responsibilities": lambda w: w.posterior.T,
            "component_density": lambda w: w.component.T,
        },
    ),
    Misconception(
        "underflow",
        "densities that underflow",
        "the densities of a far point all underflow to 0, and then 0 is divided by 0 "
        "or its logarithm taken; logarithms all the way (log-sum-exp) mend it",
        "points farther away",
        (LOOP, "the log of a sum of small numbers"),
        (*POSTERIORS, *SUMS),
        {
            "posterior": _naive_posterior,
            "labels": lambda w: np.exp(w.log_joint).argmax(axis=1),
            "log_total": lambda w: np.log(np.exp(w.log_joint).sum(axis=1)),
            "expected": lambda w: (w.used * np.log(np.exp(w.log_joint))).sum(),
        },
        when=_underflows,
    ),
    # --- labels taken for sure ---------------------------------------------------------
    Misconception(
        "hard-assignment",
        "each point given to one component",
        "each point belongs wholly to its most probable component",
        "points between two components",
        (POSTERIOR, "a point is shared, not given away"),
        ("responsibilities",),
        {"posterior": lambda w: one_hot(w.labels, len(w.weights))},
    ),
    Misconception(
        "hard-assignment",
        "each point given to one component",
        "each point counts wholly for its most probable component",
        "points between two components",
        (UPDATE, "shares as weights: one rule for every parameter"),
        (*UPDATES, "q", "lower_bound"),
        {"used": lambda w: one_hot(w.resp.argmax(axis=1), w.resp.shape[1])},
    ),
    Misconception(
        "hard-assignment",
        "only the largest term of each sum",
        "only the most probable component of each point counts: the largest of the terms "
        "stands for their sum",
        "points between two components",
        (LOOP, "the log of a sum of small numbers"),
        ("log_likelihood", *CRITERIA),
        {"log_terms": lambda w: w.log_joint.max(axis=1)},
    ),
    # --- the log-likelihood, the bound, Q ------------------------------------------------
    Misconception(
        "log10",
        "logarithms to base 10",
        "the logarithm has base 10 (`log10`), and not e (`log`)",
        "any other data",
        (LOOP, "the log-likelihood"),
        SUMS,
        {"log_unit": lambda w: np.log(10)},
    ),
    Misconception(
        "mean-not-sum",
        "the mean in place of the sum",
        "the mean over the points is taken, and not their sum (as `score` of scikit-learn does)",
        "any other data",
        (LOOP, "the log-likelihood is a sum"),
        SUMS,
        {"averaged_over": lambda w: len(w.X)},
    ),
    Misconception(
        "sign-flipped",
        "the negative log-likelihood",
        "the sign is changed: this is the negative log-likelihood",
        "any other data",
        (LOOP, "the log-likelihood"),
        LIKELIHOODS,
        {"sign": lambda w: -1},
    ),
    Misconception(
        "product-not-log",
        "the likelihood itself",
        "the densities are multiplied and no logarithm is taken",
        "any other data",
        (LOOP, "the log-likelihood"),
        ("log_likelihood",),
        {"log_likelihood": lambda w: np.exp(w.log_terms.sum())},
    ),
    Misconception(
        "sum-of-logs",
        "the sum of the logarithms",
        "the logarithm is taken of each term and then summed, "
        "where the log of the sum over the components belongs",
        "any other data",
        (UPDATE, "why the log of a sum is hard"),
        ("log_likelihood", *CRITERIA),
        {"log_terms": lambda w: w.log_joint.sum(axis=1)},
    ),
    Misconception(
        "complete-data",
        "Q in place of the log-likelihood",
        "the logarithms of weight times density are averaged with the responsibilities: "
        "this is Q, the expected complete-data log-likelihood",
        "points between two components",
        (UPDATE, "Q, and what it is not"),
        ("log_likelihood", *CRITERIA),
        {"log_terms": lambda w: (w.posterior * w.log_joint).sum(axis=1)},
    ),
    Misconception(
        "complete-data",
        "Q in place of the log-likelihood",
        "the logarithms of weight times density are averaged with the responsibilities "
        "of the step before: this is Q, the expected complete-data log-likelihood",
        "points between two components",
        (UPDATE, "Q, and what it is not"),
        ("log_likelihood",),
        {"log_terms": lambda w: (_posterior_before(w) * w.log_joint).sum(axis=1)},
    ),
    Misconception(
        "elbo-without-entropy",
        "Q in place of the bound",
        "the entropy of the responsibilities is left out: this is Q",
        "responsibilities that are not all 0 or 1",
        (FORMULAS, "the lower bound, and what Q lacks of it"),
        ("lower_bound",),
        {"entropy": lambda w: 0.0},
    ),
    Misconception(
        "entropy-sign",
        "the entropy with the wrong sign",
        "the entropy of the responsibilities is subtracted, and not added",
        "responsibilities that are not all 0 or 1",
        (FORMULAS, "the lower bound and its last term"),
        ("lower_bound",),
        {"entropy": lambda w: xlogx(w.used).sum()},
    ),
    Misconception(
        "entropy-added",
        "the bound in place of Q",
        "the entropy of the responsibilities is added: this is the lower bound",
        "responsibilities that are not all 0 or 1",
        (FORMULAS, "the lower bound, and what Q lacks of it"),
        ("q",),
        {"q": lambda w: w.lower_bound},
    ),
    Misconception(
        "likelihood-for-expectation",
        "the log-likelihood itself",
        "the responsibilities are not used at all: this is the log-likelihood of the mixture",
        "responsibilities that do not come from this mixture",
        (UPDATE, "Q, and what it is not"),
        ("lower_bound", "q"),
        {"lower_bound": lambda w: w.log_likelihood, "q": lambda w: w.log_likelihood},
    ),
    Misconception(
        "one-step-late",
        "the parameters before the update",
        "the parameters before the update are used: the number is one step late",
        "two consecutive steps whose parameters differ",
        (LOOP, "which parameters the log-likelihood belongs to"),
        ("responsibilities", "log_likelihood"),
        {
            "weights": lambda w: w.start.weights,
            "means": lambda w: w.start.means,
            "covariances": lambda w: w.start.covariances,
        },
    ),
)
