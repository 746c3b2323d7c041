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


# What axe-core looks for. Contrast does not depend on the width.
CONTRAST = {"runOnly": ["color-contrast"]}
ALL_BUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}


@dataclass(frozen=True)
class View:
    """How a page is looked at, and with which runs of axe-core."""

    width: int
    theme: str
    axe: tuple = ()

    def __str__(self):
        return f"{self.width} px, {self.theme}"


# Each row is one load, in the first theme; then the theme changes, or the width.
LOADS = [
    [
        View(1280, "light", (ALL_BUT_CONTRAST, CONTRAST)),
        View(1280, "dark", (CONTRAST,)),
        View(640, "light"),  # 1280 px magnified to 200 %
    ],
    [View(390, "dark"), View(390, "light", (ALL_BUT_CONTRAST,))],
]

# Runs in a page that has just been loaded. How far it jumped is read first; then folded solutions
# are opened, so that what they hide is looked at too.
SETTLE = r"""async () => {
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
  return moved > 0.02
    ? [`what one reads jumps while the page loads (${moved.toFixed(3)}): ${who}`] : [];
}"""

# Runs in every view of it.
MEASURE = r"""async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const faults = [];
  const short = (node) => node.textContent.trim().slice(0, 60);
  for (const node of document.querySelectorAll(".math"))
    if (!node.querySelector("mjx-container")) faults.push(`math not drawn: ${short(node)}`);
  for (const node of document.querySelectorAll("mjx-merror, [data-mjx-error]"))
    faults.push(`math with an error: ${node.dataset.mjxError || short(node)}`);
  for (const formula of document.querySelectorAll("mjx-container[display=true]")) {
    const width = formula.querySelector("svg")?.getBoundingClientRect().width;
    if (formula.clientWidth && width > formula.clientWidth + 1)
      faults.push(`a formula is wider than its line (${width.toFixed()} > `
        + `${formula.clientWidth} px): ${short(formula)}`);
  }
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
  return faults;
}"""


# axe-core's time grows with the elements of a page, most of which are one formula or one token of
# code after another: one of each kind stays.
THIN = r"""() => {
  for (const formula of [...document.querySelectorAll("mjx-container")].slice(3))
    formula.textContent = "formula";
  const kinds = new Set();
  for (const token of document.querySelectorAll("pre span, code span")) {
    const kind = [token.className, token.closest("[class*=cell_]")?.className].join();
    if (!token.children.length && kinds.has(kind)) token.replaceWith(token.textContent);
    kinds.add(kind);
  }
}"""

# Leaves one text of each look: its colour, size and weight, and the backgrounds that it lies on.
ONE_OF_EACH_LOOK = r"""() => {
  for (const [text, words] of window.takenOut || []) text.data = words;
  const grounds = new Map();
  const ground = (node) => {
    if (!node) return "";
    if (!grounds.has(node)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(node);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const plain = own === "rgba(0, 0, 0, 0),none,1";
      grounds.set(node, ground(node.parentElement) + (plain ? "" : "; " + own));
    }
    return grounds.get(node);
  };
  const seen = new Set();
  window.takenOut = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, node = text.parentElement;
    if (!text.data.trim()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(node);
    const look = [node.checkVisibility(), color, fontSize, fontWeight, ground(node)].join();
    if (seen.has(look)) window.takenOut.push([text, text.data]);
    seen.add(look);
  }
  for (const [text] of window.takenOut) text.data = " ";
}"""


# The book's own pages name their theme; what is written in JavaScript follows a frame later.
FOLLOWED = r"""(theme) => [undefined, theme].includes(document.documentElement.dataset.theme)"""


async def turn(page, view):
    """Show a page in a view, in which it may be already."""
    height = 844 if view.width < 600 else 900
    await page.set_viewport_size({"width": view.width, "height": height})
    await page.emulate_media(color_scheme=view.theme)
    await page.wait_for_function(FOLLOWED, arg=view.theme)


async def look(context, address, home, views):
    """Open one page in a context; return a list of faults in words."""
    page = await context.new_page()
    view, faults = views[0], []

    def fault(words):
        faults.append(f"[{view}] {words}")

    def asked(request):
        if not request.url.startswith((home, "data:", "blob:")):
            fault(f"asks another host: {request.url}")

    def answered(response):
        if response.status >= 400:
            fault(f"{response.status}: {response.url}")

    def said(line):
        if line.type == "error":
            fault(f"console error: {line.text}")

    page.on("request", asked)
    page.on("response", answered)
    page.on("console", said)
    page.on("pageerror", lambda error: fault(f"script error: {error}"))
    try:
        await turn(page, view)
        await page.goto(address, wait_until="load")
        for words in await page.evaluate(SETTLE):
            fault(words)
        for view in views:
            await turn(page, view)
            for words in await page.evaluate(MEASURE):
                fault(words)
            await keep_picture(page, view, address.removeprefix(home))
        await page.evaluate(THIN)
        for view in views:
            await turn(page, view)
            for options in view.axe:
                for words in await ask_axe(page, options):
                    fault(words)
    except Error as error:
        fault(f"does not load: {error.message.splitlines()[0]}")
    finally:
        await page.close()
    return faults


async def keep_picture(page, view, name):
    """Write a screenshot, where GMMTUTOR_SCREENSHOTS names a folder."""
    if folder := os.environ.get("GMMTUTOR_SCREENSHOTS"):
        name = name.replace("/", "-").removesuffix(".html")
        shot = Path(folder, f"{name}-{view.width}-{view.theme}.jpg")
        await page.screenshot(path=shot, full_page=True, type="jpeg", quality=60)


async def ask_axe(page, options):
    """Return what axe-core finds that is serious."""
    if options is CONTRAST:
        await page.evaluate(ONE_OF_EACH_LOOK)
    # Without preload: with it, axe itself asks for style sheets at wrong addresses.
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = await Axe().run(page, options=options)
    return [
        f"axe {fault['id']}: {fault['help']}: "
        + "; ".join(" ".join(map(str, node["target"])) for node in fault["nodes"][:3])
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


async def _crawl(jobs, home):
    limit = asyncio.Semaphore(AT_ONCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        context = await browser.new_context(reduced_motion="reduce")  # pages share its cache

        async def one(address, views):
            async with limit:
                return address, await look(context, address, home, views)

        found = await asyncio.gather(*(one(*job) for job in jobs))
        await browser.close()
    faults = {address: [] for address, _ in jobs}
    for address, words in found:
        faults[address] += words
    return faults


def crawl(jobs, home):
    """Look at (address, views) jobs; return the faults of each address."""
    if sys.platform == "win32":  # a browser is a subprocess, which needs this loop there
        asyncio.set_event_loop_policy(asyncio.WindowsProactorEventLoopPolicy())
    return asyncio.run(_crawl(jobs, home))
