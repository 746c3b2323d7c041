"""Every page of the built site, read in a real browser: ``make site-test``.

Each page, at 1280 and 390 px, light and dark, and at 200 %: it loads without an error and without
a request to another host, its math is drawn and fits, it neither scrolls sideways nor jumps, its
images have texts, its headings are in order, and axe-core finds nothing serious. The name of this
file keeps it out of a plain ``pytest``.
"""

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import FLAGS, LOADS, View, crawl, find_chromium, served
from playwright.async_api import async_playwright

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path != HTML / "index.html"  # it leads to the first page
)


@pytest.fixture(scope="module")
def site():
    """The faults of each page, found in one go."""
    assert PAGES, "There is no site in _build/html; run make book."
    with served(HTML) as home:
        jobs = [(home + page, views) for page in PAGES for views in LOADS]
        faults = crawl(jobs, home)
        return {page: faults[home + page] for page in PAGES}


@pytest.mark.parametrize("page", PAGES or ["_build/html is empty"])
def test_page(site, page):
    assert not site[page], f"{page}:\n  " + "\n  ".join(site[page])


def test_pages_from_disk():
    """A reader may open the files without a server; math must be drawn there too."""
    home = HTML.as_uri() + "/"
    jobs = [(home + page, [View(1280, "light")]) for page in PAGES]
    faults = {page: found for page, found in crawl(jobs, home).items() if found}
    assert not faults, faults


async def _read(address, selector):
    """Return the address at which a page settles, and the texts of what a selector finds."""
    async with async_playwright() as playwright:
        chromium = playwright.chromium
        browser = await chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = await browser.new_page()
        await page.goto(address)
        await page.wait_for_selector(selector, timeout=15_000)
        found = page.url, await page.locator(selector).all_inner_texts()
        await browser.close()
        return found


def test_every_download_is_there():
    """The browser follows no link; so each page's links to files of the site are read here."""
    link = re.compile(r'<a [^>]*?href="(?!https?:|mailto:|#|/)([^"#?]+)')
    missing = {
        f"{page}: {target}"
        for page in PAGES
        for target in link.findall((HTML / page).read_text(encoding="utf-8"))
        if not ((HTML / page).parent / unquote(target)).exists()
    }
    assert not missing


def test_search_finds():
    with served(HTML) as home:
        _, names = asyncio.run(_read(home + "search.html?q=mixture", "#search-results li a"))
    assert any(names)


def test_root_leads_to_the_first_page():
    with served(HTML) as home:
        address, _ = asyncio.run(_read(home, "article h1"))
    assert address == home + "book/index.html"


def test_no_solution_of_an_assignment_is_in_the_site():
    """The unit tests run before the site is built, so this one runs again now."""
    words = ["-q", "-p", "no:nbval", "tests/test_grading_build.py", "-k", "in_the_site"]
    command = [sys.executable, "-m", "pytest", *words]
    run = subprocess.run(command, cwd=HTML.parents[1], capture_output=True, text=True)
    assert run.returncode == 0 and "skipped" not in run.stdout, run.stdout


FAULTY = """<!doctype html><html lang="en"><head><title>Faulty</title>
<link rel="icon" href="data:,"></head><body><main><h1>Faulty</h1>
<script>console.error("planted"); fetch("https://example.org/").catch(() => 0);</script>
<script src="missing.js"></script><script>throw new Error("planted throw")</script>
<article><h1>Second</h1><h3>Skipped</h3></article>
<script>requestAnimationFrame(() => requestAnimationFrame(() =>
document.querySelector("main").style.marginTop = "200px"))</script>
<p class="math">x^2</p><mjx-container display="true" style="display: block; width: 99px">
<svg width="400" height="9"></svg></mjx-container>
<img src="data:image/png;base64,iVBORw0KGgo=" alt="plot.png">
<div style="width: 900px">wide</div><p style="color: #ccc; background: #000">clear</p>
<p style="color: #ccc; background: #fff">faint</p>
</main></body></html>"""


def test_the_browser_sees_planted_faults(tmp_path):
    (tmp_path / "faulty.html").write_text(FAULTY, encoding="utf-8")
    with served(tmp_path) as home:
        found = "\n".join(crawl([(home + "faulty.html", LOADS[0])], home).popitem()[1])
    for words in (
        "console error: planted",
        "script error: planted throw",
        "asks another host: https://example.org/",
        "404: ",
        "math not drawn: x^2",
        "a formula is wider than its line (400 > 99 px)",
        "an image without a text in words",
        "an image does not load",
        "the page scrolls sideways",
        "axe color-contrast",
        "2 headings of level 1",
        "heading of level 3 below 1: Skipped",
        "no description in its head",
        "what one reads jumps while the page loads",
    ):
        assert words in found, f"not noticed: {words}\n{found}"
