"""Grade one submission: ask it in the sandbox, judge its answers here, give reasons."""

import hashlib
import re

import numpy as np

from gmmtutor.check.reading import Unreadable, is_blank
from gmmtutor.check.verdict import Verdict
from gmmtutor.grading import run as sandboxed
from gmmtutor.grading.personal import make_dataset, normal_id, rng_for
from gmmtutor.grading.reading_list import section_of
from gmmtutor.grading.tasks import settled
from gmmtutor.grading.wire import arguments, decode

FORMAT = 2  # of a result: an older one is made anew
CHANGED = "It is right, but it changes the arrays that it is given: work on copies."
MISSING = "It is not there yet: write `{name}`, under exactly this name."
NONE = "Your function returned `None`: is a `return` missing?"
NOT_RUN = "The cell that defines it, number {number} of the code cells, did not run: {how}."
OTHERS = "These are right for the numbers of {given!r}, the `student_id` in your notebook. Your \
file was handed in by {student!r}, whose numbers count."
READING = 4  # the hint that says where to read


def problems_of(plan, slug, seed):
    """Return the problems of each check of a function, drawn from the course's secret seed."""
    drawn = {}
    for check in plan.checks:
        if check.problems is not None:
            drawn[check.id] = list(check.problems(rng_for(seed, slug, check.id)))
    return drawn


def grade(assignment, submission, seed, command, clock=None):
    """Grade a submission.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
    seed : str or int
        The course's secret.
    command : callable
        Returns the command line of a worker.
    clock : Clock, optional

    Returns
    -------
    dict
        The result, in values that JSON can say.
    """
    plan = assignment.plan
    drawn = problems_of(plan, assignment.slug, seed)
    outcome = sandboxed.Outcome()
    if not submission.trouble:
        values = ["student_id", *dict.fromkeys(c.name for c in plan.checks if c.judge)]
        questions = list(_questions(plan, drawn))
        outcome = sandboxed.run(list(submission.cells), values, questions, command, clock)
    checks = _checks(plan, outcome, drawn, submission)
    other = _other_id(outcome, submission)
    with_other = _score_of_other(plan, outcome, checks, other, submission.student)
    return {
        "student": submission.student,
        "file": submission.path.name if submission.path else "",
        "digest": submission.digest,
        "graded_with": fingerprint(assignment, seed),
        "score": sum(check["earned"] for check in checks),
        "points": plan.points,
        "checks": checks,
        "manual": [_manual(part, submission) for part in plan.manual],
        "ran": not submission.trouble,
        "troubles": [t for t in (submission.trouble, _named(other, submission)) if t]
        + outcome.troubles,
        "other": {"id": other, "score": with_other} if other else None,
        "tampered": outcome.tampered,
    }


def fingerprint(assignment, seed):
    """Return what a result depends on beside the submission: assignment and seed, as a hash."""
    return hashlib.sha256(f"{FORMAT}/{assignment.digest}/{seed}".encode()).hexdigest()


def _pairs(plan):
    return [(task, check) for task in plan.tasks for check in task.checks]


def _questions(plan, drawn):
    for check in plan.checks:
        for number, problem in enumerate(drawn.get(check.id, ())):
            yield sandboxed.Question(f"{check.id}/{number}", check.name, arguments(problem.given))


def _manual(part, submission):
    text = (submission.texts or {}).get(part.grade_id, "")
    return {"task": part.grade_id, "title": part.title, "points": part.points, "text": text}


# --- whose numbers -----------------------------------------------------------------------------


def _other_id(outcome, submission):
    """Return the id in the notebook if it is another one than that of who handed it in."""
    given = outcome.values.get("student_id", {}).get("answer")
    if not isinstance(given, str | int) or normal_id(given) == normal_id(submission.student):
        return ""
    return str(given)[:60]


def _named(other, submission):
    """Say so if the notebook names another student than the one who handed it in."""
    if not other:
        return ""
    return (
        f"The notebook says student_id = {other!r}, and it was handed in by "
        f"{submission.student!r}, whose numbers count."
    )


def _score_of_other(plan, outcome, checks, other, student):
    """Return the score that the notebook would have with its own student_id.

    The message of a check that is right for that id says so.
    """
    score = sum(check["earned"] for check in checks)
    if not other:
        return score
    personal = make_dataset(other)
    for check, told in zip(plan.checks, checks, strict=True):
        if check.judge and not told["earned"] and _of_value(check, outcome, personal):
            score += check.points
            told["message"] = OTHERS.format(given=other, student=student)
            told |= {"reasons": ["other-id"], "misconceptions": ["other-id"], "question": ""}
    return score


# --- one check -------------------------------------------------------------------------------


def _checks(plan, outcome, drawn, submission):
    """Return the results of all checks."""
    personal, found = make_dataset(submission.student), []
    for task, check in _pairs(plan):
        if check.judge is not None:
            verdict, example = _of_value(check, outcome, personal), None
        else:
            verdict, example = _of_function(check, outcome, drawn[check.id])
        if verdict.status == "unanswered":
            verdict, example = _cell_failed(check, outcome, submission.cells, verdict), None
        found.append(_told(task, check, verdict, example))
    return found


def _told(task, check, verdict, example):
    """Return the result of one check; a question is asked where no reason is known."""
    ladder, known = verdict.ladder, verdict.misconceptions
    section = section_of(ladder[READING - 1]) if len(ladder) >= READING else None
    section = section or check.read
    return {
        "id": check.id,
        "task": task.grade_id,
        "title": task.title,
        "about": check.about,
        "points": check.points,
        "earned": check.points if verdict else 0,
        "status": verdict.status,
        "message": verdict.message,
        "misconceptions": list(known),
        "reasons": [] if verdict else list(known) or [verdict.status],
        "question": ladder[0] if ladder and not known else "",
        "read": list(section) if section and not verdict else None,
        "example": example,
    }


def _cell_failed(check, outcome, cells, verdict):
    """Name the cell that should have given what is not there, if it failed."""
    name = re.escape(check.name)
    defines = re.compile(rf"^\s*(?:def\s+{name}\b|{name}\s*(?::[^=]*)?=)", re.MULTILINE)
    numbers = [n for n, cell in enumerate(cells) if n in outcome.failed and defines.search(cell)]
    if not numbers:
        return verdict
    how = outcome.failed[numbers[-1]]
    text = NOT_RUN.format(number=numbers[-1] + 1, how=how.rstrip(". "))
    return Verdict("unreadable", text, (_kind(how),))


def _kind(how):
    """Return a word for what stopped something."""
    if "did not come back" in how:
        return "timeout"
    if how.startswith(("SyntaxError", "IndentationError", "TabError")):
        return "syntax-error"
    return "stopped"


def _of_value(check, outcome, personal):
    message = outcome.values.get(check.name, {"missing": True})
    found = _answer(message, check.name)
    return found if isinstance(found, Verdict) else settled(check.judge, found[0], personal)


def _answer(message, name):
    """Return (answer,), or the verdict if there is none."""
    if message.get("missing"):
        return Verdict("unanswered", MISSING.format(name=name))
    if "error" in message:
        return Verdict("unreadable", _stopped(message), (_kind(str(message["error"])),))
    try:
        return (decode(message.get("answer")),)
    except (Unreadable, RecursionError) as problem:
        return Verdict("unreadable", str(problem))


def _stopped(message):
    """Say in words how a function failed, with its own line."""
    text, line = str(message["error"])[:600], str(message.get("line") or "")[:200]
    if message.get("whole"):
        return text
    return f"It stops with {text.rstrip('. ')}" + (f", in the line `{line}`." if line else ".")


def _of_function(check, outcome, problems):
    """Return (verdict, example) on all problems of a check: those of the first that fails."""
    failed = []
    for number, problem in enumerate(problems):
        message = outcome.calls.get(f"{check.id}/{number}", {"missing": True})
        found = _answer(message, check.name)
        verdict = _of_call(problem, found)
        if verdict and check.untouched and not _unchanged(problem, message):
            verdict = Verdict("wrong", CHANGED, ("changes-its-arguments",))
        if not verdict:
            failed.append((verdict, _example(problem, found)))
    if not failed:
        return Verdict("right", "Right on all problems."), None
    verdict, example = failed[0]
    common = [m for m in verdict.misconceptions if all(m in v.misconceptions for v, _ in failed)]
    verdict.misconceptions = tuple(common)
    return verdict, example


def _of_call(problem, found):
    """Return the verdict on what a call gave; what is due is said where nothing can be judged."""
    if isinstance(found, Verdict):
        verdict = found
    elif is_blank(found[0]):
        verdict = Verdict("unreadable", NONE, ("none-returned",))
    else:
        verdict = settled(problem.judge, *found)
    if verdict.status == "unreadable" and problem.due:
        verdict.message = f"{verdict.message} {problem.due}"
    return verdict


def _unchanged(problem, message):
    try:
        after = [decode(value) for value in message.get("after") or ()]
    except Unreadable:
        return False
    given = list(problem.given.values())
    return len(after) == len(given) and all(map(_same, after, given))


def _same(after, given):
    return np.shape(after) == np.shape(given) and bool(np.all(np.asarray(after) == given))


def _example(problem, found):
    """Return the problem and the answer to it, as text."""
    shown = {name: _short(value) for name, value in problem.given.items()}
    if not isinstance(found, Verdict):
        shown["your answer"] = _short(found[0])
    return shown


def _short(value, longest=400):
    """Write an argument or an answer to four decimals, cut short."""
    try:
        parts = value if isinstance(value, tuple) else (value,)
        rounded = [np.round(np.asarray(part, dtype=float), 4).tolist() for part in parts]
        text = ", ".join(map(str, rounded))
    except (TypeError, ValueError, OverflowError):
        text = repr(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."
