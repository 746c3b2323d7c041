"""The verdict as a small piece of HTML that works on light and dark pages, and as plain text."""

import re
from dataclasses import dataclass
from html import escape

import numpy as np

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
ROWS = 10
MARKS = {
    "right": "✓",
    "different": "≈",
    "unreadable": "?",
    "few-digits": "?",
    "unanswered": "…",
}
BOX = (
    "border:1px solid currentColor;border-radius:4px;padding:.5em .8em;margin:.3em 0;"
    "max-width:44em"
)
CODE = "color:inherit;overflow-wrap:anywhere"
MARK = "display:inline-block;width:1.1em;text-align:right"
CELL = (
    "padding:.1em .4em;text-align:right;white-space:nowrap;border:none;"
    "font-variant-numeric:tabular-nums"
)
OFF = "outline:2px dashed currentColor;outline-offset:-2px"
BAR = "display:flex;width:9em;height:.9em;border:1px solid currentColor"


@dataclass(frozen=True)
class Table:
    """The student's entries, row by row.

    Attributes
    ----------
    head : tuple of str
    rows : list of (str, list of str, list of bool, ndarray or None)
        Label, entries as written, which are off, and shares for the bar.
    hidden : int
        How many rows are left out.
    """

    head: tuple[str, ...]
    rows: list
    hidden: int = 0


def table_of(labels, texts, misses, shares, head):
    """Choose the rows to show: all of a short table, else those that are off come first.

    Parameters
    ----------
    labels : list of str, N of them
    texts : list of list of str, N x K
    misses : ndarray of bool, shape (N, K)
    shares : ndarray, shape (N, K), or None
        For the stacked bars.
    head : tuple of str

    Returns
    -------
    Table
    """
    off = np.flatnonzero(misses.any(axis=1))
    chosen = range(len(labels)) if len(labels) <= ROWS else off[:ROWS]
    rows = [
        (labels[n], texts[n], misses[n].tolist(), None if shares is None else shares[n])
        for n in chosen
    ]
    return Table(head, rows, len(labels) - len(rows))


def html(verdict):
    """Return the verdict as HTML; deterministic, everything from outside escaped."""
    mark = MARKS.get(verdict.status, "✗")
    message = _with_code(verdict.message)
    parts = [
        f'<div class="gmm-check gmm-check-{verdict.status}" style="{BOX}">',
        f'<div class="gmm-check-message"><strong>{mark}</strong> {message}</div>',
    ]
    if verdict.table is not None and verdict.table.rows:
        parts.append(_table(verdict.table))
    parts.append("</div>")
    return "\n".join(parts)


def _with_code(text):
    """Escape a text; what stands between backticks becomes code."""
    return re.sub(r"(`+)(.+?)\1", rf'<code style="{CODE}">\2</code>', escape(text), flags=re.S)


def _table(table):
    head = "".join(f'<th style="{CELL}">{escape(text)}</th>' for text in table.head)
    rows = "\n".join(_row(*row) for row in table.rows)
    more = ""
    if table.hidden:
        more = f'\n<div class="gmm-check-more">{table.hidden} more rows are not shown.</div>'
    return (
        '<div style="overflow-x:auto"><table class="gmm-check-table" '
        'style="border-collapse:collapse;margin:.5em 0;'
        f'background:transparent;color:inherit">\n<tr>{head}</tr>\n{rows}\n</table></div>{more}'
    )


def _row(label, texts, misses, shares):
    cells = [f'<th style="{CELL};font-weight:normal">{escape(label)}</th>']
    for text, off in zip(texts, misses, strict=True):
        kind = ' class="gmm-check-off"' if off else ""
        style = f"{CELL};{OFF}" if off else CELL
        mark = f'<span style="{MARK}">{"✗" if off else ""}</span>'
        cells.append(f'<td{kind} style="{style}">{escape(text)}{mark}</td>')
    if shares is not None:
        cells.append(f'<td style="{CELL}">{_bar(shares)}</td>')
    return '<tr style="background:transparent">' + "".join(cells) + "</tr>"


def _bar(shares):
    """Draw the stacked bar of one point: its responsibilities in the components' colours."""
    with np.errstate(over="ignore"):
        total = shares.sum()
    if not np.isfinite(total) or total <= 0 or (shares < 0).any():
        return "no bar"
    widths = shares / max(total, 1) * 100
    pieces = "".join(
        f'<span style="width:{width:.1f}%;background:{COLOURS[k % len(COLOURS)]}"></span>'
        for k, width in enumerate(widths)
        if width >= 0.05
    )
    return f'<div class="gmm-check-bar" style="{BAR}">{pieces}</div>'
