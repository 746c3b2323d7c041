"""The room kept for formulas (book/_ext/room.py) is that which MathJax takes."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[1] / "book" / "_ext" / "room.py"

# Width, height and depth in ex, as MathJax 3 drew them in Chromium.
DRAWN = {
    r"x = 1": (5.442, 1.692, 0.186),
    r"-13.9062": (9.176, 1.692, 0.186),
    r"\mu_k": (2.386, 1.489, 0.489),
    r"v_1 \ne v_2": (7.187, 2.106, 0.486),
    r"N \times K": (6.786, 1.545, 0),
    r"\max(\lambda, \varepsilon)": (9.35, 2.262, 0.566),
    r"2 / (1 - \lambda_{\min})": (12.093, 2.262, 0.566),
    r"\log |C| + \operatorname{tr}(C^{-1} S)": (18.068, 2.452, 0.566),
    r"\bar x_k = \frac{1}{N_k} \sum_n r_{nk} x_n": (18.069, 2.99, 1.033),
    r"\tfrac14 \cdot 1 + \tfrac14 \cdot 1 = \tfrac12": (16.7, 2.737, 0.781),
}


@pytest.fixture(scope="module")
def room():
    spec = importlib.util.spec_from_file_location("room", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("formula", DRAWN)
def test_room_is_what_mathjax_takes(room, formula):
    width, height, depth = room.size(formula)
    right = DRAWN[formula]
    assert width == pytest.approx(right[0], rel=0.06, abs=0.6)
    assert (height, depth) == pytest.approx(right[1:], abs=0.3)


def test_only_the_beginning_of_a_page_gets_room(room):
    one = r'<span class="math notranslate nohighlight">\(a &lt; b\)</span>'
    found = room.INLINE.sub(room.reserve, one * 70, count=room.FIRST)
    assert found.count("style=") == 60 and found.count(r"\(a &lt; b\)") == 70


def test_what_matplotlib_cannot_read_stays_as_it_is(room):
    unknown = r'<span class="math notranslate nohighlight">\(\unknown{x}\)</span>'
    assert room.INLINE.sub(room.reserve, unknown) == unknown
