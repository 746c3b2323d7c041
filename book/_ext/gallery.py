"""The page of all figures: small pictures that link to their chapters, PNG and SVG to download.

A PNG comes out of the notebook that is committed, so it costs nothing. An SVG needs a run of the
notebook: ``make slides`` (tests/slides.py) keeps them in .venv/slides, a folder for each state of
notebook and package. The page offers an SVG only where one of the present state is there.
"""

import base64
import functools
import hashlib
import html
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
DRAWN = ROOT / ".venv" / "slides"
PAGE = "book/figures"
TARGET = "slides"  # beside the folder of the pages
# What the page offers is written between these after every build.
OFFER = re.compile(r"(<!-- svg (fig-[\w-]+) -->).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A named figure of a chapter: its texts, its picture, and the size at which to show it."""

    name: str
    caption: str
    alt: str
    png: bytes
    width: int
    height: int


def joined(value):
    return "".join(value)


def title_and_figures(path):
    """The first heading of a notebook, and its named figures as they are committed."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    first = next(cell for cell in cells if cell["cell_type"] == "markdown")
    return joined(first["source"]).splitlines()[0].lstrip("# "), list(figures(cells))


def figures(cells):
    for cell in cells:
        meta = cell["metadata"].get("mystnb", {})
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture and "figure" in meta:
                size = output["metadata"]["image/png"]
                yield Figure(
                    meta["figure"]["name"],
                    meta["figure"]["caption"],
                    meta["image"]["alt"],
                    base64.b64decode(joined(picture)),
                    size["width"],
                    size["height"],
                )


def notebooks(app):
    """The notebooks of the book, in its order."""
    pages = app.config.external_site_map
    paths = (Path(app.srcdir, page + ".ipynb") for page in pages)
    return [path for path in paths if path.exists()]


@functools.cache
def state_of_package():
    total = hashlib.sha256()
    for path in [ROOT / "requirements.txt", *sorted((ROOT / "gmmtutor").rglob("*.py"))]:
        total.update(path.read_bytes())
    return total.digest()


def drawn_in(path, folder=DRAWN):
    """Where the SVGs of a notebook belong, in its present state and the package's."""
    state = hashlib.sha256(path.read_bytes() + state_of_package()).hexdigest()[:16]
    return folder / path.stem / state


class Gallery(SphinxDirective):
    """A section a chapter, with all its figures."""

    def run(self):
        sections = []
        for path in notebooks(self.env.app):
            self.env.note_dependency(str(path))
            title, found = title_and_figures(path)
            if found:
                section = nodes.section(ids=[f"figures-{path.stem}"], names=[])
                section += nodes.title(title, title)
                shown = "\n".join(shown_figure(figure, path.stem) for figure in found)
                section += nodes.raw("", f'<div class="gallery">\n{shown}\n</div>', format="html")
                sections.append(section)
        return sections


def shown_figure(figure, slug):
    name, alt = figure.name, html.escape(figure.alt)
    size = f'width="{figure.width}" height="{figure.height}"'
    image = f'<img src="../{TARGET}/{name}.png" alt="{alt}" {size} loading="lazy">'
    return f"""<figure>
<a href="{slug}.html#{name}">{image}</a>
<figcaption>{html.escape(figure.caption)}</figcaption>
<p class="offer">{download(name, "png")}<!-- svg {name} --><!-- end --></p>
<details><summary>In words</summary><p>{alt}</p></details>
</figure>"""


def download(name, kind):
    words = kind.upper()
    address = f"../{TARGET}/{name}.{kind}"
    return f'<a href="{address}" download aria-label="{words} of {name}">{words}</a>'


def write_files(app, error):
    """Write the pictures beside the pages, and offer those SVGs that are of the present state."""
    page = Path(app.outdir, PAGE + ".html")
    if error or app.builder.format != "html" or not page.exists():
        return
    target = Path(app.outdir, TARGET)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in notebooks(app):
        for figure in title_and_figures(path)[1]:
            (target / f"{figure.name}.png").write_bytes(figure.png)
            vector = drawn_in(path) / f"{figure.name}.svg"
            if vector.exists():
                shutil.copyfile(vector, target / vector.name)
    offered = {path.stem for path in target.glob("*.svg")}
    page.write_text(offer(page.read_text(encoding="utf-8"), offered), encoding="utf-8")


def offer(page, names):
    """The page with links to the SVGs of these names, and to no others."""

    def link(match):
        before, name, after = match.groups()
        return before + (" " + download(name, "svg") if name in names else "") + after

    return OFFER.sub(link, page)
