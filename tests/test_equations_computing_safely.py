"""The numbered equations of the chapter on computing safely, against exact arithmetic."""

import math
import operator
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import gmmtutor as gm
from gmmtutor.frame import summarise

SEEDS = range(5)
UNIT = {np.float64: 2.0**-53, np.float32: 2.0**-24}
LAMBDA = {np.float64: 1075 * math.log(2), np.float32: 150 * math.log(2)}


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mpmath.workdps(50):
        yield


def fractions(values):
    return [Fraction(float(value)) for value in values]


def one_after_the_other(values):
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


@pytest.mark.equation("eq-rounding-model")
@pytest.mark.parametrize("number_type", [np.float64, np.float32])
@pytest.mark.parametrize("seed", SEEDS)
def test_each_operation_is_right_but_for_one_rounding(seed, number_type):
    rng = np.random.default_rng(seed)
    a, b = (number_type(v) for v in rng.normal(size=2) * 10.0 ** rng.uniform(-6, 6, size=2))
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv):
        exact = operation(*fractions([a, b]))
        computed = operation(a, b)
        assert type(computed) is number_type
        error = abs(Fraction(float(computed)) - exact)
        assert error <= Fraction(UNIT[number_type]) * abs(exact)
    root = np.sqrt(abs(a))
    off = abs(mpmath.mpf(float(root)) / mpmath.sqrt(abs(float(a))) - 1)
    assert off <= UNIT[number_type] * (1 + 1e-6)


@pytest.mark.equation("eq-underflow-distance")
@pytest.mark.parametrize("number_type", [np.float64, np.float32])
@pytest.mark.parametrize("variance", [1e-6, 0.2, 1.0, 3.0, 1e4])
def test_density_is_0_from_the_stated_distance_on(variance, number_type):
    """A little before it the density in 50 digits rounds to a positive number, after it to 0."""
    z = math.sqrt(2 * LAMBDA[number_type] - math.log(2 * math.pi * variance))
    for distance, vanishes in ((z - 1e-6, False), (z + 1e-6, True)):
        log_density = -mpmath.log(2 * mpmath.pi * variance) / 2 - mpmath.mpf(distance) ** 2 / 2
        least = mpmath.mpf(2) ** (-1074 if number_type is np.float64 else -149)
        assert (mpmath.exp(log_density) <= least / 2) == vanishes
        assert (number_type(float(mpmath.exp(log_density))) == 0) == vanishes


@pytest.mark.equation("eq-log-sum-exp-steady")
@pytest.mark.parametrize("seed", SEEDS)
def test_log_sum_exp_does_not_amplify(seed):
    rng = np.random.default_rng(seed)
    for _ in range(50):
        n_terms, size = int(rng.integers(1, 8)), 10.0 ** rng.uniform(-6, 2)
        a, e = rng.normal(scale=20, size=n_terms), rng.normal(scale=size, size=n_terms)

        def exact(values):
            return mpmath.log(sum(mpmath.exp(value) for value in values))

        a, e = [mpmath.mpf(float(v)) for v in a], [mpmath.mpf(float(v)) for v in e]
        moved = abs(exact([x + y for x, y in zip(a, e, strict=True)]) - exact(a))
        assert moved <= max(abs(v) for v in e) * (1 + mpmath.mpf(10) ** -40)
        shift = mpmath.mpf("0.7")
        assert abs(exact([v + shift for v in a]) - exact(a) - shift) < mpmath.mpf(10) ** -45


@pytest.mark.equation("eq-log-sum-exp-error")
@pytest.mark.parametrize("n_terms", [1, 2, 3, 10, 50])
@pytest.mark.parametrize("offset", [0, -1, -1000, 1e5])
def test_log_sum_exp_within_its_bound(n_terms, offset):
    rng = np.random.default_rng(n_terms)
    for scale in (0.01, 1, 30):
        a = offset + rng.normal(scale=scale, size=(60, n_terms))
        for row, computed in zip(a, gm.log_sum_exp(a), strict=True):
            exact = mpmath.log(sum(mpmath.exp(mpmath.mpf(float(v))) for v in row))
            bound = UNIT[np.float64] * (abs(exact) + 2 * n_terms + 2)
            assert abs(mpmath.mpf(float(computed)) - exact) <= bound * (1 + 1e-9)


@pytest.mark.equation("eq-share-near-one")
@pytest.mark.parametrize("t", [-5.0, 0.0, 0.3, 2.0, 40.0, 700.0])
def test_share_near_one_and_its_complement(t):
    exact = 1 / (1 + mpmath.exp(-mpmath.mpf(t)))
    log_share = -np.log1p(np.exp(-t))
    assert log_share == pytest.approx(float(mpmath.log(exact)), rel=1e-14)
    with mpmath.workdps(400):  # the complement of 700 needs them
        rest = 1 - 1 / (1 + mpmath.exp(-mpmath.mpf(t)))
    assert -np.expm1(log_share) == pytest.approx(float(rest), rel=1e-13)
    assert np.exp(-t) / (1 + np.exp(-t)) == pytest.approx(float(rest), rel=1e-13)


@pytest.mark.equation("eq-pivot-variance")
@pytest.mark.parametrize("seed", SEEDS)
def test_every_pivot_gives_the_variance(seed):
    rng = np.random.default_rng(seed)
    x = fractions(rng.normal(10, 3, size=int(rng.integers(2, 30))))
    mean = sum(x) / len(x)
    variance = sum((v - mean) ** 2 for v in x) / len(x)
    for c in (Fraction(0), x[0], mean, Fraction(float(rng.normal(scale=100)))):
        y = [v - c for v in x]
        assert sum(v * v for v in y) / len(y) - (sum(y) / len(y)) ** 2 == variance


@pytest.mark.equation("eq-cancellation")
@pytest.mark.parametrize("number_type", [np.float64, np.float32])
@pytest.mark.parametrize("seed", SEEDS)
def test_error_of_the_pivot_formula_within_its_bound(seed, number_type):
    rng = np.random.default_rng(seed)
    for offset in (0.0, 1.0, 1e2, 1e3):
        x = (rng.normal(size=50) + offset).astype(number_type)
        exact = fractions(x)
        mean = sum(exact) / len(x)
        variance = sum((v - mean) ** 2 for v in exact) / len(x)
        for c in (number_type(0), x[0], x.mean()):
            y = x - c
            n = number_type(len(x))
            average = one_after_the_other(y) / n
            computed = one_after_the_other(y * y) / n - average * average
            assert computed.dtype == number_type
            error = abs(Fraction(float(computed)) - variance) / variance
            far = 1 + float((mean - Fraction(float(c))) ** 2 / variance)
            assert error <= (3 * len(x) + 7) * UNIT[number_type] * far * (1 + 1e-3)


@pytest.mark.equation("eq-merge-deviations")
@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_merge_exactly_and_the_package_merges_so(seed):
    rng = np.random.default_rng(seed)
    x = 1e6 + rng.normal(size=int(rng.integers(5, 40)))
    cut = int(rng.integers(1, len(x)))

    def moments(values):
        mean = sum(values) / len(values)
        return len(values), mean, sum((v - mean) ** 2 for v in values)

    exact = fractions(x)
    (n_a, m_a, s_a), (n_b, m_b, s_b) = moments(exact[:cut]), moments(exact[cut:])
    total = s_a + s_b + Fraction(n_a * n_b, n_a + n_b) * (m_a - m_b) ** 2
    assert total == moments(exact)[2]
    merged = summarise(x[:cut]).merge(summarise(x[cut:]))
    assert merged.scatter[0, 0] == pytest.approx(float(total), rel=1e-8)


@pytest.mark.equation("eq-sum-rounding")
@pytest.mark.parametrize("number_type", [np.float64, np.float32])
@pytest.mark.parametrize("seed", SEEDS)
def test_sum_in_any_order_within_its_bound(seed, number_type):
    rng = np.random.default_rng(seed)
    terms = (rng.normal(size=200) * 10.0 ** rng.uniform(-3, 3, size=200)).astype(number_type)
    exact = sum(fractions(terms))
    bound = (len(terms) - 1) * UNIT[number_type] * float(sum(map(abs, fractions(terms))))
    for ordered in (terms, terms[::-1], np.sort(terms), rng.permutation(terms)):
        assert abs(Fraction(float(one_after_the_other(ordered))) - exact) <= bound * (1 + 1e-4)
        assert abs(Fraction(float(ordered.sum())) - exact) <= bound * (1 + 1e-4)
