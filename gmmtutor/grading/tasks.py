"""What an assignment asks, and how an answer to it is judged: the words that checks.py uses."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gmmtutor.check.judge import judge
from gmmtutor.check.problems import from_mixture, from_resp, parameters_of, with_start
from gmmtutor.check.reading import FULL_PRECISION, Unreadable, is_blank, read
from gmmtutor.check.verdict import Verdict

UNANSWERED = "No answer yet."
UNJUDGED = "This answer is nothing that could be judged."


@dataclass(frozen=True)
class Problem:
    """One problem that is put to a function of the student.

    Attributes
    ----------
    given : dict
        Name and value of each argument, in order.
    judge : callable
        Takes the answer, gives a `Verdict`.
    """

    given: dict
    judge: Callable


@dataclass(frozen=True)
class Check:
    """One thing that is looked at, and that gives its points or none.

    Attributes
    ----------
    id : str
    points : int
    about : str
        What it looks at, for the feedback page.
    name : str
        The function or the named answer that it looks at.
    problems : callable, optional
        Takes a random generator, gives the list of `Problem`; for functions.
    judge : callable, optional
        Takes the answer and the student's `PersonalData`, gives a `Verdict`; for named answers.
    untouched : bool
        Whether the arguments must come back unchanged.
    """

    id: str
    points: int
    about: str
    name: str
    problems: Callable | None = None
    judge: Callable | None = None
    untouched: bool = False


@dataclass(frozen=True)
class Task:
    """A part of the assignment: the `grade_id` of its cell in the notebook, and its checks."""

    grade_id: str
    title: str
    checks: tuple[Check, ...]

    @property
    def points(self):
        return sum(check.points for check in self.checks)


@dataclass(frozen=True)
class Manual:
    """A part that a person marks: the `grade_id` of its cell, its points, its rubric."""

    grade_id: str
    title: str
    points: int
    rubric: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """All that an assignment judges.

    Attributes
    ----------
    title : str
    tasks : tuple of Task
    manual : tuple of Manual
    catalogue : dict
        How many submissions of each kind must prove it.
    place : int
        Where it stands in a course.
    minutes : int
        How long it takes.
    chapters : tuple of str
        What one must have read: names of pages.
    """

    title: str
    tasks: tuple[Task, ...]
    manual: tuple[Manual, ...] = ()
    catalogue: dict = field(default_factory=lambda: {"wrong": 12, "correct": 4, "attack": 12})
    place: int = 0
    minutes: int = 0
    chapters: tuple[str, ...] = ()

    @property
    def checks(self):
        return tuple(check for task in self.tasks for check in task.checks)

    @property
    def points(self):
        return sum(check.points for check in self.checks)


# --- judging ---------------------------------------------------------------------------------


def settled(judging, *arguments):
    """Return the verdict; whatever an answer does to the judging, it is no more than not right."""
    try:
        return judging(*arguments)
    except Unreadable as problem:
        return Verdict(problem.status, str(problem))
    except (Exception, RecursionError):
        return Verdict("unreadable", UNJUDGED)


def given_mixture(kind, x, weights, means, variances):
    """Return the judge of a quantity that a mixture gives: densities, responsibilities, ..."""
    from gmmtutor.mixture import Mixture

    given = from_mixture(x, Mixture(weights, means, variances))
    return lambda answer: judge(kind, given, {kind: answer}, decimals=FULL_PRECISION, strict=True)


def given_resp(kind, x, resp, start=None):
    """Return the judge of a quantity that responsibilities give: counts, means, an M-step, ..."""
    given = with_start(from_resp(x, resp), start)

    def judging(answer):
        parts = parameters_of(answer) if kind == "m_step" else {kind: answer}
        return judge(kind, given, parts, decimals=FULL_PRECISION, strict=True)

    return judging


def by_hand(kind, given, answer, at=None, *, decimals):
    """Judge rounded numbers, as `check` does, but in the order of the components alone."""
    verdict = judge(kind, given, {kind: answer}, at, decimals)
    reordered = any("another order" in note for note in verdict.notes)
    if not reordered:
        return verdict
    return judge(kind, given, {kind: answer}, at, decimals, strict=True)


def choice(right, options, read_on):
    """Return the judge of a letter out of `options`."""

    def judging(answer, personal):
        if is_blank(answer):
            return Verdict("unanswered", UNANSWERED)
        letter = answer.strip().lower().strip(".)(") if isinstance(answer, str) else answer
        if letter not in options:
            return Verdict("unreadable", f"Give one of {', '.join(options)}, in quotes.")
        if letter == right:
            return Verdict("right", "Right.")
        return Verdict("wrong", f"Not {letter}. {read_on}", ("choice",))

    return judging


def made(options):
    """Return the judge of a prediction: made before running, it is worth its point."""

    def judging(answer, personal):
        if is_blank(answer):
            return Verdict("unanswered", "No prediction yet: it counts even if it was wrong.")
        if isinstance(answer, str | int | float) and answer in options:
            return Verdict("right", "You predicted before you ran it.")
        shown = ", ".join(map(repr, options))
        return Verdict("unreadable", f"Give one of {shown}.")

    return judging


def numbers(expected, mistakes=(), *, noun="numbers", tolerance=1e-8, decimals=FULL_PRECISION):
    """Return the judge of an array for which `check` has no quantity.

    Parameters
    ----------
    expected : array_like
    mistakes : iterable of (str, str, array_like)
        An id, what completes "Your numbers are what you get if ...", and those numbers.
    noun : str
    tolerance : float
        Relative, beside the rounding.
    decimals : int, optional
        To how many decimals an answer is read; None to count them.
    """
    expected = np.asarray(expected, dtype=float)

    def judging(answer, personal=None):
        found = read_numbers(answer, decimals)
        if found.values.shape != expected.shape:
            came, due = found.values.shape, expected.shape
            return Verdict("unreadable", f"Your {noun} have shape {came}, and {due} is asked for.")
        if near(found, expected, tolerance):
            return Verdict("right", "Right.")
        for name, because, wrong in mistakes:
            if np.shape(wrong) == expected.shape and near(found, np.asarray(wrong), tolerance):
                text = f"Not right yet. Your {noun} are what you get if {because}."
                return Verdict("wrong", text, (name,))
        return Verdict("unknown", f"Your {noun} are not right yet; the reason is not known.")

    return judging


def read_numbers(answer, decimals=FULL_PRECISION):
    """Read an answer; an empty list is an array of no numbers."""
    if isinstance(answer, list | tuple | np.ndarray) and np.size(answer) == 0:
        return read(np.zeros(1), decimals).reshaped((1,)).__class__(np.zeros(0), decimals)
    return read(answer, decimals)


def near(found, expected, tolerance):
    """Return whether each number could be a rounding of what is expected."""
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0)
    allowed = found.half_unit + tolerance * np.abs(expected) + 1e-4 * tolerance * scale
    with np.errstate(invalid="ignore"):
        gap = np.abs(found.values - expected)
        close = np.isfinite(expected) & (gap <= allowed * (1 + 1e-9))
    return bool((close | (found.values == expected)).all())
