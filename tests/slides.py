"""Every figure of the book as SVG: ``make slides``. The book's page of figures offers them.

Each notebook runs once more, in a kernel that writes a figure as SVG beside its PNG, and only if
it or the package has changed since. The same figure gives the same bytes.
"""

import html
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import execute_notebooks
import nbformat
from nbclient.exceptions import CellExecutionError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "book" / "_ext"))
import gallery

# Narrower ones leave every label where it is; without a generic one it would be a serif font.
FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"

# Runs in the kernel before the first cell. Matplotlib's inline backend takes all formatters away
# when it draws its first figure, so it draws one before this one is put in place.
IN_THE_KERNEL = """
def svg(figure):
    import io
    import matplotlib
    written = io.StringIO()
    look = {"svg.fonttype": "none", "svg.hashsalt": "gmmtutor"}
    told = {"Date": None, "Creator": "The gmmtutor authors", "Rights": "CC BY 4.0"}
    with matplotlib.rc_context(look):
        figure.savefig(written, format="svg", metadata=told)
    return written.getvalue()


from matplotlib import pyplot

pyplot.figure()
pyplot.close()
formatters = get_ipython().display_formatter.formatters
formatters["image/svg+xml"].for_type(pyplot.Figure, svg)
"""


@dataclass(frozen=True)
class Figure:
    """A named figure of a chapter."""

    name: str
    caption: str
    alt: str
    svg: str


def figures_of(notebook):
    """Yield the named figures among the outputs of an executed notebook."""
    for cell in notebook.cells:
        meta = cell.metadata.get("mystnb", {})
        for output in cell.get("outputs", []):
            drawn = output.get("data", {}).get("image/svg+xml")
            if drawn and "figure" in meta:
                name, caption = meta.figure.name, meta.figure.caption
                yield Figure(
                    name, caption, meta.image.alt, described(drawn, caption, meta.image.alt)
                )


def described(svg, caption, alt):
    """Put caption and text for those who cannot see it into the SVG, and name other fonts."""
    words = f"<title>{html.escape(caption)}</title>\n <desc>{html.escape(alt)}</desc>"
    before, tag, after = svg.partition("<svg ")
    attributes, end, content = after.partition(">")
    content = content.replace("'DejaVu Sans'", FONTS)
    return f'{before}{tag}role="img" {attributes}{end}\n {words}{content}'


def drawn(path):
    """Run one notebook and return its figures."""
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    execute_notebooks.run(notebook, path.parent, IN_THE_KERNEL)
    return list(figures_of(notebook))


def keep(path, folder=gallery.DRAWN):
    """Draw a notebook's figures, unless they are there; forget those of its earlier states."""
    target = gallery.drawn_in(path, folder)
    if target.exists():
        return 0
    figures = drawn(path)
    shutil.rmtree(target.parent, ignore_errors=True)
    half_done = target.with_suffix(".new")
    half_done.mkdir(parents=True)
    for figure in figures:
        (half_done / f"{figure.name}.svg").write_text(figure.svg, encoding="utf-8", newline="\n")
    half_done.rename(target)
    return len(figures)


def twice(paths):
    """Names that two figures of these notebooks share."""
    names = [figure.name for path in paths for figure in gallery.title_and_figures(path)[1]]
    return sorted({name for name in names if names.count(name) > 1})


def main(paths):
    """Draw the figures of all notebooks whose SVGs are not of today; return 1 if one failed."""
    if shared := twice(paths):
        print(f"Two figures are named {', '.join(shared)}: rename one of each.", file=sys.stderr)
        return 1
    try:
        with ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1)) as pool:
            count = sum(pool.map(keep, paths))
    except CellExecutionError as error:
        print(f"A cell failed:\n{error}", file=sys.stderr)
        return 1
    print(f"{count} figures drawn anew.", flush=True)
    return 0
