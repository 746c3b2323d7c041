"""The submissions that prove an assignment: wrong, correct and attacking ones.

Each is a small module in the assignment's folder `submissions/`. It is put after the solution, so
that its definitions take the place of the solution's. The lines `loses: CHECK = REASON` of its
docstring say what it loses, and with which reason. The attacks are the same for all assignments,
in `attacks/` beside them: each is put after the blank copy, and its function `attack` takes the
place of every function that is asked for.
"""

import ast
import re
from dataclasses import dataclass

from gmmtutor.grading import build
from gmmtutor.grading.assignment import BadAssignment
from gmmtutor.grading.submission import Submission

KINDS = ("wrong", "correct", "attack")
LOSES = re.compile(r"^loses: *([\w-]+)(?: *= *([\w+-]+))?$", re.MULTILINE)
STUDENT = "student-of-the-catalogue"


@dataclass(frozen=True)
class Entry:
    """One submission of the catalogue.

    Attributes
    ----------
    name : str
    kind : str
        "wrong", "correct" or "attack".
    cells : tuple of str
    loses : dict
        Check and reason; the reason is "" where it has no name.
    """

    name: str
    kind: str
    cells: tuple[str, ...]
    loses: dict

    def submission(self, student=STUDENT):
        """Return it as a submission of a student."""
        return handed_in(self.cells, student, self.name)


def handed_in(cells, student=STUDENT, name="notebook"):
    """Return cells as a submission, with the student's id where the notebook asks for it."""
    named = tuple(cell.replace('"your-id"', repr(student)) for cell in cells)
    return Submission(student, None, named, {}, name)


def solution(assignment):
    """Return the code cells of the solution, as a student would have handed them in."""
    return tuple(map(build.without_hidden_tests, build.code_cells(assignment.notebook)))


def blank(assignment):
    """Return the code cells of the student copy."""
    return tuple(build.code_cells(build.student_copy(assignment)))


def entries(assignment):
    """Return the catalogue of an assignment, in the order of names.

    Raises
    ------
    BadAssignment
        If a file is of no known kind, or says nothing sound about what it loses.
    """
    files = sorted((assignment.folder / "submissions").glob("*.py"))
    files += sorted((assignment.folder.parent / "attacks").glob("*.py"))
    return [_entry(assignment, path) for path in files]


def _entry(assignment, path):
    kind, code = path.stem.split("_")[0], path.read_text(encoding="utf-8")
    if kind not in KINDS:
        raise BadAssignment(f"{path.name}: a name begins with wrong_, correct_ or attack_.")
    doc = ast.get_docstring(ast.parse(code)) or ""
    loses = dict(LOSES.findall(doc))
    unknown = set(loses) - {check.id for check in assignment.plan.checks}
    if unknown or (kind == "wrong") != bool(loses):
        raise BadAssignment(f"{path.name}: say `loses: CHECK = REASON` of checks that there are.")
    if kind == "attack":
        names = dict.fromkeys(c.name for c in assignment.plan.checks if c.problems)
        bound = "\n".join(f"{name} = attack" for name in names)
        return Entry(path.stem, kind, (*blank(assignment), code, bound), {})
    return Entry(path.stem, kind, (*solution(assignment), code), loses)
