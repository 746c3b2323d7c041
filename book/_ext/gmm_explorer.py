"""The directive ``explorer``: an interactive figure, and what stands there without JavaScript.

The same picture stands for it on paper.

The sources are ES modules in book/_static/explorer. Browsers refuse modules on pages that are
opened from disk, so the page gets one classic script made of them, and only if it has an explorer.
"""

import re
from functools import partial
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

SOURCES = Path(__file__).resolve().parent.parent / "_static" / "explorer"
# In an order in which each module comes after those that it imports.
MODULES = ["em", "data", "state", "lessons", "view", "scene", "charts", "panels", "main"]
IMPORT = re.compile(r"^import\s*\{[^}]*\}\s*from\s*\"\./(\w+)\.mjs\";\n", re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def bundle(sources=SOURCES):
    """Make one classic script of the modules.

    They are put one after another without imports and exports, which is right if no name is
    defined at the top level of two of them, and each comes after those that it imports.
    """
    texts, home = [], {}
    for name in MODULES:
        text = (sources / f"{name}.mjs").read_text(encoding="utf-8")
        for imported in IMPORT.findall(text):
            if imported not in MODULES[: MODULES.index(name)]:
                raise ValueError(f"{name}.mjs imports {imported}, which comes later")
        text = IMPORT.sub("", text)
        for defined in TOP_LEVEL.findall(text):
            if defined in home:
                raise ValueError(f"{defined} is defined in {home[defined]}.mjs and in {name}.mjs")
            home[defined] = name
        text = re.sub(
            r"^export (?=(?:async )?(?:function|class|const|let) )", "", text, flags=re.M
        )
        if re.search(r"^\s*(?:import|export)\b", text, re.MULTILINE):
            raise ValueError(
                f"{name}.mjs imports or exports in a form that bundle() does not know"
            )
        texts.append(re.sub(r"^\s*(?://.*)?\n", "", text, flags=re.MULTILINE))
    lines = (line.strip() for line in "".join(texts).splitlines())
    return '(() => {\n"use strict";\n' + "\n".join(lines) + "\n})();\n"


def points(weights, means, variances):
    """The seven points under a start, as the book's figures draw them."""
    from gmmtutor import Mixture, datasets, plots

    mixture = Mixture(weights, means, variances)
    return plots.signature(mixture, datasets.seven_points())["mixture"].figure


def bound():
    """The plus-minus model: an M-step from 1, with a bound that touches at 0.3."""
    from gmmtutor import plots, plus_minus_log_likelihood, plus_minus_update

    x, frozen, old = [-2, -1, 1, 2], 0.3, 1
    drawn = plots.moving_bound(x, [frozen], xlim=(-0.6, 2.2))
    drawn["touching"][0].set_marker("D")
    drawn["arrows"][0].remove()
    curve, new = drawn["likelihood"], plus_minus_update(x, frozen)
    before, after = ((mu, plus_minus_log_likelihood(x, mu)) for mu in (old, new))
    look = {"color": curve.get_color(), "marker": "o", "ms": 9, "ls": "", "zorder": 5}
    curve.axes.plot(*before, **look)
    arrow = {"arrowstyle": "-|>", "shrinkA": 7, "shrinkB": 3, "connectionstyle": "arc3,rad=-0.5"}
    curve.axes.annotate("", after, before, arrowprops={**arrow, "color": curve.get_color()})
    curve.axes.annotate("M-step", after, (40, -14), textcoords="offset points")
    curve.axes.annotate("1", before, (-12, 7), textcoords="offset points")
    return curve.figure


THIRDS = [1 / 3, 1 / 3, 1 / 3]
SHARED = "below each point a bar, divided as the point is shared."
# What a reader sees without JavaScript, with a text for those who do not see it.
PICTURES = {
    "first": (
        partial(points, THIRDS, [-4, 0, 8], [1, 0.2, 3]),
        f"Three curves over seven points; {SHARED}",
    ),
    "one-point": (
        partial(points, [0.8, 0.2], [0, 2], [8, 0.5]),
        f"Seven points under a wide curve and a narrow one, which stands on the point 2; {SHARED}",
    ),
    "three-ends": (
        partial(points, [0.5, 0.5], [-3, 5], [1, 1]),
        f"Seven points under two curves, at -3 and 5; {SHARED}",
    ),
    "common-variance": (
        partial(points, THIRDS, [-4, 0, 8], [20, 20, 20]),
        f"Three curves of the same great width over seven points; {SHARED}",
    ),
    "bound": (
        bound,
        "A log-likelihood, and a parabola that touches it at a diamond at 0.3 and is highest at "
        "0.68. An arrow, the M-step, leads down the log-likelihood, from 1 to 0.68.",
    ),
}

# How the text of every fallback begins, and what stands for that on paper.
WITHOUT = re.compile(r"An interactive figure stands here,.*?\bWithout it you see", re.DOTALL)
ON_PAPER = "On the web page this figure moves; here it stands still. You see"


class Explorer(nodes.General, nodes.Element):
    """Holds what a reader sees without JavaScript."""


class ExplorerDirective(SphinxDirective):
    """``{explorer} name`` with the question as an option and the fallback as its content."""

    required_arguments = 1
    has_content = True
    option_spec = {  # noqa: RUF012
        "question": directives.unchanged,
        "picture": lambda name: directives.choice(name, PICTURES),
    }

    def run(self):
        name = self.arguments[0]
        lessons = (SOURCES / "lessons.mjs").read_text(encoding="utf-8")
        if not re.search(rf"^  \"?{re.escape(name)}\"?: \{{", lessons, re.MULTILINE):
            raise self.error(f"lessons.mjs has no explorer named {name}")
        found = []
        if "question" in self.options:
            words, messages = self.state.inline_text(self.options["question"], self.lineno)
            where = nodes.inline("", "On the web page: ", classes=["on-paper"])
            question = nodes.paragraph("", "", where, *words, classes=["ex-question"])
            found += [question, *messages]
        explorer = Explorer(name=name, picture=self.options.get("picture", "first"))
        explorer["to_root"] = "../" * self.env.docname.count("/")
        self.state.nested_parse(self.content, self.content_offset, explorer)
        first = explorer[0][0] if explorer.children and explorer[0].children else ""
        begins = WITHOUT.match(str(first))
        if not begins:
            raise self.error(
                f"the text of {name} must begin: An interactive figure stands here, "
                "... Without it you see ..."
            )
        explorer[0][:1] = [
            nodes.inline("", begins[0], classes=["on-screen"]),
            nodes.inline("", ON_PAPER, classes=["on-paper"]),
            nodes.Text(first[begins.end() :]),
        ]
        return [*found, explorer]


def visit(self, node):
    """Open the place of an explorer; its content shows until the script has taken over."""
    name, picture = node["name"], node["picture"]
    source = f"{node['to_root']}_static/explorer/{picture}.png"
    words = PICTURES[picture][1]
    self.body.append(
        f'<div class="gmm-explorer" id="{name}" data-explorer="{name}">\n'
        f'<div class="ex-instead">\n<img src="{source}" alt="{words}" width="624">\n'
    )


def depart(self, node):
    self.body.append("</div>\n</div>\n")


def write_files(app):
    """Write the script, before pages ask for its checksum, and the pictures."""
    if app.builder.format != "html":
        return
    from matplotlib import pyplot as plt

    plt.switch_backend("Agg")
    static = Path(app.outdir, "_static")
    (static / "explorer").mkdir(parents=True, exist_ok=True)
    (static / "explorer.js").write_text(bundle(), encoding="utf-8")
    for name, (picture, _) in PICTURES.items():
        picture().savefig(static / "explorer" / f"{name}.png", dpi=192)
        plt.close("all")


def add_script(app, pagename, templatename, context, doctree):
    """Load script and style on pages that have an explorer."""
    if doctree is not None and next(doctree.findall(Explorer), None) is not None:
        app.add_js_file("explorer.js", loading_method="defer")
        app.add_css_file("explorer/explorer.css")


def setup(app):
    app.add_node(Explorer, html=(visit, depart))
    app.add_directive("explorer", ExplorerDirective)
    app.connect("builder-inited", write_files)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
