"""Pictures of responsibilities show the right shares, boundaries and numbers."""

import numpy as np
import pytest
from pictures import SEVEN, STARTS
from scipy import optimize, stats

from gmmtutor import Mixture, datasets, e_step, plots
from gmmtutor.mixture import responsibilities, weighted_log_prob
from gmmtutor.plots.parts import rising

TWO = Mixture([0.5, 0.5], [0, 2], [1, 4])


@pytest.mark.parametrize("wrong", [False, True])
def test_bars_are_the_responsibilities_and_end_at_one(wrong):
    resp = responsibilities(SEVEN, STARTS[1])
    bars = plots.responsibility_bars(SEVEN, resp, wrong=wrong)["bars"]
    heights = np.array([[bar.get_height() for bar in stack] for stack in bars]).T
    bottoms = np.array([[bar.get_y() for bar in stack] for stack in bars]).T
    np.testing.assert_allclose(heights, resp, atol=1e-12)
    np.testing.assert_allclose(bottoms[:, 0], 0, atol=1e-12)
    np.testing.assert_allclose(bottoms[:, 1:], (bottoms + heights)[:, :-1], atol=1e-12)
    np.testing.assert_allclose((bottoms + heights)[:, -1], 1, atol=1e-12)
    diagonal = {bar.get_hatch() in plots.WRONG for stack in bars for bar in stack}
    assert diagonal == {wrong}


def test_bars_of_close_points_stand_apart_and_keep_their_dots():
    X = np.array([0, 0.001, 0.002, 5, 9])
    artists = plots.responsibility_bars(X, np.full((5, 2), 0.5))
    left = np.array([bar.get_x() for bar in artists["bars"][0]])
    right = left + [bar.get_width() for bar in artists["bars"][0]]
    assert (right[:-1] < left[1:]).all()
    assert [line.get_xdata()[0] for line in artists["leaders"]] == X.tolist()
    np.testing.assert_array_equal(artists["dots"].get_xdata(), X)


@pytest.mark.parametrize("seed", range(20))
def test_rising_is_isotonic_regression(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=rng.integers(1, 40)).round(rng.integers(0, 3))
    expected = optimize.isotonic_regression(values).x
    np.testing.assert_allclose(rising(values), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n_samples", [40, 41])
def test_bars_of_many_points_stay_in_their_places(n_samples):
    X = np.linspace(0, 1, n_samples)
    bars = plots.responsibility_bars(X, np.full((n_samples, 2), 0.5))["bars"][0]
    centres = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    np.testing.assert_allclose(centres, X, atol=1e-9 if n_samples > 40 else 0.03)


def test_signature_takes_frozen_responsibilities():
    resp, _ = e_step(SEVEN, STARTS[0])
    artists = plots.signature(STARTS[1], SEVEN, resp)
    assert artists["bars"][1][2].get_height() == pytest.approx(0.942926, abs=5e-7)
    assert artists["mixture"].axes.get_xlim() == artists["dots"].axes.get_xlim()


@pytest.mark.parametrize("draw", [plots.responsibility_curves, plots.log_densities])
def test_curves(draw):
    mixture = STARTS[1]
    artists = draw(mixture, (-4, 7), X=SEVEN)
    lines = artists["curves"] if "curves" in artists else artists["parabolas"]
    x = lines[0].get_xdata()
    value = responsibilities if "curves" in artists else weighted_log_prob
    for k, column in enumerate(value(x, mixture).T):
        drawn = lines[k].get_ydata()
        seen = ~np.isnan(drawn)
        assert seen.sum() > 100
        np.testing.assert_allclose(drawn[seen], column[seen], rtol=1e-12)
    assert lines[0].axes.get_xlim() == (-4, 7)
    assert [text.get_text() for text in artists["values"]] == ["−0.34", "2.22"]
    marks = [line.get_xdata()[0] for line in artists["boundaries"]]
    assert marks == [x for x, _, _ in plots.boundaries(mixture) if -4 < x < 7]


def test_components_are_named_over_their_regions():
    labels = plots.responsibility_curves(TWO, (-5, 8))["labels"]
    axes = labels[0].axes
    at = [axes.transAxes.transform(label.get_position())[0] for label in labels]
    x = [axes.transData.inverted().transform((place, 0))[0] for place in at]
    np.testing.assert_allclose(x, [(-2.571 + 1.238) / 2, (1.238 + 8) / 2], atol=0.02)


def test_boundaries_of_the_exercise():
    found = plots.boundaries(TWO)
    assert [crossing[1:] for crossing in found] == [(0, 1), (0, 1)]
    np.testing.assert_allclose([crossing[0] for crossing in found], [-2.571, 1.238], atol=5e-4)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("shift", [0, 1e6])
def test_boundaries_solve_the_equation(seed, shift):
    rough = datasets.random_mixture(2 + seed % 3, rng=seed)
    mixture = Mixture(rough.weights, rough.means + shift, rough.covariances)
    found = plots.boundaries(mixture)
    for x, i, j in found:
        resp = responsibilities([x], mixture)[0]
        assert resp[i] == pytest.approx(resp[j], rel=1e-6 if shift else 1e-9)
        assert resp[i] >= resp.max() - 1e-6
    x = np.linspace(shift - 12, shift + 12, 20001)
    largest = responsibilities(x, mixture).argmax(axis=1)
    inside = [crossing for crossing in found if x[0] < crossing[0] < x[-1]]
    assert len(inside) == np.count_nonzero(np.diff(largest))


def test_boundaries_of_equal_variances_identical_and_empty_components():
    assert plots.boundaries(Mixture([0.5, 0.5], [0, 2], [1, 1])) == [(1.0, 0, 1)]
    assert plots.boundaries(Mixture([0.5, 0.5], [1, 1], [1, 1])) == []
    assert plots.boundaries(Mixture([1, 0], [0, 2], [1, 4])) == []


def test_shares_are_the_heights_over_their_sum():
    mixture = STARTS[1]
    artists = plots.shares(mixture, 2)
    resp = responsibilities([2], mixture)[0]
    np.testing.assert_allclose([bar.get_height() for bar in artists["bar"]], resp)
    heights = np.exp(weighted_log_prob([2], mixture))[0]
    np.testing.assert_allclose([m.get_ydata()[0] for m in artists["markers"]], heights)
    written = [tuple(text.get_text() for text in pair) for pair in artists["texts"]]
    assert written == [(f"{h:.4f}", f"{r:.3f}") for h, r in zip(heights, resp, strict=True)]


def test_table():
    resp = responsibilities(SEVEN, STARTS[0])
    artists = plots.responsibility_table(resp, SEVEN, cell=(2, 1), counts=True)
    written = [[text.get_text() for text in row] for row in artists["numbers"]]
    assert written[2] == ["0.057", "0.943", "0.000"]
    assert [text.get_text() for text in artists["counts"]] == ["2.057", "2.009", "2.934"]
    full = artists["bars"][0][0].get_width() / resp[0, 0]
    widths = np.array([[bar.get_width() for bar in row] for row in artists["bars"]])
    np.testing.assert_allclose(widths / full, resp, atol=1e-12)
    x, y = artists["numbers"][2][1].get_position()
    outline = artists["outline"]
    assert outline.get_x() < x < outline.get_x() + outline.get_width()
    assert outline.get_y() < y < outline.get_y() + outline.get_height()


def test_wrong_is_hatched_and_outlined_where_it_differs():
    mixture = STARTS[0]
    sds = mixture.variances  # the mistake: a variance where a standard deviation belongs
    joint = mixture.weights * stats.norm.pdf(SEVEN[:, np.newaxis], mixture.means[:, 0], sds)
    wrong = joint / joint.sum(axis=1, keepdims=True)
    artists = plots.wrong_and_right(SEVEN, wrong, responsibilities(SEVEN, mixture))
    assert artists["wrong"]["bars"][2][2].get_height() == pytest.approx(0.249686, abs=5e-7)
    assert artists["wrong"]["bars"][2][2].get_hatch() in plots.WRONG
    assert artists["right"]["bars"][2][2].get_hatch() not in plots.WRONG
    assert len(artists["outlines"]) == 4  # x = -1 and x = 2, in both rows


def test_more_than_one_feature_is_refused():
    with pytest.raises(ValueError, match="2 features"):
        plots.responsibility_bars(np.zeros((3, 2)), np.ones((3, 1)))
