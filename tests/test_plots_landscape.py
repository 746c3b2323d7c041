"""Pictures of the landscape show the shares, ends and heights that they are given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gmmtutor import plots
from gmmtutor.plots.landscape import ENDS

SHARES = [[0.5, 0.3, 0.2], [0.02, 0.08, 0.85]]


def test_endings_stack_the_shares():
    artists = plots.endings(SHARES, ["one", "other"], ["A", "B", "collapsed"])
    for bars, shares in zip(artists["bars"], SHARES, strict=True):
        np.testing.assert_allclose([bar.get_width() for bar in bars], shares)
        np.testing.assert_allclose([bar.get_x() for bar in bars], np.cumsum([0, *shares[:-1]]))
        assert [bool(bar.get_hatch()) for bar in bars] == [False, False, True]
    written = [text.get_text() for text in artists["texts"]]
    assert written == ["50%", "30%", "20%", "8%", "85%"]  # 2% has no room
    assert [text.get_text() for text in artists["key"].get_texts()] == ["A", "B", "collapsed"]


def test_basins_shade_optima_hatch_collapse_and_blacken_the_rest():
    labels = np.array([[0, 1, 2], [-1, 0, 2]])
    artists = plots.basins([0, 1, 2], [0, 1], labels, ["A", "B", "collapsed"])
    image = artists["map"]
    shades = image.cmap(image.norm(labels))[..., :3]
    np.testing.assert_allclose(shades[0, :2], [to_rgb(shade) for shade in ENDS[:2]])
    for lost in (shades[0, 2], shades[1, 2]):
        np.testing.assert_allclose(lost, to_rgb(plots.PAPER))
    np.testing.assert_allclose(shades[1, 0], to_rgb(plots.INK))
    assert [text.get_text() for text in artists["key"].get_texts()][-1] == "neither"
    assert image.get_extent() == [-0.5, 2.5, -0.5, 1.5]
    assert artists["hatched"].hatches == ["//"]
    none_lost = plots.basins([0, 1, 2], [0, 1], np.zeros((2, 3), int), ["A", "collapsed"])
    assert none_lost["hatched"] is None
    assert [text.get_text() for text in none_lost["key"].get_texts()] == ["A", "collapsed"]


def test_heights_mark_paths_tops_and_saddles():
    x = np.linspace(-2, 2, 41)
    values = -(x**2) - x[:, np.newaxis] ** 2
    route = [(1, 1), (0.5, 0.5), (0, 0)]
    artists = plots.heights(x, x, values, paths=[route], tops=[(0, 0)], saddles=[(1, -1)])
    np.testing.assert_allclose(artists["paths"][0].get_xydata(), route)
    np.testing.assert_allclose(artists["starts"][0].get_xydata(), route[:1])
    assert artists["tops"][0].get_markerfacecolor() == plots.INK
    assert artists["saddles"][0].get_markerfacecolor() == plots.PAPER
    levels = artists["lines"].levels
    assert values.min() < levels[0] < levels[-1] < values.max()
    assert np.diff(levels)[-1] == pytest.approx(np.diff(levels).min())  # dense near the top


def test_climbs_draw_every_run_and_mark_the_stops():
    heights, distances = [[-18, -16, -15.2], [-17, -16, -15]], [[3, 1, 2], [1, 2, 4]]
    artists = plots.climbs(heights, distances, level=-15.5, stops=[(1, "here")], log=True)
    for name, runs in (("heights", heights), ("distances", distances)):
        np.testing.assert_array_equal([line.get_ydata() for line in artists[name]], runs)
        assert len({line.get_linestyle() for line in artists[name]}) == 2
    marked = [line.get_xydata()[0].tolist() for line in artists["stops"]]
    assert marked == [[1, -16], [1, 1]]
    assert artists["distances"][0].axes.get_yscale() == "log"
    assert [label.get_text() for label in artists["labels"]] == ["here"]


def test_plus_minus_atlas_shows_quotients_heights_and_extremes():
    X, mus = np.array([-2.0, -1, 1, 2]), np.linspace(0.01, 2.5, 250)
    artists = plots.plus_minus_atlas([X, X / 2.5], ["wide", "close"], mus=mus)
    by_hand = (np.tanh(mus) + 2 * np.tanh(2 * mus)) / 2 / mus
    np.testing.assert_allclose(artists["quotients"][0].get_ydata(), by_hand)
    both = artists["heights"][0].get_xdata()
    pairs = 2 * (np.log(np.cosh(both)) + np.log(np.cosh(2 * both))) - 2 * both**2
    np.testing.assert_allclose(artists["heights"][0].get_ydata(), pairs, atol=1e-12)
    np.testing.assert_allclose(artists["tops"][0].get_xdata(), [-1.44, 1.44], atol=0.01)
    np.testing.assert_allclose(artists["tops"][1].get_xdata(), [0])
    assert len(artists["bottoms"]) == 1
