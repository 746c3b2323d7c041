"""What is judged in the assignment on the M-step and EM, and for how many points."""

from itertools import islice

import gmmtutor as gm
import numpy as np
from gmmtutor.check.problems import from_resp, parameters_of
from gmmtutor.check.reading import require_answer
from gmmtutor.grading import reading_list as book
from gmmtutor.grading.tasks import (
    Check,
    Plan,
    Problem,
    Task,
    by_hand,
    choice,
    given_resp,
    made,
    numbers,
)

LETTERS = ("a", "b", "c")
TIMES = 3  # problems for each check
FAR = 60.0
SPREADS = (0.5, 1.5, 2.0, 3.0)


# --- with a pencil ---------------------------------------------------------------------------


def own(kind):
    """Return the judge of a quantity of the student's own M-step."""

    def judging(answer, personal):
        given = from_resp(personal.x[:4], personal.resp)
        return by_hand(kind, given, answer, decimals=3)

    return judging


def wider(personal):
    """Return which component has the larger variance after the M-step, counted from 1."""
    return int(gm.m_step(personal.x[:4], personal.resp).variances.argmax()) + 1


# --- problems for the functions --------------------------------------------------------------


def draw(rng, n_samples=8, n_components=2):
    """Return x and a start that is near enough for every component to keep its points."""
    means = np.arange(n_components) * 4.0 + float(rng.integers(-5, 0)) - 0.5
    spreads = rng.permutation(SPREADS)[:n_components]
    shares = rng.permutation([2, 3, 5])[:n_components]
    labels = np.arange(n_samples) % n_components
    x = means[labels] + rng.permutation(np.linspace(-1.6, 1.6, n_samples)).round(1)
    return x, shares / shares.sum(), means, spreads


def steps(part):
    """Return problems for one part of `m_step`."""

    def problems(rng):
        for n_samples in (5, 7, 9):
            x = draw(rng, n_samples, 3)[0]
            resp = rng.multinomial(20, np.full(3, 1 / 3), n_samples) / 20
            resp[:3] = 0.8 * np.eye(3) + 0.2 / 3
            yield Problem({"x": x, "resp": resp}, step_judge(part, x, resp))

    return problems


def step_judge(part, x, resp):
    judging = given_resp(part, x, resp)

    def judge_part(answer):
        require_answer(answer)
        return judging(parameters_of(answer)[part])

    return judge_part


def history(x, start, n_rounds, update=gm.m_step):
    """Return the log-likelihoods of EM, with this M-step."""
    found, mixture = [], start
    for _ in range(n_rounds + 1):
        resp, log_likelihood = gm.e_step(x, mixture)
        found.append(log_likelihood)
        mixture = update(x, resp)
    return np.array(found)


def about(x, start, n_rounds):
    """Yield what EM with a mistake gives: id, words, numbers."""
    n_samples = len(x)
    truth = history(x, start, n_rounds + 1)
    yield (
        "mean-not-sum",
        "the mean over the points is taken, not their sum",
        truth[:-1] / n_samples,
    )
    yield (
        "log10",
        "the logarithm has base 10 (`log10`), and not e (`log`)",
        truth[:-1] / np.log(10),
    )
    yield (
        "one-step-late",
        "each number is taken one round late: the start is left out",
        truth[1:],
    )
    late = np.concatenate([truth[:1], truth[:-2]])
    yield (
        "one-step-late",
        "each number is that of the parameters before the round",
        late,
    )

    def same_weights(x, resp):
        new = gm.m_step(x, resp)
        return gm.Mixture(start.weights, new.means, new.covariances)

    def too_wide(x, resp):
        new, counts = gm.m_step(x, resp), resp.sum(axis=0)
        return gm.Mixture(new.weights, new.means[:, 0], new.variances * counts / (counts - 1))

    for name, because, update in (
        ("weights-not-updated", "the weights are never updated", same_weights),
        (
            "divisor-nk-minus-1",
            "the sum of squares is divided by N_k - 1, not by N_k",
            too_wide,
        ),
    ):
        try:
            yield name, because, history(x, start, n_rounds, update)
        except ValueError:
            pass
    with np.errstate(divide="ignore"):
        densities = np.exp(gm.component_log_prob(x, start)) @ start.weights
        if (densities == 0).any():
            naive = truth[:-1].copy()
            naive[0] = -np.inf
            yield (
                "underflow",
                "densities underflow to 0 and their logarithm is taken",
                naive,
            )


def em_problem(x, weights, means, variances, n_rounds):
    start = gm.Mixture(weights, means, variances)
    given = {
        "x": x,
        "weights": weights,
        "means": means,
        "variances": variances,
    }
    truth, mistakes = (
        history(x, start, n_rounds),
        list(about(x, start, n_rounds)),
    )
    judging = numbers(truth, mistakes, noun="log-likelihoods")
    return Problem(given | {"n_rounds": n_rounds}, judging)


def of_start(rng):
    for _ in range(TIMES):
        yield em_problem(*draw(rng), 0)


def of_rounds(rng):
    """Points enough for every component to keep its width."""
    for n_samples, n_components, n_rounds in ((10, 2, 3), (18, 3, 4), (12, 2, 6)):
        yield em_problem(*draw(rng, n_samples, n_components), n_rounds)


def of_far(rng):
    """A point so far from all means that its densities underflow; the variances then grow."""
    for _ in range(TIMES):
        x, *start = draw(rng)
        x[0] -= FAR
        yield em_problem(x, *start, 1)


def ledger_of(x, start, resp=None, *, means_for_variances=None):
    """Return the four entries of the ledger."""
    resp = gm.responsibilities(x, start) if resp is None else resp
    new = gm.m_step(x, resp)
    variances = new.variances
    if means_for_variances is not None:
        variances = variances + (new.means[:, 0] - means_for_variances) ** 2
    stages = [
        start,
        gm.Mixture(start.weights, new.means[:, 0], start.variances),
        gm.Mixture(start.weights, new.means[:, 0], variances),
        gm.Mixture(new.weights, new.means[:, 0], variances),
    ]
    return np.array([gm.log_likelihood(x, stage) for stage in stages])


def refreshed(x, start):
    """Return the ledger of one who computes the responsibilities anew after each update."""
    one = gm.m_step(x, gm.responsibilities(x, start))
    stages = [
        start,
        gm.Mixture(start.weights, one.means[:, 0], start.variances),
    ]
    resp = gm.responsibilities(x, stages[-1])
    square = (np.asarray(x)[:, None] - one.means[:, 0]) ** 2
    variances = (resp * square).sum(axis=0) / resp.sum(axis=0)
    stages.append(gm.Mixture(start.weights, one.means[:, 0], variances))
    weights = gm.responsibilities(x, stages[-1]).mean(axis=0)
    stages.append(gm.Mixture(weights, one.means[:, 0], variances))
    return np.array([gm.log_likelihood(x, stage) for stage in stages])


def ledgers(rng):
    for n_components in (2, 3, 2):
        x, weights, means, variances = draw(rng, 6 * n_components, n_components)
        start = gm.Mixture(weights, means, variances)
        truth = ledger_of(x, start)
        rounds = [step.log_likelihood for step in islice(gm.em_steps(x, start), 4)]
        mistakes = [
            ("old-means", "the variances are taken about the means before the update",
             ledger_of(x, start, means_for_variances=means)),
            ("not-frozen", "the responsibilities are computed anew after each update",
             refreshed(x, start)),
            ("mean-not-sum", "the mean over the points is taken, not their sum", truth / len(x)),
            ("rounds", "each entry is a whole round: a ledger has one entry for each update",
             np.array(rounds)),
        ]  # fmt: skip
        given = {
            "x": x,
            "weights": weights,
            "means": means,
            "variances": variances,
        }
        yield Problem(given, numbers(truth, mistakes, noun="entries"))


def fell(answer, personal):
    mistakes = [
        ("from-zero", "the start is counted as a round", 5),
        ("from-zero", "rounds are counted from 0", 3),
    ]
    return numbers(4, mistakes, noun="round")(answer)


PLAN = Plan(
    "The M-step, EM, and a ledger",
    (
        Task("quiz", "Are you ready?", (
            Check("quiz-frozen", 1, "what is held fixed", "quiz_frozen",
                  judge=choice("a", LETTERS, "Which numbers do all updates share?"),
                  read=book.FROZEN),
            Check("quiz-mean", 1, "which mean", "quiz_mean",
                  judge=choice("b", LETTERS, "Which mean gives the smallest sum?"),
                  read=book.OLD_MEAN),
            Check("quiz-fall", 1, "a fall", "quiz_fall",
                  judge=choice("c", LETTERS, "What does the theorem say?"),
                  read=book.NEVER_DOWN),
        )),
        Task("prediction", "Predict", (
            Check("prediction", 1, "a prediction", "prediction",
                  judge=made((1, 2), "The larger variance is that of component {}.", wider)),
        )),
        Task("pencil", "With a pencil", (
            Check("pencil-counts", 1, "your own counts", "pencil_counts", judge=own("counts")),
            Check("pencil-means", 2, "your own means", "pencil_means", judge=own("means")),
            Check("pencil-variances", 3, "your own variances", "pencil_variances",
                  judge=own("covariances")),
        )),
        Task("m-step", "The M-step", (
            Check("step-weights", 2, "the weights, and arguments left as they were", "m_step",
                  steps("weights"), untouched=True),
            Check("step-means", 3, "the means", "m_step", steps("means")),
            Check("step-variances", 4, "the variances", "m_step", steps("covariances")),
        )),
        Task("em", "EM", (
            Check("em-start", 1, "no round at all", "em", of_start,
                  read=book.LOOPS),
            Check("em-rounds", 4, "several rounds", "em", of_rounds,
                  read=book.BELONGS),
            Check("em-far", 1, "a point far away", "em", of_far,
                  read=book.LOG_SUM_EXP),
        )),
        Task("ledger", "The ledger", (
            Check("ledger", 3, "the four entries", "ledger", ledgers,
                  read=book.LEDGER),
        )),
        Task("friend", "A friend's run", (
            Check("fall", 1, "where it falls", "fall", judge=fell,
                  read=book.FALLS),
            Check("diagnosis", 1, "why it falls", "diagnosis",
                  judge=choice("b", (*LETTERS, "d"), "Try the candidates: which one gives "
                               "these numbers?"), read=book.FALLS),
        )),
    ),
    place=2,
    minutes=130,
    chapters=("three-updates", "em-algorithm"),
)  # fmt: skip

# Mutations of the solution that no check can see, each with its reason.
EQUIVALENT = {
    "prediction = 1: 1 -> 2": "any prediction is worth its point",
    "pencil_counts = own_counts.round(3).tolist(): 3 -> 4": "more digits than asked for",
    "pencil_means = own_means.round(3).tolist(): 3 -> 4": "more digits than asked for",
    "pencil_variances = ((own_shares * own_squares).sum(axis=0) / own_counts).round(3).tolist()"
    ": 3 -> 4": "more digits than asked for",
}
