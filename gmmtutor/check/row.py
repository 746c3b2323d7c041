"""What a misconception is: a row of data with one small function."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

DENSITIES = ("component_density", "density")
LIKELIHOODS = ("log_likelihood", "lower_bound", "q")
CRITERIA = ("aic", "bic")
POSTERIORS = ("responsibilities", "hard_assignments")
SUMS = (*LIKELIHOODS, *CRITERIA)
FROM_MIXTURE = (*DENSITIES, *POSTERIORS, *SUMS)
UPDATES = ("counts", "weights", "means", "covariances", "m_step")
SPREADS = ("covariances", "m_step")
MOMENTS = ("mixture_mean", "mixture_covariance")
COUNTED = ("n_parameters", *CRITERIA)

# Pages of the book on which something is to be read: names of files in book/.
GAUSSIAN = "densities-and-mixtures"
POSTERIOR = "responsibilities"
UPDATE = "three-updates"
LOOP = "em-algorithm"
FORMULAS = "notation"
PACKAGE = "api"


def always(work):
    """Apply to every problem."""
    return True


def one_feature(work):
    """Apply to data of one feature."""
    return work.X.shape[1] == 1 if "X" in work.given else work.means.shape[1] == 1


def several_features(work):
    """Apply to data of more than one feature."""
    return not one_feature(work)


@dataclass(frozen=True, eq=False)
class Misconception:
    """A mistake: what it is called, what one computes who makes it, and what to say.

    Attributes
    ----------
    id : str
        Several rows may share an id: variants of one mistake.
    name : str
        A noun phrase, for "<name> would give the same numbers here".
    because : str
        Completes "Your number is what you get if ...".
    apart : str
        Completes "to tell them apart, try ..."; may hold {weights} and {variances}.
    read : (str, str)
        Page of the book, and what to look for there.
    checks : tuple of str
        Where it applies.
    replaces : dict
        Rules of the recipe that this mistake replaces: functions of a `Work`.
    when : callable
        On which problems it can be made.
    parts : tuple of Misconception
        The rows of which this one is made, if it stands for several mistakes made together.
    """

    id: str
    name: str
    because: str
    apart: str
    read: tuple[str, str]
    checks: tuple[str, ...]
    replaces: dict[str, Callable]
    when: Callable = always
    parts: tuple = ()

    def try_instead(self, n_components):
        """Return `apart` for a problem of so many components (0: of any number)."""
        weights = {0: "that differ", 2: ".3, .7", 3: ".2, .3, .5"}.get(n_components, "that differ")
        variances = {1: "2", 2: "2, .5"}.get(n_components, "2, .5, 4")
        return self.apart.format(weights=weights, variances=variances)

    def possible(self, work):
        """Return whether this mistake can be made on this problem."""
        with np.errstate(all="ignore"):
            return bool(self.when(work))


def joined(a, b):
    """Return one row for two mistakes made together (for one, if they share the id)."""
    return Misconception(
        "+".join(dict.fromkeys((*a.id.split("+"), *b.id.split("+")))),
        f"{a.name} and {b.name}",
        f"{a.because}; and {b.because}",
        f"{a.apart}; {b.apart}",
        a.read,
        a.checks,
        {**a.replaces, **b.replaces},
        when=lambda work: a.when(work) and b.when(work),
        parts=(*(a.parts or (a,)), *(b.parts or (b,))),
    )


def ones(work):
    """Return a 1 for each component of an M-step."""
    return np.ones(work.resp.shape[1])
