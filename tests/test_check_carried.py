"""Who makes no mistake and rounds on the way is told of rounding, and of no mistake."""

from collections import Counter

import hand_students
import numpy as np
import pytest

from gmmtutor import check, mixture
from gmmtutor.check import carried
from gmmtutor.check.quantities import QUANTITIES, Part
from gmmtutor.check.reading import read
from gmmtutor.check.recipe import Work
from gmmtutor.mixture import Mixture

STUDENTS = 350  # for each number of decimals: a thousand in all


def asked(rng, points, start, digits):
    """Yield the verdicts on one student's matrix, on one row of it, and on the M-step."""
    resp = hand_students.shares(hand_students.densities(points, start, digits), digits)
    if resp is None:
        return
    said = {} if rng.random() < 0.5 else {"decimals": digits}
    yield "matrix", check.responsibilities(resp.tolist(), points, start, **said)
    n = int(rng.integers(len(points)))
    yield "row", check.responsibilities(resp[n].tolist(), points, start, at=n, **said)
    step = hand_students.m_step(points, resp, digits)
    if step is not None:
        answer = tuple(part.tolist() for part in step)
        yield "step", check.m_step(answer, points, resp, start, **said)
        k = int(rng.integers(len(step[2])))
        options = {"start": start, "at": k, **said}
        yield "variance", check.variances(step[2][k].item(), points, resp, **options)


@pytest.mark.parametrize("digits", [4, 3, 2])
def test_of_a_thousand_students_who_round_at_most_one_is_told_of_a_mistake(digits):
    rng, count, named = np.random.default_rng(digits), Counter(), []
    while count["matrix"] < STUDENTS:
        for kind, verdict in asked(rng, *hand_students.problem(rng), digits):
            count[kind] += 1
            count[kind, "right"] += bool(verdict)
            named += [verdict.message] if verdict.misconceptions else []
            count["told"] += "four significant digits" in verdict.message
    assert named == []
    assert count["told"] > 0 and count["step", "right"] > count["step"] / 2


@pytest.mark.parametrize(
    ("points", "start", "answer"),
    [
        (
            [-3, 0, 2, 4],
            Mixture([0.3, 0.7], [-1, 2], [0.5, 2]),
            [[0.8857, 0.1143], [0.4615, 0.5385], [0, 1], [0, 1]],
        ),
        (
            [-4, 2, 4, 5],
            Mixture([0.2, 0.8], [-1, 2], [0.5, 4]),
            [["0.0000", "1.0000"], [0, 1], [0, 1], [0, 1]],
        ),
    ],
)
def test_small_densities_rounded_away_are_told(points, start, answer):
    verdict = check.responsibilities(answer, points, start)
    assert verdict.status == "unknown" and verdict.misconceptions == ()
    assert "Small densities rounded to too few digits" in verdict.message
    assert "carry four significant digits" in verdict.hint(3)


def test_old_means_that_rounding_cannot_tell_from_new_ones_are_no_mistake():
    points, start = [-3, -1, 2, 4], Mixture([0.3, 0.7], [-2, 3], [1.5, 0.8])
    resp = mixture.responsibilities(points, start).round(4)
    answer = [0.5006, 0.4994], [-1.9945, 3.001], [1.021, 1.0015]
    verdict = check.m_step(answer, points, resp, start=start)
    assert verdict and "rounded" in verdict.notes[0] and "old means" in verdict.notes[1]


def test_zeros_and_ones_are_a_mistake_where_points_are_shared():
    hard = [["1.0000", "0.0000"], ["0.0000", "1.0000"]]
    shared = Mixture([0.5, 0.5], [-1, 1], [2, 2])
    verdict = check.responsibilities(hard, [-0.5, 0.5], shared)
    assert "hard-assignment" in verdict.misconceptions


def test_zeros_that_python_drops_in_one_part_of_a_step():
    points, resp = [-1, 0, 2], np.array([[0.9, 0.1], [0.7, 0.3], [0.19, 0.81]])
    weights, means, spreads = [0.597, 0.403], [-0.29, 1.256], [0.909, 0.827]
    right = np.round(resp.sum(axis=0) / 3, 3)
    assert right.tolist() == weights
    means = (resp.T @ points / resp.sum(axis=0)).round(3).tolist()
    centred = (np.array(points)[:, np.newaxis] - resp.T @ points / resp.sum(axis=0)) ** 2
    spreads = ((resp * centred).sum(axis=0) / resp.sum(axis=0)).round(3).tolist()
    assert check.m_step((weights, means, spreads), points, resp)
    verdict = check.m_step(([0.6, 0.4], means, spreads), points, resp)
    assert not verdict  # .597 and .403 are not .600 and .400


@pytest.mark.parametrize("digits", [2, 3, 4])
def test_the_reach_of_rounding_holds_what_students_come_to(digits):
    rng = np.random.default_rng(10 + digits)
    for _ in range(200):
        points, start = hand_students.problem(rng)
        joint = hand_students.densities(points, start, digits)
        given = {key: getattr(start, key) for key in ("weights", "means", "covariances")}
        work = Work(given | {"X": points[:, np.newaxis]})
        assert holds("density", joint.sum(axis=1), work, digits)
        resp = hand_students.shares(joint, digits)
        assert resp is None or holds("responsibilities", resp, work, digits)
        step = None if resp is None else hand_students.m_step(points, resp, digits)
        if step is not None:
            update = Work({"X": points[:, np.newaxis], "resp": resp})
            assert holds("weights", step[0], update, digits)
            assert holds("means", step[1], update, digits)


def holds(name, values, work, digits):
    answer = read(values.tolist(), digits)
    return carried.explains(Part(QUANTITIES[name], answer), work)


def test_a_mistake_in_many_shared_rows_is_named_though_each_row_may_be_rounding():
    """Twelve rows agree with the mistake to the last digit, which rounding would not do."""
    points = np.linspace(-2, 3, 12)
    start = Mixture([0.45, 0.55], [-1, 2], [2, 2])
    wrong = Mixture([0.5, 0.5], start.means, start.covariances)
    answer = mixture.responsibilities(points, wrong).round(2)
    assert check.responsibilities(answer, points, start).misconceptions == ("no-weights",)
