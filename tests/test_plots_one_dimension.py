"""Pictures of mixtures in one dimension show what SciPy computes."""

import itertools

import numpy as np
import oracles
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from pictures import EDGES, SEVEN, STARTS, lies_on
from scipy import stats

from gmmtutor import Mixture, datasets, plots, sample
from gmmtutor.mixture import score_samples, weighted_log_prob


@pytest.mark.parametrize("mixture", STARTS)
def test_lines_are_the_densities(mixture):
    artists = plots.densities(mixture, SEVEN)
    sds = np.sqrt(mixture.variances)
    total = 0
    x, height = artists["mixture"].get_data()
    for k, line in enumerate(artists["components"]):
        own_x, own_height = line.get_data()
        expected = mixture.weights[k] * stats.norm.pdf(own_x, mixture.means[k, 0], sds[k])
        np.testing.assert_allclose(own_height, expected, rtol=1e-10)
        np.testing.assert_allclose(own_height, np.exp(weighted_log_prob(own_x, mixture))[:, k])
        total = total + mixture.weights[k] * stats.norm.pdf(x, mixture.means[k, 0], sds[k])
    np.testing.assert_allclose(height, total, rtol=1e-10)
    np.testing.assert_allclose(height, np.exp(score_samples(x, mixture)))
    np.testing.assert_array_equal(artists["data"].get_xdata(), SEVEN)
    for mean, line in zip(mixture.means[:, 0], artists["components"], strict=True):
        assert mean in line.get_xdata()  # the peak itself is on the line


def test_truth_and_histogram():
    artists = plots.densities(STARTS[0], SEVEN, bins=4, truth=STARTS[1])
    x, height = artists["truth"].get_data()
    np.testing.assert_allclose(height, np.exp(score_samples(x, STARTS[1])))
    assert artists["truth"].get_color() == plots.TRUTH
    area = sum(patch.get_height() * patch.get_width() for patch in artists["data"])
    assert area == pytest.approx(1)


def test_a_spike_an_empty_component_and_a_lone_one_are_drawn():
    mixture = Mixture([0.2, 0.8, 0], [1, 0, 4], [1e-10, 1, 1])
    spike, wide, empty = plots.densities(mixture)["components"]
    assert spike.get_ydata().max() == pytest.approx(0.2 / np.sqrt(2e-10 * np.pi))
    assert np.ptp(spike.get_xdata()) == pytest.approx(7e-5, rel=0.05)
    assert len(wide.get_xdata()) > 100 and len(empty.get_xdata()) == 0
    low = plots.mixtures([mixture], top=0.5)[0]["components"][0]
    assert low.get_ydata().min() < 0.05 and low.axes.get_ylim() == (0, 0.5)
    one = Mixture([1], [0], [1])
    assert len(plots.signature(one, [0.5])["bars"]) == len(plots.mixtures([one])) == 1
    assert plots.tug_of_war([1, 2], [[1], [1]], [0])["new"][0].get_xdata()[0] == 1.5


@pytest.mark.parametrize("seed", range(4))
def test_labels_keep_apart_for_any_mixture(seed):
    mixture = datasets.random_mixture(2 + seed, separation=0.5 + seed, rng=seed)
    _, axes = plots.canvas(2, height=4.2)
    above, below = (
        plots.densities(mixture, ax=axes[0]),
        plots.responsibility_curves(mixture, ax=axes[1]),
    )
    plt.gcf().draw_without_rendering()
    for labels in (above["labels"], below["labels"]):
        boxes = sorted((text.get_window_extent() for text in labels), key=lambda box: box.x0)
        assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))


def shown(lines):
    """Abscissae and heights of several lines."""
    return [line.get_data() for line in lines]


def test_bells_and_their_peaks():
    sds = [0.25, 0.5, 1]
    artists = plots.bells(sds)
    for sd, (x, height) in zip(sds, shown(artists["curves"]), strict=True):
        np.testing.assert_allclose(height, stats.norm.pdf(x, 0, sd), rtol=1e-10)
        assert 0 in x  # the peak itself is on the line
    assert [label.get_text() for label in artists["labels"]] == [
        "standard deviation 0.25\npeak 1.596",
        "standard deviation 0.5\npeak 0.798",
        "standard deviation 1\npeak 0.399",
    ]
    assert set(artists["one"].get_ydata()) == {1}
    assert [line.get_linestyle() for line in artists["curves"]] == ["-", "--", "--"]
    plt.gcf().draw_without_rendering()
    for label, line in itertools.product(artists["labels"], artists["curves"]):
        assert not lies_on(label, line), label.get_text()
    assert len(plots.bells(np.arange(1, 8))["curves"]) == 7  # more than there are line styles


def test_drawn_sample_is_stacked_by_its_labels():
    mixture = STARTS[1]
    X, labels = sample(mixture, 300, rng=0)
    artists = plots.drawn(X, labels, mixture, EDGES)
    stacks = np.array([[bar.get_height() for bar in stack] for stack in artists["stacks"]])
    for k, stack in enumerate(artists["stacks"]):
        counts = np.histogram(X[labels == k], EDGES)[0]
        np.testing.assert_allclose(stacks[k], counts / (300 * 0.5), atol=1e-12)
        assert {bar.get_facecolor()[:3] for bar in stack} == {plots.tint(plots.COLOURS[k], 0.65)}
        assert {bar.get_hatch() or "" for bar in stack} == {plots.TEXTURES[k]}
    whole = [bar.get_height() for bar in artists["bars"]]
    np.testing.assert_allclose(stacks.sum(axis=0), whole, atol=1e-12)
    x, height = artists["density"].get_data()
    np.testing.assert_allclose(height, oracles.joint(x, mixture).sum(axis=1), rtol=1e-10)
    own = [(text.get_text(), text.get_color()) for text in artists["names"]]
    assert own == [(str(k + 1), plots.TEXT_COLOURS[k]) for k in range(3)]
    tops = np.cumsum(stacks, axis=0)[-1]
    for mean, text in zip(mixture.means[:, 0], artists["names"], strict=True):
        assert text.get_position()[1] > tops[np.searchsorted(EDGES, mean) - 1]


def test_drawn_takes_a_component_without_points_and_a_mean_at_the_edge():
    mixture = Mixture([0.5, 0.5], [0.1, 30], [1, 1])
    artists = plots.drawn([0.5, 1.5, 1.6], [0, 0, 0], mixture, [0, 1, 2])
    assert [bar.get_height() for bar in artists["stacks"][1]] == [0, 0]
    assert len(artists["names"]) == 2


@pytest.mark.parametrize("weight", [0.5, 0.8])
def test_an_average_is_one_bell_between_the_means(weight):
    mixture = Mixture([weight, 1 - weight], [-2, 2], [1, 4])
    artists = plots.mixture_and_average(mixture)
    x, height = artists["average"].get_data()
    sd = np.sqrt(weight**2 + 4 * (1 - weight) ** 2)  # of a sum of independent draws
    expected = stats.norm.pdf(x, 2 - 4 * weight, sd)
    np.testing.assert_allclose(height, expected, rtol=1e-10)
    x, total = artists["mixture"]["mixture"].get_data()
    np.testing.assert_allclose(total, oracles.joint(x, mixture).sum(axis=1), rtol=1e-10)
    assert [line.get_xdata()[0] for line in artists["means"]] == [-2, 2]
    limits = {line.axes.get_ylim() for line in (artists["average"], artists["mixture"]["mixture"])}
    assert len(limits) == 1 and limits.pop()[1] > max(height.max(), total.max())


def test_spread_is_within_and_between():
    mixture = STARTS[0]
    artists = plots.spread(mixture)
    mean = mixture.weights @ mixture.means[:, 0]
    assert artists["mean"].get_xdata()[0] == pytest.approx(mean)
    x = np.array([bar.get_xdata() for bar in artists["bars"]])
    np.testing.assert_allclose(x[:, 1], mixture.means[:, 0])
    np.testing.assert_allclose((x[:, 2] - x[:, 0]) / 2, np.sqrt(mixture.variances))
    between = [arrow.xy[0] - arrow.xyann[0] for arrow in artists["arrows"]]
    np.testing.assert_allclose(between, mixture.means[:, 0] - mean)
    whole = mixture.weights @ (((x[:, 2] - x[:, 0]) / 2) ** 2 + np.square(between))
    expected = mixture.weights @ (mixture.variances + mixture.means[:, 0] ** 2) - mean**2
    assert whole == pytest.approx(expected)  # what the picture is for
    written = [text.get_text() for text in artists["distances"]]
    assert written == [plots.number(distance, 1) for distance in between]
    for k, (bar, name) in enumerate(zip(artists["bars"], artists["names"], strict=True)):
        assert to_rgb(bar.get_color()) == to_rgb(plots.COLOURS[k])
        assert name.get_color() == plots.TEXT_COLOURS[k]


def test_wrong_samples_are_hatched():
    mixture = STARTS[1]
    X, labels = sample(mixture, 300, rng=0)
    artists = plots.samples_wrong_and_right(X[labels > 0], X, mixture, EDGES)
    for bars, drawn in ((artists["wrong"], X[labels > 0]), (artists["right"], X)):
        expected = np.histogram(drawn, EDGES, density=True)[0]
        np.testing.assert_allclose([bar.get_height() for bar in bars], expected, atol=1e-12)
    assert {bar.get_hatch() for bar in artists["wrong"]} <= set(plots.WRONG)
    assert {bar.get_hatch() for bar in artists["right"]} == {None}
    for x, height in shown(artists["densities"]):
        np.testing.assert_allclose(height, oracles.joint(x, mixture).sum(axis=1), rtol=1e-10)
