"""Grade a folder of submissions: in parallel, resumable, and never stopped by one of them."""

import json
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from gmmtutor.grading import reports, submission
from gmmtutor.grading.grade import fingerprint, grade
from gmmtutor.progress import Progress


def grade_folder(
    assignment,
    folder,
    out,
    seed,
    command,
    *,
    jobs=2,
    names=None,
    book="",
    clock=None,
    show=None,
):
    """Grade all submissions of a folder and write the reports.

    Each result is a file of its own, written in one piece. A run that was stopped goes on where
    it was: what is graded already, of the same file with the same seed, is not graded again.

    Parameters
    ----------
    assignment : Assignment
    folder, out : path
    seed : str or int
    command : callable
        Returns the command line of a worker.
    jobs : int
        So many submissions at a time.
    names : dict, optional
        Name of a file or folder, and the student it belongs to.
    book : str, optional
        Address of the folder with the book's pages, for links in the feedback.
    clock : Clock, optional
    show : bool, optional
        Whether to show a bar; by default in a terminal.

    Returns
    -------
    list of dict
        One result for each student, in the order of names.
    """
    results = Path(out) / "results"
    results.mkdir(parents=True, exist_ok=True)
    found = submission.find(folder, assignment.slug, names)
    with ThreadPoolExecutor(jobs) as pool, Progress(max(len(found), 1), show) as bar:
        work = {
            pool.submit(_one, assignment, each, results, seed, command, clock): each.student
            for each in found
        }
        done = {}
        for future in as_completed(work):
            done[work[future]] = future.result()
            bar.update(len(done), work[future])
    ordered = [done[each.student] for each in found]
    reports.write(assignment, ordered, Path(out), book)
    return ordered


def _one(assignment, found, results, seed, command, clock):
    """Grade one student, or take the result that is there; say which file it was."""
    told = {"file": found.file, "note": found.note}
    target = results / f"{submission.file_name(found.student)}.json"
    handed_in = submission.read(found.student, found.path)
    known = _known(target, handed_in, fingerprint(assignment, seed))
    if known is not None:
        return known | told
    try:
        result = grade(assignment, handed_in, seed, command, clock)
    except Exception as error:
        result = _failed(assignment, handed_in, seed, error)
    result |= told
    _write(target, result)
    return result


def _known(target, handed_in, graded_with):
    """Return the result of an earlier run, if it is of the same file, assignment and seed."""
    try:
        result = json.loads(target.read_text(encoding="utf-8"))
        same = result["digest"] == handed_in.digest and result["graded_with"] == graded_with
        return result if same and not result.get("grader_failed") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _failed(assignment, handed_in, seed, error):
    """Return the result of a submission on which the grader itself failed."""
    broken = submission.Submission(handed_in.student, handed_in.path, digest=handed_in.digest,
                                   trouble=f"The grader failed ({type(error).__name__}: {error}); "
                                   "somebody has to look at this submission.")  # fmt: skip
    return grade(assignment, broken, seed, None) | {"grader_failed": True}


def _write(target, result):
    """Write a result in one piece: a process that is killed leaves the old file or the new."""
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(result, indent=1, allow_nan=False), encoding="utf-8")
    os.replace(partial, target)
