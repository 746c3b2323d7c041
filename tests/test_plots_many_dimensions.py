"""Pictures of mixtures in two dimensions show distances and shades as they are."""

import numpy as np
from matplotlib.colors import to_rgb
from pictures import FAITHFUL_2D

from gmmtutor import Mixture, datasets, plots
from gmmtutor.mixture import responsibilities


def test_ellipses_are_lines_of_equal_mahalanobis_distance():
    one = Mixture([1], [[1, 2]], [[[2, 0.9], [0.9, 1]]])
    (ellipse,) = plots.ellipses(one, sds=(1.5,))["ellipses"][0]
    turn = np.linspace(0, 2 * np.pi, 50)
    on_it = ellipse.get_patch_transform().transform(np.column_stack([np.cos(turn), np.sin(turn)]))
    on_it -= one.means[0]
    distance2 = np.einsum("ni,ij,nj->n", on_it, np.linalg.inv(one.covariances[0]), on_it)
    np.testing.assert_allclose(distance2, 1.5**2)


def test_ellipses_colour_the_data_by_responsibility():
    X = datasets.old_faithful()
    artists = plots.ellipses(FAITHFUL_2D, X)
    resp = responsibilities(X, FAITHFUL_2D)
    first = resp.argmax(axis=1) == 0
    np.testing.assert_allclose(artists["data"][0].get_offsets(), X[first])
    np.testing.assert_allclose(artists["data"][0].get_facecolor()[:, :3], plots.blend(resp[first]))
    np.testing.assert_allclose(
        plots.blend([[0.5, 0.5]])[0], np.mean([to_rgb(c) for c in plots.COLOURS[:2]], axis=0)
    )


def test_wrong_ellipses_are_hatched_and_others_are_not():
    for wrong in (False, True):
        drawn = plots.ellipses(FAITHFUL_2D, wrong=wrong)["ellipses"]
        hatches = [ellipse.get_hatch() for pair in drawn for ellipse in pair]
        assert all(hatch in plots.WRONG if wrong else hatch is None for hatch in hatches)


def test_boundaries_of_territories_are_where_two_components_share_equally():
    limits = ((1, 6), (40, 100))
    artists = plots.territories(FAITHFUL_2D, limits=limits)
    for contour in artists["boundaries"]:
        places = contour.get_paths()[0].vertices
        assert len(places) > 50
        np.testing.assert_allclose(responsibilities(places, FAITHFUL_2D)[:, 0], 0.5, atol=0.01)


def test_territories_of_three_components_hold_the_points_that_belong_to_them():
    three = Mixture([0.2, 0.3, 0.5], [[0, 0], [3, 1], [1, 4]], [np.eye(2)] * 3)
    artists = plots.territories(three, limits=((-3, 6), (-3, 7)))
    places = np.random.default_rng(3).uniform((-3, -3), (6, 7), (200, 2))
    resp = responsibilities(places, three)
    clear = np.sort(resp, axis=1)[:, -1] - np.sort(resp, axis=1)[:, -2] > 0.2
    for k, field in enumerate(artists["fields"]):
        inside = np.any([path.contains_points(places) for path in field.get_paths()], axis=0)
        np.testing.assert_array_equal(inside[clear], resp[clear].argmax(axis=1) == k)


def test_a_component_without_territory_has_no_field_and_no_boundary():
    hidden = Mixture([0.9, 0.1], [[0, 0], [0, 0]], [np.eye(2)] * 2)
    artists = plots.territories(hidden, limits=((-3, 3), (-3, 3)))
    assert len(artists["fields"]) == 1 and artists["boundaries"] == []


def test_whitening_makes_circles_and_perpendicular_arrows():
    rng = np.random.default_rng(4)
    covariance = np.array([[5.0, 2], [2, 2]])
    X = rng.multivariate_normal([3, 2], covariance, 40)
    artists = plots.whitened(X, [3, 2], covariance, rng.uniform(0, 1, 40))
    left, right = (np.asarray(dots.get_offsets()) for dots in artists["data"])
    np.testing.assert_allclose(left, X)
    squares = np.einsum("ni,ij,nj->n", X - [3, 2], np.linalg.inv(covariance), X - [3, 2])
    np.testing.assert_allclose((right**2).sum(axis=1), squares)
    assert [circle.radius for circle in artists["circles"]] == [1, 2]
    arrows = np.array([np.subtract(arrow.xyann, arrow.xy) for arrow in artists["axes"]])
    lengths = np.sort(np.linalg.norm(arrows[:2], axis=1))
    np.testing.assert_allclose(lengths, [1, np.sqrt(6)])
    np.testing.assert_allclose(arrows[2:] @ arrows[2:].T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(arrows[0] @ arrows[1], 0, atol=1e-12)


def test_strip_square_and_circle_hold_what_they_say():
    Z = np.random.default_rng(5).standard_normal((4000, 2))
    shares = 0.6827, 0.4661, 0.3935
    artists = plots.strip_square_circle(Z, shares)
    for share, within, without in zip(shares, artists["inside"], artists["outside"], strict=True):
        count = len(within.get_xdata())
        assert count + len(without.get_xdata()) == 4000
        assert abs(count / 4000 - share) < 4 * np.sqrt(share * (1 - share) / 4000)
