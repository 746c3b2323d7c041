"""The feedback page of one student: self-contained HTML, without a script, everything escaped."""

from html import escape
from itertools import groupby

from gmmtutor.check.display import _with_code as with_code

STYLE = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
section{border:1px solid;border-radius:4px;padding:.2rem 1rem;margin:1rem 0}
h2{font-size:1.1rem} h3{font-size:1rem;margin-bottom:.2rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid;padding-left:.8rem}
code{overflow-wrap:anywhere} .points{float:right;font-variant-numeric:tabular-nums}
"""
MARKS = {"right": "✓", "unanswered": "…"}
SPOKEN = {"right": "right", "unanswered": "not answered"}


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
    return "\n".join([*parts, check["read"]]).strip()


def page(title, result):
    """Return the page.

    Parameters
    ----------
    title : str
        Of the assignment.
    result : dict
        As `grade` returns it.

    Returns
    -------
    str
    """
    tasks = groupby(result["checks"], key=lambda check: (check["task"], check["title"]))
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(result['student'])}: <strong>{escape(summary(result))}</strong></p>",
        _troubles(result),
        *(_task(name, list(checks)) for (_, name), checks in tasks),
        *map(_manual, result["manual"]),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}: {escape(result['student'])}</title>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _troubles(result):
    if not result["troubles"]:
        return ""
    lines = "\n".join(f"<li>{escape(text)}</li>" for text in result["troubles"])
    lead = "What happened when your notebook was run, cell by cell (of the code cells):"
    return f"<section>\n<h2>On the way</h2>\n<p>{lead}</p>\n<ul>\n{lines}\n</ul>\n</section>"


def _task(name, checks):
    earned, points = (sum(check[key] for check in checks) for key in ("earned", "points"))
    parts = "\n".join(map(_check, checks))
    head = f'<h2>{escape(name)} <span class="points">{earned} of {points}</span></h2>'
    return f"<section>\n{head}\n{parts}\n</section>"


def _check(check):
    mark = MARKS.get(check["status"], "✗")
    spoken = SPOKEN.get(check["status"], "not right")
    score = f'<span class="points">{check["earned"]} of {check["points"]}</span>'
    head = f'<span role="img" aria-label="{spoken}">{mark}</span> {escape(check["about"])}'
    lines = [f"<h3>{head} {score}</h3>", f"<p>{with_code(check['message'])}</p>"]
    if check["example"]:
        rows = "\n".join(f"{name} = {value}" for name, value in check["example"].items())
        lines.append(f"<p>The problem was:</p>\n<pre>{escape(rows)}</pre>")
    if check["status"] not in ("right", "unanswered") and check["question"]:
        lines.append(f"<p>Ask yourself: {with_code(check['question'])}</p>")
    if check["status"] != "right" and check["read"]:
        lines.append(f"<p>{with_code(check['read'])}</p>")
    return "\n".join(lines)


def _manual(part):
    return (
        f'<section>\n<h2>{escape(part["title"])} <span class="points">of {part["points"]}</span>'
        "</h2>\n<p>This part is marked by a person.</p>\n</section>"
    )
