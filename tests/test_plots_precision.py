"""Pictures of finite precision show where there is no answer, and errors as they are."""

import numpy as np
import pytest
from pictures import STARTS

from gmmtutor import plots
from gmmtutor.mixture import responsibilities


def test_strips_are_hatched_where_shares_are_missing():
    x = np.linspace(-10, 10, 81)
    shares = responsibilities(x, STARTS[0])
    cut = np.where(np.abs(x[:, np.newaxis]) > 5, np.nan, shares)
    artists = plots.strips(x, {"plain": cut, "logs": shares})
    assert len(artists["bands"]["plain"]) == 3
    assert not artists["missing"]["logs"].get_paths()
    ends = [path.get_extents().intervalx for path in artists["missing"]["plain"].get_paths()]
    np.testing.assert_allclose(ends, [[-10, -5.25], [5.25, 10]])
    for band in artists["bands"]["plain"]:
        inside = np.concatenate([path.vertices[:, 0] for path in band.get_paths()])
        assert np.abs(inside).max() <= 5
    heights = [
        np.concatenate([path.vertices[:, 1] for path in band.get_paths()])
        for band in artists["bands"]["logs"]
    ]
    assert np.min(heights[0]) == pytest.approx(-1) and np.max(heights[2]) == pytest.approx(-0.3)


def test_floor_is_marked_where_the_curve_first_is_below_it():
    x = np.arange(0, 11.0)
    artists = plots.to_the_floor(x, -(x**2), {"a": -10, "b": -50}, xlabel="x", ylabel="log")
    assert artists["places"] == [4, 8]
    assert [text.get_text() for text in artists["texts"]] == ["a: 0 from 4 on", "b: 0 from 8 on"]


def test_errors_of_zero_are_drawn_and_names_make_room():
    x = 10.0 ** np.arange(4)
    lines = {"one": [1e-9, 1e-7, 1e-5, 1e-3], "two": [0, 1e-9, 0, 1e-9], "three": [1e-9] * 4}
    artists = plots.relative_errors(x, lines, limit=("theory", x**2 * 1e-9), xlabel="offset")
    np.testing.assert_array_equal(artists["lines"]["one"].get_ydata(), lines["one"])
    np.testing.assert_array_equal(artists["limit"].get_ydata(), x**2 * 1e-9)
    shown = artists["lines"]["two"].get_ydata()
    assert (shown > artists["limit"].axes.get_ylim()[0]).all()
    artists["limit"].figure.draw_without_rendering()
    boxes = [name.get_window_extent() for name in artists["names"]]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
