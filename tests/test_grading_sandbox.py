"""What runs in the sandbox: submissions are kept in, answers come out, the batch goes on."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import class_of_300
import numpy as np
import pytest
from sandboxes import needs_sandbox
from test_grading_build import FOLDER

from gmmtutor.grading import assignment, batch, catalogue, feedback, run, sandbox, submission
from gmmtutor.grading.grade import grade

pytestmark = [needs_sandbox, pytest.mark.slow]
FAST = run.Clock(cell=3.0, step=1.0, total=15.0)


@pytest.fixture(scope="module")
def first():
    return assignment.load(FOLDER / "responsibilities")


def ask(code, values=(), questions=(), clock=FAST):
    """Run code and return the outcome."""
    return run.run([code], list(values), list(questions), sandbox.command, clock)


def call(code, name="f", args=()):
    """Return the message about one call."""
    return ask(code, (), [run.Question("q", name, list(args))]).calls["q"]


# --- what a submission sees --------------------------------------------------------------------


SEEN = """
import os, sys
import numpy, scipy
folders = sorted(os.listdir("/"))
libraries = sorted(os.listdir("/sandbox/lib"))
user, environment = os.getuid(), sorted(os.environ)
def refused(path):
    try:
        open(path, "w").close()
        return False
    except OSError:
        return True
closed = [refused(p) for p in ("/x", "/usr/x", "/sandbox/x", "/sandbox/lib/x", "/dev/shm/x")]
homes = [os.path.exists(p) for p in ("/home", "/root/.ssh", "/etc/passwd", "/work", "/proc/1")]
def imports(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False
others = [imports(n) for n in ("sklearn", "pytest", "gmmtutor.mixture.x", "pip", "yaml")][:2]
"""


def test_a_submission_sees_next_to_nothing():
    names = ["folders", "libraries", "user", "environment", "closed", "homes", "others"]
    seen = {k: v.get("answer") for k, v in ask(SEEN, names).values.items()}
    assert set(seen["folders"]) <= {"bin", "dev", "lib", "lib64", "sandbox", "tmp", "usr", "root"}
    assert set(seen["libraries"]) <= {"numpy", "numpy.libs", "scipy", "scipy.libs"}
    assert seen["user"] >= sandbox.FIRST_USER and all(seen["closed"])
    assert not any(seen["homes"]) and not any(seen["others"])
    allowed = {"HOME", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PWD"}
    assert set(seen["environment"]) <= allowed | set(sandbox.KEPT)


def test_the_spy_finds_nothing():
    code = (FOLDER / "attacks" / "attack_spy.py").read_text(encoding="utf-8")
    found = call(code, "attack", [{"array": [1.0], "kind": "f"}])["answer"]
    assert [text for text in found if not text.endswith("/") and "nothing" not in text] == []


def test_the_package_is_a_stand_in():
    code = "import gmmtutor as gm\nfrom gmmtutor import check, plots\nv = check.means(1, 2)\n"
    code += "plots.densities(1)\ndef f():\n    return gm.responsibilities([0], 1)\n"
    assert "`gmmtutor.responsibilities` is not there" in call(code)["error"]
    assert not ask(code).troubles


def test_own_data_are_the_same_inside_and_outside():
    from gmmtutor.grading import make_dataset

    code = "from gmmtutor.grading import make_dataset\nx = make_dataset('ada').x"
    assert ask(code, ["x"]).values["x"]["answer"]["array"] == make_dataset("ada").x.tolist()


# --- what becomes of what goes wrong -------------------------------------------------------------


def test_a_failing_statement_does_not_stop_the_rest():
    code = "%matplotlib inline\n!rm -rf /\na = 1\nb = 1 / 0\nc = a + 1\nd = b"
    outcome = ask(code, ["c", "d"])
    assert outcome.values["c"]["answer"] == 2 and outcome.values["d"] == {
        "value": "d",
        "missing": True,
    }
    assert [text.split(":")[1].strip() for text in outcome.troubles] == [
        "ZeroDivisionError",
        "NameError",
    ]


def test_the_line_that_failed_is_named():
    message = call("def f():\n    a = [1]\n    return a[2]  # here\n")
    assert message["error"].startswith("IndexError") and message["line"] == "return a[2]  # here"


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)",
     "import ctypes; ctypes.string_at(0)"],
)  # fmt: skip
def test_what_ends_one_call_leaves_the_others(body):
    questions = [run.Question(str(n), name, []) for n, name in enumerate(["f", "f", "g"])]
    outcome = ask(f"def f():\n    {body}\ndef g():\n    return 7\na = 1", ["a"], questions)
    assert outcome.calls["2"]["answer"] == 7 and outcome.values["a"]["answer"] == 1
    assert "When `f` was called" in outcome.calls["0"]["error"]
    assert outcome.calls["1"]["error"] == outcome.calls["0"]["error"]


def test_a_cell_that_never_ends_is_left_out():
    outcome = run.run(
        ["a = 1", "while True: pass", "b = 2"], ["a", "b"], [], sandbox.command, FAST
    )
    assert outcome.values["a"]["answer"] == 1 and outcome.values["b"]["answer"] == 2
    assert "Cell 2: it did not come back within 3 seconds; it was left out." in outcome.troubles


def test_arguments_come_back_as_the_function_left_them():
    code = "def f(x):\n    x[0] = 9\n    return 1\n"
    message = call(code, args=[{"array": [1, 2], "kind": "i"}])
    assert message["after"][0]["array"] == [9, 2]


def test_a_cell_says_where_it_failed_counted_within_the_cell():
    outcome = run.run(["a = 1", "b = 2\nc = b / 0", "d = (\n1"], [], [], sandbox.command, FAST)
    assert outcome.failed == {
        1: "ZeroDivisionError: division by zero, line 2",
        2: "SyntaxError: '(' was never closed, line 1",
    }
    assert outcome.troubles[1] == "Cell 3: SyntaxError: '(' was never closed, line 1"


# --- grading -------------------------------------------------------------------------------------


def test_a_wrong_answer_gets_its_reason_in_the_feedback(first):
    entry = next(e for e in catalogue.entries(first) if e.name == "wrong_no_weights")
    page = feedback.page("Title", grade(first, entry.submission("ada"), "s", sandbox.command))
    assert "if the weights are left out" in page and "27 of 30 points" in page
    assert "Ask yourself" not in page, "the reason is known"
    assert "your answer = " in page and "Traceback" not in page


def test_the_id_in_the_notebook_does_not_count(first):
    cells = catalogue.handed_in(catalogue.solution(first), "ada").cells
    copied = submission.Submission("bob", None, cells, {}, "x")
    result = grade(first, copied, "s", sandbox.command)
    assert "student_id = 'ada'" in result["troubles"][0] and result["score"] < result["points"]
    assert result["other"] == {"id": "ada", "score": 30}, "a person decides"
    pencil = next(check for check in result["checks"] if check["id"] == "pencil-row")
    assert "right for the numbers of 'ada'" in pencil["message"]
    assert pencil["reasons"] == ["other-id"] and not pencil["question"]


@pytest.mark.parametrize(
    ("code", "words", "reason"),
    [
        ("def effective_counts(resp):\n    return (resp", "'(' was never closed", "syntax-error"),
        ("while True: pass\ndef effective_counts(resp):\n    return 1", "did not come", "timeout"),
        ("import nothing_like_it\neffective_counts = nothing_like_it.f", "No module", "stopped"),
        ("effective_counts = None", "write `effective_counts`", "unanswered"),
        ("def effective_counts(resp):\n    pass", "is a `return` missing?", "none-returned"),
        ("def effective_counts(resp):\n    return resp @ [1j, 0, 0]", "complex", "unreadable"),
    ],
)
def test_what_is_not_there_is_explained_by_its_cell(first, code, words, reason):
    task = next(task for task in first.plan.tasks if task.grade_id == "counts")
    only = replace(first, plan=replace(first.plan, tasks=(task,)))
    handed_in = submission.Submission("ada", None, ("a = 1", code), {}, "x")
    (check,) = grade(only, handed_in, "s", sandbox.command, replace(FAST, cell=1.0))["checks"]
    assert words in check["message"] and check["reasons"] == [reason] and not check["earned"]
    if reason in ("syntax-error", "timeout", "stopped"):
        assert check["message"].startswith("The cell that defines it, number 2 of the code cells")


def test_other_seeds_ask_other_things_and_give_the_same_grade(first):
    from gmmtutor.grading.grade import problems_of

    drawn = [problems_of(first.plan, first.slug, seed) for seed in ("a", "b", "a")]
    xs = [problems["resp-weights"][0].given["x"] for problems in drawn]
    assert np.array_equal(xs[0], xs[2]) and not np.array_equal(xs[0], xs[1])
    solved = catalogue.handed_in(catalogue.solution(first))
    for number in range(3):  # a hundred with python tests/hundred_seeds.py
        assert grade(first, solved, number, sandbox.command)["score"] == first.plan.points


def hand_in(folder, first, names):
    """Write the solution for each of these students."""
    folder.mkdir()
    for name in names:
        cells = catalogue.handed_in(catalogue.solution(first), name).cells
        (folder / f"{name}.py").write_text("\n# %%\n".join(cells), encoding="utf-8")


def test_one_bad_submission_never_stops_the_batch(first, tmp_path, monkeypatch):
    folder = tmp_path / "in"
    hand_in(folder, first, ["ada", "zoe"])
    (folder / "bob.ipynb").write_text("no notebook", encoding="utf-8")
    (folder / "eve").mkdir()
    (folder / "kim.py").write_bytes(b"\x00\xff")
    real = batch.grade

    def sometimes(assignment, handed_in, *rest):
        if handed_in.student == "zoe" and rest[1] is not None:
            raise RuntimeError("planted")
        return real(assignment, handed_in, *rest)

    monkeypatch.setattr(batch, "grade", sometimes)
    results = batch.grade_folder(first, folder, tmp_path / "out", "s", sandbox.command)
    scores = {result["student"]: result["score"] for result in results}
    assert scores == {"ada": 30, "bob": 0, "eve": 0, "kim": 0, "zoe": 0}
    assert "planted" in results[-1]["troubles"][0]
    with open(tmp_path / "out" / "grades.csv", encoding="utf-8") as file:
        assert [row["student"] for row in csv.DictReader(file)] == list(scores)
    monkeypatch.setattr(batch, "grade", real)  # what the grader failed on is tried again
    again = batch.grade_folder(first, folder, tmp_path / "out", "s", sandbox.command)
    assert again[-1]["score"] == 30
    for student in scores:
        told = json.loads((tmp_path / "out" / "gradescope" / student / "results.json").read_text())
        assert told["score"] == (30 if student in ("ada", "zoe") else 0)


def test_killed_and_started_again(first, tmp_path):
    """Signal 9 in the middle: what was graded is kept, the rest is graded, nothing twice."""
    folder, out = tmp_path / "in", tmp_path / "out"
    students = [f"s{n:02}" for n in range(14)]
    hand_in(folder, first, students)
    words = [sys.executable, "-m", "gmmtutor.grading", "grade", first.folder, folder, "-o", out]
    words = [*map(str, words), "--jobs", "2", "--seed", "s"]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    results = out / "results"
    until = time.monotonic() + 60
    while len(list(results.glob("*.json"))) < 4 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert 4 <= len(kept) < len(students)
    assert subprocess.call(words, stdout=subprocess.DEVNULL) == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept, "graded twice"
    found = {path.stem: json.loads(path.read_text())["score"] for path in results.glob("*.json")}
    assert found == dict.fromkeys(students, 30)
    (folder / "s03.py").write_text("a = 1", encoding="utf-8")  # handed in anew
    assert subprocess.call(words, stdout=subprocess.DEVNULL) == 0
    assert json.loads((results / "s03.json").read_text())["score"] == 0


def test_sandbox_ends_with_the_judge(tmp_path):
    """No worker goes on when the judge was killed."""
    code = (
        "import sys\nfrom gmmtutor.grading import run, sandbox\n"
        "print('ready', flush=True)\n"
        "run.run(['import time\\ntime.sleep(77)'], [], [], sandbox.command, run.Clock(cell=60))"
    )
    judge = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    judge.stdout.readline()
    time.sleep(1)
    judge.kill()
    judge.communicate()
    time.sleep(0.5)
    assert not workers_of(judge.pid)


def workers_of(parent):
    """Return the processes whose command line has our user of a sandbox made by this process."""
    user = sandbox.FIRST_USER + (parent * 97) % 1_000_000
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if b"worker.py" in words and str(user).encode() in words:
            found.append(entry)
    return found


def test_a_small_class(tmp_path, capsys):
    """Twenty of the three hundred of tests/class_of_300.py, one of them hostile."""
    assert class_of_300.main("20") == 0, capsys.readouterr().out
