"""Live cells of every page in a real browser: ``make site-test``.

All cells of a page run from top to bottom, and print what is committed. One page is also used
as a reader does: edited, stopped, wrong, from the keyboard alone.
"""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest
from browser import FLAGS, find_chromium, served
from playwright.async_api import async_playwright

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).with_suffix("").as_posix()
    for path in HTML.rglob("*.html")
    if "data-live-page=" in path.read_text(encoding="utf-8")
)
ONE = "book/responsibilities"
PATIENCE = 120_000  # ms; a slow machine that does other things too


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
    const image = node.querySelector(":scope > img");
    if (node.matches("figure")) return ["png", image.naturalWidth && image.alt ? "" : "empty"];
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


class Reader:
    """One page in one browser, and what a reader does with it."""

    def __init__(self, page):
        self.page = page

    def cell(self, number):
        return self.page.locator(f".bd-article .cell:has([aria-label$=' cell {number}'])").first

    async def run(self, number):
        """Press Run, wait until the cell is done; return the seconds."""
        start = time.monotonic()
        await self.cell(number).locator(".live-run").evaluate("(button) => button.click()")
        await self.done(number)
        return time.monotonic() - start

    async def done(self, number):
        status = f"{number} === 0 || !document.querySelector(`[aria-label='Stop cell {number}']`)"
        await self.page.wait_for_function(status, timeout=PATIENCE)

    async def status(self, number):
        return await self.cell(number).locator(".live-status").inner_text()

    async def shown(self, number):
        return await self.cell(number).locator(".cell_output").inner_text()

    async def edit(self, number, code):
        cell = self.cell(number)
        await cell.locator("[aria-label^='Edit']").evaluate("(button) => button.click()")
        await cell.locator("textarea").fill(code)


async def _read(home, name, visit):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        faults = []

        def asked(request):
            if not request.url.startswith((home, "data:", "blob:")):
                faults.append(f"asks another host: {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("response", lambda a: a.status >= 400 and faults.append(f"{a.status}: {a.url}"))
        await page.goto(f"{home}{name}.html")
        try:
            found = await visit(Reader(page))
        finally:
            await browser.close()
        assert not faults, faults
        return found


def read(name, visit):
    """Open a page and do what `visit` does; return what it returns."""
    with served(HTML) as home:
        return asyncio.run(_read(home, name, visit))


def test_python_is_there():
    """Without it the book builds, but the tests that CI runs would be empty."""
    assert PAGES, "No page has live cells: make pyodide, then make book."


@pytest.mark.parametrize("name", PAGES)
def test_all_cells_print_what_is_committed(name, record_property):
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
