"""What comes out: a table for the lecturer, a page for each student, Gradescope's results.json."""

import csv
import io
import json

from gmmtutor.grading import feedback
from gmmtutor.grading.submission import file_name
from gmmtutor.grading.tasks import UNJUDGED


def write(assignment, results, out):
    """Write all reports of a batch.

    Parameters
    ----------
    assignment : Assignment
    results : list of dict
    out : Path
        Gets grades.csv, feedback/*.html, gradescope/*/results.json.
    """
    (out / "grades.csv").write_text(table(assignment, results), encoding="utf-8", newline="")
    for result in results:
        name = file_name(result["student"])
        page = out / "feedback" / f"{name}.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(feedback.page(assignment.plan.title, result), encoding="utf-8")
        folder = out / "gradescope" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(gradescope(result), indent=1)
        (folder / "results.json").write_text(text, encoding="utf-8")


def table(assignment, results):
    """Return the lecturer's table as CSV: one row a student, one column a check."""
    plan, file = assignment.plan, io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    checks = [check.id for check in plan.checks]
    manual = [f"by hand: {part.grade_id} (of {part.points})" for part in plan.manual]
    head = ["student", "score", "of", *checks, *manual, "reasons", "look at", "troubles"]
    writer.writerow(head)
    for result in results:
        earned = [check["earned"] for check in result["checks"]]
        reasons = dict.fromkeys(m for check in result["checks"] for m in check["misconceptions"])
        row = [result["student"], result["score"], result["points"], *earned]
        row += [*([""] * len(manual)), " ".join(reasons), _flags(result)]
        row.append(" | ".join(result["troubles"]))
        writer.writerow([_harmless(cell) for cell in row])
    return file.getvalue()


def _flags(result):
    flags = []
    if result["tampered"]:
        flags.append("wrote to the grader's channel")
    if any(check["message"] == UNJUDGED for check in result["checks"]):
        flags.append("an answer could not be judged")
    if result.get("grader_failed"):
        flags.append("the grader failed")
    return "; ".join(flags)


def _harmless(cell):
    """Keep a text from being taken for a formula by a spreadsheet, or from breaking the row."""
    if not isinstance(cell, str):
        return cell
    cell = "".join(c if c.isprintable() else " " for c in cell)
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def gradescope(result):
    """Return a result in the form that Gradescope reads."""
    tests = [
        {
            "name": f"{check['title']}: {check['about']}",
            "score": check["earned"],
            "max_score": check["points"],
            "output": feedback.told(check),
            "output_format": "text",
        }
        for check in result["checks"]
    ]
    return {
        "score": result["score"],
        "output": "\n".join(result["troubles"]) or feedback.summary(result),
        "output_format": "text",
        "tests": tests,
    }
