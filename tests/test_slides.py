"""Figures for slides: the same bytes each time, text that stays text, no link without a file."""

import base64
import json
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import nbformat
import pytest

pytest.importorskip("nbclient")  # not among what the package is tested with at its oldest
pytest.importorskip("sphinx")

import slides
from slides import gallery

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
    [figure, other] = slides.drawn(path)
    assert (figure.name, other.name) == ("fig-bell", "fig-other")
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


def bells(path, names=("fig-bell",), png=b"a picture"):
    """A notebook as it is committed, with a figure of each name."""
    data = {"image/png": base64.b64encode(png).decode(), "text/plain": "<Figure>"}
    size = {"image/png": {"width": 624, "height": 240}}
    output = {"output_type": "display_data", "data": data, "metadata": size}
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Bells\n", "\n", "Text"]}]
    for name in names:
        look = {"figure": META["mystnb"]["figure"] | {"name": name}}
        meta = {"mystnb": META["mystnb"] | look}
        cells.append({"cell_type": "code", "metadata": meta, "outputs": [output], "source": ""})
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def test_the_committed_figures_of_a_notebook(tmp_path):
    title, [one, other] = gallery.title_and_figures(bells(tmp_path / "b.ipynb", ["one", "other"]))
    assert (title, one.name, other.name) == ("Bells", "one", "other")
    assert (one.png, one.width, one.height) == (b"a picture", 624, 240)


@pytest.fixture
def drawings(monkeypatch):
    """Names of notebooks that were run; each gives one SVG."""
    ran = []

    def drawn(path):
        ran.append(path.name)
        return [slides.Figure("fig-bell", "", "", f"<svg>{len(ran)}</svg>")]

    monkeypatch.setattr(slides, "drawn", drawn)
    return ran


def test_a_notebook_is_drawn_once_for_each_of_its_states(tmp_path, drawings):
    path, kept = bells(tmp_path / "bells.ipynb"), tmp_path / "kept"
    assert [slides.keep(path, kept) for _ in range(2)] == [1, 0]
    before = gallery.drawn_in(path, kept)
    assert (before / "fig-bell.svg").read_text() == "<svg>1</svg>"
    bells(path, png=b"another picture")
    assert gallery.drawn_in(path, kept) != before
    assert slides.keep(path, kept) == 1
    assert drawings == ["bells.ipynb"] * 2 and not before.exists()


def test_a_state_depends_on_the_package(tmp_path, monkeypatch):
    path = bells(tmp_path / "bells.ipynb")
    before = gallery.drawn_in(path)
    monkeypatch.setattr(gallery, "state_of_package", lambda: b"another")
    assert gallery.drawn_in(path) != before


def test_two_figures_of_one_name_are_refused(tmp_path, capsys):
    paths = [bells(tmp_path / f"{name}.ipynb") for name in ("one", "two")]
    assert slides.main(paths) == 1
    assert "Two figures are named fig-bell" in capsys.readouterr().err


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def links(page):
    return [attrs["href"] for tag, attrs in Reader(page).found if tag == "a"]


def test_the_page_offers_what_is_there_and_nothing_else(tmp_path):
    """Vectors come and go with each build; what was offered before must not stay."""
    _, figures = gallery.title_and_figures(bells(tmp_path / "b.ipynb", ["fig-one", "fig-two"]))
    bare = "".join(gallery.shown_figure(figure, "bells") for figure in figures)
    assert "../slides/fig-one.png" in links(bare) and "bells.html#fig-two" in links(bare)
    assert not [link for link in links(bare) if link.endswith(".svg")]
    page = gallery.offer(bare, {"fig-two"})
    assert [link for link in links(page) if link.endswith(".svg")] == ["../slides/fig-two.svg"]
    assert gallery.offer(page, {"fig-two"}) == page and gallery.offer(page, set()) == bare
    images = [attrs for tag, attrs in Reader(page).found if tag == "img"]
    assert {image["alt"] for image in images} == {META["mystnb"]["image"]["alt"]}
    names = [attrs["aria-label"] for tag, attrs in Reader(page).found if "download" in attrs]
    assert names == ["PNG of fig-one", "PNG of fig-two", "SVG of fig-two"]


class Builder:
    """As much of Sphinx as writing files needs."""

    format = "html"


def test_files_stand_where_the_page_says(tmp_path, monkeypatch, drawings):
    source, out = tmp_path / "source", tmp_path / "out"
    (source / "book").mkdir(parents=True)
    (out / "book").mkdir(parents=True)
    path = bells(source / "book" / "bells.ipynb")
    [figure] = gallery.title_and_figures(path)[1]
    page = out / "book" / "figures.html"
    page.write_text(gallery.shown_figure(figure, "bells"), encoding="utf-8")
    monkeypatch.setattr(gallery, "drawn_in", lambda path: tmp_path / "kept")
    app = type("App", (), {"outdir": out, "srcdir": source, "builder": Builder})
    app.config = type("Config", (), {"external_site_map": {"book/bells": 0, "book/atlas": 0}})
    gallery.write_files(app, None)
    assert {file.name for file in (out / "slides").iterdir()} == {"fig-bell.png"}
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "fig-bell.svg").write_text("<svg></svg>")
    gallery.write_files(app, None)
    for link in links(page.read_text(encoding="utf-8")):
        assert (page.parent / link.partition("#")[0]).exists() or link == "bells.html#fig-bell"
    assert (out / "slides" / "fig-bell.svg").exists()
