"""What a student handed in, read as data: a notebook or a module; nothing of it is run here."""

import csv
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from gmmtutor.grading.assignment import BadAssignment
from gmmtutor.grading.personal import normal_id

LARGEST = 8_000_000  # bytes of a file
KINDS = (".ipynb", ".py")
MOODLE = re.compile(r"_\d+_assignsubmission_file_.*$")  # stands after the name of a student


@dataclass(frozen=True)
class Found:
    """What there is of one student in the folder of submissions.

    Attributes
    ----------
    student : str
    path : Path or None
        The file to grade.
    file : str
        Its name, from the folder of submissions on.
    note : str
        What a person should know about the choice; empty if there was none.
    """

    student: str
    path: Path | None
    file: str = ""
    note: str = ""


@dataclass(frozen=True)
class Submission:
    """One student's file.

    Attributes
    ----------
    student : str
        From the name of the file or folder, never from what stands in it.
    path : Path or None
        None if nothing was handed in.
    cells : tuple of str
        The code.
    texts : dict
        `grade_id` and text of the Markdown cells that have one.
    digest : str
        Of the file's bytes.
    trouble : str
        Why it could not be read; empty if it could.
    """

    student: str
    path: Path | None
    cells: tuple[str, ...] = ()
    texts: dict | None = None
    digest: str = ""
    trouble: str = ""


def find(folder, slug, names=None):
    """Return what each student handed in, in the order of names.

    A file in the folder belongs to the student of its name, and so does everything in a folder;
    what Moodle puts after a name is left out. Of several files the newest notebook is taken, or
    the newest module if there is no notebook.

    Parameters
    ----------
    folder : path
    slug : str
        Of the assignment: of files that are as new, the one of this name is taken.
    names : dict, optional
        Name of a file or folder, and the student it belongs to.

    Returns
    -------
    list of Found
    """
    folder = Path(folder)
    of_student = {}
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and _seen(entry, folder):
            files = [p for p in sorted(entry.rglob("*")) if p.is_file() and _seen(p, folder)]
        elif _counts(entry, folder):
            files = [entry]
        else:
            continue
        student = student_of(entry, names)
        _, known = of_student.setdefault(normal_id(student), (student, []))
        known += files
    chosen = [_chosen(student, files, folder, slug) for student, files in of_student.values()]
    return sorted(chosen, key=lambda found: found.student)


def student_of(entry, names=None):
    """Return the student of a file or folder: from the list of names, or from its own name."""
    plain = entry.name if entry.is_dir() else entry.stem
    names = names or {}
    return names.get(entry.name) or names.get(plain) or MOODLE.sub("", plain) or plain


def _chosen(student, files, folder, slug):
    """Return which of a student's files is graded, with a note if there were several."""
    rank = sorted(
        (path for path in files if path.suffix in KINDS),
        key=lambda p: (p.suffix == ".ipynb", int(p.stat().st_mtime), p.stem == slug, p.name),
    )
    names = [path.relative_to(folder).as_posix() for path in rank]
    if not rank:
        others = ", ".join(path.name for path in files[:3])
        return Found(student, None, note=f"only {others}" if others else "nothing handed in")
    note = ""
    if len(rank) > 1:
        note = f"{len(rank)} files: {names[-1]} was graded, not {', '.join(names[:-1])}"
    return Found(student, rank[-1], names[-1], note)


def ignored(folder):
    """Return the names of files in a folder that are no submissions."""
    entries = (entry for entry in sorted(Path(folder).iterdir()) if not entry.is_dir())
    return [entry.name for entry in entries if not _counts(entry, Path(folder))]


def names_from(path):
    """Read a list of names: two columns, a file's or folder's name and the student it belongs to.

    Raises
    ------
    BadAssignment
        If a row has not two columns, or a name stands there twice.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(row)]
    names = {}
    for number, row in enumerate(rows, 1):
        if len(row) != 2 or not all(row):
            raise BadAssignment(f"{path}, row {number}: give two columns, file and student.")
        if row[0] in names:
            raise BadAssignment(f"{path}, row {number}: {row[0]!r} stands there twice.")
        names[row[0]] = row[1]
    return names


def _left_alone(path, folder):
    """Return whether a path is hidden below the folder, or a link."""
    return path.is_symlink() or any(p.startswith(".") for p in path.relative_to(folder).parts)


def _seen(path, folder):
    return not _left_alone(path, folder) and "__MACOSX" not in path.parts


def _counts(path, folder):
    return path.is_file() and path.suffix in KINDS and _seen(path, folder)


def read(student, path):
    """Read a submission; whatever is wrong with the file stands in `trouble`."""
    if path is None:
        return Submission(student, None, trouble="There is no notebook and no module.")
    try:
        if path.stat().st_size > LARGEST:
            return Submission(student, path, trouble="The file is too large.")
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        text = data.decode("utf-8-sig")
        cells, texts = _notebook(text) if path.suffix == ".ipynb" else (_module(text), {})
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        reason = f"The file cannot be read as a notebook or a module ({type(error).__name__})."
        return Submission(student, path, trouble=reason)
    return Submission(student, path, cells, texts, digest)


def _notebook(text):
    """Return the code cells of a notebook, and its texts that carry a `grade_id`."""
    cells = json.loads(text)["cells"]
    code = tuple(source(cell) for cell in cells if cell["cell_type"] == "code")
    texts = {}
    for cell in cells:
        name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        if cell["cell_type"] == "markdown" and isinstance(name, str):
            texts[name] = source(cell)
    return code, texts


def source(cell):
    """Return the source of a cell, which may be a list of lines."""
    text = cell["source"]
    return "".join(text) if isinstance(text, list) else str(text)


def _module(text):
    """Return the cells of a module, which `# %%` may divide."""
    return tuple(part for part in re.split(r"(?m)^# %%.*\n", text) if part.strip())


def file_name(student):
    """Return a harmless file name for a student; different students have different ones."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in student)
    plain = plain.strip(".")[:80] or "_"
    if plain == student:
        return plain
    return f"{plain}-{hashlib.sha256(student.encode(errors='replace')).hexdigest()[:8]}"
