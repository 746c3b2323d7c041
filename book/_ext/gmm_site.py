"""What the site needs beyond Jupyter Book's settings: small, and each with its reason.

* MathJax comes out of a pinned package, so that no page asks another host for it.
* Links to the repository appear when its address is known while building.
* The theme's markup is mended where a screen reader would stumble.
* A table shows which test checks which equation (equations.py).
* The assignments are listed, and their student copies made while building (assignments.py).
* The address of the site's root leads to its first page.
"""

import html
import importlib.metadata
import os
import re
import shutil
import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import assignments
import equations

MATHJAX = "tex-svg-full.js"


def copy_mathjax(app, error):
    """Copy MathJax, one file without fonts, out of its package into the site."""
    if error or app.builder.format != "html":
        return
    files = importlib.metadata.files("sphinx-mathjax-offline")
    source = next(file for file in files if file.name == MATHJAX).locate()
    target = Path(app.outdir, "_static", "mathjax", MATHJAX)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def repository(root):
    """Return the repository's https address, or None where it is not known."""
    address = os.environ.get("GMMTUTOR_REPOSITORY", "")
    if not address and os.environ.get("GITHUB_REPOSITORY"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        address = f"{server}/{os.environ['GITHUB_REPOSITORY']}"
    if not address:
        command = ["git", "-C", str(root), "remote", "get-url", "origin"]
        try:
            found = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:  # no git here
            return None
        address = found.stdout.strip()
        if "github.com" not in address:
            return None
    # Whatever the form of the address, keep host and path only: never a user or a token.
    form = r"(?:https://|ssh://)?(?:[^@/\s]+@)?([\w.-]+)[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?"
    match = re.fullmatch(form, address)
    return f"https://{match[1]}/{match[2]}" if match else None


def link_repository(app, config):
    """Launch buttons and "suggest a correction", where the repository is known."""
    options = config.html_theme_options
    address = repository(app.srcdir)
    if address is None:
        options["launch_buttons"] = {}
        return
    options.update(
        repository_url=address,
        repository_branch=os.environ.get("GMMTUTOR_BRANCH", "main"),
        use_repository_button=True,
        use_edit_page_button=True,
        use_issues_button=True,
        launch_buttons={
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    )


def mend_page(app, pagename, templatename, context, doctree):
    """Add the fallback favicon; mend roles and the names of buttons."""
    icon = context["pathto"]("_static/favicon.png", 1)
    context["metatags"] = context.get("metatags", "") + (
        f'<link rel="icon" type="image/png" sizes="32x32" href="{html.escape(icon)}">\n'
    )
    # A list holds list items; docutils still writes the withdrawn role doc-biblioentry.
    body = context.get("body") or ""
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("label") == "source-edit-button":
                button.update(text="Suggest a correction", tooltip="Suggest a correction")


def lead_to_first_page(app, error):
    """Write index.html, which Jupyter Book would write without a title or a language."""
    if error or app.builder.format != "html" or app.config.root_doc == "index":
        return
    first = app.builder.get_target_uri(app.config.root_doc)
    title = html.escape(app.config.html_title)
    Path(app.outdir, "index.html").write_text(
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<title>{title}</title>\n<meta http-equiv="refresh" content="0; url={first}">\n'
        f'<link rel="icon" href="_static/favicon.svg">\n</head>\n'
        f'<body><main><h1>{title}</h1><p><a href="{first}">Open the book</a></p></main>'
        f"</body>\n</html>\n",
        encoding="utf-8",
    )


def link_equations(app, what, name, obj, options, lines):
    """Turn an equation's label in a docstring, "(eq-...)", into a link to the book."""
    lines[:] = [equations.MENTION.sub(r":eq:`\1`", line) for line in lines]


class EquationTable(SphinxDirective):
    """The table equation, functions, tests, in the order of the book."""

    def run(self):
        for source in ["_toc.yml", *Path(self.env.srcdir, "tests").glob("test_*.py")]:
            self.env.note_dependency(str(Path(self.env.srcdir, source)))
        lines = ["| equation | label | computed by | checked by |", "| --- | --- | --- | --- |"]
        for label, *names in equations.rows():
            code, tests = ("<br>".join(f"`{name}`" for name in column) for column in names)
            lines.append(f"| {{eq}}`{label}` | `{label}` | {code} | {tests} |")
        container = nodes.container(classes=["equation-table"])
        self.state.nested_parse(lines, self.content_offset, container)
        return [container]


def setup(app):
    app.add_directive("equation-table", EquationTable)
    app.add_directive("assignment-table", assignments.AssignmentTable)
    app.connect("build-finished", assignments.write_copies)
    app.connect("autodoc-process-docstring", link_equations)
    app.connect("config-inited", link_repository)
    app.connect("html-page-context", mend_page, priority=900)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", lead_to_first_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
