"""What is judged in the assignment on robust EM, and for how many points."""

import numpy as np
from gmmtutor.grading import reading_list as book
from gmmtutor.grading.tasks import (
    Check,
    Plan,
    Problem,
    Task,
    choice,
    given_mixture,
    made,
    numbers,
)

LETTERS = ("a", "b", "c")
RUN = tuple("abcdef")
FAULTS, SIGNS = "aecbdf", "dcfabe"  # of the runs 1 to 6
FAR = 200.0


def own_log_sum(answer, personal):
    """One number, to three decimals."""
    logs = -1000 - personal.means
    truth = np.logaddexp.reduce(logs)
    mistakes = [
        ("hard-assignment", "the largest term stands for the sum", logs.max()),
        ("sum-of-logs", "the logarithms are summed", logs.sum()),
        ("underflow", "the largest is taken out and not put back", truth - logs.max()),
        ("log10", "the logarithm has base 10",
         logs.max() + np.log10(np.exp(logs - logs.max()).sum())),
    ]  # fmt: skip
    return numbers(truth, mistakes, noun="number", decimals=3)(answer)


def of_run(right, noun):
    """Return the judge of a letter that depends on the student's run."""

    def judging(answer, personal):
        told = f"Look again at the {noun}: which of the six fits the numbers of your run?"
        return choice(right[personal.fault], RUN, told)(answer, personal)

    return judging


def likelihoods(far):
    """Return problems for `log_likelihood`, with points far away or without."""

    def problems(rng):
        for n_components in (2, 3, 2):
            means = np.sort(rng.permutation(np.arange(-5, 6))[:n_components]).astype(float)
            weights = rng.permutation([2, 3, 5])[:n_components].astype(float)
            variances = np.ones(n_components)
            if not far:
                variances = rng.permutation([0.5, 2.0, 3.0])[:n_components]
            x = rng.choice(means, 5) + rng.integers(-15, 16, 5) / 10
            x[0] -= FAR * far
            given = (x, weights / weights.sum(), means, variances)
            names = ("x", "weights", "means", "variances")
            judging = given_mixture("log_likelihood", *given)
            yield Problem(dict(zip(names, given, strict=True)), judging)

    return problems


def step_problem(x, resp, floor):
    """All three parts in one row, so that one comparison judges them."""
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    plain = (resp * (x[:, None] - means) ** 2).sum(axis=0) / counts

    def with_variances(variances):
        return np.stack([counts / len(x), means, variances])

    mistakes = [
        ("no-floor", "nothing holds the variances", with_variances(plain)),
        ("floor-added", "the floor is added to every variance", with_variances(plain + floor)),
        ("floor-everywhere", "every variance becomes the floor if one is too small",
         with_variances(np.full(len(plain), floor))),
        ("sd-as-variance", "standard deviations are returned",
         with_variances(np.maximum(np.sqrt(plain), floor))),
    ]  # fmt: skip
    truth = with_variances(np.maximum(plain, floor))
    judging = numbers(truth, mistakes, noun="weights, means and variances")
    return Problem({"x": x, "resp": resp, "floor": floor}, judging)


def held(rng):
    """One component has one point to itself."""
    for n_samples in (5, 6, 7):
        x = np.arange(n_samples) - float(rng.integers(1, 5)) + rng.integers(0, 5, n_samples) / 10
        resp = np.column_stack([np.zeros(n_samples), np.ones(n_samples)])
        resp[rng.integers(n_samples)] = [1, 0]
        yield step_problem(x, resp, 0.02)


def not_held(rng):
    """No variance is near the floor."""
    for n_samples in (5, 6, 7):
        x = np.arange(n_samples) - float(rng.integers(1, 5)) + rng.integers(0, 5, n_samples) / 10
        resp = rng.multinomial(20, [0.5, 0.5], n_samples) / 20
        yield step_problem(x, resp, 0.01)


def fits_problem(values, variances, floor):
    interior = variances.min(axis=1) > 10 * floor
    truth = int(np.where(interior, values, -np.inf).argmax()) if interior.any() else -1
    some = variances.max(axis=1) > 10 * floor
    mistakes = [
        ("none-forgotten", "it is not thought of that there may be none", min(0, -truth - 1)),
        ("spike-wins", "spikes are not left out", int(values.argmax())),
        ("floor-itself", "only variances on the floor itself are left out",
         int(np.where(variances.min(axis=1) > floor, values, -np.inf).argmax())),
        ("one-is-enough", "one variance above the floor is enough",
         int(np.where(some, values, -np.inf).argmax())),
        ("from-one", "fits are counted from 1", truth + 1),
    ]  # fmt: skip
    given = {"log_likelihoods": values, "variances": variances, "floor": floor}
    return Problem(given, numbers(truth, mistakes, noun="index"))


def fits(rng):
    """The highest is a spike, the second is too near to the floor, the third just not."""
    for n_fits in (4, 5, 6):
        values = -10 - rng.permutation(n_fits).astype(float)
        variances = rng.uniform(0.5, 3, (n_fits, 2))
        best, second, third = np.argsort(values)[::-1][:3]
        variances[best, rng.integers(2)] = 1e-3
        variances[second, rng.integers(2)] = 5e-3
        variances[third, rng.integers(2)] = 10.5e-3
        yield fits_problem(values, variances, 1e-3)


def only_spikes(rng):
    for n_fits in (2, 3, 4):
        variances = np.column_stack([np.full(n_fits, 1e-3), rng.uniform(0.5, 3, n_fits)])
        yield fits_problem(-10 - rng.permutation(n_fits).astype(float), variances, 1e-3)


def alarm(kind):
    """Return problems for `first_fall`: a fall, none, or rounding alone."""

    def problems(rng):
        for fall in (1, 2, 4):
            steps = rng.integers(1, 9, 6) / 10
            if kind == "fall":
                steps[fall - 1] *= -1
                steps[4:] = (0.1, -0.2)
            elif kind == "rounding":
                steps[fall - 1] = -1e-8
            if kind == "fall" and fall == 4:  # small beside the start, and no rounding
                steps[0], steps[3] = 1980.0, -1e-6
            history = -20 - 1980.0 * (steps[0] > 1000) + np.concatenate([[0.0], np.cumsum(steps)])
            truth = fall if kind == "fall" else 0
            mistakes = [
                ("from-zero", "rounds are counted from 0", fall - 1),
                ("from-zero", "the start is counted as a round", fall + 1),
                ("rounding-alarm", "rounding is taken for a fall", fall),
                ("last-fall", "the last fall is given, not the first", 6),
            ]
            yield Problem({"history": history}, numbers(truth, mistakes, noun="round"))

    return problems


PLAN = Plan(
    "EM that does not break",
    (
        Task("quiz", "Are you ready?", (
            Check("quiz-maximum", 1, "the maximum", "quiz_maximum",
                  judge=choice("b", LETTERS, "What does a component on one point do?"),
                  read=book.NO_MAXIMUM),
            Check("quiz-floor", 1, "what a floor is", "quiz_floor",
                  judge=choice("c", LETTERS, "What is left of a spike?"),
                  read=book.FLOORS),
            Check("quiz-restarts", 1, "what wins", "quiz_restarts",
                  judge=choice("b", LETTERS, "Which end is the highest?"),
                  read=book.HIGHEST),
        )),
        Task("prediction", "Predict", (
            Check("prediction", 1, "a prediction", "prediction",
                  judge=made(("up", "down"), "It goes up.", str)),
        )),
        Task("pencil", "With a pencil", (
            Check("pencil", 3, "your own logarithm of a sum", "pencil_log_sum",
                  judge=own_log_sum, read=book.NO_DIGITS),
        )),
        Task("log-likelihood", "The logarithm of a sum", (
            Check("ll-variances", 3, "variances other than 1", "log_likelihood",
                  likelihoods(False)),
            Check("ll-far", 2, "points far away", "log_likelihood", likelihoods(True)),
        )),
        Task("floor", "An M-step with a floor", (
            Check("floor-held", 3, "a component on one point", "floored_m_step", held,
                  read=book.FLOORS),
            Check("floor-not-held", 2, "no variance near the floor", "floored_m_step", not_held,
                  read=book.FLOORS),
        )),
        Task("best", "The best interior fit", (
            Check("best", 3, "spikes among the fits", "best_interior", fits,
                  read=book.ENOUGH_STARTS),
            Check("best-none", 1, "nothing but spikes", "best_interior", only_spikes,
                  read=book.ENOUGH_STARTS),
        )),
        Task("alarm", "An alarm", (
            Check("alarm-fall", 2, "a fall", "first_fall", alarm("fall"),
                  read=book.HOW_FAR),
            Check("alarm-none", 1, "no fall", "first_fall", alarm("none"),
                  read=book.HOW_FAR),
            Check("alarm-rounding", 1, "the last digits", "first_fall", alarm("rounding"),
                  read=book.HOW_FAR),
        )),
        Task("run", "Diagnose a run", (
            Check("diagnosis", 3, "what went wrong", "diagnosis", judge=of_run(FAULTS, "runs"),
                  read=book.FALLS),
            Check("evidence", 2, "how you know", "evidence", judge=of_run(SIGNS, "signs"),
                  read=book.FALLS),
        )),
    ),
    place=3,
    minutes=150,
    chapters=("computing-safely", "singularities", "landscape"),
)  # fmt: skip

# Mutations of the solution that no check can see, each with its reason.
EQUIVALENT = {
    "diagnosis = \"aecbdf\"[own.fault]: 'aecbdf' -> 'aecbdfx'": "the letter is not used",
    "evidence = \"dcfabe\"[own.fault]: 'dcfabe' -> 'dcfabex'": "the letter is not used",
    "pencil_log_sum = round(float(top + np.log(np.exp(own_logs - top).sum())), 3): 3 -> 4": (
        "more digits than asked for"
    ),
}
