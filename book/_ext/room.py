"""Room for formulas: the text around them does not jump when MathJax has drawn them.

Matplotlib sets the same letters in the same proportions, so that it knows how wide and how high a
formula will be, to within a few pixels. The style sheet keeps that much room. Only the beginning
of a page needs it: below the first screen, nothing that one sees moves.
"""

import html
import re
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

FIRST = 60  # formulas of a page; the first screen has fewer
EX = 0.442  # of an em, in MathJax's letters
INLINE = re.compile(r'<span class="math notranslate nohighlight">\\\((.*?)\\\)</span>', re.DOTALL)
ONE = r"\s*(\\[a-zA-Z]+|[a-zA-Z\d])"  # an argument without braces
# What MathJax reads and Matplotlib does not, or sets otherwise in a line of text.
SAME = [
    (r"\\[td]?frac(?![a-zA-Z])" + ONE + ONE, r"\\frac{\1}{\2}"),
    (r"\\[td]frac(?![a-zA-Z])", r"\\frac"),
    (r"\\(sqrt|mathcal|mathbb|mathrm|mathbf|mathsf|boldsymbol)(?![a-zA-Z])" + ONE, r"\\\1{\2}"),
    (r"\\mathsf\b", r"\\mathrm"),
    (r"\\binom" + ONE + ONE, r"\\binom{\1}{\2}"),
    (r"\\(le|ge)(?![a-zA-Z])", r"\\\1q"),
    (r"\\neq?(?![a-zA-Z])", r"/\\!\\!\\!="),
    (r"\\[lr]Vert(?![a-zA-Z])", r"\\Vert "),
    (r"\\[lr]vert(?![a-zA-Z])", "|"),
    (r"\\(?:big|Big)[lr]?(?![a-zA-Z])", ""),
    (r"\\frac", r"\\hspace{0.4}\\frac"),  # MathJax leaves this much beside a fraction
    (r"(?<=[,\[({]) ?-", "{-}"),  # a sign, with no space after it
    # In a line of text, signs are small and limits stand beside them.
    (r"\\sum(?![a-zA-Z])", r"\\hspace{0.5}\\Sigma "),
    (r"\\prod(?![a-zA-Z])", r"\\hspace{0.36}\\Pi "),
    (r"\\int(?![a-zA-Z])", r"\\hspace{0.2}f"),
    (r"\\(max|min|sup|inf|lim)(?=[_^])", r"\\\1{}"),
]


@cache
def size(formula):
    """Return width, height and depth below the line, in ex; None if Matplotlib cannot read it."""
    for pattern, same in SAME:
        formula = re.sub(pattern, same, formula)
    parser, font = MathTextParser("path"), FontProperties(size=100, math_fontfamily="cm")
    try:
        width, height, depth, _, _ = parser.parse(f"${formula.strip()}$", dpi=72, prop=font)
    except ValueError:
        return None
    return tuple(round(part / 100 / EX, 2) for part in (width, height, depth))


def reserve(match):
    """Return the formula with its size as a style."""
    room = size(html.unescape(match[1]))
    if room is None:
        return match[0]
    width, height, depth = room
    style = f"--w:{width}ex;--h:{height}ex;--d:{depth}ex"
    return match[0].replace("<span ", f'<span style="{style}" ', 1)


def give_room(app, pagename, templatename, context, doctree):
    if app.builder.format == "html" and context.get("body"):
        context["body"] = INLINE.sub(reserve, context["body"], count=FIRST)


def setup(app):
    app.connect("html-page-context", give_room, priority=960)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
