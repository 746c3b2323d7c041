"""What is judged in the assignment on responsibilities, and for how many points.

No right answer stands here: they come from `gmmtutor`, on problems drawn from the course's seed.
"""

from dataclasses import replace

import numpy as np
from gmmtutor import Mixture, responsibilities
from gmmtutor.check.problems import from_mixture
from gmmtutor.check.verdict import Verdict
from gmmtutor.grading import reading_list as book
from gmmtutor.grading.tasks import (
    Check,
    Plan,
    Problem,
    Task,
    by_hand,
    choice,
    given_mixture,
    given_resp,
    made,
    numbers,
    read_numbers,
)

LETTERS = ("a", "b", "c")
SPREADS = (0.25, 0.5, 2.0, 3.0, 4.0)
FAR = 200.0
TIMES = 3  # problems for each check


# --- with a pencil ---------------------------------------------------------------------------


def own(kind, decimals):
    """Return the judge of a row of the student's own point."""

    def judging(answer, personal):
        mixture = Mixture(personal.weights, personal.means, personal.variances)
        return by_hand(kind, from_mixture(personal.x[:1], mixture), answer, 0, decimals=decimals)

    return judging


def largest(personal):
    """Return which component has the largest share of the student's point, counted from 1."""
    mixture = Mixture(personal.weights, personal.means, personal.variances)
    return int(responsibilities(personal.x[:1], mixture)[0].argmax()) + 1


# --- problems for the functions --------------------------------------------------------------


def draw(rng, *, weights, variances, far=0.0, n_components=3):
    """Return x, weights, means, variances with numbers that one can read."""
    means = np.sort(rng.permutation(np.arange(-5, 6))[:n_components]).astype(float)
    shares = rng.permutation([2, 3, 5])[:n_components] if weights else np.ones(n_components)
    spreads = rng.permutation(SPREADS)[:n_components] if variances else np.ones(n_components)
    x = rng.choice(means, 5) + rng.integers(-15, 16, 5) / 10
    x[:2] += far * np.array([1, -1])
    return x, shares / shares.sum(), means, spreads


def densities(rng):
    """Unequal variances."""
    for _ in range(TIMES):
        x, _, means, variances = draw(rng, weights=False, variances=True)
        parameters = np.full(3, 1 / 3), means, variances
        judging = given_mixture("component_density", x, *parameters)
        yield Problem({"x": x, "means": means, "variances": variances}, judging)


def whole_densities(rng):
    """Arrays of whole numbers."""
    for _ in range(TIMES):
        x = rng.permutation(np.arange(-4, 5))[:5]
        means, variances = (
            rng.permutation(np.arange(-3, 4))[:3],
            np.ones(3, dtype=int),
        )
        judging = given_mixture("component_density", x, np.full(3, 1 / 3), means, variances)
        yield Problem({"x": x, "means": means, "variances": variances}, judging)


def shared(**kind):
    """Return problems for `responsibilities`."""

    def problems(rng):
        for _ in range(TIMES):
            x, weights, means, variances = draw(rng, **kind)
            given = {
                "x": x,
                "weights": weights,
                "means": means,
                "variances": variances,
            }
            judging = given_mixture("responsibilities", *given.values())
            yield Problem(given, by_row(judging) if kind.get("far") else judging)

    return problems


def by_row(judging):
    """Name the other way to get 0/0 on far points: one maximum for the whole matrix."""

    def judge(answer):
        verdict = judging(answer)
        if "underflow" not in verdict.misconceptions:
            return verdict
        other = (
            " The same comes out if the largest entry of the whole matrix is subtracted, "
            "and not that of each row."
        )
        return replace(verdict, message=verdict.message + other)

    return judge


def counted(rng):
    for n_samples in (4, 6, 3):
        resp = rng.multinomial(20, np.full(3, 1 / 3), n_samples) / 20
        yield Problem({"resp": resp}, given_resp("counts", np.zeros(n_samples), resp))


def crossings(weights, means, variances):
    """Return where two weighted densities agree: roots of a polynomial."""
    with np.errstate(divide="ignore"):
        logs = np.log(weights) - 0.5 * np.log(variances) - 0.5 * means**2 / variances
    powers = np.array([np.diff(0.5 / variances), -np.diff(means / variances), -np.diff(logs)])
    roots = np.roots(powers[:, 0])
    return np.sort(roots[np.isreal(roots)].real)


def boundary_problem(weights, means, variances):
    ones = np.ones(2)
    mistakes = [
        ("no-weights", "the weights are left out", crossings(ones, means, variances)),
        ("no-determinant", "the factor 1/sd in front of each Gaussian is left out",
         crossings(weights * np.sqrt(variances), means, variances)),
        ("variance-as-sd", "the variance is used where the standard deviation belongs",
         crossings(weights, means, variances**2)),
        ("midpoint", "the middle between the means is taken", np.array([means.mean()])),
    ]  # fmt: skip
    given = {"weights": weights, "means": means, "variances": variances}
    expected = crossings(weights, means, variances)
    judging = numbers(expected, mistakes, noun="boundaries", tolerance=1e-7)
    return Problem(given, in_words(judging, expected), DUE[len(expected)])


DUE = (
    "Here the parabola has no real zero, so there is no boundary: return an empty list, `[]`.",
    "Here the variances are equal, and there is one boundary: return a list of one number.",
    "Here there are two boundaries: return a list of two numbers.",
)


def in_words(judging, expected):
    """Judge boundaries; say in words how many there should be, and in which order."""

    def judge(answer):
        found = np.asarray(read_numbers(answer).values)
        if found.shape != expected.shape:
            came = {0: "no number", 1: "one number"}.get(found.size, f"{found.size} numbers")
            came = "something else than a list" if found.ndim != 1 else came
            return Verdict("unreadable", f"You return {came}.", ("how-many-boundaries",))
        verdict = judging(answer)
        if not verdict and judging(found[::-1].tolist()):
            text = "These are the right points, and not in rising order: sort them."
            return Verdict("wrong", text, ("not-sorted",))
        return verdict

    return judge


def two_boundaries(rng):
    """Unequal variances: the narrow component first and second, well apart and close."""
    for turn, apart, narrow, wide in (
        (0, 6, 0.5, 2.0),
        (1, 4, 0.5, 2.0),
        (0, 1, 1.0, 2.0),
    ):
        weights = rng.permutation([0.4, 0.6]) if apart > 1 else np.array([0.5, 0.5])
        means = np.array([0.0, float(apart)]) - float(rng.integers(1, 4))
        yield boundary_problem(weights, means, np.roll([narrow, wide], turn))


def one_boundary(rng):
    for _ in range(TIMES):
        means = np.array([0.0, float(rng.integers(2, 6))]) - float(rng.integers(0, 4))
        yield boundary_problem(np.array([0.5, 0.5]), means, np.ones(2))


def no_boundary(rng):
    """The same mean; the wide component has so much weight that it wins everywhere."""
    for _ in range(TIMES):
        mean = float(rng.integers(-3, 4))
        weights, variances = np.array([0.95, 0.05]), np.array([2.0, 0.5])
        turn = int(rng.integers(2))
        yield boundary_problem(np.roll(weights, turn), np.full(2, mean), np.roll(variances, turn))


PLAN = Plan(
    "Responsibilities, by hand and in code",
    (
        Task("quiz", "Are you ready?", (
            Check("quiz-density", 1, "a density above 1", "quiz_density",
                  judge=choice("b", LETTERS, "A density is no probability."),
                  read=book.HEIGHT),
            Check("quiz-scale", 1, "what `scale` means", "quiz_scale",
                  judge=choice("b", LETTERS, "What does SciPy call `scale`?"),
                  read=book.SCALE),
            Check("quiz-sum", 1, "which sums are 1", "quiz_sum",
                  judge=choice("a", LETTERS, "What is shared among whom?"),
                  read=book.BAYES),
        )),
        Task("prediction", "Predict", (
            Check("prediction", 1, "a prediction", "prediction",
                  judge=made((1, 2, 3), "The largest share goes to component {}.", largest)),
        )),
        Task("pencil", "With a pencil", (
            Check("pencil-densities", 3, "your own three densities", "pencil_densities",
                  judge=own("component_density", 4)),
            Check("pencil-row", 4, "your own three responsibilities", "pencil_row",
                  judge=own("responsibilities", 3)),
        )),
        Task("density", "Densities", (
            Check("density-variances", 3, "variances other than 1", "component_density",
                  densities),
            Check("density-whole", 1, "whole numbers", "component_density", whole_densities),
        )),
        Task("responsibilities", "Responsibilities", (
            Check("resp-weights", 3, "unequal weights", "responsibilities",
                  shared(weights=True, variances=False)),
            Check("resp-variances", 3, "variances other than 1", "responsibilities",
                  shared(weights=False, variances=True)),
            Check("resp-far", 2, "points far away", "responsibilities",
                  shared(weights=False, variances=False, far=FAR)),
            Check("resp-untouched", 1, "arguments left as they were", "responsibilities",
                  shared(weights=False, variances=False), untouched=True),
        )),
        Task("counts", "Effective counts", (
            Check("counts", 2, "sums over the points", "effective_counts", counted),
        )),
        Task("boundaries", "Where one takes over from the other", (
            Check("boundary-two", 2, "two boundaries", "boundaries", two_boundaries,
                  read=book.TAKES_OVER),
            Check("boundary-one", 1, "equal variances", "boundaries", one_boundary,
                  read=book.TAKES_OVER),
            Check("boundary-none", 1, "no boundary at all", "boundaries", no_boundary,
                  read=book.TAKES_OVER),
        )),
    ),
    place=1,
    minutes=130,
    chapters=("densities-and-mixtures", "responsibilities", "em-algorithm"),
)  # fmt: skip

# Mutations of the solution that no check can see, each with its reason.
EQUIVALENT = {
    "prediction = 1: 1 -> 2": "any prediction is worth its point",
    "pencil_densities = density.round(4).tolist(): 4 -> 5": "more digits than asked for",
    "pencil_row = (own.weights * density / (own.weights @ density)).round(3).tolist(): 3 -> 4": (
        "more digits than asked for"
    ),
}
