"""What a student handed in, read as data: a notebook or a module; nothing of it is run here."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

LARGEST = 8_000_000  # bytes of a file
KINDS = (".ipynb", ".py")


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


def find(folder, slug):
    """Return (student, path or None) for each submission in a folder, in the order of names.

    A file in the folder belongs to the student of its name; so does a folder, in which the file
    called after the assignment counts, or else the only one.
    """
    found = {}
    for entry in sorted(Path(folder).iterdir()):
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            files = [p for p in sorted(entry.rglob("*")) if _counts(p)]
            named = [p for p in files if p.stem == slug]
            found.setdefault(entry.name, (named or files or [None])[0])
        elif entry.suffix in KINDS:
            found.setdefault(entry.stem, entry)
    return list(found.items())


def _counts(path):
    hidden = any(part.startswith(".") for part in path.parts)
    return path.is_file() and not path.is_symlink() and path.suffix in KINDS and not hidden


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
