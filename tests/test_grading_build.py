"""The student copy: nothing of the solution is in it, and no misspelt marker slips through."""

import copy
import json
import re

import pytest

from gmmtutor.grading import assignment, build, mutations, prove
from gmmtutor.grading.__main__ import main

ROOT = assignment.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "book" / "assignments"
SLUGS = sorted(path.parent.name for path in FOLDER.glob("*/checks.py"))


@pytest.fixture(params=SLUGS)
def loaded(request):
    return assignment.load(FOLDER / request.param)


def replaced(loaded, old, new):
    """Return the assignment with one text of its notebook exchanged."""
    changed = json.dumps(loaded.notebook).replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
    assert changed != json.dumps(loaded.notebook)
    return assignment.Assignment(
        loaded.slug, loaded.folder, json.loads(changed), loaded.plan, loaded.digest
    )


def test_source_is_sound(loaded):
    trial = prove.Trial(loaded, None, "seed")
    assert not list(prove.notebook_is_sound(trial))
    assert not list(prove.no_solution_leaks(trial))


def test_student_copy_has_no_marker_and_no_output(loaded):
    text = build.text(build.student_copy(loaded))
    assert "SOLUTION" not in text and "HIDDEN" not in text and '"outputs": []' in text
    functions = any(check.problems for check in loaded.plan.checks)
    assert (json.dumps(build.STUB)[1:-1] in text) == functions


def test_there_are_canaries(loaded):
    found = prove.canaries(loaded)
    assert len(found) > 10
    leaky = build.student_copy(loaded)
    leaky["cells"].append({"cell_type": "markdown", "metadata": {}, "source": [found[0]]})
    assert json.dumps(found[0])[1:-1] in build.text(leaky)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("### BEGIN SOLUTION", "### BEGIN SOLUTON"),
        ("### BEGIN SOLUTION", "###BEGIN SOLUTION"),
        ("### BEGIN SOLUTION", "## BEGIN SOLUTION"),
        ("### BEGIN SOLUTION", "### Begin Solution"),
        ("### BEGIN SOLUTION", "# the solution"),
        ("### END SOLUTION", "### END SOLUTIONS"),
        ("### END SOLUTION", "### END HIDDEN TESTS"),
        ("### END SOLUTION", "pass"),
        ("### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST"),
        ("### BEGIN HIDDEN TESTS", "### BEGIN HIDEN TESTS"),
        ("### BEGIN HIDDEN TESTS", "### BEGIN SOLUTION"),
        ("### END HIDDEN TESTS", ""),
        ('"schema_version": 3', '"schema_version": 2'),
    ],
)
def test_a_wrong_marker_is_an_error(old, new):
    loaded = assignment.load(FOLDER / "responsibilities")
    if "schema" in old:
        changed = copy.deepcopy(loaded)
        changed.notebook["cells"][0]["metadata"]["nbgrader"]["schema_version"] = 2
    else:
        changed = replaced(loaded, old, new)
    with pytest.raises(assignment.BadAssignment, match="Cell"):
        build.student_copy(changed)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda c: c["metadata"].update(note="x"), "unknown metadata note"),
        (lambda c: c.update(outputs=[1]), "has outputs"),
        (lambda c: c["metadata"]["nbgrader"].update(grade_id="intro"), "a second cell"),
        (lambda c: c["metadata"]["nbgrader"].pop("points"), "not complete"),
    ],
)
def test_wrong_metadata_are_an_error(spoil, words):
    loaded = copy.deepcopy(assignment.load(FOLDER / "responsibilities"))
    cells = loaded.notebook["cells"]
    spoil(next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "quiz"))
    with pytest.raises(assignment.BadAssignment, match=words):
        build.student_copy(loaded)


def test_a_solution_without_markers_is_an_error():
    loaded = copy.deepcopy(assignment.load(FOLDER / "responsibilities"))
    for cell in loaded.notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "answer-counts":
            cell["source"] = ["def effective_counts(resp):\n", "    return resp.sum(axis=0)"]
    with pytest.raises(assignment.BadAssignment, match="without '### BEGIN SOLUTION'"):
        build.student_copy(loaded)


def test_points_that_disagree_are_found():
    loaded = copy.deepcopy(assignment.load(FOLDER / "responsibilities"))
    for cell in loaded.notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade_id") == "counts":
            meta["points"] = 7
    faults = list(prove.notebook_is_sound(prove.Trial(loaded, None, "seed")))
    assert faults == ["counts: 7 points in the notebook, 2 in checks.py."]


def test_command_writes_the_same_bytes_twice(tmp_path, capsys):
    for name in ("one", "two"):
        assert main(["build", str(FOLDER / SLUGS[0]), "-o", str(tmp_path / name)]) == 0
    files = [next((tmp_path / name).iterdir()).read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_an_unknown_assignment_is_explained(capsys):
    assert main(["build", "no-such-assignment"]) == 2
    assert "There is no assignment 'no-such-assignment'" in capsys.readouterr().err


def test_mutations_change_solutions_only():
    cell = "a = 1 + 2\n### BEGIN SOLUTION\nb = a - 3\nc = np.sqrt(b)\n### END SOLUTION\nd = 4 * 5"
    found = dict(mutations.mutants(["x = 7", cell]))
    assert set(found) == {
        "b = a - 3: a - 3 -> a + 3",
        "b = a - 3: 3 -> 4",
        "c = np.sqrt(b): np.sqrt(b) -> b",
    }
    assert all(cells[0] == "x = 7" and "d = 4 * 5" in cells[1] for cells in found.values())


def test_the_plan_of_a_course_adds_up():
    """Each week: two lectures, reading, assignments; and each assignment all in all."""
    text = (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
    rows = [row.strip("| ").split(" | ") for row in text.splitlines() if row.startswith("| ")]
    weeks = [row for row in rows if row[0].isdigit()]
    assert [row[0] for row in weeks] == list("12345")
    given = {}
    for _, one, two, reading, work, together in weeks:
        lectures = [sum(map(int, re.findall(r"\b\d\d\b", text))) for text in (one, two)]
        minutes = re.findall(r"\*([^*]+)\*(?:, parts [^:]+)?: (\d+)", work)
        for title, part in minutes:
            given[title] = given.get(title, 0) + int(part)
        assert lectures == [90, 90]
        assert int(together) == 180 + int(reading) + sum(int(part) for _, part in minutes)
    plans = [assignment.load(FOLDER / slug).plan for slug in SLUGS]
    titles = {plan.title.removesuffix(", by hand and in code"): plan.minutes for plan in plans}
    assert given == titles


# --- nothing of a solution leaves the repository in another way --------------------------------


def public():
    """Return what is public anyway: the pages of the book, their tests, the package."""
    files = [*(ROOT / "book").glob("*.ipynb"), *(ROOT / "book").glob("*.md")]
    files += (ROOT / "gmmtutor").rglob("*.py")
    files += (ROOT / "tests").glob("test_equations_*.py")
    texts = (path.read_text(encoding="utf-8") for path in files)
    return "\n".join(text.replace('\\"', '"') for text in texts)


def in_distributions():
    """Return the files that the wheel and the source distribution hold."""
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    found = set()
    for builder in (WheelBuilder, SdistBuilder):
        for file in builder(str(ROOT)).recurse_included_files():
            found.add(ROOT / file.relative_path)
    return sorted(found)


def test_no_solution_is_in_wheel_and_sdist(loaded):
    pytest.importorskip("hatchling")
    files = in_distributions()
    assert ROOT / "gmmtutor" / "grading" / "worker.py" in files
    assert not [path for path in files if "assignments" in path.relative_to(ROOT).parts]
    files = [path for path in files if not path.name.startswith("test_grading")]
    assert not list(prove.leaks(loaded, files, public()))


def test_no_solution_is_in_the_site(loaded):
    site = ROOT / "_build" / "html"
    files = [p for p in site.rglob("*") if p.suffix in (".html", ".ipynb", ".js", ".md", ".txt")]
    if not (site / "_downloads" / "assignments" / f"{loaded.slug}.ipynb").exists():
        pytest.skip("the site is not built; run make book")
    files = [path for path in files if "mathjax" not in path.parts]
    assert not list(prove.leaks(loaded, files, public()))


def test_a_leak_is_found(loaded, tmp_path):
    page = tmp_path / "page.html"
    line = next(line for line in prove.canaries(loaded) if line not in public())
    page.write_text(f"<p>{line}</p>", encoding="utf-8")
    assert list(prove.leaks(loaded, [page], public())) == [(line, page)]
