"""What a reader does with live cells, in a real browser: ``make site-test``.

Apart from live.py, so that nothing else runs while times are taken.
"""

import os
import shutil
import subprocess
import sys

import pytest
from reading import HTML, reading

ONE = "book/responsibilities"
# A busy machine may take longer than the promise: first figure in 12 s, edited cell in 0.5 s.
SLOW = float(os.environ.get("GMMTUTOR_SLOW", "1"))
ENDLESS = "while True:\n    pass"


@pytest.fixture
def read():
    """A fresh browser, which has fetched nothing yet."""
    with reading() as read:
        yield read


def test_a_reader_edits_stops_and_errs(read):
    """From the first click: figure, edit, error, endless loop, the next cell."""

    async def visit(reader):
        first = await reader.run(2)  # the first figure of the chapter
        assert "ran in" in await reader.status(2)
        src = await reader.cell(2).locator("img").get_attribute("src")
        caption = await reader.cell(2).locator("figcaption").inner_text()
        assert src.startswith("data:image/png") and "Fig." in caption
        await reader.edit(3, "left = 41\nprint(left + 1)\nstart.weights.round(2).tolist()")
        again = await reader.run(3)
        assert (await reader.shown(3)).split("\n")[0] == "42"
        assert "[0.33, 0.33, 0.33]" in await reader.shown(3)
        await reader.edit(3, "def f():\n    return missing\n\nprint('before')\nf()")
        await reader.run(3)
        wrong = await reader.shown(3)
        assert wrong.startswith("before") and 'File "cell 3", line 5, in <module>' in wrong
        assert "NameError: name 'missing' is not defined" in wrong
        assert "cells.py" not in wrong and "return missing" in wrong
        await reader.edit(3, "x.sum()")
        await reader.run(3)
        assert "ran in" in await reader.status(3)  # an error leaves Python as it was
        await reader.edit(3, ENDLESS)
        button = reader.cell(3).locator(".live-run")
        await button.evaluate("(button) => button.click()")
        await reader.page.wait_for_timeout(300)
        assert await button.inner_text() == "Stop"
        await button.evaluate("(button) => button.click()")
        assert "stopped" in await reader.status(3)
        await reader.cell(3).locator("[aria-label^=Reset]").evaluate("(button) => button.click()")
        after = await reader.run(4)
        assert "ran in" in await reader.status(4), await reader.status(4)
        return first, again, after

    first, again, after = read(ONE, visit)
    print(f"first figure {first:.1f} s, edited cell {again:.2f} s, after Stop {after:.1f} s")
    assert first < 12 * SLOW and again < 0.5 * SLOW


def test_a_copy_elsewhere(tmp_path):
    """The folder is all there is: copied, below another path, by Python's own server."""
    shutil.copytree(HTML, tmp_path / "another" / "place")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    options = {"cwd": tmp_path, "text": True, "stderr": subprocess.DEVNULL}

    async def visit(reader):
        await reader.run(2)
        return await reader.status(2), await reader.cell(2).locator("img").get_attribute("src")

    with subprocess.Popen(command, stdout=subprocess.PIPE, **options) as server:
        try:
            port = server.stdout.readline().split(" port ")[1].split()[0]
            with reading(f"http://127.0.0.1:{port}/another/place/") as read:
                status, drawn = read(ONE, visit)
        finally:
            server.terminate()
    assert "ran in" in status and drawn.startswith("data:image/png")


def test_from_the_keyboard_alone(read):
    """Skip link, run, edit, indent, run, leave the editor, go on."""

    async def visit(reader):
        page, keys = reader.page, reader.page.keyboard
        now = "document.activeElement"
        focus = f"() => {now}.getAttribute('aria-label') || {now}.innerText"
        await keys.press("Tab")
        assert await page.evaluate(focus) == "Skip to main content"
        await keys.press("Enter")
        for _ in range(40):
            await keys.press("Tab")
            if await page.evaluate(focus) == "Run cell 1":
                break
        assert await page.evaluate(focus) == "Run cell 1"
        await keys.press("Enter")
        await reader.done(1)
        assert "ran in" in await reader.status(1)
        assert await page.evaluate(focus) == "Run cell 1"  # the focus stays
        await keys.press("Tab")
        assert await page.evaluate(focus) == "Edit cell 1"
        await keys.press("Enter")
        assert await page.evaluate(focus) == "Code of cell 1"
        await keys.press("Control+a")
        await keys.type("for i in range(2):\nprint(i * 21)")  # Enter indents by itself
        assert await page.input_value(":focus") == "for i in range(2):\n    print(i * 21)"
        await keys.press("Shift+Enter")
        await reader.done(1)
        assert (await reader.shown(1)).split() == ["0", "21"]
        assert await page.evaluate(focus) == "Code of cell 1"
        await keys.press("Tab")  # indents
        assert await page.evaluate(focus) == "Code of cell 1"
        await keys.press("Escape")
        assert await page.evaluate(focus) == "Run cell 1"
        for name in ("Edit cell 1", "Reset cell 1"):
            await keys.press("Tab")
            assert await page.evaluate(focus) == name
        await keys.press("Enter")
        assert "import numpy" in await reader.cell(1).locator("pre").first.inner_text()

    read(ONE, visit)
