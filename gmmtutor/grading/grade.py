"""Grade one submission: ask it in the sandbox, judge its answers here, give reasons."""

import hashlib

import numpy as np

from gmmtutor.check.reading import Unreadable
from gmmtutor.check.verdict import Verdict
from gmmtutor.grading import run as sandboxed
from gmmtutor.grading.personal import make_dataset, normal_id, rng_for
from gmmtutor.grading.tasks import settled
from gmmtutor.grading.wire import arguments, decode

CHANGED = "It is right, but it changes the arrays that it is given: work on copies."
MISSING = "It is not there yet: write `{name}`, under exactly this name."
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
    personal = make_dataset(submission.student)
    checks = [_judged(task, check, outcome, drawn, personal) for task, check in _pairs(plan)]
    return {
        "student": submission.student,
        "file": submission.path.name if submission.path else "",
        "digest": submission.digest,
        "graded_with": fingerprint(assignment, seed),
        "score": sum(check["earned"] for check in checks),
        "points": plan.points,
        "checks": checks,
        "manual": [_manual(part, submission) for part in plan.manual],
        "troubles": [t for t in (submission.trouble, _other_id(outcome, submission)) if t]
        + outcome.troubles,
        "tampered": outcome.tampered,
    }


def fingerprint(assignment, seed):
    """Return what a result depends on beside the submission: assignment and seed, as a hash."""
    return hashlib.sha256(f"{assignment.digest}/{seed}".encode()).hexdigest()


def _pairs(plan):
    return [(task, check) for task in plan.tasks for check in task.checks]


def _questions(plan, drawn):
    for check in plan.checks:
        for number, problem in enumerate(drawn.get(check.id, ())):
            yield sandboxed.Question(f"{check.id}/{number}", check.name, arguments(problem.given))


def _manual(part, submission):
    text = (submission.texts or {}).get(part.grade_id, "")
    return {"task": part.grade_id, "title": part.title, "points": part.points, "text": text}


def _other_id(outcome, submission):
    """Say so if the notebook names another student than the one who handed it in."""
    message = outcome.values.get("student_id", {})
    given = message.get("answer")
    if isinstance(given, str) and normal_id(given) != normal_id(submission.student):
        return (
            f"The notebook says student_id = {given[:40]!r}, and it was handed in by "
            f"{submission.student!r}, whose numbers count."
        )
    return ""


# --- one check -------------------------------------------------------------------------------


def _judged(task, check, outcome, drawn, personal):
    """Return the result of one check."""
    if check.judge is not None:
        verdict, example = _of_value(check, outcome, personal), None
    else:
        verdict, example = _of_function(check, outcome, drawn[check.id])
    ladder = verdict.ladder
    return {
        "id": check.id,
        "task": task.grade_id,
        "title": task.title,
        "about": check.about,
        "points": check.points,
        "earned": check.points if verdict else 0,
        "status": verdict.status,
        "message": verdict.message,
        "misconceptions": list(verdict.misconceptions),
        "question": ladder[0] if ladder else "",
        "read": verdict.hint(READING) if len(ladder) >= READING else "",
        "example": example,
    }


def _of_value(check, outcome, personal):
    message = outcome.values.get(check.name, {"missing": True})
    found = _answer(message, check.name)
    return found if isinstance(found, Verdict) else settled(check.judge, found[0], personal)


def _answer(message, name):
    """Return (answer,), or the verdict if there is none."""
    if message.get("missing"):
        return Verdict("unanswered", MISSING.format(name=name))
    if "error" in message:
        return Verdict("unreadable", _stopped(message))
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
        verdict = found if isinstance(found, Verdict) else settled(problem.judge, *found)
        if verdict and check.untouched and not _unchanged(problem, message):
            verdict = Verdict("wrong", CHANGED, ("changes-its-arguments",))
        if not verdict:
            failed.append((verdict, _example(problem, found)))
    if not failed:
        return Verdict("right", "Right on all problems."), None
    verdict, example = failed[0]
    common = [m for m in verdict.misconceptions if all(m in v.misconceptions for v, _ in failed)]
    verdict.misconceptions = tuple(common)
    return verdict, example if verdict.status != "unanswered" else None


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
