"""Have nbgrader itself release, validate and grade each assignment: run it with its Python.

nbgrader, its Jupyter and this package must be installed there (see .github/workflows/book.yml):
``python tests/nbgrader_works.py``. Exit code 1 if the solution does not get every point there, or
the copy as it was given out gets one.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gmmtutor.grading import assignment, build

FOLDER = Path(__file__).resolve().parent.parent / "book" / "assignments"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'book'\n"
QUIET = ["--log-level=ERROR"]
BIN = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name
PATH = {**os.environ, "PATH": BIN + os.pathsep + os.environ.get("PATH", "")}


def nbgrader(course, *words):
    """Run a command of nbgrader in the course's folder."""
    quiet = [] if words[0] == "validate" else QUIET  # it tells success by its log
    command = [sys.executable, "-m", "nbgrader", *map(str, words), *quiet]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, env=PATH)


def copy_to(folder, notebook, slug):
    folder.mkdir(parents=True)
    (folder / f"{slug}.ipynb").write_text(build.text(notebook), encoding="utf-8")


def scores(course, slug):
    """Return {student: (score, most)} as nbgrader's own database has them."""
    code = (
        "import json, sys\nfrom nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db') as book:\n"
        "    subs = book.assignment_submissions(sys.argv[1])\n"
        "    print(json.dumps({s.student.id: [s.score, s.max_score] for s in subs}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, slug], cwd=course, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout.splitlines()[-1])


def faults(course, name):
    """Yield what nbgrader does not manage with one assignment."""
    loaded = assignment.load(FOLDER / name)
    copy_to(course / "source" / name, loaded.notebook, name)
    run = nbgrader(course, "generate_assignment", name, "--create", "--force")
    if run.returncode:
        yield f"generate_assignment fails: {run.stderr[-800:]}"
        return
    theirs = (course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    if "SOLUTION" in theirs:
        yield "nbgrader's student copy has a solution"
    copy_to(course / "submitted" / "solved" / name, loaded.notebook, name)
    copy_to(course / "submitted" / "blank" / name, build.student_copy(loaded), name)
    path = course / "submitted" / "solved" / name / f"{name}.ipynb"
    told = nbgrader(course, "validate", path).stdout
    if "Success" not in told:
        yield f"the solution does not validate: {told[-800:]}"
    run = nbgrader(course, "autograde", name)
    if run.returncode:
        yield f"autograde fails: {run.stderr[-800:]}"
        return
    found = scores(course, name)
    most = build.graded(loaded.notebook)
    by_hand = sum(part.points for part in loaded.plan.manual)
    if found.get("solved") != [sum(most.values()) - by_hand, sum(most.values())]:
        yield f"the solution gets {found.get('solved')}"
    if found.get("blank", [1])[0] != 0:
        yield f"the blank copy gets {found.get('blank')}"
    print(f"{name}: {found}")


def main():
    """Try every assignment; print what goes wrong."""
    names = sorted(path.parent.name for path in FOLDER.glob("*/checks.py"))
    found = []
    for name in names:
        course = Path(tempfile.mkdtemp())
        (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        found += [f"{name}: {fault}" for fault in faults(course, name)]
        shutil.rmtree(course)
    print("\n".join(found) or "nbgrader releases, validates and grades every assignment")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
