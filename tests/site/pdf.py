"""The whole book as one PDF: ``make pdf`` writes _build/html/gmmtutor-book.pdf.

Chromium prints each page of _toc.yml with the print style; pypdf joins them in their order, after
a title page with the contents, with page numbers that run through, bookmarks, and links between
pages that stay inside the file.
"""

import asyncio
import html
import io
import os
import sys
from pathlib import Path

from browser import FLAGS, find_chromium, served
from playwright.async_api import async_playwright
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DecodedStreamObject, DictionaryObject, Fit, NameObject

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
TARGET = HTML / "gmmtutor-book.pdf"
AT_ONCE = 2
SCALE = 0.85
TITLE = "Gaussian mixtures and EM"
FOOT = """<p style="font: 8pt sans-serif; color: #555; margin: 0 20mm">
<span class="title"></span></p>"""
FRONT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
  body {{ font: 11pt/1.55 sans-serif; color: #222 }} h1 {{ font-size: 27pt; margin: 30mm 0 2mm }}
  ol {{ list-style: none; margin: 18mm 0 0; padding: 0 }} li {{ display: flex }}
  li a {{ flex: 1; color: inherit; text-decoration: none }}
</style></head><body><h1>{title}</h1><p>Derive it, do it by hand, run it</p>
<ol>{entries}</ol></body>"""
PAPER = {
    "format": "A4",
    "scale": SCALE,
    "print_background": True,
    "outline": True,
    "tagged": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOT,
    "margin": {"top": "18mm", "bottom": "20mm", "left": "20mm", "right": "20mm"},
}
WIDTH = round((210 - 40) / 25.4 * 96 / SCALE)  # CSS pixels across the text on paper
# Folded things are opened; math and pictures are waited for.
READY = """async () => {
  document.documentElement.dataset.theme = "light";
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const image of document.images) image.loading = "eager";
  if (window.MathJax?.startup?.promise) await window.MathJax.startup.promise;
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => 0)));
}"""
# What must be found on paper, and what would be cut off there.
LOOK = """() => {
  const texts = (selector) => [...document.querySelectorAll(".bd-article " + selector)]
    .map((node) => node.textContent.replace("#", "").trim());
  const cut = [...document.querySelectorAll(
    ".bd-article :is(pre, div.math, table, td, .text_html)")]
    .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.localName !== "table"
      || node.getBoundingClientRect().right > innerWidth + 1)
    .map((node) => `<${node.localName} class="${node.className}">: `
      + node.textContent.trim().slice(0, 50));
  const figures = document.querySelectorAll(".bd-article :is(figure, .cell_output) img").length;
  return { title: texts("h1")[0], numbers: texts(".caption-number"), equations: texts(".eqno"),
    figures, cut };
}"""


async def prints(pages, home):
    """Return [(what is there to find, PDF as bytes)] of the pages in order, and the front."""
    limit = asyncio.Semaphore(AT_ONCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)

        async def one(name):
            async with limit:
                page = await browser.new_page(
                    viewport={"width": WIDTH, "height": 1000}, color_scheme="light"
                )
                await page.goto(home + name)
                await page.evaluate(READY)
                await page.emulate_media(media="print")
                there = await page.evaluate(LOOK)
                made = await page.pdf(**PAPER)
                await page.close()
                return there, made

        try:
            printed = await asyncio.gather(*map(one, pages))
            page = await browser.new_page()
            await page.set_content(front(pages, printed, home))
            return printed, await page.pdf(**PAPER | {"display_header_footer": False})
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


def front(pages, printed, home):
    """Return the title page with the contents, as HTML; its links are those of the site."""
    entries, number = "", 1
    for name, (there, content) in zip(pages, printed, strict=True):
        words = html.escape(there["title"])
        entries += f'<li><a href="{home}{name}">{words}</a><span>{number}</span></li>'
        number += len(PdfReader(io.BytesIO(content)).pages)
    return FRONT.format(title=TITLE, entries=entries)


def stamp(page, number):
    """Write a page's number at its foot."""
    words = str(number)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    fonts = DictionaryObject({NameObject("/Number"): font})
    over = PageObject.create_blank_page(width=page.mediabox.width, height=page.mediabox.height)
    over[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    right = float(page.mediabox.width) - 20 / 25.4 * 72 - 4.45 * len(words)
    ink = DecodedStreamObject()
    ink.set_data(
        f"/Artifact BMC 0.33 g BT /Number 8 Tf {right:.1f} 17 Td ({words}) Tj ET EMC".encode()
    )
    over[NameObject("/Contents")] = ink
    page.merge_page(over)
    page.compress_content_streams()  # it was unpacked


def join(printed, opening, pages, home):
    """Return the joined file as bytes."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(opening)), outline_item=TITLE, import_outline=False)
    before = len(writer.pages)
    firsts = {}
    for name, (_, content) in zip(pages, printed, strict=True):
        firsts[name] = len(writer.pages)
        writer.append(PdfReader(io.BytesIO(content)), import_outline=True)
    lead_inside(writer, firsts, home)
    for number, page in enumerate(writer.pages[before:], 1):
        stamp(page, number)
    writer.set_page_label(0, before - 1, style="/r")
    writer.set_page_label(before, len(writer.pages) - 1, style="/D")
    writer.add_metadata({"/Title": TITLE, "/Author": "The gmmtutor authors"})
    writer.page_mode = "/UseOutlines"
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def faults(name, there, content):
    """Say what of a page is not on paper: numbered things, pictures, ends of wide lines."""
    found = [f"{name}: cut off on paper: {what}" for what in there["cut"]]
    paper = PdfReader(io.BytesIO(content))
    text = " ".join("".join(page.extract_text().split()) for page in paper.pages)
    for number in there["numbers"] + there["equations"]:
        if "".join(number.split()) not in text:
            found.append(f"{name}: not on paper: {number}")
    pictures = sum(len(page.images) for page in paper.pages)
    if pictures < there["figures"]:
        found.append(f"{name}: {pictures} of {there['figures']} pictures on paper")
    return found


def main(pages):
    with served(HTML) as home:
        printed, opening = asyncio.run(prints(pages, home))
        TARGET.write_bytes(join(printed, opening, pages, home))
    found = [f for name, page in zip(pages, printed, strict=True) for f in faults(name, *page)]
    for fault in found:
        print(fault, file=sys.stderr)
    count = len(PdfReader(TARGET).pages)
    print(f"{count} pages, {TARGET.stat().st_size / 1e6:.1f} MB: {os.path.relpath(TARGET, ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
