"""All live cells of every page run in a real browser: ``make site-test``.

From top to bottom, and each shows what is committed with its notebook.
"""

import json
import re
from pathlib import Path

import pytest
from reading import PAGES, reading

ROOT = Path(__file__).resolve().parents[2]


def text(value):
    return "".join(value) if isinstance(value, list) else value


def committed(page):
    """What each code cell of a notebook shows: {place: [[kind, text], ...]}."""
    notebook = json.loads((ROOT / f"{page}.ipynb").read_text(encoding="utf-8"))
    shown = {}
    for place, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code" or "not-live" in cell["metadata"].get("tags", []):
            continue
        parts = shown[place] = []
        for output in cell["outputs"]:
            data = output.get("data", {})
            if output["output_type"] == "stream":
                parts.append(["stdout", text(output["text"])])
            elif "image/png" in data:
                parts.append(["png", ""])
            elif "text/html" in data:
                parts.append(["html", text(data["text/html"])])
            elif "text/markdown" in data:
                fences = r"^```.*\n?"
                shown_as = re.sub(fences, "", text(data["text/markdown"]), flags=re.M)
                parts.append(["markdown", shown_as])
            else:
                parts.append(["text", text(data["text/plain"])])
    return shown


# Reads what a cell shows now, in the form of committed(); HTML goes through the same parser.
READ = r"""(committed) => Object.entries(committed).flatMap(([place, expected]) => {
  const cell = document.querySelector(`.cell.live-${place}`);
  if (!cell?.querySelector(".live-bar")) return [];
  const shown = [...cell.querySelector(".cell_output").children].map((node) => {
    const image = node.querySelector("img");
    if (node.matches("figure")) return ["png", image?.naturalWidth && image.alt ? "" : "empty"];
    if (node.matches(".text_html")) return ["html", node.innerHTML];
    const kind = [...node.classList].find((name) => /^live-/.test(name))?.slice(5);
    return kind ? [kind, node.textContent] : ["markdown", node.textContent];
  });
  const same = expected.map(([kind, text]) => {
    if (kind !== "html") return [kind, text];
    const box = document.createElement("div");
    box.innerHTML = text;
    return [kind, box.innerHTML];
  });
  const plain = (parts) => JSON.stringify(parts.map(([kind, text]) => [kind, text.trim()]));
  if (plain(same) === plain(shown)) return [];
  return [`cell ${place} shows\n${plain(shown)}\nbut committed is\n${plain(same)}`];
})"""


def test_python_is_there():
    """Without it the book builds, but the tests that CI runs would be empty."""
    assert PAGES, "No page has live cells: make pyodide, then make book."


@pytest.fixture(scope="module")
def read():
    """One browser for all pages: Python is fetched and compiled once."""
    with reading() as read:
        yield read


@pytest.mark.parametrize("name", PAGES)
def test_all_cells_print_what_is_committed(name, read):
    async def visit(reader):
        count = await reader.page.locator(".live-bar").count()
        labels = reader.page.locator(".live-run")
        last = await labels.nth(count - 1).get_attribute("aria-label")
        seconds = await reader.run(int(last.split()[-1]))
        errors = await reader.page.locator(".live-error").all_inner_texts()
        faults = await reader.page.evaluate(READ, committed(name))
        return seconds, count, errors, faults

    seconds, count, errors, faults = read(name, visit)
    print(f"{name}: {count} cells in {seconds:.1f} s")
    assert not errors, "\n".join(errors)
    assert not faults, "\n".join(faults)
