"""Readers' tests are told what they let through."""

import numpy as np
import pytest

from gmmtutor import check, em, mixture
from gmmtutor.check.functions import TAKES
from gmmtutor.check.misconceptions import candidates
from gmmtutor.check.planted import _Planted, _visible
from gmmtutor.datasets import first_start, random_problem, second_start, seven_points
from gmmtutor.mixture import Mixture

X = seven_points()
FIRST, SECOND = first_start(), second_start()
R = mixture.responsibilities(X, SECOND)
SHARED = Mixture([0.2, 0.3, 0.5], [-2, 1, 5], [2, 0.5, 4])
FAR = np.array([0.0, -100.0])


def rows_sum_to_one(f):
    return np.allclose(f(X, FIRST).sum(axis=1), 1)


def by_hand(f):
    return np.allclose(f(FAR, SHARED), mixture.responsibilities(FAR, SHARED))


# --- the planted functions -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_the_right_function_is_the_packages(seed):
    points, model = random_problem(40, 1 + seed % 4, 1 + seed % 3, rng=seed)
    resp = mixture.responsibilities(points, model)
    flat = model.n_features == 1
    variances = model.variances if flat else model.covariances
    for arguments in ((points, model), (points, model.weights, model.means, variances)):
        assert np.allclose(_Planted("responsibilities")(*arguments), resp)
        total = _Planted("log_likelihood")(*arguments)
        assert np.isclose(total, mixture.log_likelihood(points, model)) and type(total) is float
    new = em.m_step(points, resp)
    weights, means, spreads = _Planted("m_step")(points, resp)
    assert np.allclose(weights, new.weights)
    assert np.allclose(means, new.means[:, 0] if flat else new.means)
    assert np.allclose(spreads, new.variances if flat else new.covariances)
    assert np.allclose(_Planted("counts")(resp), resp.sum(axis=0))


def test_arguments_go_by_name_too():
    f = _Planted("responsibilities")
    assert np.allclose(f(mixture=SECOND, x=X), R)
    assert np.allclose(f(X, SECOND.weights, SECOND.means, var=SECOND.variances), R)
    with pytest.raises(TypeError, match=r"call it as f\(X, mixture\)"):
        f(X)


@pytest.mark.parametrize("name", TAKES)
def test_every_planted_mistake_is_one_of_the_check(name):
    rows = _visible(name, 1)
    assert rows and set(rows) <= set(candidates(_Planted(name).name))


def test_a_planted_mistake_gives_what_its_student_gives():
    row = next(row for row in _visible("responsibilities", 1) if row.id == "no-weights")
    density = np.exp(mixture.component_log_prob(X, SECOND))
    wrong = _Planted("responsibilities", row)(X, SECOND)
    assert np.allclose(wrong, density / density.sum(axis=1, keepdims=True))


# --- tests of tests ------------------------------------------------------------------------------


def test_row_sums_let_most_mistakes_through():
    verdict = check.test_of("responsibilities", rows_sum_to_one)
    assert verdict.status == "wrong" and "no-weights" in verdict.misconceptions
    assert {"wrong-axis", "not-normalised"}.isdisjoint(verdict.misconceptions)
    assert "lets through 13 of 17 planted mistakes" in verdict.message
    hints = [verdict.hint(level) for level in range(1, 6)]
    assert hints[2].startswith("Try ") and hints[3].startswith("Read the page")
    assert "weights that differ" in hints[4]


def test_one_row_by_hand_and_a_far_point_catch_them_all():
    verdict = check.test_of("responsibilities", by_hand)
    assert verdict and "all 17 planted mistakes" in verdict.message
    near = check.test_of(
        "responsibilities",
        lambda f: np.allclose(f([0.0], SECOND), [[0.2375, 0.7124, 0.0501]], atol=5e-5),
    )
    assert near.misconceptions == ("underflow",)


def test_tests_may_assert():
    def asserting(f):
        assert by_hand(f)

    assert check.test_of("responsibilities", asserting)
    assert check.test_of("responsibilities", lambda f: check.function("responsibilities", f))


def test_mistakes_that_need_the_start():
    new = em.m_step(X, R)
    right = (new.weights, new.means[:, 0], new.variances)

    def blind(f):
        return all(map(np.allclose, f(X, R), right))

    def seeing(f):
        return all(map(np.allclose, f(X, R, SECOND), right))

    assert "all 14 planted" in check.test_of("m_step", blind).message
    assert "f(X, resp, start)" in check.test_of("m_step", blind).message
    assert check.test_of("m_step", seeing).message.endswith("catches all 16 planted mistakes.")


def test_own_functions_and_names():
    def old(x, resp, start):
        new = em.m_step(x, resp)
        return (resp * (x[:, np.newaxis] - start.means[:, 0]) ** 2).sum(axis=0), new

    planted = {"about old means": old, "the right one again": em.m_step}
    verdict = check.test_of("x", lambda f: f is em.m_step, right=em.m_step, planted=planted)
    assert verdict.misconceptions == ("the right one again",)
    assert check.test_of("x", lambda f: f is em.m_step, right=em.m_step, planted={"old": old})
    names = {em.m_step: "right", old: "sum"}
    verdict = check.test_of("x", names.get, right=em.m_step, planted={"old": old})
    assert verdict.status == "wrong" and "takes 'old' for 'sum'" in verdict.message
    names[old] = "old"
    assert check.test_of("x", names.get, right=em.m_step, planted={"old": old})
    chosen = check.test_of("responsibilities", rows_sum_to_one, planted=("no-weights",))
    assert chosen.misconceptions == ("no-weights",) and "1 of 1" in chosen.message


def _unwritten(f):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("test", "status", "word"),
    [
        (lambda f: None, "unanswered", "return True"),
        (_unwritten, "unanswered", "return True"),
        (lambda f: False, "unknown", "fails the right function"),
        (lambda f: "no-weights", "unknown", "says 'no-weights'"),
        (lambda f: f(X), "unreadable", "call it as"),
        (lambda f: 1 / 0, "unreadable", "ZeroDivisionError"),
        (lambda f: exit(), "unreadable", "SystemExit"),
        (lambda f: f(X, SECOND), "unreadable", "an array: put `.all()` behind it"),
        (lambda f: f(X, 3), "unreadable", "stops on the right function"),
        ("test", "unreadable", "Give the test itself"),
        (lambda: True, "unreadable", "TypeError"),
    ],
)
def test_tests_that_are_none_get_a_sentence(test, status, word):
    verdict = check.test_of("responsibilities", test)
    assert verdict.status == status and word in verdict.message
    assert all(verdict.hint(level) for level in range(1, 6)) and verdict._repr_html_()


def test_names_that_do_not_exist():
    with pytest.raises(ValueError, match="there is no check 'shares'"):
        check.test_of("shares", rows_sum_to_one)
    with pytest.raises(ValueError, match="is called no-such"):
        check.test_of("responsibilities", rows_sum_to_one, planted=("no-such",))
