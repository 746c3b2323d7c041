"""What can be judged: each quantity's rule in the recipe, its shape, and a first question."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmtutor.check.reading import written

NAMED = 3  # at most so many rows or columns are listed by number
SPELT_OUT = 5  # so many components are listed one by one


@dataclass(frozen=True)
class Quantity:
    """A kind of answer.

    Attributes
    ----------
    name : str
        As in ``check.<name>``.
    rule : str
        Its name in the recipe.
    noun : str
        In messages, plural for arrays.
    question : callable
        ``question(work, part, index)``: the first rung of the ladder, a question that lets the
        student see for himself; `index` is the position of the worst entry.
    compare : callable
        ``compare(work, part, index)``: the right value of something on the way to that entry.
    read : (str, str)
        Page of the book, and what to look for, where no mistake is known.
    component_axis : int or None
        The axis that counts components.
    feature_axes : int
        How many trailing axes vanish when there is one feature.
    scale : callable
        Size of the terms that are added up in a Work: what rounding errors are measured against.
    decimals : int
        Fewer digits than these are too few to judge.
    whole : bool
        Whole numbers, so that digits do not count.
    """

    name: str
    rule: str
    noun: str
    question: Callable
    compare: Callable
    read: tuple[str, str]
    component_axis: int | None = None
    feature_axes: int = 0
    scale: Callable = lambda work: 1.0
    decimals: int = 2
    whole: bool = False

    def of(self, work):
        """Return this quantity of a Work, in the shape in which a student sees it."""
        value = work.compute(self.rule)
        if self.feature_axes and value.shape[-1:] == (1,):
            return value.reshape(value.shape[: -self.feature_axes])
        return value


def point(work, n):
    """Name a sample: "x = -1" in one dimension, "point 3" in more."""
    return f"x = {work.X[n, 0]:.6g}" if work.X.shape[1] == 1 else f"point {n}"


def component(work, *indices):
    """Name components so that one sees where the count begins: "component 2 (of 0, 1, 2)"."""
    noun = "centre" if "centres_before" in work.given else "component"
    return f"{listed(indices, noun)} {of_components(work)}"


def of_components(work):
    """Say which components there are: "(of 0, 1, 2)"."""
    n = n_components(work)
    if n == 1:
        return "(the only one)"
    return f"(of {', '.join(map(str, range(n)))})" if n <= SPELT_OUT else f"(of 0 to {n - 1})"


def n_components(work):
    """Return how many components the problem has."""
    for name in ("resp", "weights", "centres_before"):
        if name in work.given:
            array = work.given[name]
            return array.shape[1] if name == "resp" else len(array)
    return 0


def listed(numbers, noun):
    """Write "row 2", "rows 0 and 2", "rows 0, 1, 4 and 3 more"."""
    numbers = list(dict.fromkeys(numbers))
    if len(numbers) == 1:
        return f"{noun} {numbers[0]}"
    if len(numbers) > NAMED + 1:
        shown = ", ".join(map(str, numbers[:NAMED]))
        return f"{noun}s {shown} and {len(numbers) - NAMED} more"
    return f"{noun}s {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _distance(work, n, k):
    distance = f"{np.sqrt(work.compute('distances2')[n, k]):.3g}"
    return f"{distance} standard deviation{'' if distance == '1' else 's'}"


def _mean_of(work, k):
    mean = f" {work.means[k, 0]:.6g}" if work.X.shape[1] == 1 else ""
    return f"the mean{mean} of {component(work, k)}"


def _ask_responsibilities(work, part, index):
    n, k = index
    distances = work.compute("distances2")[n]
    nearest = int(distances.argmin())
    text = f"{point(work, n)} lies {_distance(work, n, k)} from {_mean_of(work, k)}"
    if nearest != k:
        mean = f" {work.means[nearest, 0]:.6g}" if work.X.shape[1] == 1 else ""
        text += f", and {_distance(work, n, nearest)} from the mean{mean} of component {nearest}"
    return f"{text}: is {part.entry(index)} plausible for component {k}?"


def _ask_component_density(work, part, index):
    n, k = index
    peak = float(np.exp(work.compute("log_component") + work.compute("distances2") / 2)[n, k])
    return (
        f"{_capital(component(work, k))} is {peak:.3g} high at its mean, and {point(work, n)} "
        f"lies {_distance(work, n, k)} away from it: is {part.entry(index)} plausible?"
    )


def _ask_density(work, part, index):
    peaks = np.exp(work.compute("log_component") + work.compute("distances2") / 2)[0]
    heights = ", ".join(f"{height:.3g}" for height in work.weights * peaks)
    return (
        f"At their means the weighted components are {heights} high: "
        f"is {part.entry(index)} plausible at {point(work, index[0])}?"
    )


def _ask_counts(work, part, index):
    total = "" if part.at is not None else f": yours sum to {part.total()}"
    return (
        f"The counts share out {len(work.X)} points{total}. "
        f"How many points does {component(work, index[0])} hold, roughly?"
    )


def _ask_weights(work, part, index):
    total = "" if part.at is not None else f": yours sum to {part.total()}"
    return (
        f"The weights are shares, and shares sum to 1{total}. "
        f"Which share of the {len(work.X)} points does {component(work, index[0])} hold, roughly?"
    )


def _ask_means(work, part, index):
    k, entry = index[0], part.entry(index)
    return (
        f"A mean balances its points: with the shares of {component(work, k)}, do those to the "
        f"left of {entry} pull, share times distance, as strongly as those to its right?"
        if work.X.shape[1] == 1
        else f"A mean is an average of points, weighted by column {k} {of_components(work)} of "
        f"the responsibilities: where do the points that weigh most there lie, and where {entry}?"
    )


def _ask_covariances(work, part, index):
    local, k = part.local(index), index[0]
    value = float(part.answer.values[local])
    if len(set(index[1:])) > 1 or not value > 0:
        return (
            f"A variance is positive, and a covariance has the sign of the slope: "
            f"is {part.entry(index)} plausible for {component(work, k)}?"
        )
    spread = "spread so far about" if value > part.target(work)[local] else "keep so close to"
    return (
        f"The root of {part.entry(index)} is a standard deviation of {np.sqrt(value):.3g}: do the "
        f"points of {component(work, k)}, weighted by their shares, {spread} their mean?"
    )


def _ask_log_likelihood(work, part, index):
    n_samples, entry = len(work.X), part.entry(index)
    log_typical = float(part.answer.values) / n_samples
    typical = np.exp(min(log_typical, 700))
    logs = work.compute("log_total")
    text = (
        f"Shared among {n_samples} points and exponentiated, {entry} means a typical density "
        f"of {typical:.3g}"
    )
    if log_typical > logs.max():
        high = int(logs.argmax())
        return f"{text}: is the curve so high anywhere, even at {point(work, high)}?"
    low = int(logs.argmin())
    if log_typical < logs.min():
        return f"{text}: is the curve so low anywhere, even at {point(work, low)}?"
    return (
        f"{text}. What is the logarithm of the density at {point(work, low)}, where the curve is "
        f"lowest? And what does your {entry} leave for the others?"
    )


def _ask_bound(work, part, index):
    return (
        "The bound has two parts, Q and an entropy that is never negative, and together they "
        f"never exceed the log-likelihood: does {part.entry(index)} pass both tests?"
    )


def _ask_q(work, part, index):
    return (
        "Q is an average of log(weight x density), taken with the responsibilities, and never "
        f"exceeds the log-likelihood: is {part.entry(index)} such a number?"
    )


def _ask_parameters(work, part, index):
    return (
        f"Write them down for {work.n_components} component(s) and {work.n_features} feature(s): "
        "weights, means, covariances. Which of them follow from the others?"
    )


def _ask_criterion(work, part, index):
    return (
        "Lower is better: a higher log-likelihood must lower the criterion, and a further "
        f"parameter must raise it. Would {part.entry(index)} move that way?"
    )


def _ask_mixture_mean(work, part, index):
    return (
        "The mean of a mixture lies among the means of its components, nearer to the heavier: "
        f"does {part.entry(index)}?"
    )


def _ask_mixture_covariance(work, part, index):
    return (
        "A mixture spreads for two reasons: its components spread, and their means differ. "
        f"Which share of {part.entry(index)} is due to each, and did the weights enter in both?"
    )


# --- the third hint: something on the way that can be compared -----------------------------------


def _half_squares(work, n):
    halves = work.compute("distances2")[n] / 2
    return f"at {point(work, n)} the half squares are {_row(halves)}"


def _row(values, digits=4):
    """Write a few numbers."""
    shown = ", ".join(f"{value:.{digits}g}" for value in values[:SPELT_OUT])
    return f"{shown} ..." if len(values) > SPELT_OUT else shown


def _compare_joint(work, part, index):
    joint = np.exp(work.compute("log_joint")[index[0]])
    return (
        f"Compare on the way: {_half_squares(work, index[0])}, "
        f"and weight times density is {_row(joint, 3)}."
    )


def _compare_halves(work, part, index):
    return f"Compare on the way: {_half_squares(work, index[0])}."


def _compare_counts(work, part, index):
    column = work.compute("used")[:, index[0]]
    n = int(column.argmax())
    return f"Compare on the way: the largest share in that column is {column[n]:.4g}, row {n}."


def _count(work, k):
    return f"the effective count of {component(work, k)} is {work.compute('counts')[k]:.4g}"


def _compare_count(work, part, index):
    return f"Compare on the way: {_count(work, index[0])}."


def _compare_covariances(work, part, index):
    mean = _row(np.atleast_1d(work.compute("new_means")[index[0]]))
    return f"Compare on the way: {_count(work, index[0])}, and its new mean is {mean}."


def _compare_log_likelihood(work, part, index):
    logs = work.compute("log_total")
    n = int(logs.argmin())
    return (
        f"Compare on the way: at {point(work, n)} the density is {np.exp(logs[n]):.3g} "
        f"and its logarithm {logs[n]:.4g}."
    )


def _compare_bound(work, part, index):
    return f"Compare on the way: the entropy is {work.compute('entropy'):.4g}."


def _compare_q(work, part, index):
    logs = work.compute("log_joint")[0]
    return f"Compare on the way: log(weight x density) at {point(work, 0)} is {_row(logs)}."


def _compare_parameters(work, part, index):
    return f"Compare on the way: the means alone are {int(work.compute('free_means'))} numbers."


def _compare_criterion(work, part, index):
    return (
        f"Compare on the way: the log-likelihood is {work.compute('log_likelihood'):.5g}, "
        f"and there are {int(work.compute('n_parameters'))} parameters."
    )


def _compare_mixture_mean(work, part, index):
    terms = work.weights * work.means[:, index[0] if index else 0]
    return f"Compare on the way: the terms of the sum are {_row(terms)}."


def _compare_mixture_covariance(work, part, index):
    within = work.compute("within")[index or (0, 0)]
    mean = _row(work.compute("mixture_mean"))
    return (
        f"Compare on the way: the components' own part is {within:.4g}, "
        f"and the mixture has its mean at {mean}."
    )


def _compare_centres(work, part, index):
    size = int(work.compute("assignment")[:, index[0]].sum())
    return f"Compare on the way: {component(work, index[0])} has {size} of the points."


def _compare_nearest(work, part, index):
    squares = ((work.X[index[0]] - work.centres_before) ** 2).sum(axis=1)
    return f"Compare on the way: the squared distances there are {_row(squares)}."


def _ask_labels(work, part, index):
    return f"At {point(work, index[0])}, which component has the largest weight times density?"


def _ask_centres(work, part, index):
    k = index[0]
    return f"Which points are nearest to {component(work, k)}, and what is their average?"


def _ask_nearest(work, part, index):
    return f"Which of the centres, before they move, is nearest to {point(work, index[0])}?"


def _capital(text):
    return text[:1].upper() + text[1:]


def _x(work):
    return float(np.abs(work.X).max())


def _x2(work):
    return _x(work) ** 2


def _terms(work):
    return float(np.abs(work.compute("log_joint")[:, 0]).sum())


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "component_density",
            "component_density",
            "component densities",
            _ask_component_density,
            _compare_halves,
            ("densities-and-mixtures", "the normal density"),
            component_axis=1,
            scale=lambda work: float(work.compute("component").max()),
        ),
        Quantity(
            "density",
            "density",
            "densities",
            _ask_density,
            _compare_joint,
            ("densities-and-mixtures", "a weighted sum of densities"),
            scale=lambda work: float(work.compute("density").max()),
        ),
        Quantity(
            "responsibilities",
            "responsibilities",
            "responsibilities",
            _ask_responsibilities,
            _compare_joint,
            ("responsibilities", "the matrix entry by entry"),
            component_axis=1,
        ),
        Quantity(
            "hard_assignments",
            "labels",
            "labels",
            _ask_labels,
            _compare_joint,
            ("responsibilities", "weight times density, and which is largest"),
            whole=True,
        ),
        Quantity(
            "counts",
            "counts",
            "effective counts",
            _ask_counts,
            _compare_counts,
            ("three-updates", "the effective counts"),
            component_axis=0,
        ),
        Quantity(
            "weights",
            "new_weights",
            "weights",
            _ask_weights,
            _compare_count,
            ("three-updates", "the weight update"),
            component_axis=0,
        ),
        Quantity(
            "means",
            "new_means",
            "means",
            _ask_means,
            _compare_count,
            ("three-updates", "the mean update"),
            component_axis=0,
            feature_axes=1,
            scale=_x,
        ),
        Quantity(
            "covariances",
            "new_covariances",
            "variances",
            _ask_covariances,
            _compare_covariances,
            ("three-updates", "the variance update"),
            component_axis=0,
            feature_axes=2,
            scale=_x2,
        ),
        Quantity(
            "log_likelihood",
            "log_likelihood",
            "log-likelihood",
            _ask_log_likelihood,
            _compare_log_likelihood,
            ("em-algorithm", "the log-likelihood"),
            scale=_terms,
            decimals=1,
        ),
        Quantity(
            "lower_bound",
            "lower_bound",
            "lower bound",
            _ask_bound,
            _compare_bound,
            ("notation", "the lower bound"),
            scale=_terms,
            decimals=1,
        ),
        Quantity(
            "q",
            "q",
            "Q",
            _ask_q,
            _compare_q,
            ("three-updates", "Q, and what it is not"),
            scale=_terms,
            decimals=1,
        ),
        Quantity(
            "n_parameters",
            "n_parameters",
            "number of parameters",
            _ask_parameters,
            _compare_parameters,
            ("api", "judging a fit: `n_parameters`"),
            whole=True,
        ),
        Quantity(
            "aic",
            "aic",
            "AIC",
            _ask_criterion,
            _compare_criterion,
            ("api", "judging a fit: `aic` and `bic`"),
            scale=_terms,
            decimals=1,
        ),
        Quantity(
            "bic",
            "bic",
            "BIC",
            _ask_criterion,
            _compare_criterion,
            ("api", "judging a fit: `aic` and `bic`"),
            scale=_terms,
            decimals=1,
        ),
        Quantity(
            "mixture_mean",
            "mixture_mean",
            "mean of the mixture",
            _ask_mixture_mean,
            _compare_mixture_mean,
            ("densities-and-mixtures", "the moments of a mixture"),
            feature_axes=1,
            scale=lambda work: float(np.abs(work.means).max()),
        ),
        Quantity(
            "mixture_covariance",
            "mixture_covariance",
            "variance of the mixture",
            _ask_mixture_covariance,
            _compare_mixture_covariance,
            ("densities-and-mixtures", "the moments of a mixture"),
            feature_axes=2,
            scale=lambda work: float(np.abs(work.means).max() ** 2),
        ),
        Quantity(
            "kmeans_step",
            "moved_centres",
            "centres",
            _ask_centres,
            _compare_centres,
            ("api", "k-means and its two steps"),
            component_axis=0,
            feature_axes=1,
            scale=_x,
        ),
        Quantity(
            "kmeans_labels",
            "nearest",
            "labels",
            _ask_nearest,
            _compare_nearest,
            ("api", "k-means and its two steps"),
            whole=True,
        ),
    )
}


@dataclass(frozen=True)
class Part:
    """One array of an answer, with the quantity that it should be.

    Attributes
    ----------
    quantity : Quantity
    answer : Answer
        In the shape of the target.
    at : int, tuple or None
        The entry or row of the quantity that the answer is for.
    scale : float
        Size of the terms that are added up in the right answer.
    """

    quantity: Quantity
    answer: object
    at: object = None
    scale: float = 1.0

    def target(self, work):
        """Return what the answer would be if this were the student's work."""
        value = self.quantity.of(work)
        return value if self.at is None else value[self.at]

    def fits(self, work):
        """Return whether the answer could be a rounding of what this work gives."""
        return self.answer.fits(self.target(work), self.scale)

    def misses(self, work):
        """Return where it cannot be a rounding of what this work gives."""
        return self.answer.misses(self.target(work), self.scale)

    def entry(self, index):
        """Write the answer's entry at a position of the whole array."""
        return self.write(self.answer.values[self.local(index)])

    def write(self, value):
        """Write a number to the digits of the answer."""
        if self.quantity.whole:
            return f"{value:.6g}"
        return written(float(value), self.answer.decimals)

    def total(self):
        """Write the sum of the answer."""
        return self.write(self.answer.values.sum())

    def local(self, index):
        """Turn a position in the whole array into one in the answer."""
        return index[len(self.fixed()) :]

    def fixed(self):
        """Return the leading indices that `at` fixes."""
        if self.at is None:
            return ()
        return self.at if isinstance(self.at, tuple) else (self.at,)

    def worst(self, work):
        """Return the position, in the whole array, of the entry that is hardest to believe."""
        gap = self._implausibility(work)
        gap = np.where(np.isnan(gap), np.inf, gap)
        local = np.unravel_index(int(gap.argmax()), gap.shape) if gap.ndim else ()
        return (*self.fixed(), *(int(i) for i in local))

    def _implausibility(self, work):
        """Measure how hard each wrong entry is to believe; right entries get -1.

        Too much density far from a mean is harder to believe than anything else.
        """
        gap = self.answer.values - self.target(work)
        size = np.abs(gap)
        if self.quantity.component_axis == 1:
            distances2 = work.compute("distances2")
            distances2 = distances2 if self.at is None else distances2[self.at]
            size = np.where(gap > 0.05 * np.abs(gap).max(), 1 + distances2, size)
        return np.where(self.misses(work), size, -1.0)
