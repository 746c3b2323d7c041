"""A reader at a page with live cells. Used by live.py and reader.py."""

import asyncio
import time
from pathlib import Path

from browser import FLAGS, find_chromium, served
from playwright.async_api import async_playwright

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).with_suffix("").as_posix()
    for path in HTML.rglob("*.html")
    if "data-live-page=" in path.read_text(encoding="utf-8")
)
PATIENCE = 240_000  # ms; a slow machine that does other things too


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
