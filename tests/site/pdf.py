"""The whole book as one PDF: ``make pdf`` writes _build/html/gmmtutor-book.pdf.

Chromium prints each page of _toc.yml with the print style; pypdf joins them in their order, with
bookmarks, page numbers, and links between pages that stay inside the file.
"""

import asyncio
import io
import os
import sys
from pathlib import Path

from browser import FLAGS, find_chromium, served
from playwright.async_api import async_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import Fit

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
TARGET = HTML / "gmmtutor-book.pdf"
AT_ONCE = 2
PAPER = {
    "format": "A4",
    "print_background": True,
    "outline": True,
    "tagged": True,
    "margin": {"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
}
# Folded things are opened; math and pictures are waited for.
READY = """async () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  if (window.MathJax?.startup?.promise) await window.MathJax.startup.promise;
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => 0)));
  document.documentElement.dataset.theme = "light";
  return document.querySelector("article h1").firstChild.parentNode.innerText
    .replace("#", "").trim();
}"""


async def prints(pages, home):
    """Return [(title, PDF as bytes)] of the pages, in their order."""
    limit = asyncio.Semaphore(AT_ONCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)

        async def one(name):
            async with limit:
                page = await browser.new_page(
                    viewport={"width": 760, "height": 1000}, color_scheme="light"
                )
                await page.goto(home + name)
                title = await page.evaluate(READY)
                await page.emulate_media(media="print")
                made = await page.pdf(**PAPER)
                await page.close()
                return title, made

        try:
            return await asyncio.gather(*map(one, pages))
        finally:
            await browser.close()


def lead_inside(writer, firsts, home):
    """Links to pages of the book lead into the file; other local links are taken out."""
    for number, page in enumerate(writer.pages):
        kept = []
        for reference in page.get("/Annots", None) or []:
            annotation = reference.get_object()
            address = annotation.get("/A", {}).get("/URI", "")
            if not str(address).startswith(home):
                kept.append(reference)
                continue
            target = firsts.get(str(address).removeprefix(home).split("#")[0])
            if target is not None and target != number:
                box = annotation["/Rect"]
                writer.add_annotation(
                    number, Link(rect=box, target_page_index=target, fit=Fit.xyz())
                )
                kept.append(writer.pages[number]["/Annots"][-1])
        if "/Annots" in page:
            page["/Annots"].clear()
            page["/Annots"].extend(kept)


def join(printed, pages, home):
    """Return the joined file as bytes."""
    writer = PdfWriter()
    firsts = {}
    for name, (title, content) in zip(pages, printed, strict=True):
        firsts[name] = len(writer.pages)
        writer.append(PdfReader(io.BytesIO(content)), outline_item=title, import_outline=True)
    lead_inside(writer, firsts, home)
    writer.add_metadata(
        {"/Title": "Gaussian mixtures and EM", "/Author": "The gmmtutor authors"}
    )
    writer.page_mode = "/UseOutlines"
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def main(pages):
    with served(HTML) as home:
        printed = asyncio.run(prints(pages, home))
        TARGET.write_bytes(join(printed, pages, home))
    count = len(PdfReader(TARGET).pages)
    print(f"{count} pages, {TARGET.stat().st_size / 1e6:.1f} MB: {os.path.relpath(TARGET, ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
