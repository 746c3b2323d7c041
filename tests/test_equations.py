"""Every numbered equation has a place in the book and a test; every label named exists."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import equations  # noqa: E402


def test_book_package_and_tests_agree_on_the_labels():
    faults = equations.faults()
    assert not faults, "\n" + "\n".join(faults)


@pytest.fixture
def copy(tmp_path):
    for folder in ("book", "gmmtutor", "tests"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "site")
        )
    return tmp_path


def replace(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_label_changed_in_the_book_is_noticed(copy):
    replace(copy / "book" / "why-em-works.ipynb", "(eq-lower-bound)", "(eq-lower-bond)")
    found = "\n".join(equations.faults(copy))
    assert "names eq-lower-bound, which no page" in found
    assert "book/why-em-works: no test checks eq-lower-bond" in found


def test_a_label_changed_in_the_package_is_noticed(copy):
    replace(copy / "gmmtutor" / "em.py", "(eq-lower-bound)", "(eq-upper-bound)")
    assert "em.lower_bound names eq-upper-bound" in "\n".join(equations.faults(copy))


def test_a_label_that_stands_twice_is_noticed(copy):
    page = copy / "book" / "api.md"
    page.write_text("$$\na\n$$ (eq-lower-bound)\n", encoding="utf-8")
    assert "eq-lower-bound stands in api and in why-em-works" in "\n".join(equations.faults(copy))
