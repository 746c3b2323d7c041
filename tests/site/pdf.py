"""The whole book as one PDF: ``make pdf`` writes _build/html/gmmtutor-book.pdf.

Chromium prints each page of _toc.yml with the print style; pypdf joins them in their order, after
a title page with the contents, with page numbers that run through, bookmarks, and links that stay
inside the file.
"""

import asyncio
import html
import io
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import accumulate, chain
from pathlib import Path
from urllib.parse import unquote

from browser import FLAGS, find_chromium, served
from playwright.async_api import async_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DecodedStreamObject, Fit, NameObject

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
TARGET = HTML / "gmmtutor-book.pdf"
AT_ONCE = 2
SCALE = 0.85
MARGIN = 18  # millimetres above the text
PLACE = re.compile(r'<span id="paper">.*?</span>')
TITLE = "Gaussian mixtures and EM"
FOOT = """<p style="font: 8pt sans-serif; color: #555; margin: 0 20mm">
<span class="title"></span></p>"""
FRONT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
  body {{ font: 11pt/1.55 sans-serif; color: #222 }} h1 {{ font-size: 27pt; margin: 30mm 0 2mm }}
  h2 {{ font-size: 11pt; margin: 5mm 0 1mm }} h2:first-of-type {{ margin-top: 14mm }}
  ol {{ list-style: none; margin: 0; padding: 0 }} li {{ display: flex }}
  li a {{ flex: 1; color: inherit; text-decoration: none }}
</style></head><body><h1>{title}</h1><p>Derive it, do it by hand, run it</p>
{entries}</body>"""
NUMBERS = """<!doctype html><style>
  body {{ margin: 0 }} p + p {{ break-before: page }}
  p {{ box-sizing: border-box; height: 296mm; margin: 0; padding: 288.6mm 20mm 0 0;
    font: 8pt sans-serif; color: #555; text-align: right }}
</style>{numbers}"""
PAPER = {
    "format": "A4",
    "scale": SCALE,
    "print_background": True,
    "outline": True,
    "tagged": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOT,
    "margin": {"top": f"{MARGIN}mm", "bottom": "20mm", "left": "20mm", "right": "20mm"},
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
# What paper needs that a style sheet cannot do.
SHAPE = """() => {
  const article = document.querySelector(".bd-article");
  const all = (selector) => article.querySelectorAll(selector);

  // Links say where they lead.
  const numbers = {};
  for (const link of document.querySelectorAll(".bd-sidebar-primary .toctree-l1 > a"))
    numbers[link.pathname] = link.textContent.match(/^\\s*(\\d+)\\. /)?.[1];
  for (const block of all("p, li, figcaption")) {
    const said = new Set();
    for (const link of block.querySelectorAll("a:has(> .doc)")) {
      const number = numbers[link.pathname];
      if (!number || link.pathname === location.pathname || said.has(number)) continue;
      if (link.closest("table") || link.closest("p, li, figcaption") !== block) continue;
      said.add(number);
      const before = document.createRange();
      before.setStart(block, 0);
      before.setEndBefore(link);
      const text = before.toString();
      if (/chapter\\s*$/i.test(text)) continue;
      const inside = text.lastIndexOf("(") > text.lastIndexOf(")");
      link.after(inside ? `, chapter ${number}` : ` (chapter ${number})`);
    }
  }

  // A formula keeps its punctuation.
  for (const math of all("span.math")) {
    const kept = document.createElement("span");
    kept.style.whiteSpace = "nowrap";
    const [before, after] = [math.previousSibling, math.nextSibling];
    const found = (text, marks) => (text?.nodeType === 3 && text.data.match(marks)?.[0]) || "";
    const opening = found(before, /[(\\[\u201c]+$/);
    const closing = found(after, /^[.,;:!?)\\]\u201d\u2019-]+/);
    if (!opening && !closing) continue;
    if (opening) before.data = before.data.slice(0, -opening.length);
    if (closing) after.data = after.data.slice(closing.length);
    math.replaceWith(kept);
    kept.append(opening, math, closing);
  }

  // Names of functions break between their words.
  for (const name of all(".equation-table code .pre")) {
    const parts = name.textContent.split(/(?<=::|_|\\.)/);
    name.replaceChildren(...parts.flatMap((part) => [document.createElement("wbr"), part]));
  }

  for (const code of all("pre"))
    if (code.textContent.trimEnd().split("\\n").length <= 18)
      code.closest(".cell_input, .output, [class*='highlight-']")?.classList.add("whole");
  for (const block of all(".admonition, table"))
    if (block.offsetHeight > 400) block.classList.add("long");
  for (const words of all("p"))
    if (words.textContent.endsWith(":") || words.nextElementSibling?.matches("div.math"))
      words.classList.add("leads");
  for (const table of all("table.hand"))
    if (table.offsetWidth < 450) table.classList.add("narrow");

  // The printer notes the place of what a page links to; others link here too.
  const places = document.createElement("nav");
  places.hidden = true;
  for (const { id } of all("[id]")) {
    const link = document.createElement("a");
    link.href = "#" + encodeURIComponent(id);
    places.append(link);
  }
  document.body.append(places);

  const [title, book] = document.title.split(" \u2014 ");
  if (title === book) document.title = title;
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
  const part = document.querySelector(".bd-sidebar-primary .toctree-l1.current")
    ?.closest("ul").previousElementSibling?.textContent.trim() ?? "";
  return { title: texts("h1")[0], part, figures, cut, numbers: texts(".caption-number"),
    equations: texts(".eqno") };
}"""


async def prints(pages, home):
    """Return [(what is there to find, PDF as bytes)] of the pages in order, front, and numbers."""
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
                await page.evaluate(SHAPE)
                there = await page.evaluate(LOOK)
                made = await page.pdf(**PAPER)
                await page.close()
                return there, made

        try:
            printed = await asyncio.gather(*map(one, pages))
            page = await browser.new_page()
            await page.set_content(front(pages, printed, home))
            opening = await page.pdf(**PAPER | {"display_header_footer": False})
            count = sum(len(PdfReader(io.BytesIO(content)).pages) for _, content in printed)
            numbers = "".join(f"<p>{number}</p>" for number in range(1, count + 1))
            await page.set_content(NUMBERS.format(numbers=numbers))
            return printed, opening, await page.pdf(format="A4")
        finally:
            await browser.close()


def places(reader, first):
    """Return {name of a place: (its page in the joined file, where there)} of a printed page."""
    pages = {page.indirect_reference.idnum: n for n, page in enumerate(reader.pages, first)}
    found = {"": (first, Fit.xyz())}
    for name, place in reader.named_destinations.items():
        number = pages[place.dest_array[0].idnum]
        height = float(reader.pages[number - first].mediabox.height)
        # Chromium forgets scale and margin here.
        down = (height - float(place.top)) * SCALE + MARGIN / 25.4 * 72
        found[unquote(name.lstrip("/"))] = number, Fit.xyz(0, height - down, 0)
    return found


def take_links(reader, first, own, known, home):
    """Take the links inside the book out of a printed page; yield (page, box, place).

    A name such as "exercises" is that of a place on several pages, so that no link can keep it.
    """
    for number, page in enumerate(reader.pages, first):
        kept = []
        for reference in page.get("/Annots", None) or []:
            link = reference.get_object()
            action = link.get("/A", {})
            name = link.get("/Dest", action.get("/D"))
            address = str(action.get("/URI", ""))
            if name is None and not address.startswith(home):
                kept.append(reference)
                continue
            there = own
            if name is None:
                target, _, name = address.removeprefix(home).partition("#")
                there = known.get(target)
            if there:
                place = there.get(unquote(name.lstrip("/")), there[""])
                yield number, link["/Rect"], place
        if "/Annots" in page:
            page[NameObject("/Annots")] = ArrayObject(kept)
    for names in ("/Names", "/Dests"):
        reader.root_object.pop(names, None)


def front(pages, printed, home):
    """Return the title page with the contents, as HTML; its links are those of the site."""
    entries, part, number = "<ol>", "", 1
    for name, (there, content) in zip(pages, printed, strict=True):
        if there["part"] != part:
            part = there["part"]
            entries += f"</ol><h2>{html.escape(part)}</h2><ol>"
        words = html.escape(there["title"])
        entries += f'<li><a href="{home}{name}">{words}</a><span>{number}</span></li>'
        number += len(PdfReader(io.BytesIO(content)).pages)
    return FRONT.format(title=TITLE, entries=entries + "</ol>")


def stamp(page, number):
    """Lay the printed page number over a page, as something that is not read out."""
    ink = DecodedStreamObject()
    ink.set_data(b"/Artifact BMC " + number.get_contents().get_data() + b" EMC")
    number[NameObject("/Contents")] = ink
    page.merge_page(number)
    page.compress_content_streams()  # it was unpacked


def join(printed, opening, numbers, pages, home):
    """Return the joined file as bytes."""
    parts = [opening, *(content for _, content in printed)]
    readers = [PdfReader(io.BytesIO(part)) for part in parts]
    ends = list(accumulate(len(reader.pages) for reader in readers))
    firsts = [0, *ends[:-1]]
    own = [places(*part) for part in zip(readers, firsts, strict=True)]
    known = dict(zip(pages, own[1:], strict=True))
    writer, links = PdfWriter(), []
    for reader, first, here in zip(readers, firsts, own, strict=True):
        links += take_links(reader, first, here, known, home)
        if first:
            writer.append(reader, import_outline=True)
        else:
            writer.append(reader, outline_item=TITLE, import_outline=False)
    for number, box, (target, fit) in links:
        writer.add_annotation(number, Link(rect=box, target_page_index=target, fit=fit))
    before = ends[0]
    over = PdfReader(io.BytesIO(numbers)).pages
    for page, number in zip(writer.pages[before:], over, strict=True):
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


def offer(first, count):
    """Lead to the file from the book's first page; return what it says."""
    size = f"{count} pages, {TARGET.stat().st_size / 1e6:.0f} MB"
    address = Path(os.path.relpath(TARGET, first.parent)).as_posix()
    words = f' On paper: <a href="{address}">the whole book as one PDF</a> ({size}).'
    text = first.read_text(encoding="utf-8")
    offered, places = PLACE.subn(f'<span id="paper">{words}</span>', text)
    if places != 1:
        raise ValueError(f'{first} has {places} places <span id="paper">; one is needed.')
    first.write_text(offered, encoding="utf-8")
    return size


def main(pages):
    with served(HTML) as home:
        printed, opening, numbers = asyncio.run(prints(pages, home))
    with ProcessPoolExecutor(AT_ONCE) as pool:
        looking = pool.map(faults, pages, *zip(*printed, strict=True))
        TARGET.write_bytes(join(printed, opening, numbers, pages, home))
        found = list(chain.from_iterable(looking))
    for fault in found:
        print(fault, file=sys.stderr)
    size = offer(HTML / pages[0], len(PdfReader(TARGET).pages))
    print(f"{size}: {os.path.relpath(TARGET, ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
