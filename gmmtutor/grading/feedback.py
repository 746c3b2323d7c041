"""The feedback page of one student: self-contained HTML, without a script, everything escaped."""

from html import escape
from itertools import groupby

from gmmtutor.check.display import _with_code as with_code
from gmmtutor.grading import reading_list

STYLE = """
:root{color-scheme:light dark}
html{background:Canvas;color:CanvasText}
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
section{border:1px solid;border-radius:4px;padding:.2rem 1rem;margin:1rem 0}
h2{font-size:1.1rem} h3{font-size:1rem;margin-bottom:.2rem}
h2,h3{display:flex;justify-content:space-between;align-items:baseline;gap:1rem}
.points{flex:none;font-variant-numeric:tabular-nums}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid;padding-left:.8rem}
code,li,p{overflow-wrap:anywhere} a{color:LinkText}
"""
MARKS = {"right": "✓", "unanswered": "…"}
SPOKEN = {"right": "Right", "unanswered": "Not answered"}
RAN = "What happened when your notebook was run. Cells are counted among the code cells alone."
NOT_RUN = "Nothing of your file was run:"


def summary(result):
    """Say in one sentence what came of it."""
    rest = sum(part["points"] for part in result["manual"])
    by_hand = f" Up to {rest} more points are given by hand." if rest else ""
    return f"{result['score']} of {result['points']} points.{by_hand}"


def told(check):
    """Return what is said about one check, as plain text."""
    if check["status"] == "right":
        return check["message"]
    parts = [check["message"]]
    if check["example"]:
        parts += [f"{name} = {value}" for name, value in check["example"].items()]
    if check["read"]:
        parts.append(f"Read {reading_list.words(check['read'])}.")
    return "\n".join(parts).strip()


def page(title, result, book=""):
    """Return the page.

    Parameters
    ----------
    title : str
        Of the assignment.
    result : dict
        As `grade` returns it.
    book : str, optional
        Address of the folder with the book's pages, for links to what is to be read.

    Returns
    -------
    str
    """
    tasks = groupby(result["checks"], key=lambda check: (check["task"], check["title"]))
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(result['student'])}: <strong>{escape(summary(result))}</strong></p>",
        _file(result),
        _troubles(result),
        _to_mend(result["checks"]),
        *(_task(name, list(checks), book) for (_, name), checks in tasks),
        *map(_manual, result["manual"]),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="description" content="{escape(title)}: what was right, and what to mend">\n'
        f"<title>{escape(title)}: {escape(result['student'])}</title>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _file(result):
    note = f" ({escape(result['note'])})" if result.get("note") else ""
    name = escape(result["file"]) if result["file"] else "none"
    return f"<p>File: <code>{name}</code>{note}</p>"


def _troubles(result):
    if not result["troubles"]:
        return ""
    lines = "\n".join(f"<li>{with_code(text)}</li>" for text in result["troubles"])
    lead = RAN if result["ran"] else NOT_RUN
    return f"<section>\n<h2>On the way</h2>\n<p>{lead}</p>\n<ul>\n{lines}\n</ul>\n</section>"


def _to_mend(checks):
    """Return a list of what is not right, with links to where the page says more."""
    lost = [check for check in checks if check["earned"] < check["points"]]
    if not lost:
        return ""
    lines = "\n".join(
        f'<li><a href="#{escape(check["id"])}">{escape(called(check["title"]))} '
        f"{with_code(check['about'])}</a>, {_counted(check['points'])}</li>"
        for check in lost
    )
    return f"<section>\n<h2>To mend</h2>\n<ul>\n{lines}\n</ul>\n</section>"


def called(title):
    """Return a title as it stands before the name of a check."""
    return title if title.endswith("?") else f"{title}:"


def _counted(points):
    return f"{points} point" if points == 1 else f"{points} points"


def _score(earned, points):
    """Return points for the end of a heading, with what only a voice needs."""
    return (
        f'<span class="points"><span class="said">, </span>{earned} of {points}'
        f'<span class="said"> {"point" if points == 1 else "points"}.</span></span>'
    )


def _task(name, checks, book):
    earned, points = (sum(check[key] for check in checks) for key in ("earned", "points"))
    parts = "\n".join(_check(check, book) for check in checks)
    head = f"<h2><span>{escape(name)}</span> {_score(earned, points)}</h2>"
    return f"<section>\n{head}\n{parts}\n</section>"


def _check(check, book):
    mark = MARKS.get(check["status"], "✗")
    spoken = SPOKEN.get(check["status"], "Not right")
    head = (
        f'<span><span aria-hidden="true">{mark}</span><span class="said">{spoken}:</span> '
        f"{with_code(check['about'])}</span>"
    )
    score = _score(check["earned"], check["points"])
    lines = [f'<h3 id="{escape(check["id"])}">{head} {score}</h3>']
    lines.append(f"<p>{with_code(check['message'])}</p>")
    if check["example"]:
        rows = "\n".join(f"{name} = {value}" for name, value in check["example"].items())
        lines.append(f"<p>The problem was:</p>\n<pre>{escape(rows)}</pre>")
    if check["status"] not in ("right", "unanswered") and check["question"]:
        lines.append(f"<p>Ask yourself: {with_code(check['question'])}</p>")
    if check["status"] != "right" and check["read"]:
        lines.append(f"<p>Read {_section(check['read'], book)}.</p>")
    return "\n".join(lines)


def _section(section, book):
    """Return where to read, with a link if it is known where the book is."""
    page, heading = section
    name = f"<em>{with_code(heading)}</em>"
    if book:
        address = f"{book.rstrip('/')}/{page}.html#{reading_list.anchor(heading)}"
        name = f'<a href="{escape(address)}">{name}</a>'
    return f"{name} in the chapter <em>{escape(reading_list.TITLES[page])}</em>"


def _manual(part):
    score = f'<span class="points">of {part["points"]}</span>'
    return (
        f"<section>\n<h2><span>{escape(part['title'])}</span> {score}</h2>\n"
        "<p>This part is marked by a person.</p>\n</section>"
    )
