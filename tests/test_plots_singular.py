"""Pictures of collapse and of priors show the numbers that they are given."""

import numpy as np

from gmmtutor import plots


def test_narrowing_goes_to_the_right_and_labels_every_curve():
    curves = {"up": [-18, -15, -12], "down": [-20, -90, -900], "near": [-18, -15, -12.1]}
    artists = plots.narrowing([1, 0.1, 0.01], curves, ylim=(-30, -10))
    ax = artists["lines"]["up"].axes
    assert ax.get_xlim() == (1, 0.01)
    for name, values in curves.items():
        np.testing.assert_array_equal(artists["lines"][name].get_ydata(), values)
    assert [text.get_text() for text in artists["names"]] == list(curves)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in artists["names"]]
    assert not boxes[0].overlaps(boxes[2])


def test_collapse_shows_all_components():
    sds, counts = np.array([[1, 2], [0.1, 2.5]]), np.array([[3, 4], [1.1, 5.9]])
    artists = plots.collapse([-20, -3], sds, counts)
    np.testing.assert_array_equal(artists["log_likelihood"].get_ydata(), [-20, -3])
    for k in range(2):
        np.testing.assert_array_equal(artists["sds"][k].get_ydata(), sds[:, k])
        np.testing.assert_array_equal(artists["counts"][k].get_ydata(), counts[:, k])
        assert artists["sds"][k].get_color() == plots.COLOURS[k]
    assert artists["sds"][0].axes.get_yscale() == "log"


def test_rises_and_falls_tell_falls_from_rises():
    artists = plots.rises_and_falls({"a": [-3, -1, -2, -2], "b": [-5, -4]}, ylabel="value")
    falls = artists["a"]["falls"]
    assert len(falls) == 1
    np.testing.assert_array_equal(falls[0].get_xydata(), [[1, -1], [2, -2]])
    assert falls[0].get_markerfacecolor() == plots.PAPER
    assert len(artists["a"]["rises"]) == 3  # the first value, a rise, and no change
    assert artists["b"]["falls"] == []
