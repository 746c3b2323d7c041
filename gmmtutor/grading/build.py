"""The student copy of an assignment, made from its source: solutions and hidden tests cut out.

The source is in nbgrader's cell format. A marker that is misspelt, left open or in the wrong
kind of cell is an error, since it would put an answer into the students' hands.
"""

import copy
import json
import re

from gmmtutor.grading.assignment import BadAssignment
from gmmtutor.grading.submission import source

MARKERS = {
    "### BEGIN SOLUTION": "### END SOLUTION",
    "### BEGIN HIDDEN TESTS": "### END HIDDEN TESTS",
}
LIKE = re.compile(
    r"^\s*#+\s*(?:BEGIN|END|BEGN|STRT|START|STOP)\b|"
    r"#.*\b(?:SOLU?TI?ON|HID+E?N\s+TESTS?)\b|"
    r"^\s*#{2,}\s*\w+\s+(?:solution|hidden)",
    re.IGNORECASE,
)
STUB = 'raise NotImplementedError("write this function")'
LANGUAGE = {
    "file_extension": ".py",  # without it, a notebook that never ran is exported as .txt
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
FIELDS = {"grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}


def student_copy(assignment):
    """Return the student copy of an assignment as a notebook.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    dict

    Raises
    ------
    BadAssignment
        If a marker is unknown, misspelt, open or misplaced, or a cell's metadata are wrong.
    """
    notebook = copy.deepcopy(assignment.notebook)
    require_metadata(notebook)
    for number, cell in enumerate(notebook["cells"], 1):
        cell["source"] = cleared(source(cell), cell, number).splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    notebook["metadata"] = {
        key: notebook["metadata"][key] for key in ("kernelspec",) if key in notebook["metadata"]
    }
    notebook["metadata"]["language_info"] = dict(LANGUAGE)
    return notebook


def text(notebook):
    """Return a notebook as the bytes of its file: the same ones every time."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def write(assignment, folder):
    """Write the student copy into a folder; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{assignment.slug}.ipynb"
    target.write_text(text(student_copy(assignment)), encoding="utf-8", newline="\n")
    return target


# --- markers ---------------------------------------------------------------------------------


def cleared(text, cell, number):
    """Return the source of a cell without its solutions and hidden tests."""
    kept, closing, indent = [], None, ""
    for line in text.splitlines():
        word = line.strip()
        if closing is None and word in MARKERS:
            _require_place(word, cell, number)
            closing, indent = MARKERS[word], line[: len(line) - len(line.lstrip())]
            if word == "### BEGIN SOLUTION" and indent:
                kept.append(indent + STUB)
        elif closing is not None and word == closing:
            closing = None
        elif word in MARKERS or word in MARKERS.values():
            raise BadAssignment(f"Cell {number}: {word!r} stands where it must not.")
        elif LIKE.search(line):
            raise BadAssignment(f"Cell {number}: {word!r} looks like a marker and is none.")
        elif closing is None:
            kept.append(line)
    if closing is not None:
        raise BadAssignment(f"Cell {number}: {closing!r} is missing.")
    return "\n".join(kept)


def _require_place(word, cell, number):
    meta = cell["metadata"].get("nbgrader", {})
    if word == "### BEGIN SOLUTION" and not meta.get("solution"):
        raise BadAssignment(f"Cell {number}: a solution in a cell that is no solution cell.")
    if word == "### BEGIN HIDDEN TESTS" and not (meta.get("grade") and meta.get("locked")):
        raise BadAssignment(f"Cell {number}: hidden tests in a cell that is no test cell.")


# --- metadata --------------------------------------------------------------------------------


def require_metadata(notebook):
    """Raise BadAssignment unless the cells' metadata are nbgrader's, and complete."""
    seen = set()
    for number, cell in enumerate(notebook["cells"], 1):
        others = set(cell["metadata"]) - {"nbgrader"}
        if others:
            raise BadAssignment(f"Cell {number}: unknown metadata {', '.join(sorted(others))}.")
        if cell.get("outputs") or cell.get("attachments"):
            raise BadAssignment(f"Cell {number}: it has outputs; a source has none.")
        meta = cell["metadata"].get("nbgrader")
        if meta is None:
            continue
        wanted = FIELDS if meta.get("grade") else FIELDS - {"points"}
        if set(meta) != wanted or meta["schema_version"] != 3:
            raise BadAssignment(f"Cell {number}: its nbgrader metadata are not complete.")
        if meta["grade_id"] in seen:
            raise BadAssignment(f"Cell {number}: a second cell with the id {meta['grade_id']!r}.")
        seen.add(meta["grade_id"])
        _require_solution(meta, cell, number)


def _require_solution(meta, cell, number):
    """A solution cell of code has a solution: without its markers it would reach the students."""
    if meta["solution"] and cell["cell_type"] == "code" and not meta["grade"]:
        if "### BEGIN SOLUTION" not in [line.strip() for line in source(cell).splitlines()]:
            raise BadAssignment(f"Cell {number}: a solution cell without '### BEGIN SOLUTION'.")


def graded(notebook):
    """Return {grade_id: points} of the cells that give points."""
    metas = (cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"])
    return {meta["grade_id"]: meta["points"] for meta in metas if meta.get("grade")}


def code_cells(notebook):
    """Return the code cells of a notebook."""
    return [source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def without_hidden_tests(text):
    """Return a cell without its hidden tests, which need what only a judge has."""
    pattern = r"(?ms)^### BEGIN HIDDEN TESTS$.*?^### END HIDDEN TESTS$\n?"
    return re.sub(pattern, "", text)
