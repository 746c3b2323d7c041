"""Live cells: what a page needs so that its code runs in the reader's browser.

Where Pyodide's files are at hand (pyodide_files.py), each page with code gets a script that
adds Run and Edit, and the site gets a folder ``live`` with Pyodide, gmmtutor as a wheel of this
commit, and the cells of each page. A cell that cannot run in a browser carries the tag
``not-live`` and the reason in its metadata ``not_live``; every other prints the same there.
"""

import ast
import hashlib
import html
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docutils import nodes

import pyodide_files

CELLS = Path(__file__).with_name("cells.py")  # runs there, not here
# What the cells import, and the packages that bring it; gmmtutor itself needs NumPy alone.
BRINGS = {"scipy": "scipy", "matplotlib": "matplotlib", "sklearn": "scikit-learn"}
LAZY = {"plots": "matplotlib", "align": "scipy"}  # names of gmmtutor that import more


def imported(source):
    """Yield the names of modules that a cell imports, and of gmmtutor's parts that it uses."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr


def packages(source):
    """Return the packages that a cell needs, NumPy first."""
    brought = BRINGS | LAZY
    return ["numpy", *sorted({brought[name] for name in imported(source) if name in brought})]


def cells_of(path):
    """Return the code cells of a notebook: place, source, and why one cannot run, if so."""
    found = []
    for place, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            tags = cell["metadata"].get("tags", [])
            why = cell["metadata"].get("not_live", "")
            if ("not-live" in tags) != bool(why):
                raise ValueError(f"{path.name}, cell {place}: a tag and a reason go together")
            source = "".join(cell["source"])
            needs = packages(source)
            found.append({"place": place, "source": source, "skip": why, "packages": needs})
    return found


def parts(doctree, kind):
    """Yield the containers that myst-nb made of code cells, or of their sources."""
    yield from (n for n in doctree.findall(nodes.container) if n.get("nb_element") == kind)


def name_cells(app, doctree):
    """Give each code cell of a page its place in the notebook, as a class."""
    for cell in parts(doctree, "cell_code"):
        cell["classes"].append(f"live-{cell['cell_index']}")
        why = cell["cell_metadata"].get("not_live")
        for source in parts(cell, "cell_code_source") if why else ():
            note = f'<p class="live-not" hidden>Not run in the browser: {html.escape(why)}</p>'
            source += nodes.raw("", note, format="html")


def prepare(app):
    """See once whether Pyodide is there."""
    app.live_files = None if pyodide_files.missing(pyodide_files.cache()) else app.outdir
    own = [CELLS, *sorted(Path(__file__).parents[1].glob("_static/live/*"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in own)).hexdigest()
    app.live_version = digest[:8]
    if app.live_files is None:
        print(f"Without Python for the browser. {pyodide_files.HELP}")


def add_script(app, pagename, templatename, context, doctree):
    """Put the script on pages that show code which runs."""
    if doctree is None or app.builder.format != "html" or not app.live_files:
        return
    if next(parts(doctree, "cell_code_source"), None):
        data = {"data-live-page": pagename, "data-live-version": app.live_version}
        # Deferred, not a module: a page opened from a disk may load none.
        app.add_css_file("live/live.css")
        app.add_js_file("live/live.js", defer="defer", **data)


def build_wheel(root, target):
    """Build gmmtutor from this checkout, without the network; return the wheel's name."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place]
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        wheel = next(Path(place).glob("*.whl"))
        shutil.copyfile(wheel, target / wheel.name)
        return wheel.name


def write_files(app, error):
    """Fill the folder live of the site."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir, "live")
    if not app.live_files:
        shutil.rmtree(target, ignore_errors=True)
        return
    (target / "cells").mkdir(parents=True, exist_ok=True)
    for name in pyodide_files.checksums():
        source = pyodide_files.cache() / name
        if not (target / name).exists():
            shutil.copyfile(source, target / name)
    lock = json.dumps(pyodide_files.KNOWN["lock"])
    (target / "pyodide-lock.json").write_text(lock, encoding="utf-8")
    (target / "NOTICE.txt").write_text(NOTICE, encoding="utf-8")
    shutil.copyfile(CELLS, target / "cells.py")
    wheel = build_wheel(app.srcdir, target)
    for docname in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(docname))
        if path.suffix == ".ipynb":
            out = target / "cells" / f"{docname}.json"
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(cells_of(path)), encoding="utf-8")
    sizes = {p.name: p.stat().st_size for p in sorted(target.iterdir()) if p.is_file()}
    digest = hashlib.sha256((target / wheel).read_bytes()).hexdigest()[:8]
    manifest = {"wheel": wheel, "digest": digest, "sizes": sizes}
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


NOTICE = """Python in the browser
=====================

Pyodide (https://pyodide.org), Mozilla Public License 2.0, unchanged; its source is at
https://github.com/pyodide/pyodide, tag 0.27.7. CPython: PSF licence. NumPy, SciPy, Matplotlib,
scikit-learn and what they need: each wheel here carries its own licence. gmmtutor: this book.
"""


def setup(app):
    app.connect("builder-inited", prepare)
    app.connect("doctree-read", name_cells)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
