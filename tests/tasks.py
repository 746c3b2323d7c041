"""The project's tasks: ``python tests/tasks.py TASK``, the same on Linux, macOS and Windows.

The Makefile calls nothing else. Every task first makes sure of ``.venv``; a second run
needs no network. This file must parse on an old Python, so that it can say it is too old.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        f"This book needs Python 3.11 or newer; {sys.executable} is Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}.\n"
        "Install a newer one, then name it:  make book PYTHON=python3.12"
    )

import argparse
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import threading
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.txt"
BUILD = ROOT / "_build"
HTML = BUILD / "html"
LOCK = ROOT / "requirements.txt"
DOWNLOADS = "book/figures"  # shows each chapter's figures once more; not for paper
PYODIDE = ROOT / "book" / "_ext" / "pyodide_files.py"


def run(*command, **options):
    """Run a command in the project's folder; return its exit code."""
    words = [str(part) for part in command]
    shown = " ".join(words).replace(str(PYTHON), "python").replace(str(ROOT), ".")
    print("$ " + shown, flush=True)
    return subprocess.call(words, cwd=ROOT, **options)


def digest(*paths):
    """One hash of the content of files, and of all files in folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(file.relative_to(ROOT).as_posix().encode())
                total.update(file.read_bytes())
    return total.hexdigest()


# --- the environment -------------------------------------------------------------------


def setup():
    """Make .venv with everything in requirements.txt; do nothing if it is there already."""
    wanted = f"{ROOT}\n{digest(LOCK)}\n"
    if STAMP.exists() and PYTHON.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return 0
    print("Setting up .venv (once; needs the network) ...", flush=True)
    start = time.monotonic()
    moved = STAMP.exists() and STAMP.read_text(encoding="utf-8").split("\n")[0] != str(ROOT)
    STAMP.unlink(missing_ok=True)
    if moved or not PYTHON.exists():
        if run(sys.executable, "-m", "venv", "--clear", VENV):
            print(
                "Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv",
                file=sys.stderr,
            )
            return 1
    if install():
        print("The installation failed; the next run starts it again.", file=sys.stderr)
        return 1
    run(PYTHON, PYODIDE)  # without it the book is whole, but for its Run buttons
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"Set up in {time.monotonic() - start:.0f} s.", flush=True)
    return 0


def install():
    """Install the lock with uv, or with pip where uv cannot reach its index."""
    version = re.search(r"^uv==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE).group(1)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    package = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT]
    if not run(*pip, "install", "--quiet", "uv==" + version):
        uv = [PYTHON, "-m", "uv", "pip"]
        where = ["--system-certs", "--python", PYTHON]
        if not run(*uv, "install", "--quiet", *where, "--requirement", LOCK):
            return run(*uv, *package, *where)
    print("uv did not manage; trying pip, which takes longer.", flush=True)
    return run(*pip, "install", "--quiet", "--requirement", LOCK) or run(*pip, *package)


def inside(task, *arguments):
    """Run a task of this file with .venv's Python, which has the packages that it needs."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    environment.pop("PYTHONPATH", None)
    command = [str(PYTHON), str(Path(__file__).resolve()), "--inside", task, *arguments]
    return subprocess.call(command, cwd=ROOT, env=environment)


# --- the book --------------------------------------------------------------------------


def pages():
    """The documents named in _toc.yml, without suffix, in its order."""
    text = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    return re.findall(r"^[\s-]*(?:root|file):\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)


def notebooks():
    """The notebooks among them."""
    paths = [ROOT / (page.removesuffix(".ipynb") + ".ipynb") for page in pages()]
    return [path for path in paths if path.exists()]


def page_html(page):
    return HTML / (re.sub(r"\.(md|ipynb)$", "", page) + ".html")


def book(*options):
    """Build the site into _build/html; fail on any warning and on any missing page."""
    stamp = BUILD / "inputs.txt"
    inputs = digest(
        ROOT / "_config.yml",
        ROOT / "_toc.yml",
        LOCK,
        ROOT / "book" / "_ext",
        ROOT / "book" / "_static",
        ROOT / "book" / "_templates",
        ROOT / "gmmtutor",
    )
    if subprocess.call([PYTHON, PYODIDE, "--there"], cwd=ROOT):
        inputs += " without Python for the browser"
    if "--all" in options or not stamp.exists() or stamp.read_text() != inputs:
        # These reach every page; Sphinx itself would refresh only the pages that changed.
        shutil.rmtree(BUILD, ignore_errors=True)
    jupyter_book = [PYTHON, "-c", "from jupyter_book.cli.main import main; main()"]
    code = run(*jupyter_book, "build", ".", "-n", "-W", "--keep-going", "--quiet")
    missing = [page for page in pages() if not page_html(page).exists()]
    for page in missing:
        print(f"_toc.yml names {page}, but no HTML came of it.", file=sys.stderr)
    if code or missing:
        # A page read once is not read again, so its warnings would be forgotten.
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
        stamp.unlink(missing_ok=True)
        print("The book was not built; the reasons stand above.", file=sys.stderr)
        return 1
    stamp.write_text(inputs)
    print(f"\nThe book is in _build/html ({len(pages())} pages). To read it, open")
    print("    " + page_html(pages()[0]).as_uri())
    return 0


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each, and never from a browser's cache."""

    def log_message(self, *_):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def serve(port="8000"):
    """Build, serve on this machine only, and build again when a file changes."""
    from watchfiles import watch

    handler = partial(Quiet, directory=str(HTML))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    watched = [ROOT / "book", ROOT / "gmmtutor", ROOT / "_config.yml", ROOT / "_toc.yml"]
    first = True
    # Watching begins before the first build, so that no change is missed.
    for changes in watch(*watched, yield_on_timeout=True, rust_timeout=500, raise_interrupt=False):
        if first or changes:
            book()
            print(
                f"\nRead it at http://127.0.0.1:{server.server_port}/   (Ctrl-C stops)", flush=True
            )
        first = False
    return 0


def execute(*names):
    """Run every notebook of the book from a clean kernel and write its outputs."""
    import execute_notebooks

    chosen = [Path(name).resolve() for name in names] or notebooks()
    return execute_notebooks.main(chosen)


# --- the checks ------------------------------------------------------------------------


def lint():
    """Format and lint, notebooks too; changes nothing."""
    ruff = [PYTHON, "-m", "ruff"]
    formatted = run(*ruff, "format", "--check", "--quiet", "--diff", ".")
    return run(*ruff, "check", ".") or formatted


def units(*arguments):
    """Unit tests, package layers, notebook rules."""
    return run(PYTHON, "-m", "pytest", "-q", "-p", "no:nbval", "-n", "auto", *arguments)


def outputs():
    """Each notebook gives the outputs that are committed with it."""
    if not notebooks():
        print("_toc.yml names no notebook yet.")
        return 0
    # Building the font cache prints a line; it must not land in a notebook's output.
    run(PYTHON, "-c", "import matplotlib.font_manager", stderr=subprocess.DEVNULL)
    workers = str(min(len(notebooks()), os.cpu_count() or 1))
    nbval = [
        "-p",
        "tests.kernels",
        "-p",
        "tests.figures",
        "--nbval",
        "--nbval-current-env",
        "--nbval-sanitize-with",
        "tests/nbval.cfg",
    ]
    spread = ["-n", workers, "--dist", "loadfile", "-o", "filterwarnings=default"]
    return run(PYTHON, "-m", "pytest", "-q", *nbval, *spread, *notebooks())


def test():
    """All that a commit must pass, but for the browser tests."""
    steps = {
        "format and lint": lint,
        "unit tests, layers, notebook rules": units,
        "notebook outputs": outputs,
        "the book": partial(book, "--all"),
    }
    return take(steps)


def take(steps):
    """Take every step, say how long each took and which failed."""
    failed = []
    for name, step in steps.items():
        print(f"\n=== {name} ===", flush=True)
        start = time.monotonic()
        if step():
            failed.append(name)
        print(f"--- {time.monotonic() - start:.0f} s", flush=True)
    if failed:
        print("\nFailed: " + "; ".join(failed), file=sys.stderr)
        return 1
    print("\nAll passed.")
    return 0


def site_test(*arguments):
    """Build the book, then read every page in a real browser, and run its code there."""
    pytest = [PYTHON, "-m", "pytest", "-q", "-p", "no:nbval", *arguments]
    steps = {
        "Python for the browser": partial(run, PYTHON, PYODIDE),
        "the book": book,
        "every page": partial(run, *pytest, "tests/site/crawl.py"),
        "the explorer": partial(run, *pytest, "tests/site/explorer.py"),
        "feedback on assignments": partial(run, *pytest, "tests/site/feedback_page.py"),
        "a reader at work": partial(run, *pytest, "-rP", "tests/site/reader.py"),
        "all live cells": partial(run, *pytest, "-n", "auto", "tests/site/live.py"),
    }
    return take(steps)


def pdf():
    """Build the book, then print it into one file, _build/html/gmmtutor-book.pdf."""
    if book():
        return 1
    printed = [page for page in pages() if page != DOWNLOADS]
    names = [page_html(page).relative_to(HTML).as_posix() for page in printed]
    return run(PYTHON, "tests/site/pdf.py", *names)


def pyodide():
    """Fetch Python for the browser into the user's cache; nothing if it is there."""
    return run(PYTHON, PYODIDE)


def slides(*names):
    """Every figure of the book as SVG, which the built book's page of figures then offers."""
    import slides as figures

    chosen = [Path(name).resolve() for name in names] or notebooks()
    return figures.main(chosen) or book()


def bench(*arguments):
    """Measure the kernel beside its peers, which get an environment of their own."""
    peers = VENV / "bench"
    python = peers / PYTHON.relative_to(VENV)
    wanted = digest(ROOT / "pyproject.toml")
    stamp = peers / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print("Setting up the peers (once; torch is large) ...", flush=True)
        install = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        made = run(PYTHON, "-m", "venv", "--clear", peers)
        if made or run(*install, "--editable", ".[bench]"):
            print("The peers could not be installed; the next run tries again.", file=sys.stderr)
            return 1
        stamp.write_text(wanted, encoding="utf-8")
    return run(python, "tests/bench.py", "--out", BUILD / "bench", *arguments)


# --- the rest --------------------------------------------------------------------------


def lock(*arguments):
    """Write requirements.txt anew from pyproject.toml, for every platform and Python."""
    extras = [word for name in ("book", "notebook", "test") for word in ("--extra", name)]
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
    silent = ["--no-emit-index-url", "--no-emit-find-links", "--system-certs"]
    header = ["--custom-compile-command", "make lock", "--output-file", "requirements.txt"]
    command = [PYTHON, "-m", "uv", "pip", "compile", *extras, *options, *silent, *header]
    return run(*command, *arguments, "pyproject.toml")


def clean():
    """Remove all that the tasks made, .venv too."""
    for path in (BUILD, VENV):
        shutil.rmtree(path, ignore_errors=True)
    return 0


TASKS = {
    "setup": lambda: 0,
    "book": book,
    "serve": serve,
    "test": test,
    "units": units,
    "outputs": outputs,
    "execute": execute,
    "lint": lint,
    "site-test": site_test,
    "slides": slides,
    "bench": bench,
    "pdf": pdf,
    "pyodide": pyodide,
    "lock": lock,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("task", choices=[*TASKS, "clean"])
    options, arguments = parser.parse_known_args()
    if options.task == "clean":
        return clean()
    if options.inside:
        return TASKS[options.task](*arguments)
    return setup() or inside(options.task, *arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
