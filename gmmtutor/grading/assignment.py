"""An assignment: a folder with its notebook, checks.py, and submissions/ that prove it."""

import hashlib
import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path

from gmmtutor.grading.tasks import Plan

SOURCE = Path(__file__).resolve().parents[2] / "book" / "assignments"
PLACES = (Path("book/assignments"), Path("."), SOURCE)  # the last for any folder to work in


class BadAssignment(ValueError):
    """An assignment that cannot be used; the message says what to mend."""


@dataclass(frozen=True)
class Assignment:
    """A loaded assignment.

    Attributes
    ----------
    slug : str
        The name of its folder and its notebook.
    folder : Path
    notebook : dict
        The source, with solutions.
    plan : Plan
        What is judged, from checks.py.
    digest : str
        Of notebook and checks.
    equivalent : dict
        Mutations of the solution that no check can see, with the reason, from checks.py.
    """

    slug: str
    folder: Path
    notebook: dict
    plan: Plan
    digest: str
    equivalent: dict = field(default_factory=dict)


def find(name):
    """Return the folder of an assignment, given as a path or by its name."""
    path = Path(name)
    for folder in (path, *(place / name for place in PLACES)):
        if (folder / "checks.py").is_file():
            return folder.resolve()
    known = sorted({path.parent.name for place in PLACES for path in place.glob("*/checks.py")})
    there = f"There are {', '.join(known)}." if known else "Run this where book/assignments is."
    raise BadAssignment(
        f"There is no assignment {name!r}. {there} You can also give the path of a folder with "
        "checks.py and a notebook."
    )


def load(name):
    """Load an assignment.

    Parameters
    ----------
    name : str or path
        Its name in ``book/assignments``, or its folder.

    Returns
    -------
    Assignment

    Raises
    ------
    BadAssignment
        If there is none, or it cannot be used.
    """
    folder = find(name)
    slug = folder.name
    source = folder / f"{slug}.ipynb"
    if not source.is_file():
        raise BadAssignment(f"The folder {folder} has no notebook {source.name}.")
    data, checks = source.read_bytes(), folder / "checks.py"
    digest = hashlib.sha256(data + checks.read_bytes()).hexdigest()
    module = _module(checks, slug)
    plan = module.PLAN
    names = [check.id for check in plan.checks]
    if len(set(names)) < len(names):
        raise BadAssignment("Two checks in checks.py have the same id.")
    return Assignment(slug, folder, json.loads(data), plan, digest, module.EQUIVALENT)


def _module(path, slug):
    name = f"gmmtutor_checks_{slug.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
