"""The numbered equations of the chapter on why EM never goes down, and what falls."""

from itertools import islice, pairwise

import batches
import mpmath
import numpy as np
import oracles
import pytest
from scipy.optimize import brentq, minimize_scalar

import gmmtutor as gm
from gmmtutor import datasets
from gmmtutor.rates import coordinates, from_coordinates

SEEDS = range(5)
SEVEN = datasets.seven_points()
POINTS = np.array([-2.0, -1, 1, 2])


def shrinkage(u):
    """The cost of a covariance too large by the factor 1 + u, in one direction, twice."""
    return np.log1p(u) - u / (1 + u)


# --- The bound ----------------------------------------------------------------------------------


@pytest.mark.equation("eq-bound-gap")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shares", ["any", "some zero", "own"])
def test_log_likelihood_is_bound_plus_divergence(seed, shares):
    """In 50 digits, for shares from nowhere and for those of an E-step."""
    X, mixture = oracles.problem(seed, n_samples=12)
    log_densities, own = oracles.exact_mixture(X, mixture)
    resp = own if shares == "own" else oracles.random_resp(seed, len(X), 3)
    if shares == "some zero":
        resp[::2, 1] = 0
        resp /= resp.sum(axis=1, keepdims=True)
    held = resp > 0
    gap = (resp[held] * np.log(resp[held] / own[held])).sum()
    bound = gm.lower_bound(X, resp, mixture)
    assert log_densities.sum() == pytest.approx(bound + gap, abs=1e-9)
    assert gap == pytest.approx(0, abs=1e-12) if shares == "own" else gap > 0.1


@pytest.mark.equation("eq-fisher-identity")
@pytest.mark.parametrize("covariance_type", oracles.TYPES)
@pytest.mark.parametrize("seed", range(2))
def test_slopes_of_likelihood_and_q_agree_where_the_shares_were_made(covariance_type, seed):
    X, _ = oracles.problem(seed, n_samples=15, n_components=2)
    some = oracles.random_resp(seed, len(X), 2)
    mixture = gm.m_step(X, some, covariance_type=covariance_type)
    resp = oracles.responsibilities(X, mixture)
    at = coordinates(mixture, covariance_type)
    for bump in 1e-5 * np.eye(len(at)):
        ahead, behind = (
            from_coordinates(at + step, mixture, covariance_type) for step in (bump, -bump)
        )
        slopes = [
            (f(ahead) - f(behind)) / 2e-5
            for f in (
                lambda there: oracles.log_likelihood(X, there),
                lambda there: oracles.expected_complete_log_likelihood(X, resp, there),
            )
        ]
        assert slopes[0] == pytest.approx(slopes[1], abs=1e-5)


# --- The plus-minus model -----------------------------------------------------------------------


def plus_minus_problem(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.normal(), rng.uniform(0.3, 2.5), size=int(rng.integers(3, 30)))
    return x, float(rng.normal())


@pytest.mark.equation("eq-plus-minus-map")
@pytest.mark.parametrize("seed", range(10))
def test_plus_minus_map_is_the_top_of_q(seed):
    x, mu = plus_minus_problem(seed)
    X = x[:, np.newaxis]
    resp = oracles.responsibilities(X, gm.plus_minus(mu))

    def minus_q(there):
        return -oracles.expected_complete_log_likelihood(X, resp, gm.plus_minus(there))

    top = minimize_scalar(minus_q, bracket=(-1, 1)).x
    assert gm.plus_minus_update(x, mu) == pytest.approx(top, abs=1e-6)


@pytest.mark.equation("eq-plus-minus-bound")
@pytest.mark.parametrize("seed", range(10))
def test_every_bound_is_the_same_parabola(seed):
    x, old = plus_minus_problem(seed)
    resp = oracles.responsibilities(x[:, np.newaxis], gm.plus_minus(old))
    top = gm.plus_minus_update(x, old)
    for mu in np.linspace(-3, 3, 13):
        formula = gm.plus_minus_log_likelihood(x, old)
        formula += len(x) / 2 * ((top - old) ** 2 - (mu - top) ** 2)
        assert gm.lower_bound(x, resp, gm.plus_minus(mu)) == pytest.approx(formula)
        assert formula <= gm.plus_minus_log_likelihood(x, mu) + 1e-9


@pytest.mark.equation("eq-plus-minus-derivatives")
@pytest.mark.parametrize("seed", SEEDS)
def test_plus_minus_derivatives_in_50_digits(seed):
    x, mu = plus_minus_problem(seed)
    with mpmath.workdps(50):

        def log_likelihood(m):
            return sum(
                mpmath.log(mpmath.exp(-((p - m) ** 2) / 2) + mpmath.exp(-((p + m) ** 2) / 2))
                for p in map(mpmath.mpf, map(float, x))
            )

        first, second = (float(mpmath.diff(log_likelihood, mu, n)) for n in (1, 2))
    assert first == pytest.approx(len(x) * (gm.plus_minus_update(x, mu) - mu), abs=1e-9)
    assert second == pytest.approx(len(x) * (gm.plus_minus_slope(x, mu) - 1), abs=1e-9)


def test_fixed_points_of_the_chapter_and_no_others():
    grid = np.linspace(-3, 3, 6001) + 1e-4 / 3
    signs = np.sign(gm.plus_minus_update(POINTS, grid) - grid)
    crossings = grid[:-1][np.diff(signs) != 0]
    np.testing.assert_allclose(crossings, [-1.44065, 0, 1.44065], atol=2e-3)


@pytest.mark.equation("eq-plus-minus-atlas")
@pytest.mark.parametrize("seed", range(40))
def test_the_plus_minus_atlas_is_complete(seed):
    """Signs of M(mu) - mu on a fine grid, and runs; mean squares on both sides of 1."""
    rng = np.random.default_rng(seed)
    x = rng.standard_t(4, size=int(rng.integers(1, 12)))
    x *= np.sqrt(rng.uniform(0.2, 0.95) if seed % 2 else rng.uniform(1.05, 6)) / np.sqrt(
        np.mean(x**2)
    )
    grid = np.geomspace(1e-3, 20, 4000)
    excess = gm.plus_minus_update(x, grid) - grid
    mus = np.array([1e-4, 0.01, 0.3, 1, 3, 20])
    for _ in range(20_000):
        mus = gm.plus_minus_update(x, mus)
    if np.mean(x**2) <= 1:
        assert (excess < 0).all()
        np.testing.assert_allclose(mus, 0, atol=1e-8)
        return
    assert (np.diff(np.sign(excess)) != 0).sum() == 1
    top = brentq(lambda mu: gm.plus_minus_update(x, mu) - mu, 1e-3, 20)
    np.testing.assert_allclose(mus, top, atol=1e-6)
    np.testing.assert_allclose(gm.plus_minus_update(x, -top), -top)
    assert gm.plus_minus_update(x, 0) == 0
    heights = gm.plus_minus_log_likelihood(
        x, np.array([0, 0.05, -0.05, top - 0.05, top, top + 0.05])
    )
    assert heights[0] < heights[1:3].min()
    assert heights[4] > max(heights[3], heights[5])


# --- The old mean -------------------------------------------------------------------------------


def origins_update(X, mixture):
    """The origin's M-step in its own order: one loop that collects both sums."""
    resp = oracles.responsibilities(X, mixture)
    weights, means, covariances = [], [], []
    for k, old in enumerate(mixture.means):
        count, total, scatter = resp[:, k].sum(), 0, 0
        for share, x in zip(resp[:, k], X, strict=True):
            total = total + share * x
            scatter = scatter + share * np.outer(x - old, x - old)
        weights.append(count / len(X))
        means.append(total / count)
        covariances.append(scatter / count)
    return gm.Mixture(weights, means, covariances)


@pytest.mark.equation("eq-old-means-update")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_update_under_test_is_the_origins(seed):
    X, mixture = oracles.problem(seed)
    new = batches.old_means_update(X, mixture)
    oracles.assert_same_mixture(new, origins_update(X, mixture), rtol=1e-9)


def test_the_first_step_of_the_chapter():
    start = datasets.first_start()
    new = batches.old_means_update(SEVEN, start)
    np.testing.assert_allclose(new.variances, [1.830803, 0.601232, 19.979741], atol=5e-7)
    right = gm.m_step(SEVEN, gm.responsibilities(SEVEN, start))
    resp = oracles.responsibilities(SEVEN[:, np.newaxis], start)
    q = [oracles.expected_complete_log_likelihood(SEVEN, resp, m) for m in (right, new)]
    levels = [gm.log_likelihood(SEVEN, m) for m in (right, new)]
    assert q[0] - q[1] == pytest.approx(4.13046, abs=5e-6)
    assert levels[0] - levels[1] == pytest.approx(3.676092, abs=5e-7)


@pytest.mark.equation("eq-old-means-update")
@pytest.mark.parametrize("covariance_type", oracles.TYPES)
@pytest.mark.parametrize("seed", range(3))
def test_it_is_two_conditional_maximisations(covariance_type, seed):
    """Neither group of parameters can be changed alone without lowering Q."""
    X, _ = oracles.problem(seed, n_samples=40)
    old = gm.m_step(X, oracles.random_resp(seed, 40, 3), covariance_type=covariance_type)
    resp = oracles.responsibilities(X, old)
    new = batches.old_means_update(X, old, covariance_type)
    rng = np.random.default_rng(seed)

    def q(weights, means, covariances):
        there = gm.Mixture(weights, means, covariances)
        return oracles.expected_complete_log_likelihood(X, resp, there)

    between = q(old.weights, old.means, new.covariances)
    after = q(new.weights, new.means, new.covariances)
    assert q(old.weights, old.means, old.covariances) <= between + 1e-9 <= after + 2e-9
    for size in (1e-3, 1e-1):
        other = datasets.random_mixture(3, 2, rng=rng)
        covariances = gm.em.constrain(other.covariances, old.weights, covariance_type)
        mixed = (1 - size) * new.covariances + size * covariances
        assert q(old.weights, old.means, mixed) < between
        weights = (1 - size) * new.weights + size * other.weights
        means = new.means + size * other.means
        assert q(weights, new.means, new.covariances) < after
        assert q(new.weights, means, new.covariances) < after


def some_problems(n_features, n_problems, seed=0):
    """Random data sets and starts, of two or three components."""
    n_components = 2 + n_features % 2
    return batches.problems(seed + n_features, n_problems, 60, n_components, n_features)


def update_with(**options):
    return lambda X, resp, parameters: batches.m_step(X, resp, parameters, **options)


@pytest.mark.equation("eq-old-means-update")
@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 5])
def test_no_fall_on_a_thousand_random_problems(n_features):
    """Two hundred in each dimension, fifteen rounds each, or until a covariance collapses."""
    X, start = some_problems(n_features, 200)
    found = batches.histories(X, start, update_with(old_means=True), 15)
    gains = np.diff(found, axis=0)
    assert gains.min() > -1e-9
    assert (gains[0] > 0).mean() > 0.9 and (gains[-1] > 0).mean() > 0.5  # they do go on


@pytest.mark.equation("eq-old-means-update")
@pytest.mark.parametrize("covariance_type", ["tied", "diag", "spherical"])
def test_no_fall_with_other_covariance_types(covariance_type):
    X, start = some_problems(3, 200)
    start = start._replace(
        covariances=start.covariances.mean(axis=(1,), keepdims=True) * np.eye(3)
    )
    start = start._replace(covariances=np.repeat(start.covariances, 3, axis=1))
    update = update_with(old_means=True, covariance_type=covariance_type)
    assert np.diff(batches.histories(X, start, update, 15), axis=0).min() > -1e-9


def test_the_old_means_may_end_a_round_higher():
    """The cost is one of Q, not of the log-likelihood."""
    start = gm.Mixture([0.5, 0.5], [0, 2], [1, 0.25])
    right = gm.m_step(SEVEN, gm.responsibilities(SEVEN, start))
    ahead = gm.log_likelihood(SEVEN, batches.old_means_update(SEVEN, start))
    assert ahead == pytest.approx(-17.4499, abs=5e-5)
    assert gm.log_likelihood(SEVEN, right) == pytest.approx(-17.7016, abs=5e-5)


def losses_of_q(X, resp, start, covariance_type):
    """Q of the M-step minus Q with the old means, (P,), and the M-step."""
    right = batches.m_step(X, resp, start, covariance_type)
    wrong = batches.m_step(X, resp, start, covariance_type, old_means=True)
    loss = batches.q_function(X, resp, right) - batches.q_function(X, resp, wrong)
    return loss, right


@pytest.mark.equation("eq-old-means-cost")
@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 5])
def test_cost_of_old_means(n_features):
    X, start = some_problems(n_features, 100)
    resp = batches.e_step(X, start)[0]
    loss, right = losses_of_q(X, resp, start, "full")
    moves = right.means - start.means
    well = batches.proper(X, right)
    solved = np.linalg.solve(right.covariances[well], moves[well][..., np.newaxis])[..., 0]
    u = (moves[well] * solved).sum(axis=-1)
    cost = (resp[well].sum(axis=1) / 2 * shrinkage(u)).sum(axis=1)
    assert well.sum() > 50
    np.testing.assert_allclose(loss[well], cost, atol=1e-10, rtol=1e-10)


@pytest.mark.equation("eq-cost-by-type")
@pytest.mark.parametrize("covariance_type", ["tied", "diag", "spherical"])
@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 5])
def test_cost_of_old_means_for_the_other_types(covariance_type, n_features):
    X, start = some_problems(n_features, 100)
    resp = batches.e_step(X, start)[0]
    loss, right = losses_of_q(X, resp, start, covariance_type)
    moves, counts = right.means - start.means, resp.sum(axis=1)
    if covariance_type == "tied":
        shares = counts / X.shape[1]
        excess = np.einsum("pk,pki,pkj->pij", shares, moves, moves)
        nu = np.linalg.eigvals(np.linalg.solve(right.covariances[:, 0], excess)).real
        cost = X.shape[1] / 2 * shrinkage(np.maximum(nu, 0)).sum(axis=-1)
    if covariance_type == "diag":
        u = moves**2 / np.diagonal(right.covariances, axis1=-2, axis2=-1)
        cost = (counts / 2 * shrinkage(u).sum(axis=-1)).sum(axis=-1)
    if covariance_type == "spherical":
        u = (moves**2).sum(axis=-1) / (n_features * right.covariances[..., 0, 0])
        cost = (counts * n_features / 2 * shrinkage(u)).sum(axis=-1)
    np.testing.assert_allclose(loss, cost, atol=1e-10, rtol=1e-10)


# --- Rates --------------------------------------------------------------------------------------


def second_derivatives(f, at, h=1e-4):
    """Matrix of second derivatives by central differences."""
    bumps = h * np.eye(len(at))
    return np.array(
        [
            [f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b) for b in bumps]
            for a in bumps
        ]
    ) / (4 * h**2)


@pytest.mark.equation("eq-em-jacobian")
@pytest.mark.parametrize("seed", SEEDS)
def test_jacobian_is_the_quotient_of_two_curvatures(seed):
    """I - A^-1 B, both by differences, at the end of EM on two overlapping clusters."""
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(0, 1, 40), rng.normal(3.5, 0.8, 30)])
    start = gm.Mixture([0.5, 0.5], [0, 3.5], [1, 1])
    end = next(islice(gm.em_steps(X, start), 1500, None)).mixture
    resp, at = gm.responsibilities(X, end), coordinates(end, "full")

    def q(vector):
        there = from_coordinates(vector, end, "full")
        return (resp * gm.weighted_log_prob(X, there)).sum()

    def log_likelihood(vector):
        return gm.log_likelihood(X, from_coordinates(vector, end, "full"))

    A, B = -second_derivatives(q, at), -second_derivatives(log_likelihood, at)
    J = gm.em_jacobian(X, end)
    np.testing.assert_allclose(J, np.eye(len(at)) - np.linalg.solve(A, B), atol=1e-4)
    assert np.linalg.eigvalsh(A - B).min() > -1e-4 * np.abs(A).max()
    eigenvalues = np.linalg.eigvals(J)
    assert np.abs(eigenvalues.imag).max() < 1e-6
    assert -1e-8 < eigenvalues.real.min() and eigenvalues.real.max() < 1


def updates():
    return [
        pytest.param(lambda X, m: gm.m_step(X, gm.responsibilities(X, m)), id="em"),
        pytest.param(batches.old_means_update, id="old means"),
    ]


@pytest.mark.equation("eq-gain-ratio")
@pytest.mark.parametrize("update", updates())
@pytest.mark.parametrize(
    ("start", "rate"), [(datasets.first_start(), 0.2395), (datasets.second_start(), 0.4500)]
)
def test_gains_shrink_by_the_square_of_the_rate(update, start, rate):
    mixture, path = start, []
    for _ in range(60):
        path.append(gm.log_likelihood(SEVEN, mixture))
        mixture = update(SEVEN, mixture)
    gains = np.diff(path)
    last = np.flatnonzero(gains > 1e-11)[-1]
    assert np.sqrt(gains[last] / gains[last - 1]) == pytest.approx(rate, abs=5e-4)


# --- Longer and shorter steps -------------------------------------------------------------------


def many_plus_minus(seed, n_problems=2000, n_samples=12):
    """Random data (P, N) and places (P,) for the plus-minus model."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_problems, n_samples)) * rng.uniform(0.3, 2, (n_problems, 1))
    x += rng.choice([-1, 1], x.shape) * rng.uniform(0, 3, (n_problems, 1))
    return x, rng.normal(0, 2, n_problems)


def level(x, mu):
    """Log-likelihood of the plus-minus model without its constant, (P,)."""
    product = mu[:, np.newaxis] * x
    log_cosh = np.logaddexp(product, -product) - np.log(2)
    return log_cosh.sum(axis=1) - x.shape[1] / 2 * mu**2


def next_mu(x, mu):
    return (x * np.tanh(mu[:, np.newaxis] * x)).mean(axis=1)


@pytest.mark.equation("eq-step-length")
@pytest.mark.parametrize("seed", SEEDS)
def test_gain_of_a_stretched_step(seed):
    """On 2000 data sets, from anywhere: the promise for any s, hence no fall up to 2."""
    x, mu = many_plus_minus(seed)
    s = np.random.default_rng(seed).uniform(0, 4, len(x))
    step = next_mu(x, mu) - mu
    gain = level(x, mu + s * step) - level(x, mu)
    promise = x.shape[1] / 2 * s * (2 - s) * step**2
    assert (gain - promise).min() > -1e-9
    assert gain[s <= 2].min() > -1e-9


@pytest.mark.equation("eq-step-length-limit")
@pytest.mark.parametrize("factor", [0.3, 0.97, 1.03, 1.5])
def test_border_of_stretched_steps_near_a_maximum(factor):
    """On 2000 data sets: rise below 2 / (1 - slope), fall above, each time."""
    x, _ = many_plus_minus(7, n_problems=4000)
    x = x[(x**2).mean(axis=1) > 1.3]
    end = np.full(len(x), 3.0)
    for _ in range(3000):
        end = next_mu(x, end)
    slope = (x**2 / np.cosh(end[:, np.newaxis] * x) ** 2).mean(axis=1)
    keep = slope < 0.9
    x, end, slope = (array[keep][:2000] for array in (x, end, slope))
    assert len(x) == 2000
    for side in (-1e-4, 1e-4):
        mu = end + side * (1 - slope)
        for _ in range(2):
            new = mu + factor * 2 / (1 - slope) * (next_mu(x, mu) - mu)
            change = level(x, new) - level(x, mu)
            assert (np.sign(change) == (1 if factor < 1 else -1)).all()
            mu = new


def test_no_better_promise_than_twice():
    """Where the components are far apart, the border is close to 2."""
    x = np.array([-5.0, 5])
    end = brentq(lambda mu: gm.plus_minus_update(x, mu) - mu, 1, 6)
    assert 2 <= 2 / (1 - gm.plus_minus_slope(x, end)) < 2 + 1e-9


@pytest.mark.equation("eq-damping")
@pytest.mark.parametrize("covariance_type", oracles.TYPES)
@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_q_never_turns_down_on_the_way_to_the_m_step(covariance_type, n_features):
    X, start = some_problems(n_features, 100)
    resp = batches.e_step(X, start)[0]
    # Both ends of the covariance type: from one M-step, of other shares, to another.
    other = np.random.default_rng(0).dirichlet(np.ones(resp.shape[-1]), size=resp.shape[:2])
    here = batches.m_step(X, other, start, covariance_type)
    there = batches.m_step(X, resp, here, covariance_type)
    well = batches.proper(X, there)
    here, there = (batches.Parameters(*(a[well] for a in p)) for p in (here, there))
    values = [
        batches.q_function(
            X[well], resp[well], batches.between(here, there, np.full(well.sum(), s))
        )
        for s in np.linspace(0, 1, 41)
    ]
    assert well.sum() > 50
    assert min((b - a).min() for a, b in pairwise(values)) > -1e-9


@pytest.mark.equation("eq-damping")
@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 5])
def test_damping_never_falls(n_features):
    """2000 random problems, each with its own part of the step, fifteen rounds."""
    X, start = some_problems(n_features, 400, seed=50)
    s = np.random.default_rng(n_features).uniform(0, 1, len(X))

    def damped(X, resp, parameters):
        return batches.between(parameters, batches.m_step(X, resp, parameters), s)

    gains = np.diff(batches.histories(X, start, damped, 15), axis=0)
    assert gains.min() > -1e-9
    assert (gains[-1] > 0).mean() > 0.5


@pytest.mark.equation("eq-damping")
def test_damping_in_the_logarithm_of_the_variance_falls():
    """One Gaussian, whose log-likelihood is its own Q."""
    pair = np.array([1.4, 1.6])
    levels = [
        gm.log_likelihood(pair, gm.Mixture([1], [s * 1.5], [0.01**s])) for s in (0, 0.01, 0.1, 0.5)
    ]
    assert (np.diff(levels) < 0).all()


# --- The divisor N_k - 1 ------------------------------------------------------------------------


def divisor_update(X, resp, parameters):
    counts = resp.sum(axis=1)[..., np.newaxis, np.newaxis]
    right = batches.m_step(X, resp, parameters)
    return right._replace(covariances=right.covariances * counts / (counts - 1))


def one_problem(x, mixture):
    parts = mixture.weights, mixture.means, mixture.covariances
    return x.reshape(1, -1, 1), batches.Parameters(*(a[np.newaxis] for a in parts))


def test_divisor_falls_at_the_fourth_step_and_at_once():
    found = batches.histories(*one_problem(SEVEN, datasets.first_start()), divisor_update, 5)
    expected = [-28.325536, -15.170323, -14.943978, -14.939854, -15.061904, -15.177772]
    np.testing.assert_allclose(found[:, 0], expected, atol=5e-7)
    end = next(islice(gm.em_steps(SEVEN, datasets.first_start()), 100, None)).mixture
    found = batches.histories(*one_problem(SEVEN, end), divisor_update, 1)
    np.testing.assert_allclose(found[:, 0], [-13.973323, -14.426376], atol=5e-7)


def settled(seed, n_problems):
    """Random problems in one dimension after 100 rounds of EM, without those that collapsed."""
    X, start = batches.problems(seed, n_problems, 24, 2, 1)
    resp = batches.e_step(X, start)[0]
    for _ in range(100):
        start = batches.m_step(X, resp, start)
        well = batches.proper(X, start)
        X, start = X[well], batches.Parameters(*(a[well] for a in start))
        resp = batches.e_step(X, start)[0]
    apart = (resp.sum(axis=1) > 1.5).all(axis=1)
    return X[apart], batches.Parameters(*(a[apart] for a in start))


def test_divisor_falls_from_most_ends_of_em():
    """Problems drawn until EM has settled on 2000 of them: the divisor leads down."""
    gains = np.empty(0)
    for seed in range(3, 9):
        X, end = settled(seed, 1000)
        gains = np.append(gains, np.diff(batches.histories(X, end, divisor_update, 1), axis=0))
        if len(gains) >= 2000:
            break
    assert len(gains) >= 2000
    assert (gains[:2000] < 0).mean() > 0.99
