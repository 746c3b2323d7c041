"""Whole functions, judged on random problems; the smallest failure is reported."""

import inspect
import io
import time
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import combinations

import numpy as np

from gmmtutor.check import checks
from gmmtutor.check.judge import EITHER_SIDE, judge, to_read
from gmmtutor.check.misconceptions import MISCONCEPTIONS
from gmmtutor.check.problems import parameters_of, quietly, step_of
from gmmtutor.check.quantities import QUANTITIES
from gmmtutor.check.reading import FULL_PRECISION, Stopped, Unreadable, is_blank, read, short
from gmmtutor.check.recipe import Work
from gmmtutor.check.verdict import Verdict
from gmmtutor.mixture import Mixture

SHOWN = 30  # entries that an example prints
ROUNDS = 12  # problems of each kind
KINDS = 4  # sizes of the problems without far points
FAR = 300.0  # so far away that densities underflow
PATIENCE = 5.0  # seconds after which no further problem is begun
LONGEST = 200  # characters of an exception that are quoted
MOST_DIGITS = 12  # of numbers that agree in fewer
COARSEST = 6  # decimals to which a function may be seen to round its answers
VISIBLE = 0.05  # of the largest entry: an error that one sees without a second look
PRINTED = 0.001  # an error that shows in the four decimals of an example
VARIANCES = (0.25, 0.5, 2.0, 3.0, 4.0)
ALIASES = {
    "X": ("x", "data", "samples", "points", "xs"),
    "mixture": ("mixture", "model", "gmm"),
    "weights": ("weights", "weight", "pi", "pis", "phi", "w"),
    "means": ("means", "mean", "mu", "mus", "m"),
    "covariances": ("covariances", "variances", "covs", "vars", "variance", "covariance", "var"),
    "resp": ("resp", "responsibilities", "r", "gamma"),
    "start": ("start", "old", "previous"),
    "centres": ("centres", "centers", "centroids"),
    "n_components": ("n_components", "k"),
    "n_features": ("n_features", "d"),
    "covariance_type": ("covariance_type",),
}
PARAMETERS = ("weights", "means", "covariances")
FROM_MIXTURE = (("X", "mixture"), ("X", *PARAMETERS))
FROM_RESP = (("X", "resp"), ("resp",), ("X", "resp", "start"))
FROM_BOTH = (("X", "resp", "mixture"), ("X", "resp", *PARAMETERS))
MOMENTS = (("mixture",), PARAMETERS)
TAKES = {
    "density": FROM_MIXTURE,
    "component_density": FROM_MIXTURE,
    "responsibilities": FROM_MIXTURE,
    "hard_assignments": FROM_MIXTURE,
    "log_likelihood": FROM_MIXTURE,
    "aic": FROM_MIXTURE,
    "bic": FROM_MIXTURE,
    "counts": FROM_RESP,
    "weights": FROM_RESP,
    "means": FROM_RESP,
    "variances": FROM_RESP,
    "covariances": FROM_RESP,
    "m_step": FROM_RESP,
    "lower_bound": FROM_BOTH,
    "q": FROM_BOTH,
    "mixture_mean": MOMENTS,
    "mixture_covariance": MOMENTS,
    "mixture_variance": MOMENTS,
    "n_parameters": (
        ("n_components", "n_features"),
        ("n_components", "n_features", "covariance_type"),
    ),
    "kmeans_step": (("X", "centres"),),
}
UNDERFLOW = next(row for row in MISCONCEPTIONS if row.id == "underflow")
NOTHING_BACK = "The function returns `None`: write it, and return the result."
SOMETIMES_NOTHING = "There it returns `None`: every branch must return the result."
SLOW = "It is slow: after {} problems, and more than {:.0f} seconds, no further one was tried."
TOO_SLOW = "It is too slow to judge: {} small problems took more than {:.0f} seconds."
CHANGES_FIRST = (
    "It also changes the arrays that it is given, which may be the reason: work on copies."
)
CHANGES = "It changes the arrays that it is given: work on copies."
ALSO_FAR = "On far points its densities underflow besides: work with logarithms there."
SAME_AS = {"variances": "covariances", "mixture_variance": "mixture_covariance"}
READ = {"m_step": lambda answer, n_samples: parameters_of(answer), "kmeans_step": step_of}


def function(name, f, *, n_features=1, far=True, seed=0):
    """Judge a whole function on random problems of growing size.

    Far points, a single component, unequal weights and variances other than 1 are among them.

    Parameters
    ----------
    name : str
        Name of a check, for example "responsibilities".
    f : callable
        Takes what the package's function takes, or arrays: ``f(X, mixture)`` or
        ``f(x, weights, means, variances)``; ``f(X, resp)``; ``f(X, resp, mixture)``.
        With one feature X arrives as (N,) and variances as (K,).
    n_features : int
    far : bool
        Whether points are among the data whose densities all underflow to 0.
    seed : int
        Of the random problems.

    Returns
    -------
    Verdict
        With a small example on which f visibly fails, what is right there, and the mistakes
        that give its answers on *all* problems.

    Raises
    ------
    ValueError
        If there is no check of that name.
    """
    if name not in TAKES:
        raise ValueError(f"there is no check {name!r}; choose one of {', '.join(TAKES)}.")
    if not callable(f):
        text = f"Give the function itself: `check.function({name!r}, f)`, not `f(...)`."
        return Verdict("unreadable", text)
    takes = _layout(name, f)
    if takes is None:
        return Verdict("unreadable", _unsuited(name, f))
    drawn = [p for p in problems(name, n_features, seed) if far or not p["far"]]
    with quietly(), redirect_stdout(io.StringIO()):  # 51 times what it prints helps nobody
        watched = _Watched(f)
        trials, left = _trials(name, watched, takes, drawn)
        if all(verdict.status == "unanswered" for _, verdict, _ in trials):
            return trials[0][1]
        verdict = _summary(name, watched, takes, trials)
    if verdict and len(trials) < KINDS:
        return Verdict("unreadable", TOO_SLOW.format(len(trials), PATIENCE))
    return verdict.noted(SLOW.format(len(trials), PATIENCE)) if left else verdict


class _Watched:
    """A student's function, and how long its calls have taken."""

    def __init__(self, f):
        self.f, self.seconds = f, 0.0

    def __call__(self, *arguments):
        begun = time.monotonic()
        try:
            return self.f(*arguments)
        finally:
            self.seconds += time.monotonic() - begun

    @property
    def late(self):
        return self.seconds > PATIENCE


def _trials(name, f, takes, drawn):
    """Return the trials for which there is time, by size, and whether problems are left."""
    trials = {}
    for n in _one_of_each_kind_first(len(drawn)):
        if f.late:
            break
        trials[n] = _trial(name, f, takes, drawn[n])
    return [trials[n] for n in sorted(trials)], len(trials) < len(drawn)


def _one_of_each_kind_first(n_problems):
    """Return the order of the problems in which even a slow function meets all kinds."""
    near = KINDS * ROUNDS
    first = [*range(0, near, ROUNDS), *range(near, n_problems)]
    return [*first, *(n for n in range(n_problems) if n not in first)]


# --- what the function takes -----------------------------------------------------------------


def _layout(name, f):
    """Return the names of the arguments to give to f, in its order; None if none fits."""
    required = _required(f)
    if required is None:
        return TAKES[name][0]
    known = [_meaning(parameter) for parameter in required]
    for takes in TAKES[name]:
        if sorted(map(str, known)) == sorted(takes):
            return tuple(known)
    return next((takes for takes in TAKES[name] if len(takes) == len(required)), None)


def _required(f):
    """Return the names of the arguments that f needs; None if they cannot be known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in positional and p.default is p.empty]


def _meaning(parameter):
    plain = parameter.lower()
    return next((name for name, names in ALIASES.items() if plain in names), None)


def _unsuited(name, f):
    forms = " or ".join(f"f({', '.join(takes)})" for takes in TAKES[name])
    return f"The function needs {len(_required(f))} arguments; here it is called as {forms}."


# --- random problems ---------------------------------------------------------------------------


def problems(name, n_features, seed):
    """Yield problems of growing size, with numbers that one can read.

    Yields
    ------
    dict
        X, mixture, resp, start, centres, n_components, n_features, covariance_type; and whether
        a point is so far that densities underflow.
    """
    rng = np.random.default_rng(seed)
    fewest = 1 if TAKES[name] is FROM_MIXTURE else n_features + 2
    for n_samples, n_components in ((fewest, 1), (fewest, 2), (fewest + 2, 2), (fewest + 4, 3)):
        for _ in range(ROUNDS):
            yield _problem(rng, n_samples, n_components, n_features)
    for n_components in (1, 2, 3):
        problem = _problem(rng, fewest + 1, n_components, n_features)
        problem["X"][0] += FAR
        yield problem | {"far": True}


def _problem(rng, n_samples, n_components, n_features):
    """Draw data and parameters, responsibilities that do not come from them, and the rest."""
    mixture, start = (_mixture(rng, n_components, n_features) for _ in range(2))
    shares = rng.dirichlet(np.full(n_components, 2.0), n_samples)
    labels = rng.integers(n_components, size=n_samples)
    X = mixture.means[labels] + rng.integers(-20, 21, (n_samples, n_features)) / 10
    centres = rng.permutation(np.arange(-4.0, 5.0))[: n_components * n_features]
    types = ("full", "tied", "diag", "spherical")
    return {
        "X": X,
        "mixture": mixture,
        "resp": rng.multinomial(100, shares) / 100,
        "start": start,
        "centres": centres.reshape(n_components, n_features),
        "n_components": n_components + int(rng.integers(3)),
        "n_features": n_features + int(rng.integers(3)),
        "covariance_type": types[rng.integers(len(types))],
        "far": False,
    }


def _mixture(rng, n_components, n_features):
    """Draw a mixture of unequal weights and of variances other than 1."""
    shares = rng.permutation(np.arange(1, 10))[:n_components]
    means = rng.permutation(np.arange(-4, 5))[: n_components * n_features]
    scales = np.sqrt(rng.choice(VARIANCES, (n_components, n_features)))
    correlation = np.full((n_features, n_features), 0.4) + 0.6 * np.eye(n_features)
    covariances = scales[:, :, np.newaxis] * correlation * scales[:, np.newaxis, :]
    means = means.reshape(n_components, n_features).astype(float)
    return Mixture(shares / shares.sum(), means, covariances)


def _arguments(problem, takes):
    """Return fresh copies of what f takes; one feature loses its axes."""
    mixture = problem["mixture"]
    flat = mixture.n_features == 1
    values = dict(problem)
    values |= {"weights": mixture.weights, "means": mixture.means}
    values["covariances"] = mixture.variances if flat else mixture.covariances
    if flat:
        values |= {key: values[key][:, 0] for key in ("X", "means", "centres")}
    copied = (values[key] for key in takes)
    return [value.copy() if isinstance(value, np.ndarray) else value for value in copied]


# --- one problem after another -----------------------------------------------------------------


def _trial(name, f, takes, problem):
    """Return (problem, verdict, what f gave) on one problem."""
    arguments = _arguments(problem, takes)
    try:
        answer = f(*arguments)
    except NotImplementedError:
        return problem, Verdict("unanswered", "The function is not written yet."), None
    except (Exception, SystemExit) as error:
        return problem, Verdict("unreadable", stops_with(error)), None
    if is_blank(answer):
        return problem, Verdict("unanswered", NOTHING_BACK), None
    verdict = _judged(name, takes, answer, problem)
    if not _untouched(arguments, _arguments(problem, takes)):
        note = CHANGES if verdict else CHANGES_FIRST
        verdict = verdict.noted(note) if verdict else replace(verdict, notes=(note,))
    return problem, verdict, answer


def run(f, *arguments, **named):
    """Call a student's function; whatever it raises becomes an answer that the checks explain.

    Parameters
    ----------
    f : callable
    arguments, named
        What f takes.

    Returns
    -------
    object
        What f gives; None, no answer yet, if it raises NotImplementedError; else what every
        check reads as the sentence "Your function stops with ...".
    """
    if not callable(f):
        return Stopped("Give the function itself, not what it returns.")
    try:
        return f(*arguments, **named)
    except NotImplementedError:
        return None
    except (Exception, SystemExit) as error:
        return Stopped(stops_with(error, "Your function"))


def stops_with(error, subject="The function"):
    """Say with which exception a student's function stops; a long text is cut."""
    try:
        said = " ".join(str(error).split())
    except Exception:  # an exception that cannot even be shown
        said = ""
    said = said if len(said) <= LONGEST else f"{said[:LONGEST]} [...]"
    return f"{subject} stops with {type(error).__name__}: {said}".rstrip(": .") + "."


def _judged(name, takes, answer, problem):
    """Judge an answer in full precision."""
    if name == "hard_assignments":  # reads labels from 1, and tables of 0 and 1
        return checks.hard_assignments(answer, problem["X"], problem["mixture"])
    try:
        answers = _answers(name, answer, problem)
    except Unreadable as problem_with_it:
        return Verdict("unreadable", str(problem_with_it))
    given = _given(takes, problem)
    return judge(SAME_AS.get(name, name), given, answers, decimals=FULL_PRECISION, strict=True)


def _answers(name, answer, problem):
    """Return what f gave, by quantity."""
    kind = SAME_AS.get(name, name)
    return READ.get(kind, lambda a, n: {kind: a})(answer, len(problem["X"]))


def _given(takes, problem):
    """Return the arrays of a problem that f was given, as `Work` takes them."""
    needed = {key for take in takes for key in (PARAMETERS if take == "mixture" else (take,))}
    values = {name: getattr(problem["mixture"], name) for name in PARAMETERS} | problem
    values["centres_before"] = values["centres"]
    needed |= {"X"} if "resp" in takes else {"centres_before"} if "centres" in takes else set()
    return {key: value for key, value in values.items() if key in needed}


def _untouched(arguments, copies):
    pairs = zip(arguments, copies, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs if isinstance(a, np.ndarray))


# --- what they say together --------------------------------------------------------------------


def _summary(name, f, takes, trials):
    """Return the verdict on all trials."""
    failed = [trial for trial in trials if not trial[1]]
    if not failed:
        notes = tuple(dict.fromkeys(note for _, v, _ in trials for note in v.notes if _own(note)))
        message = " ".join((f"Right on all {len(trials)} random problems.", *notes))
        return Verdict("right", message, notes=notes)
    smallest = _smallest(name, f, takes, failed)
    found = _common_reason(trials)
    verdict, example = smallest[1], _example(takes, smallest)
    right = _right(name, takes, smallest)
    if right is not None:
        example["right"] = right
    if verdict.status == "unanswered":
        verdict = Verdict("unreadable", SOMETIMES_NOTHING)
    reason = _reason(found) if found else _too_coarse(name, takes, trials) or _own_words(verdict)
    notes = (ALSO_FAR,) if any(UNDERFLOW in chosen and len(chosen) > 1 for chosen in found) else ()
    if any(CHANGES_FIRST in failure.notes for _, failure, _ in failed):
        notes, reason = (*notes, CHANGES_FIRST), f"{reason} {CHANGES_FIRST}"
    found = [chosen - {UNDERFLOW} or chosen for chosen in found]
    message = (
        f"Not right yet: it fails on {len(failed)} of {len(trials)} random problems, "
        f"for example {_told(example)}. {reason}"
    )
    ladder = _ladder(name, verdict, reason, found)
    return replace(
        verdict,
        status="wrong" if found else "unknown" if verdict.misconceptions else verdict.status,
        message=message,
        misconceptions=tuple(dict.fromkeys(_id(chosen) for chosen in found)),
        notes=notes,
        ladder=ladder,
        example=example,
    )


def _too_coarse(name, takes, trials):
    """Say so if all answers are the right ones rounded."""
    pairs = [_compared(name, takes, trial) for trial in trials if not trial[0]["far"]]
    if any(pair is None for pair in pairs):
        return ""
    pairs = [both for pair in pairs for both in pair]
    for decimals in range(1, COARSEST + 1):
        if all(_is_rounded(mine, right, decimals) for mine, right in pairs):
            return f"Its answers are right, rounded to {decimals} decimals: return all digits."
    return ""


def _is_rounded(mine, right, decimals):
    if mine.size != right.size:
        return False
    mine, right = mine.ravel(), right.ravel()
    same = np.abs(mine - np.round(mine, decimals)).max() < 1e-9
    return bool(same and np.abs(mine - right).max() <= 0.5 * 10.0**-decimals + 1e-9)


def _compared(name, takes, trial):
    """Return [(what f gave, what is right)] for each part, or None."""
    right = _right(name, takes, trial)
    if right is None:
        return None
    try:
        mine = [read(answer).values for answer in _answers(name, trial[2], trial[0]).values()]
    except Unreadable:
        return None
    rights = right if isinstance(right, tuple) else (right,)
    return [(a, np.asarray(b)) for a, b in zip(mine, rights, strict=True)]


def _own(note):
    """Return whether a note is about the function, and not about the data of one problem."""
    return "would give the same numbers" not in note and note != EITHER_SIDE


def _own_words(verdict):
    """Return what the verdict says beside where: its last sentences."""
    if verdict.misconceptions:
        return "No one mistake known here explains all of its answers."
    if verdict.status != "unknown":
        return verdict.message
    where, _, words = verdict.message.partition(". ")
    is_right = where.removeprefix("Not right yet: ") if "; the" in where else ""
    return f"There {is_right}. {words}" if is_right else words


def _smallest(name, f, takes, failed):
    """Return the smallest failure whose error one can see; else the smallest of all."""
    first = _shrunk(name, f, takes, failed[0])
    if first[1].status not in ("wrong", "unknown"):
        return first
    for trial in failed:
        for smaller in _smaller(name, f, takes, trial):
            if smaller[1].status in ("wrong", "unknown") and _visible(name, takes, smaller):
                return smaller
    return first


def _shrunk(name, f, takes, trial):
    """Look for a failure on one sample of a failing problem."""
    shrunk = (s for s in _smaller(name, f, takes, trial) if s[1].status == trial[1].status)
    return next(shrunk, trial)


def _smaller(name, f, takes, trial):
    """Yield the failures on single samples of a failing problem, then this one."""
    problem = trial[0]
    if TAKES[name] is FROM_MIXTURE and len(problem["X"]) > 1:
        for n in range(len(problem["X"])):
            if f.late:
                break
            smaller = _trial(name, f, takes, problem | {"X": problem["X"][n : n + 1]})
            if not smaller[1]:
                yield smaller
    yield trial


def _visible(name, takes, trial):
    """Return whether an answer is off by so much that one sees it in four decimals."""
    right = _right(name, takes, trial)
    if right is None or trial[1].where.startswith("the shape"):
        return right is not None
    pairs = _compared(name, takes, trial)
    return pairs is not None and any(_far_off(a, b) for a, b in pairs)


def _far_off(mine, right):
    if mine.size != right.size or not np.isfinite(mine).all():
        return True
    gap = np.abs(mine.ravel() - right.ravel()).max(initial=0)
    return bool(gap > max(VISIBLE * np.abs(right).max(initial=0), PRINTED))


def _right(name, takes, trial):
    """Return what f should give there; None if it gave nothing that can be compared."""
    problem, verdict, answer = trial
    if answer is None or verdict.status in ("unreadable", "unanswered"):
        return None
    parts = _answers(name, answer, problem)
    work = Work(_given(takes, problem))
    values = [QUANTITIES[part].of(work) for part in parts]
    return tuple(values) if len(values) > 1 else values[0]


def _ladder(name, verdict, reason, found):
    """Return the hints about the example; the third says what is common to all answers."""
    if not verdict.ladder:
        return ()
    question, where, about, page, truth = verdict.ladder
    if found or verdict.misconceptions:
        about = f"{reason} {verdict.compare}".strip()
    if found:
        page = to_read(min(found[0], key=MISCONCEPTIONS.index).read)
    elif verdict.misconceptions and name in QUANTITIES:
        page = to_read(QUANTITIES[name].read)
    return question, where, about, page, truth


def _common_reason(trials):
    """Return the sets of rows each of which explains every problem, the passed ones too."""
    failed = [_explanations(trial) for trial in trials if not trial[1]]
    passed = [set(verdict.rows) for _, verdict, _ in trials if verdict]
    seen = Counter(found for explanations in failed for found in explanations)
    fits = [chosen for chosen in seen if _explains(chosen, failed, passed)]
    smallest = min(map(len, fits), default=0)
    if fits:
        return [chosen for chosen in fits if len(chosen) == smallest]
    unions = (a | b for a, b in combinations(sorted(seen, key=seen.get, reverse=True)[:6], 2))
    return next(([chosen] for chosen in unions if _explains(chosen, failed, passed)), [])


def _explanations(trial):
    """Return the sets of rows that explain one failure."""
    problem, verdict, answer = trial
    if problem["far"] and not _finite(answer):
        return [frozenset([UNDERFLOW])]
    return [frozenset(row.parts or [row]) for row in verdict.rows]


def _explains(chosen, failed, passed):
    visible = chosen - {UNDERFLOW}
    return all(any(found <= chosen for found in explanations) for explanations in failed) and all(
        visible <= silent for silent in passed
    )


def _finite(answer):
    try:
        return bool(np.isfinite(read(answer).values).all())
    except Unreadable:
        return True


def _id(chosen):
    return "+".join(row.id for row in sorted(chosen, key=MISCONCEPTIONS.index))


def _reason(found):
    """Say what gives these numbers, without the numbers of one problem."""
    clauses = [
        "; and ".join(
            row.because.format(variance="", sd="")
            for row in sorted(chosen - {UNDERFLOW} or chosen, key=MISCONCEPTIONS.index)
        )
        for chosen in found
    ]
    return f"Its answers are what one gets if {'; or if '.join(clauses)}."


def _example(takes, trial):
    """Return the arguments by name, and what f gave."""
    problem, _, answer = trial
    flat = problem["mixture"].n_features == 1
    names = [name for take in takes for name in (PARAMETERS if take == "mixture" else (take,))]
    given = dict(zip(names, _arguments(problem, names), strict=True))
    shown = {"X": "x", "covariances": "variances"} if flat else {}
    return {shown.get(name, name): value for name, value in given.items()} | {"answer": answer}


def _told(example):
    """Write the example in one line."""
    hidden = ("answer", "right", "start")
    given = [f"{name} = {_rounded(v)}" for name, v in example.items() if name not in hidden]
    text, answer = ", ".join(given), example["answer"]
    if answer is None:
        return text
    if "right" not in example:
        return f"{text}, where it gives {_rounded(answer)}"
    mine, right = (_rounded(example[name]) for name in ("answer", "right"))
    for decimals in range(5, MOST_DIGITS + 1):
        if mine.replace(" ", "") != right.replace(" ", ""):
            break
        mine, right = (_rounded(example[name], decimals) for name in ("answer", "right"))
    return f"{text}, where it gives {mine}, and right is {right}"


def _rounded(value, decimals=4):
    """Write numbers to so many decimals; cut anything else short."""
    try:
        parts = value if isinstance(value, tuple) else (value,)
        return ", ".join(_listed(np.asarray(part), decimals) for part in parts)
    except Exception:  # whatever a foreign object raises when asked for its numbers
        return short(value)


def _listed(array, decimals):
    if array.size > SHOWN:
        return f"an array of shape {array.shape}"
    kind = complex if np.iscomplexobj(array) else float
    return str(np.round(array.astype(kind), decimals).tolist())
