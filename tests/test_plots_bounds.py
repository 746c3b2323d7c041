"""Pictures of the bound show where it touches, how it moves, and what a step gains."""

import itertools

import numpy as np
import oracles
import pytest
from matplotlib import pyplot as plt
from pictures import lies_on

from gmmtutor import log_likelihood, lower_bound, plots, plus_minus, responsibilities
from gmmtutor.plots.bounds import fixed_points

POINTS = np.array([-2.0, -1, 1, 2])


def test_moving_bound_touches_and_lies_below():
    artists = plots.moving_bound(POINTS, [0.25, 0.6, 1.1])
    grid, height = artists["likelihood"].get_data()
    expected = [log_likelihood(POINTS, plus_minus(mu)) for mu in grid]
    np.testing.assert_allclose(height, expected, rtol=1e-10)
    for mu, line, point, top in zip(
        [0.25, 0.6, 1.1], artists["bounds"], artists["touching"], artists["tops"], strict=True
    ):
        resp = oracles.responsibilities(POINTS[:, np.newaxis], plus_minus(mu))
        expected = [lower_bound(POINTS, resp, plus_minus(there)) for there in grid]
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-9)
        assert (line.get_ydata() <= height + 1e-12).all()
        assert point.get_xydata()[0] == pytest.approx([mu, log_likelihood(POINTS, plus_minus(mu))])
        best = grid[np.argmax(line.get_ydata())]
        assert top.get_xdata()[0] == pytest.approx(best, abs=grid[1] - grid[0])
    for arrow, top in zip(artists["arrows"], artists["tops"], strict=True):
        assert arrow.xy == pytest.approx(tuple(top.get_xydata()[0]))
    plt.gcf().draw_without_rendering()
    for label in artists["labels"]:
        assert not lies_on(label, artists["likelihood"])


def test_moving_bound_shows_both_sides_when_a_start_is_negative():
    axes = plots.moving_bound(POINTS, [-0.5, 0.5])["likelihood"].axes
    assert axes.get_xlim()[0] == -axes.get_xlim()[1]


def test_bound_and_likelihood_meet_after_an_e_step():
    mu, bounds, values = 0.25, [], []
    for _ in range(2):
        resp = responsibilities(POINTS, plus_minus(mu))
        for _ in range(2):
            bounds.append(lower_bound(POINTS, resp, plus_minus(mu)))
            values.append(log_likelihood(POINTS, plus_minus(mu)))
            mu = (resp[:, 1] - resp[:, 0]) @ POINTS / 4
    artists = plots.bound_and_likelihood(bounds, values, ["E", "M", "E", "M"])
    np.testing.assert_array_equal(artists["bound"].get_ydata()[::2], bounds)
    np.testing.assert_array_equal(artists["likelihood"].get_ydata()[::2], values)
    heights = [np.ptp(gap.get_paths()[0].vertices[:, 1]) for gap in artists["gaps"]]
    np.testing.assert_allclose(heights, np.subtract(values, bounds), atol=1e-12)
    assert heights[0] == pytest.approx(0, abs=1e-12) and heights[1] > 0.1
    written = [text.get_text() for text in artists["labels"]]
    assert written == [plots.number(value) for value in values]


def test_em_map_walks_between_curve_and_diagonal():
    artists = plots.em_map(POINTS, [0.1, -2], n_rounds=5)
    across, up = artists["webs"][0].get_data()
    path = [0.1]
    for _ in range(5):
        path.append(float((POINTS * np.tanh(path[-1] * POINTS)).mean()))
    expected = [
        (a, b) for old, new in itertools.pairwise(path) for a, b in ((old, new), (new, new))
    ]
    np.testing.assert_allclose(np.column_stack([across, up]), [(0.1, 0.1), *expected])
    fixed = [point.get_xdata()[0] for point in artists["fixed"]]
    np.testing.assert_allclose(fixed, [-1.4406478, 0, 1.4406478], atol=5e-8)
    filled = [point.get_markerfacecolor() == plots.INK for point in artists["fixed"]]
    assert filled == [True, False, True]


@pytest.mark.parametrize("seed", range(10))
def test_fixed_points_are_fixed_and_all(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(scale=rng.uniform(0.5, 2), size=9)
    found = fixed_points(x)
    for mu in found:
        assert (x * np.tanh(mu * x)).mean() == pytest.approx(mu, abs=1e-9)
    grid = np.linspace(-5, 5, 4001) + 1e-4
    moves = [(x * np.tanh(mu * x)).mean() - mu for mu in grid]
    assert (np.diff(np.sign(moves)) != 0).sum() == len(found)


def test_step_lengths_lie_above_the_bound():
    mus = [0.6, 1.0, 1.44]
    artists = plots.step_lengths(POINTS, mus)
    s, bound = artists["bound"].get_data()
    np.testing.assert_allclose(bound, s * (2 - s))
    for mu, line in zip(mus, artists["gains"], strict=True):
        assert (line.get_ydata() >= bound - 1e-6).all()
        step = (POINTS * np.tanh(mu * POINTS)).mean() - mu
        there = log_likelihood(POINTS, plus_minus(mu + s[-1] * step))
        gain = there - log_likelihood(POINTS, plus_minus(mu))
        assert line.get_ydata()[-1] == pytest.approx(gain / (2 * step**2), rel=1e-6)
    plt.gcf().draw_without_rendering()
    boxes = [label.get_window_extent() for label in artists["labels"]]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
