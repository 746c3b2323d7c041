"""Pictures of hard and soft clusters show the labels, moves and means that they should."""

import numpy as np
from pictures import SEVEN

from gmmtutor import Mixture, plots
from gmmtutor.mixture import responsibilities


def test_bars_are_the_responsibilities_of_each_variance():
    artists = plots.bars_by_variance(SEVEN, [-4, 0, 8], [4, 0.25])
    for row, variance in zip(artists["rows"], (4, 0.25), strict=True):
        heights = [[bar.get_height() for bar in bars] for bars in row["bars"]]
        mixture = Mixture([1 / 3] * 3, [-4, 0, 8], [variance] * 3)
        np.testing.assert_allclose(
            np.transpose(heights), responsibilities(SEVEN, mixture), atol=1e-15
        )


def test_rounds_show_points_by_cluster_boundaries_halfway_and_moves():
    artists = plots.kmeans_rounds(SEVEN, [8, -4, 0], 2)
    first = [line.get_xdata().tolist() for line in artists["points"][0]]
    second = [line.get_xdata().tolist() for line in artists["points"][2]]
    assert first == [[-3, -2.5], [-1, 0, 2, 4], [5]]
    assert second == [[-3, -2.5, -1], [0, 2], [4, 5]]
    halfway = [segment[0][0] for segment in artists["boundaries"][0].get_segments()]
    assert halfway == [-2, 4]
    moves = [[line.get_xdata()[0] for line in pair] for pair in artists["moves"][1]]
    np.testing.assert_allclose(moves, [[-2.75, -13 / 6], [1.25, 1], [5, 4.5]])


def test_variance_shrinks_to_the_right():
    artists = plots.annealed_means([10, 1, 0.1], [[0, 0], [-1, 1], [-2, 2]], marks=[(5, "5")])
    np.testing.assert_array_equal(artists["lines"][1].get_ydata(), [0, 1, 2])
    assert artists["lines"][0].axes.get_xlim() == (10, 0.1)
    assert artists["marks"][0].get_xdata() == [5, 5] and artists["data"] is None


def test_regions_are_where_the_rule_says_and_points_are_what_they_are():
    X, labels = np.array([[-1.0, -1], [1, 1], [2, 1]]), [0, 1, 0]
    artists = plots.regions(lambda plane: (plane[:, 0] > 0).astype(int), X, labels, n_grid=10)
    image = artists["image"].get_array()
    assert (image == image[0]).all()  # does not depend on the second feature
    assert (image[0, 0] != image[0, -1]).any()
    assert len(artists["points"][0].get_xdata()) == 2


def test_estimates_count_everything():
    groups = {"one": [0.1, 0.2, 9], "two": [0.5]}
    artists = plots.estimates(groups, 0.3, np.linspace(0, 1, 11), xlabel="value")
    counts = [[bar.get_height() for bar in bars] for bars in artists["bars"]]
    assert [sum(row) for row in counts] == [3, 1]
    assert counts[0][-1] == 1  # what lies beyond is in the last bin
    assert artists["labels"][0].get_text() == "one\nmedian 0.20"
