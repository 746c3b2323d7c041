"""Figures for slides: the same bytes each time, text that stays text, a page that speaks."""

import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import nbformat
import pytest

pytest.importorskip("nbclient")  # not among what the package is tested with at its oldest

import slides

SVG = "{http://www.w3.org/2000/svg}"
META = {
    "mystnb": {
        "figure": {"caption": "One bell, at zero & no other.", "name": "fig-bell"},
        "image": {"alt": 'A "bell" curve with its peak at zero.'},
    }
}

OTHER = {
    "mystnb": META["mystnb"] | {"figure": {"caption": "The same again.", "name": "fig-other"}}
}
BELLS = "_ = plots.bells([0.5, 1])"


def bell(name="fig-bell"):
    svg = '<svg width="1pt">\n<text style="font-family: \'DejaVu Sans\'">x</text></svg>'
    caption, alt = META["mystnb"]["figure"]["caption"], META["mystnb"]["image"]["alt"]
    return slides.Figure(name, caption, alt, slides.described(svg, caption, alt))


@pytest.mark.skipif(sys.platform == "win32", reason="kernels differ in their event loops")
@pytest.mark.filterwarnings("default")  # what a kernel's client warns about is not ours
def test_a_notebook_gives_its_named_figures(tmp_path):
    """In a real kernel, where Matplotlib takes formatters away at the first figure."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Bells\n\nOne of them."),
        new.new_code_cell(
            f"from gmmtutor import plots\nplots.use_style()\n{BELLS}", metadata=META
        ),
        new.new_code_cell(BELLS),  # without a name
        new.new_code_cell(BELLS, metadata=OTHER),
    ]
    path = tmp_path / "bells.ipynb"
    path.write_text(nbformat.writes(new.new_notebook(cells=cells)), encoding="utf-8")
    slug, title, [figure, other] = slides.drawn(path)
    assert (slug, title, figure.name, other.name) == ("bells", "Bells", "fig-bell", "fig-other")
    root = ET.fromstring(figure.svg)
    assert root.find(SVG + "title").text == META["mystnb"]["figure"]["caption"]
    assert root.find(SVG + "desc").text == META["mystnb"]["image"]["alt"]
    texts = [text.text for text in root.iter(SVG + "text")]
    assert "density" in texts and "height 1" in texts
    assert "CC BY 4.0" in figure.svg and "date" not in figure.svg.lower()
    assert "sans-serif" in figure.svg


def test_the_same_figure_gives_the_same_bytes():
    scope = {}
    exec(slides.IN_THE_KERNEL.partition("from matplotlib import")[0], scope)
    figure, ax = plt.subplots()
    ax.bar([1, 2], [3, 4], hatch="//")
    ax.set_xlim(0, 2)
    assert scope["svg"](figure) == scope["svg"](figure)
    plt.close(figure)


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_page_shows_every_figure_and_asks_nobody(tmp_path):
    chapters = [("one", "One", [bell()]), ("none", "None", []), ("two", "T<o", [bell("fig-two")])]
    assert slides.write(chapters, tmp_path / "slides") == 2
    files = {file.name for file in (tmp_path / "slides").iterdir()}
    assert files == {"index.html", "fig-bell.svg", "fig-two.svg"}
    found = Reader((tmp_path / "slides" / "index.html").read_text(encoding="utf-8")).found
    images = [attrs for tag, attrs in found if tag == "img"]
    assert {image["src"] for image in images} == files - {"index.html"}
    assert {image["alt"] for image in images} == {META["mystnb"]["image"]["alt"]}
    links = [attrs["href"] for tag, attrs in found if tag == "a"]
    assert "../book/one.html" in links and "../book/none.html" not in links
    assert slides.LICENCE in links
    assert not {tag for tag, _ in found} & {"script", "link", "iframe"}


def test_what_was_there_before_goes(tmp_path):
    (tmp_path / "fig-old.svg").touch()
    slides.write([("one", "One", [bell()])], tmp_path)
    assert not (tmp_path / "fig-old.svg").exists()


def test_two_figures_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two figures are named fig-bell"):
        slides.write([("one", "One", [bell()]), ("two", "Two", [bell()])], tmp_path)
