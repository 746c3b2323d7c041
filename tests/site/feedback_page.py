"""A feedback page, read in a real browser as the pages of the book are: ``make site-test``."""

import re
from pathlib import Path

from browser import LOADS, crawl, served

from gmmtutor.grading import feedback, reading_list

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
LONG = "your_function_with_a_name_of_" + "many_words_" * 6


def check(**changes):
    one = {
        "id": "resp-weights", "task": "t", "title": "Responsibilities", "points": 3, "earned": 0,
        "about": "what `scale` means, and unequal weights in a rather long heading",
        "status": "wrong", "message": f"Your numbers are what you get if `{LONG}` is left out.",
        "misconceptions": ["no-weights"], "reasons": ["no-weights"], "question": "Is it?",
        "read": ["responsibilities", "By hand: the matrix"], "example": {"x": str([0.123] * 40)},
    }  # fmt: skip
    return one | changes


RESULT = {
    "student": "Ada Lovelace", "file": f"Ada Lovelace/{LONG}.ipynb", "note": "2 files", "score": 3,
    "points": 9, "ran": True, "troubles": [f"Cell 3: SyntaxError: {LONG}, line 2"],
    "checks": [
        check(), check(id="b", status="right", earned=3), check(id="c", status="unanswered")
    ],
    "manual": [{"title": "The report", "points": 11}],
}  # fmt: skip


def test_a_feedback_page_has_no_fault(tmp_path):
    page = feedback.page("Responsibilities, by hand and in code", RESULT, "https://example.org/")
    page = page.replace("<head>", '<head><link rel="icon" href="data:,">')  # asked for by servers
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    with served(tmp_path) as home:
        faults = crawl([(home + "page.html", views) for views in LOADS], home)
    assert not any(faults.values()), faults


def test_links_of_a_feedback_page_lead_to_sections():
    """The names of headings are made by Sphinx, and by us."""
    for page, heading in set(reading_list.SECTIONS.values()):
        text = (HTML / "book" / f"{page}.html").read_text(encoding="utf-8")
        assert f'id="{reading_list.anchor(heading)}"' in text, f"{page}: {heading}"
    assert not re.search("http", feedback.page("A", RESULT)), "self-contained without --book"
