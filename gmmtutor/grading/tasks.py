"""What an assignment asks, and how an answer to it is judged: the words that checks.py uses."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gmmtutor.check.judge import judge
from gmmtutor.check.problems import from_mixture, from_resp, parameters_of, with_start
from gmmtutor.check.quantities import QUANTITIES
from gmmtutor.check.reading import FULL_PRECISION, Unreadable, is_blank, read
from gmmtutor.check.recipe import Work
from gmmtutor.check.verdict import Verdict

UNANSWERED = "No answer yet."
UNJUDGED = "This answer is nothing that could be judged."
CARRIED = 2.001  # units of the last decimal that rounding on the way may move an answer by hand


@dataclass(frozen=True)
class Problem:
    """One problem that is put to a function of the student.

    Attributes
    ----------
    given : dict
        Name and value of each argument, in order.
    judge : callable
        Takes the answer, gives a `Verdict`.
    due : str
        A sentence on what should come, said when something comes that cannot be judged.
    """

    given: dict
    judge: Callable
    due: str = ""


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
    read : (str, str), optional
        Page and heading of the section to read if it is not right and the verdict names none.
    """

    id: str
    points: int
    about: str
    name: str
    problems: Callable | None = None
    judge: Callable | None = None
    untouched: bool = False
    read: tuple[str, str] | None = None


@dataclass(frozen=True)
class Task:
    """A part of the assignment.

    Attributes
    ----------
    grade_id : str
        That of its cell in the notebook.
    title : str
    checks : tuple of Check
    """

    grade_id: str
    title: str
    checks: tuple[Check, ...]

    @property
    def points(self):
        """What its checks give together."""
        return sum(check.points for check in self.checks)


@dataclass(frozen=True)
class Manual:
    """A part that a person marks.

    Attributes
    ----------
    grade_id : str
        That of its cell in the notebook.
    title : str
    points : int
    rubric : tuple of str
        For what the points are given.
    """

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
        """The checks of all tasks, in order."""
        return tuple(check for task in self.tasks for check in task.checks)

    @property
    def points(self):
        """What the checks give together; what a person marks comes on top."""
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
    """Return the judge of a quantity that a mixture gives: densities, responsibilities, ...

    Parameters
    ----------
    kind : str
        Name of the check, for example "responsibilities".
    x : array_like, shape (N,) or (N, D)
    weights, means, variances : array_like
        As `Mixture` takes them.

    Returns
    -------
    callable
        ``judge(answer)`` gives a `Verdict`, in full precision.
    """
    from gmmtutor.mixture import Mixture

    given = from_mixture(x, Mixture(weights, means, variances))
    return lambda answer: judge(kind, given, {kind: answer}, decimals=FULL_PRECISION, strict=True)


def given_resp(kind, x, resp, start=None):
    """Return the judge of a quantity that responsibilities give: counts, means, an M-step, ...

    Parameters
    ----------
    kind : str
        Name of the check, for example "m_step".
    x : array_like, shape (N,) or (N, D)
    resp : array_like, shape (N, K)
    start : Mixture, optional
        The parameters before the update.

    Returns
    -------
    callable
        ``judge(answer)`` gives a `Verdict`, in full precision.
    """
    given = with_start(from_resp(x, resp), start)

    def judging(answer):
        parts = parameters_of(answer) if kind == "m_step" else {kind: answer}
        return judge(kind, given, parts, decimals=FULL_PRECISION, strict=True)

    return judging


def by_hand(kind, given, answer, at=None, *, decimals):
    """Judge rounded numbers, as `check` does, but in the order of the components alone.

    What rounding on the way explains is right if it moves a number by at most two units of the
    last decimal. Right numbers with fewer decimals than are asked for are not enough.

    Parameters
    ----------
    kind : str
        Name of the check.
    given : dict
        The problem: arrays by name, in the shapes of `Work`.
    answer : object
    at : int or tuple of int, optional
        The entry that the answer is for.
    decimals : int
        To how many decimals it was rounded.

    Returns
    -------
    Verdict
    """
    verdict = judge(kind, given, {kind: answer}, at, decimals, strict=True)
    if verdict or verdict.misconceptions or verdict.status != "unknown":
        return verdict
    found = read(answer)
    if found.decimals is not None and found.decimals < decimals:
        short = _too_short(kind, given, answer, at, found.decimals, decimals)
        return verdict if short is None else short
    target = QUANTITIES[kind].of(Work(given))
    target = target if at is None else target[at]
    gap = np.abs(found.values.ravel() - np.ravel(target))
    if (gap > CARRIED * 10.0**-decimals).any():
        return verdict
    carried = judge(kind, given, {kind: answer}, at, decimals)
    return verdict if any("another order" in note for note in carried.notes) else carried


def _too_short(kind, given, answer, at, count, decimals):
    """Return a verdict if an answer is right as far as its decimals go."""
    short = judge(kind, given, {kind: answer}, at, count, strict=True)
    if not short and short.status != "few-digits":
        return None
    counted = "1 decimal" if count == 1 else f"{count} decimals"
    text = f"Give {decimals} decimals; yours have {counted}, which is too few to judge."
    return Verdict("few-digits", text, ("few-digits",))


def letter(answer):
    """Return a letter as it is compared: "b" for "B", " b" and "b)"."""
    return answer.strip(" .()").lower() if isinstance(answer, str) else answer


def choice(right, options, read_on):
    """Return the judge of a letter out of `options`.

    Parameters
    ----------
    right : str
    options : sequence of str
    read_on : str
        What is said about a wrong one.

    Returns
    -------
    callable
        ``judge(answer, personal)`` gives a `Verdict`.
    """

    def judging(answer, personal):
        if is_blank(answer):
            return Verdict("unanswered", UNANSWERED)
        given = letter(answer)
        if given not in options:
            return Verdict("unreadable", f"Give one of {', '.join(options)}, in quotes.")
        if given == right:
            return Verdict("right", "Right.")
        return Verdict("wrong", f"Not {given}. {read_on}", (given,))

    return judging


def made(options, came="", truth=None):
    """Return the judge of a prediction: right or wrong, it is worth its point.

    Parameters
    ----------
    options : tuple
    came : str, optional
        A sentence on what came out, with `{}` for it.
    truth : callable, optional
        Takes the student's `PersonalData`, gives what came out.
    """
    named = {str(option): option for option in options}

    def judging(answer, personal):
        if is_blank(answer):
            return Verdict("unanswered", "No prediction yet: it counts even if it was wrong.")
        plain = answer.strip().lower() if isinstance(answer, str) else _plain(answer)
        if plain not in named:
            shown = ", ".join(map(repr, options))
            return Verdict("unreadable", f"Give one of {shown}.")
        told = f" {came.format(truth(personal))}" if truth else ""
        return Verdict("right", f"You said {plain}.{told} The point is yours.")

    return judging


def _plain(answer):
    """Write a whole number without its point, whatever its type."""
    whole = isinstance(answer, int | float) and not isinstance(answer, bool)
    return str(int(answer)) if whole and answer == answer // 1 else str(answer)


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
