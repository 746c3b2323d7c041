"""Every figure of the book as SVG, with a page that shows them all: ``make slides``.

Each notebook runs once more, in a kernel that writes a figure as SVG beside its PNG. The same
figure gives the same bytes.
"""

import html
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import execute_notebooks
import nbformat
from nbclient.exceptions import CellExecutionError

LICENCE = "https://creativecommons.org/licenses/by/4.0/"

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

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figures for slides · Gaussian mixtures and EM</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem;
  color: #222; background: #fff; }}
a {{ color: #0068a3; }}
.figures {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr));
  gap: 1.5rem; }}
figure {{ margin: 0; }}
img {{ width: 100%; height: auto; border-radius: 4px; background: #fbfaf7; }}
figcaption {{ font-size: .875rem; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #ddd; background: #14181e; }}
  a {{ color: #79b8e8; }}
}}
</style>
</head>
<body>
<main>
<h1>Figures for slides</h1>
<p>The {count} figures of <a href="../book/index.html">Gaussian mixtures and EM</a> as SVG: sharp
at any size, with text that can be edited. A click downloads one. Text is set in DejaVu Sans; where
it is not installed, another sans-serif takes its place.</p>
<p>By the gmmtutor authors, licensed <a href="{licence}">CC BY 4.0</a>: use and change them, give
credit with a link to the book, and say what you changed.</p>
{chapters}
</main>
</body>
</html>
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


def title_of(notebook):
    """The first heading."""
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return first.splitlines()[0].lstrip("# ")


def drawn(path):
    """Run one notebook; return its slug, its title and its figures."""
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    execute_notebooks.run(notebook, path.parent, IN_THE_KERNEL)
    return path.stem, title_of(notebook), list(figures_of(notebook))


def page(chapters):
    """The page that shows all figures, for chapters (slug, title, figures)."""
    parts = []
    for slug, title, figures in chapters:
        if figures:
            link = f'<a href="../book/{slug}.html">{html.escape(title)}</a>'
            shown = "\n".join(map(shown_figure, figures))
            parts.append(f'<h2 id="{slug}">{link}</h2>\n<div class="figures">\n{shown}\n</div>')
    count = sum(len(figures) for _, _, figures in chapters)
    return PAGE.format(count=count, licence=LICENCE, chapters="\n".join(parts))


def shown_figure(figure):
    file, alt = f"{figure.name}.svg", html.escape(figure.alt)
    image = f'<img src="{file}" alt="{alt}" loading="lazy">'
    return (
        f'<figure id="{figure.name}"><a href="{file}" download>{image}</a>\n'
        f"<figcaption>{html.escape(figure.caption)}</figcaption></figure>"
    )


def write(chapters, folder):
    """Write every figure and the page into the folder, and nothing else."""
    names = [figure.name for _, _, figures in chapters for figure in figures]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two figures are named {', '.join(twice)}: rename one of each")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for _, _, figures in chapters:
        for figure in figures:
            (folder / f"{figure.name}.svg").write_text(figure.svg, encoding="utf-8", newline="\n")
    (folder / "index.html").write_text(page(chapters), encoding="utf-8", newline="\n")
    return len(names)


def main(paths, folder):
    """Draw the figures of all notebooks; return 1 if one failed."""
    try:
        with ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1)) as pool:
            chapters = list(pool.map(drawn, paths))
    except CellExecutionError as error:
        print(f"A cell failed, no figures were written:\n{error}", file=sys.stderr)
        return 1
    count = write(chapters, folder)
    print(f"{count} figures are in {folder}; to see them, open {(folder / 'index.html').as_uri()}")
    return 0
