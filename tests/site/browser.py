"""A real browser reads pages and says what is wrong with them. Used by crawl.py."""

import asyncio
import functools
import http.server
import os
import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Error, async_playwright

PREFIX = "/some/path"  # the site must work below a path, as on GitHub Pages
AT_ONCE = 3
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other host is found, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
PLACES = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
]
HELP = """No Chromium or Chrome was found; the site tests need one.
  Debian, Ubuntu:  apt-get update && apt-get install chromium
  Fedora:          dnf install chromium
  macOS:           brew install --cask chromium
  Windows:         winget install Google.Chrome
Or name it: CHROMIUM=/path/to/chrome make site-test"""


def find_chromium():
    """Return the path of a Chromium, or raise with what to install."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not Path(named).exists():
            raise FileNotFoundError(f"CHROMIUM names {named}, which does not exist.")
        return named
    found = chain((shutil.which(name) for name in NAMES), filter(os.path.exists, PLACES))
    path = next(filter(None, found), None)
    if path is None:
        raise FileNotFoundError(HELP)
    return path


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder below PREFIX, and nothing outside of it."""

    def translate_path(self, path):
        if not path.startswith(PREFIX + "/"):
            return os.path.join(self.directory, "outside-of-the-site")
        return super().translate_path(path.removeprefix(PREFIX))

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """Serve a folder on this machine; yield its address."""
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}/"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class View:
    """How a page is looked at."""

    width: int
    theme: str

    def __str__(self):
        return f"{self.width} px, {self.theme}"


VIEWS = [View(width, theme) for width in (1280, 390) for theme in ("light", "dark")]
VIEWS.append(View(640, "light"))  # 1280 px magnified to 200 %

# Runs in the page. How far it jumped is read first; then folded solutions are opened, so that what
# they hide is looked at too.
MEASURE = r"""async () => {
  if (window.MathJax?.startup?.promise) await window.MathJax.startup.promise;
  await document.fonts.ready;
  const [moved, who] = await new Promise((done) => {
    let total = 0, places = new Set();
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) if (!one.hadRecentInput) {
        total += one.value;
        for (const { node } of one.sources)
          places.add((node?.parentElement || node)?.textContent.trim().slice(0, 30));
      }
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done([total, [...places].slice(0, 3).join("; ")]), 50);
  });
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const fold of document.querySelectorAll(".toggle-hidden > .admonition-title, "
      + "button.toggle-button-hidden")) fold.click();
  const faults = [];
  const short = (node) => node.textContent.trim().slice(0, 60);
  for (const node of document.querySelectorAll(".math"))
    if (!node.querySelector("mjx-container")) faults.push(`math not drawn: ${short(node)}`);
  for (const node of document.querySelectorAll("mjx-merror, [data-mjx-error]"))
    faults.push(`math with an error: ${node.dataset.mjxError || short(node)}`);
  const root = document.scrollingElement;
  if (root.scrollWidth > window.innerWidth) {
    const wide = [...document.querySelectorAll("main *")].filter((node) => {
      const box = node.getBoundingClientRect();
      return box.width && box.right > window.innerWidth + 1;
    }).slice(0, 3).map((node) => `<${node.localName} class="${node.className}">`);
    faults.push(`the page scrolls sideways (${root.scrollWidth} > ${window.innerWidth} px): `
      + wide.join(", "));
  }
  for (const image of document.querySelectorAll("img")) {
    const alt = (image.getAttribute("alt") || "").trim();
    const name = image.getAttribute("src").split("/").pop();
    if (!alt || /\.(png|svg|jpe?g|gif|webp)$/i.test(alt) || /^[0-9a-f]{16,}/.test(alt))
      faults.push(`an image without a text in words: ${name} (alt="${alt}")`);
    if (image.complete && !image.naturalWidth) faults.push(`an image does not load: ${name}`);
    if (image.closest("figure") && !(image.width && image.getAttribute("width")))
      faults.push(`a figure that does not say its size: ${name}`);
  }
  let above = 0;
  for (const node of document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6)")) {
    const level = Number(node.localName[1]);
    if (level > above + 1) faults.push(`heading of level ${level} below ${above}: ${short(node)}`);
    above = level;
  }
  const count = (selector) => document.querySelectorAll(selector).length;
  const shown = (node) => node.checkVisibility();
  const tops = [...document.querySelectorAll("h1")].filter(shown).length;
  if (tops !== 1) faults.push(`${tops} headings of level 1`);
  if (count("main") !== 1) faults.push(`${count("main")} landmarks main`);
  if (!document.querySelector("meta[name=description]")?.content.trim())
    faults.push("no description in its head");
  if (moved > 0.02)
    faults.push(`what one reads jumps while the page loads (${moved.toFixed(3)}): ${who}`);
  return faults;
}"""


# What axe-core looks for: contrast costs most of its time, and does not depend on the width.
ALL = {}
CONTRAST = {"runOnly": ["color-contrast"]}
ALL_BUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}


async def look(context, address, home, axe=ALL):
    """Open one page in a context; return a list of faults in words.

    `axe` holds options of axe-core, or None to do without it.
    """
    page = await context.new_page()
    faults = []

    def asked(request):
        if not request.url.startswith((home, "data:", "blob:")):
            faults.append(f"asks another host: {request.url}")

    def answered(response):
        if response.status >= 400:
            faults.append(f"{response.status}: {response.url}")

    def said(line):
        if line.type == "error":
            faults.append(f"console error: {line.text}")

    page.on("request", asked)
    page.on("response", answered)
    page.on("console", said)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    try:
        await page.goto(address, wait_until="load")
        faults += await page.evaluate(MEASURE)
        if folder := os.environ.get("GMMTUTOR_SCREENSHOTS"):
            name = address.removeprefix(home).replace("/", "-").removesuffix(".html")
            size = page.viewport_size["width"]
            theme = await page.evaluate("document.documentElement.dataset.theme")
            shot = Path(folder, f"{name}-{size}-{theme}.jpg")
            await page.screenshot(path=shot, full_page=True, type="jpeg", quality=60)
        if axe is not None:
            # Without preload: with it, axe itself asks for style sheets at wrong addresses.
            options = {"resultTypes": ["violations"], "preload": False, **axe}
            found = await Axe().run(page, options=options)
            for fault in found.response["violations"]:
                if fault["impact"] in ("serious", "critical"):
                    places = [" ".join(map(str, node["target"])) for node in fault["nodes"][:3]]
                    faults.append(f"axe {fault['id']}: {fault['help']}: {'; '.join(places)}")
    except Error as error:
        faults.append(f"does not load: {error.message.splitlines()[0]}")
    finally:
        await page.close()
    return faults


async def _crawl(jobs, home):
    limit = asyncio.Semaphore(AT_ONCE)
    faults = {address: [] for address, *_ in jobs}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        contexts = {}  # one a view, so that its pages share a cache
        for view in {job[1] for job in jobs}:
            size = {"width": view.width, "height": 844 if view.width < 600 else 900}
            contexts[view] = await browser.new_context(
                viewport=size, color_scheme=view.theme, reduced_motion="reduce"
            )

        async def one(address, view, *options):
            async with limit:
                for fault in await look(contexts[view], address, home, *options):
                    faults[address].append(f"[{view}] {fault}")

        await asyncio.gather(*(one(*job) for job in jobs))
        await browser.close()
    return faults


def crawl(jobs, home):
    """Look at (address, view[, axe]) jobs; return the faults of each address."""
    if sys.platform == "win32":  # a browser is a subprocess, which needs this loop there
        asyncio.set_event_loop_policy(asyncio.WindowsProactorEventLoopPolicy())
    return asyncio.run(_crawl(jobs, home))
