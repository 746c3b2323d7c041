"""Each assignment is proved sound, and each gate notices what it is there for.

Here a sample of the mutations is planted; all of them with ``python -m gmmtutor.grading prove``.
"""

import copy
from dataclasses import replace

import pytest
from sandboxes import needs_sandbox
from test_grading_build import FOLDER, SLUGS

from gmmtutor.grading import assignment, catalogue, prove, sandbox, tasks

pytestmark = [needs_sandbox, pytest.mark.slow]
SAMPLE = 12  # mutations
HERE = [gate for gate in prove.GATES if gate is not prove.attacks_gain_nothing]


@pytest.fixture(scope="module", params=SLUGS)
def trial(request):
    """An assignment; the attacks are all made on the first, as they know nothing of the others."""
    loaded = assignment.load(FOLDER / request.param)
    return prove.Trial(loaded, sandbox.command, "tests", seeds=1, most_mutants=SAMPLE, show=False)


@pytest.mark.parametrize("gate", HERE, ids=lambda gate: gate.__name__)
def test_gate(trial, gate):
    if not trial.known:
        entries = [e for e in catalogue.entries(trial.assignment) if e.kind != "attack"]
        results = trial.grade_all([entry.submission() for entry in entries])
        trial.known.update({e.name: (e, r) for e, r in zip(entries, results, strict=True)})
        attacks = [e for e in catalogue.entries(trial.assignment) if e.kind == "attack"]
        trial.known.update({e.name: (e, None) for e in attacks})
    faults = list(gate(trial))
    assert not faults, "\n".join(faults)


def test_attacks():
    loaded = assignment.load(FOLDER / "responsibilities")
    trial = prove.Trial(loaded, sandbox.command, "tests", show=False)
    entries = [e for e in catalogue.entries(loaded) if e.kind == "attack"]
    results = trial.grade_all([entry.submission() for entry in entries])
    trial.known.update({e.name: (e, r) for e, r in zip(entries, results, strict=True)})
    faults = list(prove.attacks_gain_nothing(trial))
    assert not faults, "\n".join(faults)
    assert trial.known["attack_noise"][1]["tampered"]


# --- each gate fails where it should ---------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    """The first assignment, cut down to its counts: quick to prove."""
    loaded = assignment.load(FOLDER / "responsibilities")
    task = next(task for task in loaded.plan.tasks if task.grade_id == "counts")
    plan = tasks.Plan("Counts", (task,), catalogue={})
    return replace(loaded, plan=plan, equivalent={})


def entry(loaded, kind, code, loses=()):
    cells = (*catalogue.solution(loaded), code)
    return catalogue.Entry(f"{kind}_x", kind, cells, dict(loses))


def trial_of(loaded, *entries):
    made = prove.Trial(loaded, sandbox.command, "s", seeds=1, show=False)
    results = made.grade_all([e.submission() for e in entries])
    made.known.update({e.name: (e, r) for e, r in zip(entries, results, strict=True)})
    made.known.setdefault("none", (catalogue.Entry("none", "none", (), {}), None))
    return made


AXIS = "def effective_counts(resp):\n    return resp.sum(axis=1)"


def test_a_catalogue_that_says_the_truth_passes(small):
    found = trial_of(small, entry(small, "wrong", AXIS, [("counts", "wrong-axis")]))
    assert not list(prove.wrong_lose_what_they_say(found))
    assert not list(prove.every_check_is_needed(found))


@pytest.mark.parametrize(
    ("code", "loses", "words"),
    [
        ("", [("counts", "")], "loses [], and should lose ['counts']"),
        (AXIS, [("counts", "transposed")], "not 'transposed'"),
        (AXIS, [("counts", "")], "gives the reason ['wrong-axis']"),
    ],
)
def test_a_wrong_submission_that_loses_something_else_is_found(small, code, loses, words):
    found = trial_of(small, entry(small, "wrong", code, loses))
    assert words in "\n".join(prove.wrong_lose_what_they_say(found))


def test_a_cell_that_was_left_out_proves_nothing(small):
    one = entry(small, "wrong", "", [("counts", "")])
    told = {"troubles": ["Cell 3: it did not come back within 10 seconds; it was left out."]}
    assert list(prove._left_out(one, told)) and not list(prove._left_out(one, {"troubles": []}))


def test_a_correct_submission_that_loses_points_is_found(small):
    found = trial_of(small, entry(small, "correct", AXIS))
    assert "correct_x loses" in "\n".join(prove.correct_earn_all(found))


def test_a_check_that_nobody_needs_is_found(small):
    assert list(prove.every_check_is_needed(trial_of(small))) == [
        "No wrong submission is caught by counts alone."
    ]


def test_a_catalogue_that_is_too_small_is_found(small):
    few = replace(small, plan=replace(small.plan, catalogue={"attack": 1}))
    assert list(prove.catalogue_is_large_enough(trial_of(few)))


def test_an_attack_that_gains_is_found(small):
    solved = entry(small, "attack", "")
    found = trial_of(small, solved)
    assert "attack_x earns 2" in "\n".join(prove.attacks_gain_nothing(found))


def test_checks_that_are_too_weak_are_found(small):
    weak = replace(small.plan.tasks[0].checks[0], problems=lambda rng: weak_problems())
    plan = replace(small.plan, tasks=(replace(small.plan.tasks[0], checks=(weak,)),))
    ids = [
        cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in small.notebook["cells"]
    ]
    cells = [small.notebook["cells"][ids.index("answer-counts")]]
    only = replace(small, plan=plan, notebook={"cells": cells, "metadata": {}})
    faults = list(prove.mutations_die(trial_of(only)))
    assert any("axis" in fault or "0 -> 1" in fault for fault in faults)


def weak_problems():
    import numpy as np

    resp = np.array([[0.5, 0.5], [0.5, 0.5]])  # rows and columns have the same sums
    yield tasks.Problem({"resp": resp}, tasks.given_resp("counts", np.zeros(2), resp))


def test_a_solution_that_is_wrong_is_found(small):
    broken = copy.deepcopy(small)
    for cell in broken.notebook["cells"]:
        cell["source"] = [line.replace("resp.sum(axis=0)", "resp") for line in cell["source"]]
    assert list(prove.solution_earns_all(trial_of(broken)))


def test_a_blank_copy_that_earns_points_is_found(small):
    lucky = copy.deepcopy(small)
    for cell in lucky.notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "before":
            cell["cell_type"] = "code"
            cell["source"] = ["def effective_counts(resp):\n", "    return resp.sum(axis=0)"]
    assert "The blank submission earns 2 points." in list(
        prove.blank_earns_nothing(trial_of(lucky))
    )


def test_an_entry_without_a_reason_is_an_error(tmp_path, small):
    (tmp_path / "slug" / "submissions").mkdir(parents=True)
    moved = replace(small, folder=tmp_path / "slug")
    for name, text in (("odd_x", ""), ("wrong_x", '"""loses: nothing"""'), ("wrong_y", "")):
        path = tmp_path / "slug" / "submissions" / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(assignment.BadAssignment):
            catalogue.entries(moved)
        path.unlink()
