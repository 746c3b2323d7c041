"""What comes out: tables for the lecturer, a page for each student, a folder for Gradescope."""

import csv
import io
import shutil
from collections import Counter

from gmmtutor.grading import feedback, gradescope
from gmmtutor.grading.submission import file_name
from gmmtutor.grading.tasks import UNJUDGED


def write(assignment, results, out, book=""):
    """Write all reports of a batch; pages of students who are not in it any more are removed.

    Parameters
    ----------
    assignment : Assignment
    results : list of dict
    out : Path
        Gets grades.csv, reasons.csv, feedback/*.html, gradescope/.
    book : str, optional
        Address of the folder with the book's pages.
    """
    for name, text in (
        ("grades.csv", table(assignment, results)),
        ("reasons.csv", reasons_table(assignment, results)),
    ):
        _write(out / name, text, newline="")
    names = {file_name(result["student"]) for result in results}
    _remove_others(out, names)
    for result in results:
        page = feedback.page(assignment.plan.title, result, book)
        _write(out / page_of(result), page)
    gradescope.write(results, out / "gradescope")


def _write(path, text, newline=None):
    """Write a text, in which a submission may have put what UTF-8 does not have."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline=newline)


def page_of(result):
    """Return the path of a student's page, below the folder of the reports."""
    return f"feedback/{file_name(result['student'])}.html"


def _remove_others(out, names):
    """Remove pages and results that an earlier run made for students who are gone."""
    for page in (out / "feedback").glob("*.html"):
        if page.stem not in names:
            page.unlink()
    for told in (out / "gradescope").glob("*/results.json"):
        if told.parent.name not in names:
            shutil.rmtree(told.parent)


# --- tables ----------------------------------------------------------------------------------


def table(assignment, results):
    """Return the lecturer's table as CSV: one row a student, one column a check."""
    plan, file = assignment.plan, io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    checks = [check.id for check in plan.checks]
    manual = [f"by hand: {part.grade_id} (of {part.points})" for part in plan.manual]
    head = ["student", "score", "of", *checks, *manual, "reasons", "look at", "troubles"]
    writer.writerow([*head, "file", "feedback"])
    for result in results:
        earned = [check["earned"] for check in result["checks"]]
        row = [result["student"], result["score"], result["points"], *earned]
        row += [*([""] * len(manual)), ", ".join(reasons(result)), "; ".join(flags(result))]
        row += [" | ".join(result["troubles"]), result["file"], page_of(result)]
        writer.writerow([_harmless(cell) for cell in row])
    return file.getvalue()


def reasons(result):
    """Return `check:reason` for whatever a student lost points by; never empty if one was lost."""
    return [f"{check['id']}:{name}" for check in result["checks"] for name in check["reasons"]]


def counted(results):
    """Return ((check, reason), number of students), the most frequent first.

    Who handed in nothing that could be run is not counted.
    """
    found = Counter(
        (check["id"], name)
        for result in results
        if result["ran"]
        for check in result["checks"]
        for name in check["reasons"]
    )
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def reasons_table(assignment, results):
    """Return CSV with one row for each reason of each check: how many students, and points."""
    points = {check.id: check.points for check in assignment.plan.checks}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["students", "check", "points", "reason"])
    writer.writerows(
        [number, check, points[check], reason] for (check, reason), number in counted(results)
    )
    return file.getvalue()


def flags(result):
    """Return what a person has to look at, in a few words each."""
    found = [result["note"]] if result.get("note") else []
    other = result.get("other")
    if other:
        text = f"the notebook says student_id = {other['id']!r}"
        if other["score"] > result["score"]:
            text += f", and has {other['score']} points with the numbers of that id"
        found.append(text)
    if result["tampered"]:
        found.append("wrote to the grader's channel")
    if any(check["message"] == UNJUDGED for check in result["checks"]):
        found.append("an answer could not be judged")
    if result.get("grader_failed"):
        found.append("the grader failed")
    elif not result["ran"] and result["file"]:
        found.append("the file could not be read")
    return found


def _harmless(cell):
    """Keep a text from being taken for a formula by a spreadsheet, or from breaking the row."""
    if not isinstance(cell, str):
        return cell
    cell = "".join(c if c.isprintable() else " " for c in cell)
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
