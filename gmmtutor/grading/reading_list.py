"""Where to read on: sections of the book, by their headings, for what `check` calls topics."""

import re

TITLES = {
    "densities-and-mixtures": "Densities and mixtures",
    "responsibilities": "Responsibilities",
    "three-updates": "Three updates",
    "em-algorithm": "EM as a loop, then as arrays",
    "many-dimensions": "Many dimensions",
    "why-em-works": "Why EM never goes down",
    "computing-safely": "Computing safely",
    "singularities": "Singularities and priors",
    "landscape": "The landscape and its starts",
    "notation": "Notation",
    "api": "The package",
}
HEIGHT = ("densities-and-mixtures", "Derive: height is not probability")
GAUSSIAN = ("densities-and-mixtures", "Derive: the Gaussian density, factor by factor")
UNIT = ("densities-and-mixtures", "The unit decides")
SUM = ("densities-and-mixtures", "Derive: a weighted sum of densities is a density")
AVERAGE = ("densities-and-mixtures", "Mixture is not average")
MOMENTS = ("densities-and-mixtures", "Derive: mean and variance of a mixture")
BAYES = ("responsibilities", "Derive: a label that nobody saw")
MATRIX = ("responsibilities", "By hand: the matrix")
SCALE = ("responsibilities", "Break it: a variance where a standard deviation belongs")
TAKES_OVER = ("responsibilities", "Where one component takes over")
LOG_OF_SUM = ("three-updates", "Derive: the log-likelihood and its gradient")
ONE_RULE = ("three-updates", "One rule for every parameter")
Q = ("three-updates", "Q, and what it is not")
MEANS = ("three-updates", "Means")
VARIANCES = ("three-updates", "Variances")
WEIGHTS = ("three-updates", "Weights")
FROZEN = ("three-updates", "Three updates, one frozen matrix")
LEDGER = ("three-updates", "The ledger")
OLD_MEAN = ("three-updates", "Break it: the old mean in the variance")
BELONGS = ("em-algorithm", "What belongs to what")
NEVER_DOWN = ("em-algorithm", "Why it never goes down")
EXERCISES = ("three-updates", "Exercises")
LOG_SUM_EXP = ("em-algorithm", "Derive: the log of a sum of small numbers")
LOOPS = ("em-algorithm", "Run it: loops")
ARRAYS = ("em-algorithm", "Run it: arrays")
FALLS = ("em-algorithm", "Break it: a log-likelihood that falls")
BOUND = ("why-em-works", "Derive: the bound that touches")
FAITHFUL = ("many-dimensions", "Use it: Old Faithful")
NO_DIGITS = ("computing-safely", "Derive: log-sum-exp costs no digits")
HOW_FAR = ("computing-safely", "Derive: how far may a log-likelihood fall?")
NO_MAXIMUM = ("singularities", "Derive: there is no maximum")
FLOORS = ("singularities", "Floors are not priors")
HIGHEST = ("landscape", "Break it: restart often, keep the highest")
ENOUGH_STARTS = ("landscape", "Use it: enough starts, and the best interior end")
TYPES = ("many-dimensions", "Four kinds of covariance")
JUDGING = ("api", "Judging a fit")

# The page and topic that `check` names, and the section that has it.
SECTIONS = {
    ("api", "judging a fit: `aic` and `bic`"): JUDGING,
    ("api", "judging a fit: `bic`, and where its sign differs"): JUDGING,
    ("api", "judging a fit: `n_parameters`"): JUDGING,
    ("api", "k-means and its two steps"): ("api", "k-means"),
    ("densities-and-mixtures", "a mixture is not a sum of variables"): AVERAGE,
    ("densities-and-mixtures", "a weighted sum of densities"): SUM,
    ("densities-and-mixtures", "densities and their logarithms"): GAUSSIAN,
    ("densities-and-mixtures", "the Gaussian density, factor by factor"): GAUSSIAN,
    ("densities-and-mixtures", "the constant of the normal density"): GAUSSIAN,
    ("densities-and-mixtures", "the exponent of the normal density"): GAUSSIAN,
    ("densities-and-mixtures", "the moments of a mixture"): MOMENTS,
    ("densities-and-mixtures", "the normal density"): GAUSSIAN,
    ("densities-and-mixtures", "the unit decides"): UNIT,
    ("densities-and-mixtures", "the weights of a mixture"): SUM,
    ("em-algorithm", "the log of a sum of small numbers"): LOG_SUM_EXP,
    ("em-algorithm", "the log of a sum of small numbers (log-sum-exp)"): LOG_SUM_EXP,
    ("em-algorithm", "the log-likelihood"): LOG_OF_SUM,
    ("em-algorithm", "the log-likelihood is a sum"): LOG_OF_SUM,
    ("em-algorithm", "the shapes of the arrays"): ARRAYS,
    ("em-algorithm", "which parameters the log-likelihood belongs to"): BELONGS,
    ("notation", "the lower bound"): BOUND,
    ("notation", "the lower bound and its last term"): BOUND,
    ("notation", "the lower bound, and what Q lacks of it"): BOUND,
    ("notation", "what the covariance types make of a covariance"): TYPES,
    ("responsibilities", "Bayes' rule: the division"): BAYES,
    ("responsibilities", "Bayes' rule: weight times density"): BAYES,
    ("responsibilities", "a point is shared, not given away"): BAYES,
    ("responsibilities", "p(k|x) is not p(x|k)"): BAYES,
    ("responsibilities", "the matrix entry by entry"): MATRIX,
    ("responsibilities", "the variance that went into `scale`"): SCALE,
    ("responsibilities", "variance and standard deviation"): SCALE,
    ("responsibilities", "weight times density, and which is largest"): TAKES_OVER,
    ("responsibilities", "which sums are 1"): BAYES,
    ("three-updates", "Q, and what it is not"): Q,
    ("three-updates", "shares as weights: one rule for every parameter"): ONE_RULE,
    ("three-updates", "the division by the effective count"): FROZEN,
    ("three-updates", "the effective counts"): FROZEN,
    ("three-updates", "the exercise about the alarm that rings late"): EXERCISES,
    ("three-updates", "the mean update"): MEANS,
    ("three-updates", "the old mean in the variance"): OLD_MEAN,
    ("three-updates", "the variance update"): VARIANCES,
    ("three-updates", "the weight update"): WEIGHTS,
    ("three-updates", "three updates, one frozen matrix"): FROZEN,
    ("three-updates", "why the log of a sum is hard"): LOG_OF_SUM,
}
HINT = re.compile(r'Read the page "(?P<page>[\w-]+)": (?P<topic>.+)\.$')


def section_of(hint):
    """Return the section that a hint of `check` points to.

    Parameters
    ----------
    hint : str
        The fourth hint of a verdict.

    Returns
    -------
    (str, str) or None
        Page and heading; None if the hint names none that the book has.
    """
    found = HINT.match(hint)
    return SECTIONS.get((found["page"], found["topic"])) if found else None


def anchor(heading):
    """Return the name of a heading within its page."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def words(section):
    """Return where to read in one phrase, without a link."""
    page, heading = section
    return f'"{heading}" in the chapter "{TITLES[page]}"'
