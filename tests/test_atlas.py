"""Every line of the atlas anew: stationary points in 50 digits, shares on a small scale."""

import itertools
import json

import atlas
import mpmath
import numpy as np
import pytest

import gmmtutor as gm
from gmmtutor import starts

CHART = json.loads(atlas.FILE.read_text(encoding="utf-8"))
K_VALUES = (2, 3)
STATIONARY = [
    (k, kind, entry)
    for k in K_VALUES
    for kind in ("optima", "saddles")
    for entry in CHART["components"][str(k)][kind]
]
FEW = 400  # starts a scheme


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mpmath.workdps(50):
        yield


def exact_log_likelihood(free, n_components):
    """Of free coordinates, term by term, in 50 digits."""
    logs = [*free[: n_components - 1], mpmath.mpf(0)]
    means = free[n_components - 1 : 2 * n_components - 1]
    variances = [mpmath.exp(v) for v in free[2 * n_components - 1 :]]
    total = sum(mpmath.exp(a) for a in logs)
    value = mpmath.mpf(0)
    for x in atlas.SEVEN:
        parts = zip(logs, means, variances, strict=True)
        density = sum(
            mpmath.exp(a - (mpmath.mpf(float(x)) - m) ** 2 / (2 * v))
            / mpmath.sqrt(2 * mpmath.pi * v)
            for a, m, v in parts
        )
        value += mpmath.log(density / total)
    return value


def exact_derivatives(entry, n_components, step="1e-12"):
    """Gradient and Hessian by differences in 50 digits."""
    free = [mpmath.mpf(float(v)) for v in atlas.to_free(atlas.of(entry))]
    size, h = len(free), mpmath.mpf(step)

    def at(*bumps):
        moved = list(free)
        for i, sign in bumps:
            moved[i] += sign * h
        return exact_log_likelihood(moved, n_components)

    gradient = [(at((i, 1)) - at((i, -1))) / (2 * h) for i in range(size)]
    hessian = np.zeros((size, size))
    for i, j in itertools.combinations_with_replacement(range(size), 2):
        signs = itertools.product((1, -1), repeat=2)
        four = sum(a * b * at((i, a), (j, b)) for a, b in signs)
        hessian[i, j] = hessian[j, i] = float(four / (4 * h * h))
    return np.array(gradient, dtype=float), hessian


@pytest.mark.parametrize(("k", "kind", "entry"), STATIONARY)
def test_listed_points_are_stationary_and_of_their_kind(k, kind, entry):
    gradient, hessian = exact_derivatives(entry, k)
    assert np.abs(gradient).max() < 1e-8
    eigenvalues = np.linalg.eigvalsh(hessian)
    np.testing.assert_allclose(eigenvalues, entry["eigenvalues"], rtol=1e-5, atol=1e-5)
    assert (eigenvalues[-1] < -1e-3) == (kind == "optima")
    assert (eigenvalues[-1] > 1e-3) == (kind == "saddles")
    exact = exact_log_likelihood([mpmath.mpf(v) for v in atlas.to_free(atlas.of(entry))], k)
    assert entry["log_likelihood"] == pytest.approx(float(exact), abs=1e-9)


@pytest.mark.parametrize("k", K_VALUES)
def test_optima_stand_still_under_em_and_differ(k):
    optima = [atlas.of(entry) for entry in CHART["components"][str(k)]["optima"]]
    assert len(optima) == {2: 3, 3: 2}[k]
    for mixture in optima:
        once = gm.m_step(atlas.SEVEN, gm.responsibilities(atlas.SEVEN, mixture))
        np.testing.assert_allclose(once.means, mixture.means, atol=1e-8)
        np.testing.assert_allclose(once.covariances, mixture.covariances, atol=1e-8)
    for one, other in itertools.combinations(optima, 2):
        assert np.abs(gm.align(one, other).means - other.means).max() > 0.1


@pytest.mark.parametrize("k", K_VALUES)
@pytest.mark.parametrize("scheme", atlas.SCHEMES)
def test_shares_on_a_small_scale(k, scheme):
    """Other starts of the same schemes: each count within five standard errors of the atlas."""
    chart = CHART["components"][str(k)]
    again = atlas.counted(atlas.ends(atlas.drawn(scheme, k, FEW, seed=1)), chart["optima"])
    listed = np.array(chart["ends"][scheme])
    assert listed.sum() == CHART["n_starts"]
    share = listed / listed.sum()
    error = np.sqrt(share * (1 - share) * (1 / FEW + 1 / listed.sum()))
    assert (np.abs(np.array(again) / FEW - share) <= 5 * error + 1 / FEW).all()


@pytest.mark.parametrize("k", K_VALUES)
def test_every_hard_assignment_ends_where_the_atlas_says(k):
    chart = CHART["components"][str(k)]
    found = atlas.ends(list(atlas.hard_assignments(k)))
    assert atlas.counted(found, chart["optima"]) == chart["ends"]["all hard assignments"]


@pytest.mark.parametrize("k", K_VALUES)
def test_exact_shares_of_random_points(k):
    """This scheme has only 7 over K starts, all equally likely, so its shares are fractions."""
    chart = CHART["components"][str(k)]
    subsets = list(itertools.combinations(range(7), k))
    all_starts = [starts.around(atlas.SEVEN[:, None], atlas.SEVEN[list(s), None]) for s in subsets]
    exact = np.array(atlas.counted(atlas.ends(all_starts), chart["optima"])) / len(subsets)
    listed = np.array(chart["ends"]["random points"]) / CHART["n_starts"]
    error = np.sqrt(exact * (1 - exact) / CHART["n_starts"])
    assert (np.abs(listed - exact) <= 4 * error).all()
    if k == 3:
        np.testing.assert_allclose(35 * exact, [12, 14, 9, 0])


@pytest.mark.parametrize("k", K_VALUES)
def test_the_gradient_and_the_hunt(k):
    """The gradient of the tool against differences; Newton comes back to a point it has left."""
    rng = np.random.default_rng(k)
    free = atlas.to_free(atlas.wide_net(atlas.SEVEN, k, rng))

    def value(free):
        return gm.log_likelihood(atlas.SEVEN, gm.Mixture(*atlas.parts_of(free)))

    by_hand = [(value(free + b) - value(free - b)) / 2e-6 for b in 1e-6 * np.eye(len(free))]
    np.testing.assert_allclose(atlas.gradient(free), by_hand, rtol=1e-4, atol=1e-5)
    for entry in CHART["components"][str(k)]["saddles"][:3]:
        home = atlas.to_free(atlas.of(entry))
        back = atlas.newton(home + 1e-3 * rng.standard_normal(len(home)))
        np.testing.assert_allclose(back, home, atol=1e-7)


def test_none_and_all_carry_no_standard_error_but_a_bound():
    """The rule of three against the exact bound: a share that shows no hit with 5%."""
    n = CHART["n_starts"]
    assert [atlas.share(k, n) for k in (0, 2, n)] == ["0", "0.01\u00a0±\u00a00.01", "100"]
    bound = 100 * (1 - 0.05 ** (1 / n))
    assert bound == pytest.approx(100 * 3 / n, rel=0.01)
    page = atlas.PAGE.read_text(encoding="utf-8")
    assert f"0 of {n:,} means below {100 * 3 / n:.3f} %" in page
    assert f"above {100 - 100 * 3 / n:.3f} %" in page


def test_points_with_two_equal_components_are_left_out():
    """They are stationary, in any proportion of the split; the hunt must not list them."""
    two = CHART["components"]["2"]["optima"][0]
    free = []
    for part in (0.2, 0.5, 0.7):
        weights = [part * two["weights"][0], (1 - part) * two["weights"][0], two["weights"][1]]
        parts = [[two[name][0]] * 2 + two[name][1:] for name in ("means", "variances")]
        free.append(atlas.to_free(gm.Mixture(weights, *parts)))
    assert np.abs(atlas.gradient(np.array(free))).max() < 1e-8
    assert not any(map(atlas.is_interior, free))


def test_the_page_shows_the_atlas():
    page = atlas.PAGE.read_text(encoding="utf-8")
    begin, end = atlas.markers()
    assert page.count(begin) == page.count(end) == 1
    assert atlas.generated(page) == atlas.page_part(CHART)


@pytest.mark.parametrize("x", atlas.PLUS_MINUS)
def test_the_page_names_the_fixed_points_of_the_plus_minus_model(x):
    page = atlas.PAGE.read_text(encoding="utf-8")
    mu = 5.0
    for _ in range(5000):
        mu = gm.plus_minus_update(x, mu)
    assert f"\\pm {mu:.6f}" in page or mu < 1e-6
