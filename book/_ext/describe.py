"""What a page says of itself elsewhere: a description, and a preview where it is shared."""

import html
import re
from pathlib import Path

from docutils import nodes

from gmm_site import repository

LENGTH = 200  # characters
PREVIEW = "preview.png"
WORDS = (
    "Three bell curves over seven points, each point with a bar of its responsibilities, and the "
    "words: Gaussian mixtures and EM. Derive it, do it by hand, run it."
)


def first_words(doctree):
    """Return a page's first paragraphs of prose, cut at a word; formulas are left as written."""
    kinds = (nodes.Admonition, nodes.table, nodes.container, nodes.figure, nodes.footnote)
    found = ""
    for paragraph in doctree.findall(nodes.paragraph):
        above = paragraph.parent
        while above and not isinstance(above, kinds):
            above = above.parent
        if above is None:
            found = f"{found} {paragraph.astext()}".strip()
        if len(found) > LENGTH // 2:
            break
    found = re.sub(r"\s+", " ", found)
    if len(found) <= LENGTH:
        return found
    return found[:LENGTH].rsplit(" ", 1)[0].rstrip(".,;:") + " ..."


def site_address(app):
    """Return the address at which the site will stand, or "" where nobody knows it."""
    if app.config.html_baseurl:
        return app.config.html_baseurl.rstrip("/") + "/"
    known = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", repository(app.srcdir) or "")
    return f"https://{known[1].lower()}.github.io/{known[2]}/" if known else ""


def describe(app, pagename, templatename, context, doctree):
    """Add description, title and preview to the head of a page."""
    if app.builder.format != "html":
        return
    title = html.unescape(re.sub(r"<[^>]+>", "", context.get("title") or app.config.html_title))
    text = (doctree and first_words(doctree)) or f"{title}: {app.config.html_title}."
    address = site_address(app)
    image = (
        address + f"_static/{PREVIEW}" if address else context["pathto"](f"_static/{PREVIEW}", 1)
    )
    tags = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": text,
        "og:image": image,
        "og:image:alt": WORDS,
        "twitter:card": "summary_large_image",
    }
    if address:
        tags["og:url"] = address + app.builder.get_target_uri(pagename)
    lines = [f'<meta name="description" content="{html.escape(text)}">']
    lines += [f'<meta property="{k}" content="{html.escape(v)}">' for k, v in tags.items()]
    context["metatags"] = context.get("metatags", "") + "\n".join(lines) + "\n"


def draw_preview(app, error):
    """Draw the picture that stands beside a shared link: the signature picture and the title."""
    path = Path(app.outdir, "_static", PREVIEW)
    if error or app.builder.format != "html" or path.exists():
        return
    from matplotlib import use

    use("agg")
    from gmmtutor import datasets, em_steps, plots
    from gmmtutor.plots.style import INK, PAPER, STYLE
    from matplotlib import pyplot, rc_context

    x = datasets.seven_points()
    steps = em_steps(x, datasets.first_start())
    next(steps)
    with rc_context(STYLE | {"figure.constrained_layout.use": False}):
        figure = pyplot.figure(figsize=(6, 3.15), facecolor=PAPER)
        axes = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
        plots.signature(next(steps).mixture, x, ax=axes)
        figure.subplots_adjust(left=0.06, right=0.97, top=0.66, bottom=0.07, hspace=0.2)
        for ax in axes:
            ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
        for text in [t for ax in axes for t in ax.texts]:
            text.set_visible(False)
        figure.text(0.06, 0.85, "Gaussian mixtures and EM", size=21, weight="bold", color=INK)
        figure.text(0.06, 0.755, "Derive it, do it by hand, run it.", size=13, color=INK)
        figure.savefig(path, dpi=200, metadata={"Software": None})
        pyplot.close(figure)


def setup(app):
    app.connect("html-page-context", describe, priority=950)
    app.connect("build-finished", draw_preview)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
