"""The figures are in the book's look, without text over text, and leave no trace behind."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from pictures import (
    FIVE_COMPONENTS,
    SEVEN,
    STARTS,
    contrast,
    of_landscapes,
    of_old_faithful,
    of_precision,
    of_responsibilities,
    of_seven_points,
    of_the_plus_minus_model,
    tick_labels_not_drawn,
    visible_texts,
)

from gmmtutor import plots
from gmmtutor.mixture import responsibilities

SECOND, FAITHFUL = of_seven_points(STARTS[1]), of_old_faithful()
FIRST, FIVE = of_seven_points(STARTS[0]), of_responsibilities(FIVE_COMPONENTS)
# Where there is less room than with the second start.
TIGHT = dict.fromkeys(("curves", "tug", "ledger"), FIRST)
TIGHT |= dict.fromkeys(("bars", "table", "shares"), FIVE)
TIGHT |= {"histogram": FAITHFUL}
ALL = [pytest.param(TIGHT.get(name, SECOND)[name], id=name) for name in SECOND] + [
    pytest.param(draw, id=f"{name}-faithful")
    for name, draw in FAITHFUL.items()
    if name != "histogram"
]
ALL += [pytest.param(draw, id=name) for name, draw in of_the_plus_minus_model().items()]
ALL += [pytest.param(draw, id=name) for name, draw in of_precision().items()]
ALL += [pytest.param(draw, id=name) for name, draw in of_landscapes().items()]


@pytest.fixture(scope="module", params=ALL)
def figure(request):
    """Each picture, drawn once for the tests that follow."""
    before = dict(mpl.rcParams)
    request.param()
    assert dict(mpl.rcParams) == before, "the picture changed Matplotlib's defaults"
    assert len(plt.get_fignums()) == 1
    plt.gcf().draw_without_rendering()
    return plt.gcf()


def test_is_in_the_books_style(figure):
    low, high = plots.HEIGHTS
    assert figure.get_figwidth() == plots.WIDTH and low <= figure.get_figheight() <= high
    assert figure.get_facecolor() == (*to_rgb(plots.PAPER), 1)
    for text in visible_texts(figure):
        assert contrast(text.get_color(), plots.PAPER) >= 4.5, text.get_text()
        assert 9 <= text.get_fontsize() <= 11, text.get_text()


def test_no_text_over_text_and_none_cut_off(figure):
    hidden = tick_labels_not_drawn(figure)
    boxes = [(t, t.get_window_extent()) for t in visible_texts(figure) if t not in hidden]
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{text.get_text()!r} is cut off"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        over = a.padded(-0.5).overlaps(b.padded(-0.5))
        assert not over, f"{one.get_text()!r} lies over {other.get_text()!r}"


def test_components_differ_without_colour():
    assert len(set(plots.LINE_STYLES)) == len(plots.COLOURS)
    assert len(set(plots.MARKERS)) == len(set(plots.TEXTURES)) == len(plots.COLOURS)
    assert len(set(plots.WRONG)) == len(plots.COLOURS)
    assert not set("".join(plots.TEXTURES)) & set("".join(plots.WRONG))


@pytest.mark.parametrize("name", ["TEXT_COLOURS", "INK", "GREY"])
def test_every_text_colour_has_contrast(name):
    colours = getattr(plots, name)
    for colour in [colours] if isinstance(colours, str) else colours:
        assert contrast(colour, plots.PAPER) >= 4.5


def test_a_component_has_one_colour_in_all_pictures():
    mixture = STARTS[1]
    resp = responsibilities(SEVEN, mixture)
    lines = (
        plots.densities(mixture)["components"],
        plots.responsibility_curves(mixture)["curves"],
        plots.log_densities(mixture)["parabolas"],
        [ropes[0] for ropes in plots.tug_of_war(SEVEN, resp, mixture.means)["ropes"]],
    )
    bars = (
        [stack[0] for stack in plots.responsibility_bars(SEVEN, resp)["bars"]],
        plots.responsibility_table(resp)["bars"][0],
        plots.shares(mixture, 0)["bar"],
    )
    for k, colour in enumerate(plots.COLOURS[:3]):
        assert {to_rgb(drawn[k].get_color()) for drawn in lines} == {to_rgb(colour)}
        assert {drawn[k].get_facecolor()[:3] for drawn in bars} == {to_rgb(colour)}
        assert {drawn[k].get_hatch() or "" for drawn in bars} == {plots.TEXTURES[k]}
    own = [drawn[1].get_linestyle() for drawn in lines[:3]]
    assert own == ["--"] * 3


def panels_used(artists):
    """The axes of all artists in a result, however they are nested."""
    if isinstance(artists, dict):
        artists = list(artists.values())
    if isinstance(artists, (list, tuple)):
        return set().union(*(panels_used(artist) for artist in artists))
    return {artists.axes} if isinstance(artists, Artist) and artists.axes else set()


PANELS = {
    "signature": 2,
    "by-variance": 4,
    "estimates": 2,
    "shares": 2,
    "wrong": 2,
    "tug": 3,
    "drawn": 2,
    "average": 2,
    "samples": 2,
    "about": 3,
    "frozen": 6,
    "wrongly": 2,
    "history": 2,
}


def test_accepts_axes_and_makes_no_figure_then():
    before = dict(mpl.rcParams)
    figure = plt.figure()
    for name, draw in SECOND.items():
        if name in ("histogram", "before", "mixtures"):
            continue  # others show the same
        figure.clear()
        axes = [figure.add_axes((n / 6, 0, 1 / 6, 1)) for n in range(PANELS.get(name, 1))]
        assert panels_used(draw(axes if name in PANELS else axes[0])) == set(axes), name
        assert figure.axes == axes, name
    assert len(plt.get_fignums()) == 1
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("seed", range(5))
def test_spread_out_moves_as_little_as_possible(seed):
    rng = np.random.default_rng(seed)
    wanted, widths = rng.uniform(0, 1, 6), rng.uniform(0.05, 0.15, 6)
    placed = plots.spread_out(wanted, widths, 0, 1)
    order = np.argsort(wanted)
    gaps = np.diff(placed[order]) - (widths[order][1:] + widths[order][:-1]) / 2
    assert gaps.min() > -1e-12
    assert (placed - widths / 2).min() > -1e-12 and (placed + widths / 2).max() < 1 + 1e-12
    free = plots.spread_out([0, 1, 5], 0.5)
    np.testing.assert_allclose(free, [0, 1, 5])


def test_numbers_have_a_true_minus_sign_and_zero_has_none():
    assert plots.number(-14.4105) == "−14.41"
    assert plots.number(-0.001) == "0.00"


def test_png_is_small_and_says_its_size():
    plots.densities(STARTS[1], SEVEN)
    data, size = plots.png(plt.gcf())
    assert data.startswith(b"\x89PNG") and len(data) < 120_000
    assert size["width"] == plots.WIDTH * plots.DPI
    assert int.from_bytes(data[16:20], "big") == 2 * size["width"]


def test_use_style_sets_the_defaults():
    with mpl.rc_context():
        plots.use_style()
        assert mpl.rcParams["figure.facecolor"] == plots.PAPER
        assert plt.subplots()[0].get_figwidth() == plots.WIDTH
