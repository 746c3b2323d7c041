"""The table of the assignments, and their student copies, which are made while building."""

from pathlib import Path

from docutils import nodes
from gmmtutor.grading import assignment, build
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).resolve().parents[1] / "assignments"
TARGET = "_downloads/assignments"


def loaded():
    """Return all assignments, in the order in which a course gives them."""
    found = [assignment.load(path.parent) for path in FOLDER.glob("*/checks.py")]
    return sorted(found, key=lambda each: (each.plan.place, each.slug))


class AssignmentTable(SphinxDirective):
    """What there is: title, time, points, chapters, and the notebook to download."""

    def run(self):
        for path in FOLDER.glob("*/*"):
            if path.suffix in (".py", ".ipynb"):
                self.env.note_dependency(str(path))
        lines = ["| notebook | minutes | points | read before |"]
        lines.append("| --- | ---: | ---: | --- |")
        for each in loaded():
            plan = each.plan
            chapters = ", ".join(f"{{doc}}`{name}`" for name in plan.chapters)
            points = plan.points + sum(part.points for part in plan.manual)
            link = f'<a href="../{TARGET}/{each.slug}.ipynb" download>{plan.title}</a>'
            lines.append(f"| {link} | {plan.minutes} | {points} | {chapters} |")
        container = nodes.container(classes=["assignment-table"])
        self.state.nested_parse(lines, self.content_offset, container)
        return [container]


def write_copies(app, error):
    """Write the student copies beside the pages."""
    if error is None and app.builder.format == "html":
        for each in loaded():
            build.write(each, Path(app.outdir, TARGET))
