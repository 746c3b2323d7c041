"""The generated parts of book/misconceptions.md: the list of mistakes, and what was measured.

``python tests/check_power.py --page book/misconceptions.md`` writes both between their markers.
"""

import re

from gmmtutor.check.misconceptions import MISCONCEPTIONS, PAIRS

COMMAND = "python tests/check_power.py --page book/misconceptions.md"
SPEEDS = (5, 10, 20, 50, 100)  # milliseconds: the table must not change with every run


def markers(part):
    """Return the lines between which a generated part stands; MyST hides them."""
    return f"% begin {part}: {COMMAND}\n", f"% end {part}\n"


def generated(page, part):
    """Return what stands between the markers of a part."""
    begin, end = markers(part)
    return page.partition(begin)[2].partition(end)[0]


def replaced(page, part, text):
    """Return the page with a new text between the markers of a part.

    Raises
    ------
    ValueError
        If the page does not have both markers.
    """
    begin, end = markers(part)
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page needs the lines {begin!r} and {end!r} once.")
    return re.sub(
        re.escape(begin) + ".*?" + re.escape(end),
        lambda match: f"{begin}{text}{end}",
        page,
        flags=re.DOTALL,
    )


def rows_part():
    """Return the table of all mistakes, and the list of pairs."""
    lines = [
        "```{table} Every mistake, and what a number is the answer to",
        ":name: tab-misconceptions",
        ":class: misconceptions",
        "",
        "| id | this is what you get if ... | in the checks |",
        "| --- | --- | --- |",
        *dict.fromkeys(_row(row) for row in MISCONCEPTIONS),
        "```",
        "",
        f"{len(PAIRS)} pairs are tried as well, because people make them together:",
        "",
        *(f"- `{first}` and `{second}`" for first, second in PAIRS),
    ]
    return "\n".join(lines) + "\n"


def _row(row):
    because = row.because.format(variance="", sd="").replace("|", r"\|")
    because = re.sub(r"^component \d", "component k", because)
    return f"| `{row.id}` | {because} | {', '.join(row.checks)} |"


def measured_part(named, right, noise, unlisted, slowest, n_problems, seed):
    """Return the measured tables, folded, with a sentence about each.

    Parameters
    ----------
    named : list of (check, id, digits, named, asked)
    right : list of (check, digits, right, accused, asked)
    noise : list of (check, named, asked)
    unlisted : list of (check, mistake, unknown, named, asked)
    slowest : float
        Milliseconds of the slowest check.
    n_problems, seed : int

    Returns
    -------
    str
    """
    parts = [
        f"Written by `{COMMAND}`, with {n_problems} random problems for each cell and "
        f"seed {seed}.",
        _named_in_words(named),
        *(_folded(check, named) for check in dict.fromkeys(row[0] for row in named)),
        "### Right answers, noise, and mistakes that nobody listed",
        _right_in_words(right),
        _noise_in_words(noise),
        _unlisted_in_words(unlisted),
        _fold("The mistakes that are not on the list", _unlisted_table(unlisted)),
        f"The slowest of all checks takes less than {_rounded_up(slowest)} milliseconds "
        "on the seven points.",
    ]
    return "\n\n".join(parts) + "\n"


def _rounded_up(milliseconds):
    return next((bound for bound in SPEEDS if milliseconds < bound), round(milliseconds))


def _named_in_words(named):
    cells = len(named)
    asked, hits = sum(row[4] for row in named), sum(row[3] for row in named)
    worst = min(named, key=lambda row: row[3] / row[4])
    text = (
        f"{cells} cells: a check, a mistake or a pair that can be made in it, and the digits to "
        f"which the answer is given. The right mistake was named, and nothing else, in {hits:,} "
        f"of {asked:,} problems; "
    )
    if hits == asked:
        return text + "so in every cell without exception."
    return text + (
        f"the worst cell is `{worst[1]}` in `{worst[0]}` at {_digits(worst[2])}, "
        f"{worst[3]} of {worst[4]}."
    )


def _digits(digits):
    return "full precision" if digits is None else f"{digits} decimals"


def _folded(check, named):
    """Return one folded table: a mistake a row, a number of digits a column."""
    mine = [row for row in named if row[0] == check]
    digits = list(dict.fromkeys(row[2] for row in mine))
    cells = {(row[1], row[2]): f"{row[3]} / {row[4]}" for row in mine}
    ids = list(dict.fromkeys(row[1] for row in mine))
    head = ["mistake", *map(_digits, digits)]
    body = [[_code(name), *(cells[name, d] for d in digits)] for name in ids]
    hits, asked = sum(row[3] for row in mine), sum(row[4] for row in mine)
    title = f"`check.{check}`: {len(ids)} mistakes, {hits:,} of {asked:,} named"
    return _fold(title.replace("1 mistakes", "1 mistake") if len(ids) == 1 else title, head, body)


def _code(name):
    return " + ".join(f"`{part}`" for part in name.split("+"))


def _fold(title, head, body=None):
    head, body = (head, body) if body is not None else head
    opening = [f":::{{admonition}} {title}", ":class: dropdown measured", ""]
    return "\n".join([*opening, *table(head, body), ":::"])


def table(head, body):
    """Return the lines of a markdown table; all columns but the first to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(map(str, row))} |" for row in (head, rule, *body)]


def _right_in_words(right):
    asked, accepted, accused = (sum(row[i] for row in right) for i in (4, 2, 3))
    return (
        "**Right answers**, in full precision and rounded to 2, 3, 4 and 6 decimals: "
        f"{accepted:,} of {asked:,} were accepted, and a mistake was {_never(accused)} named."
    )


def _never(count):
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _noise_in_words(noise):
    asked, named = sum(row[2] for row in noise), sum(row[1] for row in noise)
    return (
        "**Noise**: arrays of six entries and more, at 3 decimals, every entry off by 5 to 50%, "
        f"up or down at random. In {asked:,} of them a mistake was {_never(named)} named."
    )


def _unlisted_in_words(unlisted):
    asked, unknown, named = (sum(row[i] for row in unlisted) for i in (4, 2, 3))
    return (
        f"**Mistakes that are not on the list**: {len(unlisted)} kinds, {asked:,} answers, "
        "each with an entry off by more than 1% of the largest. "
        f"{unknown:,} were called unknown, and a mistake on the list was {_never(named)} named."
    )


def _unlisted_table(unlisted):
    head = ["check", "mistake", "unknown", "named"]
    body = [
        [f"`{check}`", mistake, f"{unknown} / {asked}", named]
        for check, mistake, unknown, named, asked in unlisted
    ]
    return head, body
