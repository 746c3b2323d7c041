"""Pages that arrive quickly and do not jump: what the theme sends and no page uses stays out.

* fontawesome.js (half a megabyte on the wire) draws icons that the theme's icon font has too.
* Of the icon font, only the icons that occur are sent.
* The search index is for the search page.
* Light or dark is settled before the page is first seen; the theme does it at the end.
* Figures say their size in HTML, so that the text below does not move when they arrive.
"""

import io
import logging
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SIZED = re.compile(r'style="width: (\d+)px; height: (\d+)px;"')
EVERYWHERE = re.compile(r"\s*<script[^>]*scripts/fontawesome\.js[^>]*></script>")
SEARCH = re.compile(r"\s*<script[^>]*(?:searchtools|language_data|searchindex)\.js[^>]*></script>")
ICON = re.compile(r"\bfa-([a-z0-9-]+)")
FACE = re.compile(
    r"url\(([^)]*)/fa-solid-900\.woff2\) ?format\(\"woff2\"\)"
    r"(?:, ?url\([^)]*\) ?format\(\"truetype\"\))?"
)


THEME = (
    '(({ dataset }) => { if (dataset.theme === "auto") dataset.theme = '
    'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"; })'
    "(document.documentElement);"
)


def size_figures(app, pagename, templatename, context, doctree):
    """Repeat a figure's size as attributes, which hold before the image is there."""
    sized = r'style="width: \1px; height: \2px;" width="\1" height="\2" decoding="async"'
    context["body"] = SIZED.sub(sized, context.get("body") or "")


def icons(html, css):
    """Return the code points of the icons that pages or the theme's script name."""
    wanted = {name for page in html for name in ICON.findall(page)} | {"xmark"}
    points = {}
    for names, point in re.findall(r"([^{}]+)\{(?:--fa:|content:)\s*\"\\(f?[0-9a-f]+)", css):
        points |= dict.fromkeys(ICON.findall(names), int(point, 16))
    return sorted(points[name] for name in wanted if name in points)


def icon_font(source, points):
    """Return a WOFF font of some glyphs."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    font = TTFont(source)
    options = subset.Options(layout_features=[], notdef_outline=True, hinting=False)
    chooser = subset.Subsetter(options)
    chooser.populate(unicodes=points)
    chooser.subset(font)
    font.flavor = "woff"
    font.recalcTimestamp = False
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def lighten(app, error):
    """Take what is not used out of the written pages; a second time changes nothing."""
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = {}
    for path in site.rglob("*.html"):
        if not {"_static", "live"} & set(path.relative_to(site).parts):
            before = path.read_text(encoding="utf-8")
            after = EVERYWHERE.sub("", before)
            after = after if path.name == "search.html" else SEARCH.sub("", after)
            pages[path] = after
            if after != before:
                path.write_text(after, encoding="utf-8")
    style = site / "_static" / "styles" / "pydata-sphinx-theme.css"
    fonts = site / "_static" / "vendor" / "fontawesome" / "webfonts"
    css = style.read_text(encoding="utf-8")
    points = icons(pages.values(), css)
    (fonts / "icons.woff").write_bytes(icon_font(fonts / "fa-solid-900.ttf", points))
    style.write_text(FACE.sub(r'url(\1/icons.woff) format("woff")', css), encoding="utf-8")


def setup(app):
    app.add_js_file(None, body=THEME)
    app.connect("html-page-context", size_figures, priority=950)
    app.connect("build-finished", lighten, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
