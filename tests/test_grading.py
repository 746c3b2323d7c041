"""Reading submissions, data of one's own, what crosses the wall, reports: nothing is run here."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from gmmtutor.check.judge import to_read
from gmmtutor.check.misconceptions import MISCONCEPTIONS
from gmmtutor.check.problems import from_mixture
from gmmtutor.check.quantities import QUANTITIES
from gmmtutor.check.reading import Unreadable
from gmmtutor.grading import (
    assignment,
    feedback,
    gradescope,
    make_dataset,
    reading_list,
    reports,
    run,
    sandbox,
    submission,
    tasks,
)
from gmmtutor.grading.__main__ import main
from gmmtutor.grading.personal import normal_id, rng_for
from gmmtutor.grading.wire import decode
from gmmtutor.grading.worker import encode
from gmmtutor.mixture import Mixture, component_log_prob, responsibilities

ROOT = sandbox.HERE.parents[1]
OWN = {"x": [1.9, 5.5, 4.5, -0.9, -0.6, 8.2, 9.9], "variances": [2.5, 0.8, 1.5]}

# --- data of one's own -----------------------------------------------------------------------


def test_own_data_depend_on_the_id_alone():
    one, again, other = make_dataset("Ada "), make_dataset("ada"), make_dataset("bob")
    assert np.array_equal(one.x, again.x) and np.array_equal(one.resp, again.resp)
    assert not np.array_equal(one.x, other.x)
    assert normal_id(" Ada") == "ada"


def test_own_data_stay_as_they_are():
    """A change here changes what students were given in earlier terms."""
    one = make_dataset("ada")
    assert one.x.tolist() == OWN["x"] and one.variances.tolist() == OWN["variances"]


@pytest.mark.parametrize("seed", range(3))
def test_own_data_show_every_mistake(seed):
    """The point is shared, and each common mistake changes what is written to three decimals."""
    for number in range(200):
        own = make_dataset(f"{seed}/{number}")
        x, given = own.x[:1], (own.weights, own.means, own.variances)
        right = responsibilities(x, Mixture(*given))[0]
        assert 0.02 < right[:2].min() and len(set(own.variances)) == len(set(own.means)) == 3
        density = np.exp(component_log_prob(x, Mixture(*given)))[0]
        unweighted = density / density.sum()
        squared = responsibilities(x, Mixture(own.weights, own.means, own.variances**2))[0]
        for wrong in (unweighted, squared):
            assert np.abs(wrong - right).max() > 0.002
        given = from_mixture(x, Mixture(*given))
        assert tasks.by_hand("responsibilities", given, right.round(3), 0, decimals=3)
        verdict = tasks.by_hand("responsibilities", given, unweighted.round(3), 0, decimals=3)
        assert "no-weights" in verdict.misconceptions


def test_random_numbers_depend_on_every_word():
    draws = {rng_for(*words).random() for words in (("a", "b"), ("ab",), ("a", "c"), ("b", "a"))}
    assert len(draws) == 4


# --- across the wall -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [1, 2.5, "0.25", None, True, [1, [2, 3]], (1.0, [2]), {"weights": [1.0]}, float("inf")],
)
def test_values_come_back(value):
    assert decode(json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize("dtype", [float, int, bool, np.float32])
def test_arrays_come_back(dtype):
    array = np.array([[0, 1], [1, 3]]).astype(dtype)
    back = decode(json.loads(json.dumps(encode(array))))
    assert back.dtype == array.dtype and np.array_equal(back, array)


@pytest.mark.parametrize(
    "value",
    [
        {"array": [[1], [1, 2]], "kind": "f", "size": 8},
        {"array": {"a": 1}, "kind": "f", "size": 8},
        {"array": ["x"], "kind": [], "size": {}},
        {"dict": [1, 2]},
        {"dict": [["a"]]},
        {"function": "f"},
        {"other": "socket"},
        {"tuple": 3},
        {},
    ],
)
def test_what_is_no_answer_is_said_to_be_none(value):
    with pytest.raises(Unreadable):
        decode(value)


def test_odd_objects_are_named_only():
    assert encode(object()) == {"other": "object"}
    assert encode(np.array(["a"])) == {"other": "an array of type <U1"}
    assert encode(len) == {"function": "len"}
    loop = []
    loop.append(loop)
    assert "nested too deeply" in json.dumps(encode(loop))


def test_complex_numbers_are_real_if_they_can_be():
    """Roots come from NumPy as complex numbers, even where they are real."""
    roots = np.roots([1.0, 0.0, -1.0]).astype(complex)
    assert np.array_equal(decode(encode(roots)), roots.real)
    assert decode(encode(roots[:0])).shape == (0,) and decode(encode(2 + 0j)) == 2
    for value in (np.array([1j]), [1 + 2j]):
        with pytest.raises(Unreadable, match="complex numbers"):
            decode(encode(value))


# --- judging ---------------------------------------------------------------------------------


def test_numbers_name_the_mistake():
    judging = tasks.numbers([1.0, 2.0], [("halved", "it is halved", [0.5, 1.0])], noun="numbers")
    assert judging([1.0, 2.0]) and judging((1.0, 2.0 + 1e-9))
    assert not judging([1.0, 2.001])
    verdict = judging(np.array([0.5, 1.0]))
    assert verdict.misconceptions == ("halved",) and "if it is halved" in verdict.message
    assert judging([1.0]).status == "unreadable"
    assert judging([np.nan, 1.0]).status == "unknown"


def test_numbers_judge_infinities_and_nothing():
    judging = tasks.numbers([-np.inf, 2.0])
    assert judging([-np.inf, 2.0]) and not judging([np.inf, 2.0]) and not judging([0.0, 2.0])
    assert tasks.numbers([])([]) and not tasks.numbers([])([1.0]) and not tasks.numbers([1.0])([])


@pytest.mark.parametrize(
    ("answer", "status"),
    [("b", "right"), (" B) ", "right"), ("a", "wrong"), (None, "unanswered"), (2, "unreadable"),
     ([1], "unreadable"), ("bb", "unreadable")],
)  # fmt: skip
def test_choice(answer, status):
    assert tasks.choice("b", ("a", "b"), "Read.")(answer, None).status == status


@pytest.mark.parametrize("answer", [1, 3, "x", "2", " 2 ", 2.0, 2.5, True, 4, float("nan")])
def test_a_prediction_counts_if_it_was_made(answer):
    verdict = tasks.made((1, 2, 3), "It is {}.", lambda personal: 2)(answer, None)
    assert bool(verdict) == (answer in (1, 3, "2", " 2 ", 2.0) and answer is not True)
    if verdict:
        assert verdict.message == f"You said {int(answer)}. It is 2. The point is yours."
    assert tasks.made((1, 2))([1], None).status == "unreadable"
    assert tasks.made(("up", "down"))("Up", None)


def test_a_wrong_choice_is_a_reason():
    assert tasks.choice("b", ("a", "b"), "Look.")("A)", None).misconceptions == ("a",)


def row_of(student):
    """Return the problem of a student's row, and the row."""
    own = make_dataset(student)
    mixture = Mixture(own.weights, own.means, own.variances)
    return from_mixture(own.x[:1], mixture), responsibilities(own.x[:1], mixture)[0], own, mixture


@pytest.mark.parametrize("student", [f"hand {n}" for n in range(25)])
def test_rounding_by_hand_is_granted_two_units_and_no_more(student):
    given, row, own, mixture = row_of(student)
    density = np.exp(component_log_prob(own.x[:1], mixture))[0]

    def judged(kind, numbers, decimals):
        return tasks.by_hand(kind, given, np.round(numbers, 6).tolist(), 0, decimals=decimals)

    assert judged("responsibilities", row.round(3), 3)
    assert judged("component_density", density.round(4), 4)
    for off in (0.01, 0.003, -0.003):
        shift = off * np.array([1, -0.5, -0.5])
        assert not judged("responsibilities", (row + shift).round(3), 3)
    few = judged("component_density", density.round(3), 4)
    assert not few and ("few-digits" in few.misconceptions or few.misconceptions)
    if few.misconceptions == ("few-digits",):
        assert few.message.startswith("Give 4 decimals; yours have 3")
    for decimals in (3, 4):
        carried = mixture.weights * density.round(decimals)
        carried = (carried / carried.sum()).round(3)
        if np.abs(carried - row).max() > 0.0021:  # what `check` forgives, grading does not
            assert not judged("responsibilities", carried, 3)
        elif decimals == 4:
            assert judged("responsibilities", carried, 3)


def test_functions_may_not_reorder_the_components():
    x, given = np.array([0.0, 1.0]), ([0.3, 0.7], [0.0, 2.0], [1.0, 2.0])
    judging = tasks.given_mixture("responsibilities", x, *given)
    truth = responsibilities(x, Mixture(*given))
    assert judging(truth.tolist()) and not judging(truth[:, ::-1])
    assert not judging(truth.round(4))


def test_whatever_judging_does_it_is_no_point():
    def fails(answer):
        raise RecursionError

    assert tasks.settled(fails, 1).status == "unreadable"


# --- reading what was handed in --------------------------------------------------------------


def test_students_come_from_names_of_files_and_folders(tmp_path):
    (tmp_path / "ada.py").write_text("a = 1", encoding="utf-8")
    (tmp_path / "bob" / "deep").mkdir(parents=True)
    (tmp_path / "bob" / "other.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "bob" / "deep" / "slug.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "eve").mkdir()
    (tmp_path / ".hidden.py").write_text("", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    found = {each.student: each for each in submission.find(tmp_path, "slug")}
    assert list(found) == ["ada", "bob", "eve"]
    assert found["bob"].path.name == "slug.ipynb" and found["bob"].file == "bob/deep/slug.ipynb"
    assert found["bob"].note == ("2 files: bob/deep/slug.ipynb was graded, not bob/other.ipynb")
    assert found["eve"].path is None and found["eve"].note == "nothing handed in"
    assert submission.ignored(tmp_path) == [".hidden.py", "notes.txt"]


def test_the_newest_of_several_files_is_taken(tmp_path):
    folder = tmp_path / "ada"
    folder.mkdir()
    for seconds, name in (
        (100, "slug.ipynb"),
        (300, "b.ipynb"),
        (900, "help.py"),
        (200, "c.ipynb"),
    ):
        (folder / name).write_text("{}", encoding="utf-8")
        os.utime(folder / name, (seconds, seconds))
    (found,) = submission.find(tmp_path, "slug")
    assert found.file == "ada/b.ipynb" and "c.ipynb" in found.note and "help.py" in found.note


def test_a_file_and_a_folder_of_one_student_are_both_seen(tmp_path):
    (tmp_path / "Ada_Lovelace.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "Ada Lovelace").mkdir()
    os.utime(tmp_path / "Ada_Lovelace.ipynb", (100, 100))
    (tmp_path / "Ada Lovelace" / "x.ipynb").write_text("{}", encoding="utf-8")
    (found,) = submission.find(tmp_path, "slug")
    assert found.file == "Ada Lovelace/x.ipynb"
    assert found.note == "2 files: Ada Lovelace/x.ipynb was graded, not Ada_Lovelace.ipynb"


@pytest.mark.parametrize(
    "name",
    [
        "Ada_Lovelace",
        "ada  lovelace",
        "Ada Lovelace_12345_assignsubmission_file_",
        "ADA LOVELACE ",
    ],
)
def test_names_are_the_same_but_for_how_they_are_written(tmp_path, name):
    (tmp_path / name).mkdir()
    (found,) = submission.find(tmp_path, "slug")
    assert normal_id(found.student) == "ada lovelace"
    assert np.array_equal(make_dataset(found.student).x, make_dataset("Ada Lovelace").x)


def test_letters_that_are_taken_apart_are_the_same():
    assert normal_id("u\u0308") == normal_id("\u00fc")
    make_dataset("\ud800")  # what no file can hold is an id all the same


def test_a_list_of_names_says_whose_a_file_is(tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("file,student\nsub_1,Lovelace Ada\nx.py,Emmy Noether\n", encoding="utf-8")
    folder = tmp_path / "in"
    (folder / "sub_1").mkdir(parents=True)
    (folder / "x.py").write_text("", encoding="utf-8")
    listed = submission.names_from(names)
    assert [each.student for each in submission.find(folder, "s", listed)] == [
        "Emmy Noether",
        "Lovelace Ada",
    ]
    for text, words in (("a\n", "two columns"), ("a,b\na,c\n", "twice"), ("a,\n", "row 1")):
        names.write_text(text, encoding="utf-8")
        with pytest.raises(assignment.BadAssignment, match=words):
            submission.names_from(names)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("x", encoding="utf-8")
    folder = tmp_path / "in"
    (folder / "ada").mkdir(parents=True)
    (folder / "eve.py").symlink_to(secret)
    (folder / "ada" / "x.py").symlink_to(secret)
    assert [(each.student, each.path) for each in submission.find(folder, "slug")] == [
        ("ada", None)
    ]


@pytest.mark.parametrize(
    "text", ["", "[1]", "{}", '{"cells": 3}', "[" * 100_000, '{"cells": [{"cell_type": "code"}]}']
)
def test_a_broken_notebook_is_a_trouble_and_no_error(tmp_path, text):
    path = tmp_path / "ada.ipynb"
    path.write_text(text, encoding="utf-8")
    assert "cannot be read" in submission.read("ada", path).trouble


def test_code_is_taken_from_notebooks_and_modules(tmp_path):
    cells = [
        {"cell_type": "code", "metadata": {}, "source": ["a = 1\n", "b = 2"]},
        {
            "cell_type": "markdown",
            "metadata": {"nbgrader": {"grade_id": "essay"}},
            "source": "So.",
        },
        {"cell_type": "code", "source": "c = 3"},
    ]
    path = tmp_path / "ada.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    read = submission.read("ada", path)
    assert read.cells == ("a = 1\nb = 2", "c = 3") and read.texts == {"essay": "So."}
    module = tmp_path / "bob.py"
    module.write_bytes("\ufeffa = 1\n# %% next\nb = 2\n".encode())
    assert submission.read("bob", module).cells == ("a = 1\n", "b = 2\n")
    module.write_bytes(b"\xff\xfe\x00")
    assert submission.read("bob", module).trouble


# --- reports ---------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script>"


def result(**changes):
    one = {
        "id": "c", "task": "t", "title": "A task", "about": "weights", "points": 3, "earned": 0,
        "status": "wrong", "message": f"Not right: {EVIL} and `x`.",
        "misconceptions": ["no-weights"], "reasons": ["no-weights"],
        "question": "Is it?", "read": ["responsibilities", "By hand: the matrix"],
        "example": {"x": "[1.0]", "your answer": EVIL},
    }  # fmt: skip
    base = {
        "student": "=cmd()", "file": "x", "digest": "d", "graded_with": "g", "score": 0,
        "points": 3, "checks": [one], "manual": [], "troubles": [EVIL + "\n=x"], "tampered": False,
        "ran": True, "other": None, "note": "",
    }  # fmt: skip
    return base | changes


class Book:
    """Enough of an assignment for the reports."""

    slug = "slug"
    plan = tasks.Plan("A title", (tasks.Task("t", "A task", (tasks.Check("c", 3, "w", "f"),)),))


def test_feedback_is_escaped_and_names_the_reason():
    page = feedback.page("A <title>", result())
    assert "<script" not in page and "&lt;script&gt;" in page and "A &lt;title&gt;" in page
    assert "<code" in page and "Is it?" in page and "<em>By hand: the matrix</em>" in page
    assert "http" not in page, "self-contained"
    assert '<a href="#c">A task: weights</a>, 3 points' in page, "what is to be mended comes first"
    linked = feedback.page("A", result(), "https://example.org/book/")
    assert 'href="https://example.org/book/responsibilities.html#by-hand-the-matrix"' in linked


def test_feedback_reads_well_aloud_and_has_no_raw_backticks():
    check = result()["checks"][0] | {"about": "what `scale` means", "status": "right", "earned": 3}
    page = feedback.page("A", result(checks=[check], score=3))
    heading = re.search(r"<h3.*?</h3>", page, re.S)[0]
    heading = heading.replace('<span aria-hidden="true">✓</span>', "")
    aloud = " ".join(re.sub(r"<[^>]+>", "", heading).split())
    assert aloud == "Right: what scale means , 3 of 3 points." and "`" not in heading
    assert "To mend" not in page


def test_a_file_that_never_ran_is_not_said_to_have_run():
    page = feedback.page("A", result(ran=False, troubles=["The file is too large."]))
    assert feedback.NOT_RUN in page and feedback.RAN not in page


def test_table_is_harmless_in_a_spreadsheet():
    rows = list(csv.reader(io.StringIO(reports.table(Book, [result()]))))
    assert rows[0][:4] == ["student", "score", "of", "c"] and len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["student"] == "'=cmd()" and row["reasons"] == "c:no-weights" and row["file"] == "x"
    assert row["feedback"] == reports.page_of(result()) and row["look at"] == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"note": "2 files"}, "2 files"),
        ({"tampered": True}, "wrote to the grader's channel"),
        ({"ran": False}, "could not be read"),
        ({"ran": False, "grader_failed": True}, "the grader failed"),
        ({"other": {"id": "b", "score": 0}}, "the notebook says student_id = 'b'"),
        ({"other": {"id": "b", "score": 3}}, "has 3 points with the numbers of that id"),
    ],
)
def test_what_to_look_at_is_said(changes, words):
    assert words in "; ".join(reports.flags(result(**changes)))


def test_reasons_are_counted():
    other = result()["checks"][0] | {"reasons": ["unknown"]}
    results = [result(), result(), result(checks=[other]), result(ran=False)]
    text = reports.reasons_table(Book, results)
    assert text.splitlines()[1:] == ["2,c,3,no-weights", "1,c,3,unknown"]


def test_pages_of_students_who_are_gone_are_removed(tmp_path):
    strange = result(student="bob", troubles=["\ud800"])
    reports.write(Book, [result(student="ada"), strange], tmp_path)
    (tmp_path / "feedback" / "mine.txt").write_text("x", encoding="utf-8")
    reports.write(Book, [strange], tmp_path)
    assert {path.name for path in (tmp_path / "feedback").iterdir()} == {"bob.html", "mine.txt"}
    assert {p.parent.name for p in (tmp_path / "gradescope").glob("*/*")} == {"bob"}


@pytest.mark.parametrize(
    ("user", "score"),
    [({"name": "Ada  Lovelace"}, 2), ({"name": "A", "email": "ada_lovelace@x.org"}, 2), ({}, 0)],
)
def test_gradescope_gets_the_result_of_whoever_handed_in(tmp_path, user, score):
    source = tmp_path / "source"
    gradescope.write([result(student="Ada Lovelace", score=2), result(student="bob")], source)
    told = json.dumps({"users": [user]})
    (tmp_path / "submission_metadata.json").write_text(told, encoding="utf-8")
    subprocess.run([sys.executable, source / "run_autograder", tmp_path], check=True)
    found = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert found["score"] == score and (found["tests"] or "not graded yet" in found["output"])


# --- where to read -----------------------------------------------------------------------------


def headings(page):
    """Return the headings of a page of the book."""
    path = ROOT / "book" / page
    if path.with_suffix(".ipynb").exists():
        cells = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
        text = "\n".join(submission.source(c) for c in cells if c["cell_type"] == "markdown")
    else:
        text = path.with_suffix(".md").read_text(encoding="utf-8")
    return re.findall(r"(?m)^#+ (.+?)\s*$", text)


def test_every_section_to_read_exists():
    slugs = sorted(path.parent.name for path in (ROOT / "book/assignments").glob("*/checks.py"))
    plans = [assignment.load(ROOT / "book" / "assignments" / slug).plan for slug in slugs]
    named = {check.read for plan in plans for check in plan.checks if check.read}
    for page, heading in named | set(reading_list.SECTIONS.values()):
        assert heading in headings(page), f"{page} has no section {heading!r}"
    for page, title in reading_list.TITLES.items():
        assert headings(page)[0] == title


def test_every_topic_of_check_has_a_section():
    topics = {row.read for row in MISCONCEPTIONS} | {each.read for each in QUANTITIES.values()}
    for topic in topics:
        assert reading_list.section_of(to_read(topic)), f"no section for {topic}"
    assert reading_list.section_of("Look there.") is None


def test_gradescope_has_its_fields():
    told = gradescope.of_student(result())
    assert told["score"] == 0 and told["tests"][0]["max_score"] == 3
    assert 'Read "By hand: the matrix"' in told["tests"][0]["output"]
    json.dumps(told, allow_nan=False)


@pytest.mark.parametrize("student", ["../../etc", "a/b", "..", "", "ä", "x" * 300, "con:\x00"])
def test_file_names_are_harmless_and_differ(student):
    name = submission.file_name(student)
    assert "/" not in name and name not in (".", "..") and len(name) < 100 and name.isascii()
    assert name != submission.file_name(student + "x")


def test_a_student_of_a_plain_name_keeps_it():
    assert submission.file_name("ada-17_b.c") == "ada-17_b.c"


# --- no sandbox ------------------------------------------------------------------------------


def test_where_bubblewrap_is_missing_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: None)
    folder = str(folder_of_the_first())
    assert main(["grade", folder, str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert "apt-get install bubblewrap" in told and "Containerfile" in told
    assert "--unsandboxed" in told and not (tmp_path / "out").exists()


def test_where_namespaces_are_refused_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: "bwrap")
    monkeypatch.setattr(sandbox, "warm_up", lambda: None)
    says = "import sys; sys.exit('bwrap: No permissions to create a new namespace')"
    monkeypatch.setattr(sandbox, "command", lambda: [sandbox.sys.executable, "-c", says])
    with pytest.raises(sandbox.NoSandbox, match=r"(?s)No permissions.*userns"):
        sandbox.require()


def folder_of_the_first():
    return ROOT / "book" / "assignments" / "responsibilities"


# --- the protocol, without a worker ----------------------------------------------------------


def said(*lines, asked=("q",), values=("v",)):
    """Return what comes of these lines on the channel."""
    outcome = run.Outcome()
    questions = [run.Question(name, "f", []) for name in asked]
    exchange = run.Exchange(outcome, list(values), questions, run.Clock(), 1.0, 1e18)
    for line in lines:
        exchange._take(line if isinstance(line, bytes) else json.dumps(line).encode())
    return outcome


def test_lines_of_the_worker_are_taken():
    lines = [{"started": 1}, {"cell": 0}, {"loaded": 1}, {"value": "v", "answer": 1}]
    outcome = said(*lines, {"call": "q", "answer": 2, "whole": True}, {"done": 1})
    assert outcome.values["v"]["answer"] == 1
    assert outcome.calls["q"] == {"call": "q", "answer": 2}, "`whole` is the judge's own word"


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[" * 100_000, b"3", b'"text"', b"{}", b"\xff", {"done": 1}, {"loaded": 1},
     {"call": "q", "answer": 1}, {"value": "v"}],
)  # fmt: skip
def test_other_lines_are_tampering(line):
    with pytest.raises(run.Tampered):
        said(line)


@pytest.mark.parametrize(
    "line",
    [{"call": "other"}, {"call": ["q"]}, {"value": "other"}, {"value": {}}, {"started": 1},
     {"cell": 3}, {"loaded": 1}],
)  # fmt: skip
def test_answers_to_no_question_are_tampering(line):
    with pytest.raises(run.Tampered):
        said({"started": 1}, {"loaded": 1}, line)


def test_an_answer_given_twice_is_tampering():
    with pytest.raises(run.Tampered):
        said({"started": 1}, {"loaded": 1}, {"call": "q", "answer": 1}, {"call": "q", "answer": 2})
