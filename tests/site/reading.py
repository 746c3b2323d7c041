"""A reader at a page with live cells. Used by live.py and reader.py."""

import asyncio
import time
from contextlib import contextmanager
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


class Browser:
    """A browser with the site before it; its pages share what it has fetched and compiled."""

    async def open(self):
        self.playwright = await async_playwright().start()
        path = find_chromium()
        self.browser = await self.playwright.chromium.launch(executable_path=path, args=FLAGS)
        self.context = await self.browser.new_context(viewport={"width": 1280, "height": 900})

    async def close(self):
        await self.browser.close()
        await self.playwright.stop()

    async def visit(self, home, name, visit):
        page = await self.context.new_page()
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
            await page.close()  # and the Python that ran there
        assert not faults, faults
        return found


@contextmanager
def reading(home=None):
    """Open a browser; yield read(page, visit), which returns what visit returns.

    `home` is the site's address; without it _build/html is served.
    """
    browser = Browser()
    with served(HTML) as here, asyncio.Runner() as runner:
        runner.run(browser.open())
        try:
            yield lambda name, visit: runner.run(browser.visit(home or here, name, visit))
        finally:
            runner.run(browser.close())
