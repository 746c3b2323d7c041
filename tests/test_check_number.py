"""Any other number, and choices: right to the digits given, named if it is a listed mistake."""

import math
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import pytest

from gmmtutor import check

SHARE = {"the weights are left out": 0.5, "the variance goes to `scale`": 0.4128}


def share(answer, **options):
    return check.number(answer, 1 / 3, name="the share", mistakes=SHARE, **options)


@pytest.mark.parametrize(
    ("answer", "expected", "status"),
    [
        (0.33, 1 / 3, "right"),
        ("1/3", 1 / 3, "right"),
        (Fraction(1, 3), 1 / 3, "right"),
        (1 / 3, 1 / 3, "right"),
        (np.float32(1 / 3), 1 / 3, "right"),
        ("33.3%", 1 / 3, "right"),
        ("0,333", 1 / 3, "right"),
        ([1 / 3], 1 / 3, "right"),
        (0.34, 1 / 3, "unknown"),
        (0.3334, 1 / 3, "unknown"),
        (0.3, 1 / 3, "few-digits"),
        (0, 1 / 3, "few-digits"),
        (0.5, 0.5, "right"),
        (-28.3, -28.2987, "right"),
        (-28, -28.2987, "few-digits"),
        (28.3, -28.2987, "unknown"),
        (123456, 123456.2, "right"),
        (123457, 123456.2, "unknown"),
        (120000, 123456.2, "few-digits"),
        ("1.2e5", 123456.2, "few-digits"),
        (24, 24, "right"),
        ("24.00", 24, "right"),
        (20, 24, "unknown"),
        (1.1e-6, 1.127e-6, "right"),
        (1e-6, 1.127e-6, "few-digits"),
        ("0.00", 1.127e-6, "few-digits"),
        (0, 0, "right"),
        (1e-17, 0, "right"),
        ([0.12, 0.25, 0.63], [0.125, 0.25, 0.625], "right"),
        ([123, 1], [123.4, 0.6], "few-digits"),
        (math.nan, 1 / 3, "unknown"),
        (math.inf, 1 / 3, "unknown"),
        ([1, 2], 1.5, "unreadable"),
        ("a third", 1 / 3, "unreadable"),
        (1j, 1 / 3, "unreadable"),
        (True, 1 / 3, "unreadable"),
        (None, 1 / 3, "unanswered"),
        ([None, None], [1, 2], "unanswered"),
        (..., 1 / 3, "unanswered"),
    ],
)
def test_right_to_the_digits_that_suffice(answer, expected, status):
    verdict = check.number(answer, expected)
    assert verdict.status == status and bool(verdict) == (status == "right")
    assert all(verdict.hint(level) for level in range(1, 6))
    assert verdict.message.endswith((".", "?")) and "<div" in verdict._repr_html_()


@pytest.mark.parametrize("seed", range(100))
def test_any_rounding_of_the_truth_is_right_and_its_neighbours_are_not(seed):
    rng = np.random.default_rng(seed)
    truth = float(rng.normal() * 10.0 ** rng.integers(-6, 7))
    size = math.floor(math.log10(abs(truth)))
    least = max(0, 2 - size) if size >= 0 else 1 - size
    for decimals in range(least, least + 4):
        unit = Decimal(1).scaleb(-decimals)
        rounded = Decimal(truth).quantize(unit, ROUND_HALF_EVEN)
        assert check.number(str(rounded), truth), (rounded, truth)
        assert check.number(float(rounded), truth)
        for wrong in (rounded + unit, rounded - unit) if decimals + size < 6 else ():
            assert not check.number(str(wrong), truth), (wrong, truth)


def test_decimals_that_the_exercise_asks_for():
    assert check.number(0.579, 0.5788, decimals=3) and check.number(0.57881, 0.5788, decimals=3)
    assert check.number(0.6, 0.5788, decimals=1)
    short = check.number(0.58, 0.5788, decimals=3)
    assert short.status == "few-digits" and "at least 3 decimals" in short.message
    assert check.number(0.57, 0.5788, decimals=3).status == "unknown"
    assert check.number(0.5, 0.5001, decimals=3)
    assert check.number(0.5, 0.5, decimals="three").status == "unreadable"


@pytest.mark.parametrize(
    ("answer", "expected", "status"),
    [
        (72.0, 71.98, "right"),
        ("72.0", 71.98, "right"),
        (72, 71.98, "few-digits"),
        ("72", 71.98, "few-digits"),
        (72.0, 71.94, "few-digits"),
        (2.5, 2.497, "right"),
        (np.float64(2.5), 2.497, "right"),
        ("2.5", 2.497, "few-digits"),
        (2.5, 2.494, "few-digits"),
        ([72.0, 82.0], [71.98, 81.96], "right"),
        ([72, 82], [71.98, 81.96], "few-digits"),
        (1e-6, 1.02e-6, "right"),
        (0.0, 0.0031, "few-digits"),
    ],
)
def test_zeros_that_python_drops_are_not_missed(answer, expected, status):
    verdict = check.number(answer, expected)
    assert verdict.status == status
    floats = not isinstance(answer, str | int | list)
    assert ("in quotes" in verdict.message) == (floats and status == "few-digits")


def test_zeros_are_not_supplied_where_a_mistake_gives_the_same_digits():
    mistakes = {"the weights are left out": 2.52}
    verdict = check.number(2.5, 2.497, mistakes=mistakes)
    assert verdict.status == "few-digits" and "in quotes" in verdict.message
    assert check.number("2.50", 2.497, mistakes=mistakes)
    assert check.number(2.52, 2.497, mistakes=mistakes).misconceptions == (*mistakes,)


def test_a_listed_mistake_is_named():
    for answer in (0.5, "0.50", 0.4128, 0.413, 0.41):
        verdict = share(answer)
        (clause,) = verdict.misconceptions
        assert verdict.status == "wrong" and math.isclose(
            SHARE[clause], float(answer), abs_tol=0.01
        )
        assert f"what you get if {clause}." in verdict.message
    assert share(0.4).status == "few-digits" and "to say why" in share(0.4).message
    assert share(0.6).status == "unknown" and share(0.6).misconceptions == ()


def test_a_right_answer_is_told_which_mistake_it_does_not_exclude():
    verdict = check.number("1/2", 0.5, mistakes={"the weights are left out": 0.5})
    assert verdict and verdict.misconceptions == ()
    assert verdict.notes == (
        "The same number comes out if the weights are left out; other data tell them apart.",
    )
    assert "more digits tell" in check.number(0.33, 1 / 3, mistakes={"one rounds": 0.334}).message
    assert not check.number("1/3", 1 / 3, mistakes={"one rounds": 0.334}).notes


def test_a_short_exact_answer_is_not_told_of_mistakes_nearby():
    assert check.number(1, 1, mistakes={"a root stands there": 0.7071}).notes == ()
    assert check.number(1, 0.99999, within=1e-3, mistakes={"a root": 0.7071}).notes == ()


def test_the_right_numbers_in_another_order_are_told():
    verdict = check.number([1.24, -2.57], [-2.571, 1.238])
    assert verdict.status == "unknown" and "in another order" in verdict.message


def test_mistakes_of_another_shape_and_without_a_number():
    table = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 7.0]])
    mistakes = {"the axis is 0": table.sum(axis=0), "the log is taken of 0": np.nan}
    verdict = check.number(table.sum(axis=0), table.sum(axis=1), mistakes=mistakes)
    assert verdict.status == "wrong" and verdict.misconceptions == ("the axis is 0",)
    assert "transposed" in check.number(table.T, table).message
    assert "transpose it" in check.number(table[:2].T, table[:2]).message
    assert check.number(table[1], table, at=1) and check.number(5, table, at=(1, 1))
    assert check.number(2.25, table, at=(9, 1)).status == "unreadable"
    wrong = check.number(2.25, table, at=(1, 1), mistakes={"rows are added": table - 2.75})
    assert wrong.misconceptions == ("rows are added",)


def test_where_an_array_is_off():
    right = np.array([[0.125, 0.25], [0.5, 0.625], [0.75, 0.875]])
    off = right.copy()
    off[2, 1] = 0.6
    assert "entry [2, 1] is off" in check.number(off, right).message
    assert check.number([1, 2, 4], [1, 2, 3]).where == "entry 2 is off"
    assert "every one of the 6" in check.number(right + 0.3, right).message
    assert "the same amount, 0.3" in check.number(right + 0.3, right).message
    assert "2 of 6 entries" in check.number(off - [[0.2, 0], [0, 0], [0, 0]], right).message


def test_the_ladder_of_a_number():
    verdict = share(0.5)
    hints = [verdict.hint() for _ in range(5)]
    assert "0.5" in hints[0] and hints[1] == "The share is off."
    assert "if the weights are left out" in hints[2] and "solution" in hints[3]
    assert hints[4] == "The right answer: 0.33."
    assert share(-0.4).hint(1).startswith("Which sign")
    assert share(40.25).hint(1).startswith("Roughly how large")
    assert share(0.4128, question="Is it above one half?").hint(1) == "Is it above one half?"


@pytest.mark.parametrize(
    "options",
    [
        {"expected": np.nan},
        {"expected": "x"},
        {"expected": None},
        {"expected": 1, "mistakes": [2]},
        {"expected": 1, "mistakes": {"a": "x"}},
        {"expected": 1, "at": "row"},
    ],
)
def test_a_badly_set_exercise_gets_a_sentence(options):
    verdict = check.number(1, **options)
    assert verdict.status == "unreadable" and verdict.message.endswith(".")


def test_a_choice():
    options = ("yes", "no", "not without more data")
    why = {"yes": "An eighth point may lie elsewhere.", "no": "Only the means move."}

    def judged(answer):
        return check.choice(answer, "no", options=options, why=why)

    assert judged("no") and judged(" NO ") and judged(False) and judged(np.bool_(False))
    assert judged("no").message == "Right. Only the means move."
    assert judged("yes").status == "wrong" and "eighth point" in judged("y").message
    assert judged("yes").hint(5) == "The right answer: 'no'. Only the means move."
    assert judged("Not w").message == "Not 'not without more data'."
    assert judged(None).status == "unanswered"
    for answer in ("", "maybe", "n", 3, ["no"], {}, 1j):
        assert judged(answer).status == "unreadable" and "'yes'" in judged(answer).message
    assert check.choice("a", "c", options=("a", "b")).status == "unreadable"
    assert check.choice("a", "b", options=("a", "b"), why={"d": "x"}).status == "unreadable"


def test_a_truth_that_was_simulated():
    seen = 0.10468  # by draws; 0.1039 in truth
    for answer in (0.1039, "0.104", 0.104):
        assert check.number(answer, seen, within=0.005)
    assert check.number(0.1039, seen).status == "unknown"
    assert check.number(0.0255, seen, within=0.005, mistakes={"a": 0.0252}).status == "wrong"
    for within in (-1, [1, 2], "wide", np.nan):
        assert check.number(1, 1, within=within).status == "unreadable"


def test_tiny_numbers_are_written_as_such():
    gap = float(np.spacing(2.5e6)) / 1e6  # 4.66e-16
    assert check.number("4.7e-16", gap).message == "Right, to the digits given."
    wrong = check.number(2.3e-16, gap, mistakes={"u alone": 2.0**-53})
    assert "2.3e-16" in wrong.ladder[0] and "e-16" in wrong.ladder[-1]
    assert check.number(0.33, 1 / 3).message == "Right, to the 2 decimals given."
