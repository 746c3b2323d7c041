"""Judge an answer: the truth first, then what is as good, then each known mistake."""

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from gmmtutor.check import describe, variants
from gmmtutor.check.display import table_of
from gmmtutor.check.misconceptions import candidates, paired_candidates
from gmmtutor.check.quantities import QUANTITIES, Part, component, point
from gmmtutor.check.reading import Answer, Unreadable, read, short, written
from gmmtutor.check.recipe import Work
from gmmtutor.check.row import joined
from gmmtutor.check.verdict import Verdict

EITHER_SIDE = "A point has two best choices, and either side is right."
NAMED = 3  # at most so many reasons are spelt out
PAIR_DIGITS = 10  # units of the last decimal: a shorter number alone proves no pair
SHOWN = 30  # entries of an answer that the last hint prints
UNASKED = ("uniform-weights",)  # equal weights are no mistake where the weights are equal
UNITS = ("densities-and-mixtures", "the unit decides")
PARTS = {
    "covariances": "variances",
    "kmeans_step": "centres",
    "kmeans_labels": "labels",
}


@dataclass(frozen=True)
class Case:
    """An answer, in parts, to a problem.

    Attributes
    ----------
    check : str
        The name under which mistakes are listed.
    work : Work
    parts : tuple of Part
    strict : bool
        Accept no other order of the components and no rounded intermediate results.
    """

    check: str
    work: Work
    parts: tuple[Part, ...]
    strict: bool = False

    @property
    def alone(self):
        """Whether the answer is a single number."""
        return len(self.parts) == 1 and self.parts[0].answer.values.size == 1

    def only(self, part):
        """Return the case of one part by itself."""
        return Case(part.quantity.name, self.work, (part,))


def judge(check, given, answers, at=None, decimals=None, *, strict=False):
    """Judge an answer.

    Parameters
    ----------
    check : str
        Name of the check.
    given : dict
        The problem: arrays by name, as `Work` takes them.
    answers : dict of str to object
        Quantity and the student's answer to it.
    at : int or tuple of int, optional
    decimals : int, optional
    strict : bool
        As in `Case`.

    Returns
    -------
    Verdict
    """
    try:
        work = Work(given)
        parts = tuple(
            _part(QUANTITIES[name], answer, work, at, decimals) for name, answer in answers.items()
        )
        for part in parts:
            _require_truth(part, work)
    except Unreadable as problem:
        return Verdict(problem.status, str(problem))
    case = Case(check, work, parts, strict)
    verdict = judge_case(case)
    if verdict.status == "unknown" and decimals is not None and not strict:
        shorter = _shorter(case, tuple(answers.values()), decimals)
        return verdict if shorter is None else shorter
    return verdict


def _shorter(case, raw, decimals):
    """Return a verdict if the answer is right to fewer decimals than are asked for."""
    parts = tuple(
        replace(part, answer=replace(part.answer, decimals=read(own).decimals))
        for part, own in zip(case.parts, raw, strict=True)
    )
    counted = [part.answer.decimals for part in parts]
    if any(count is None or count >= decimals for count in counted):
        return None
    if not all(part.fits(case.work) for part in parts):
        return None
    least = _plural(decimals, "decimal")
    message = f"This could be right, but there are too few digits to judge: give {least}."
    message += _quotes(case, decimals) if max(counted) == 0 else ""
    return Verdict("few-digits", message, where=_where(case), ladder=_ladder(case, message, None))


def _part(quantity, raw, work, at, decimals):
    answer = read(raw, decimals)
    part = Part(quantity, answer, at, float(quantity.scale(work)))
    try:
        target = part.target(work)
    except (IndexError, TypeError):
        shape = quantity.of(work).shape
        raise Unreadable(
            f"`at={short(at)}` is no entry of an array of shape {shape}; indices count from 0."
        ) from None
    if at is not None:
        at = tuple(int(i) % n for i, n in zip(np.ravel(at), quantity.of(work).shape, strict=False))
        part = replace(part, at=at)
    given, wanted = answer.values.shape, target.shape
    if (
        given != wanted
        and given != wanted[::-1]
        and [n for n in given if n > 1] == [n for n in wanted if n > 1]
    ):
        part = replace(part, answer=answer.reshaped(wanted))
    return part


def _require_truth(part, work):
    """Raise Unreadable if the right answer is no number on this problem."""
    if not np.isfinite(part.target(work)).all():
        raise Unreadable(
            f"The right {part.quantity.noun} are not all numbers on these data: "
            "a component has emptied, or something has overflowed. Nothing can be judged here."
        )


def judge_case(case):
    """Return the verdict on a case."""
    misshapen = [part for part in case.parts if not _shape_fits(part, case.work)]
    if misshapen:
        return _misshapen(case, misshapen[0])
    if not all(np.isfinite(part.answer.values).all() for part in case.parts):
        found = _single(case)
        return _unknown(case) if found is None else found
    if all(part.fits(case.work) and not _few_digits(part, case.work) for part in case.parts):
        return _right(case)
    if any(_few_digits(part, case.work) for part in case.parts):
        return _tied(_exactly(case)) or _few(case)
    for attempt in (_tied, _reordered, _single, _rounded, _different, _pair, _by_parts):
        verdict = attempt(case)
        if verdict is not None:
            return verdict
    return _unknown(case)


def _shape_fits(part, work):
    return part.answer.values.shape == part.target(work).shape


# --- right ---------------------------------------------------------------------------------


def _right(case):
    same = reasons(case)
    notes = _same_numbers(same)
    message = "Right."
    first = case.parts[0]
    if len(case.parts) == 1 and not _exact(first).fits(case.work):
        message = f"Right, to the {_plural(first.answer.decimals, 'decimal')} given."
    if notes and not first.quantity.whole:
        message = f"{message} {notes[0]}"
    silent = [row for row in candidates(case.check) if not row.possible(case.work)]
    return Verdict("right", message, notes=notes, rows=(*same, *silent), table=_table(case))


def _same_numbers(rows):
    """Return a note for each mistake that gives the same numbers on these data."""
    rows = {row.id: row for row in reversed(rows) if row.id not in UNASKED}
    return tuple(
        f"{_capital(row.name)}, a common mistake, would give the same numbers here; "
        f"to tell right from wrong, try {row.apart}."
        for row in reversed(rows.values())
    )


def _reordered(case):
    """Return a verdict if the answer is right in another order of the components."""
    order = None if case.strict else variants.permuted(case.parts, case.work)
    if order is None:
        return None
    note = f"Your components stand in another order: {', '.join(map(str, order))}, counted from 0."
    return Verdict("right", f"Right. {note}", notes=(note,))


def _tied(case):
    """Return a verdict if the answer is right where ties are broken the other way."""
    if not variants.from_ties(case.parts, case.work):
        return None
    return Verdict("right", f"Right. {EITHER_SIDE}", notes=(EITHER_SIDE,))


def _rounded(case):
    """Return a verdict if the answer is right but for rounded intermediate results."""
    if case.strict or not variants.from_rounded(case.parts, case.work):
        return None
    note = (
        "Your last digits come from rounded intermediate results; keep all digits until the end."
    )
    return Verdict("right", f"Right. {note}", notes=(note,))


def _different(case):
    """Return a verdict if the answer is that of another valid algorithm."""
    if not variants.from_refreshed(case.parts, case.work):
        return None
    message = (
        "Different and valid: these numbers come from an EM that computes the responsibilities "
        "anew between the updates (a multicycle ECM), whose likelihood never falls either. "
        "Here they stay frozen until all parameters are updated."
    )
    return Verdict("different", message, where=_where(case), ladder=_ladder(case, message, None))


# --- too few digits, another shape -------------------------------------------------------------


def _few_digits(part, work):
    """Return whether an answer has too few digits to judge, and is not exactly the truth."""
    decimals = part.answer.decimals
    if part.quantity.whole or decimals is None or decimals >= part.quantity.decimals:
        return False
    return not _exact(part).fits(work)


def _exact(part):
    answer = part.answer
    return replace(part, answer=Answer(answer.values, None, answer.slack))


def _exactly(case):
    """Return the case with its numbers taken to be written in full."""
    return replace(case, parts=tuple(_exact(part) for part in case.parts))


def _few(case):
    """Judge an answer of too few digits: only numbers that a mistake gives exactly are named."""
    if any(describe.in_percent(part, part.target(case.work)) for part in case.parts):
        return _unknown(case)
    least = max(part.quantity.decimals for part in case.parts)
    finest = [
        replace(
            part,
            answer=replace(part.answer, decimals=max(least, part.answer.decimals or 0)),
        )
        for part in case.parts
        if part.answer.decimals is not None
    ]
    if not all(part.fits(case.work) for part in finest):
        verdict = _single(_exactly(case))
        if verdict is not None:
            return verdict
    fits = all(part.fits(case.work) for part in case.parts)
    start = "These could be the right numbers, but" if fits else "Not right yet, and"
    if case.alone:
        start = start.replace("These could be the right numbers", "This could be right")
    message = (
        f"{start} there are too few digits to judge: give at least {_plural(least, 'decimal')} "
        f"(or say `decimals={least}` if you rounded to so many).{_quotes(case, least)}"
    )
    return Verdict("few-digits", message, where=_where(case), ladder=_ladder(case, message, None))


def _quotes(case, least):
    """Say how to keep the zeros that Python drops, if there may have been any."""
    numbers = np.concatenate([part.answer.values.ravel() for part in case.parts])
    example = f'"{numbers[0]:.{least}f}"'
    return f" Python drops zeros at the end: to keep them, write {example} in quotes."


def _misshapen(case, part):
    """Judge an answer of another shape: perhaps a mistake gives it, transposed for example."""
    rows = reasons(case) or reasons(case, paired_candidates(case.check))
    given, wanted = part.answer.values.shape, part.target(case.work).shape
    came = "one number" if given == () else f"shape {given}"
    due = "one number" if wanted == () else f"shape {wanted}"
    lead = f"Your {part.quantity.noun} have {came}, and {due} is asked for."
    if wanted == () and part.at is not None:
        lead = f"One number is asked for, and yours has {came}."
    elif wanted == ():
        lead = f"The {part.quantity.noun} is {due}, and yours has {came}."
    if rows:
        message = f"{lead} {_because(rows, case)}"
        return Verdict("wrong", message, _ids(rows), where=f"the shape {given}", rows=tuple(rows))
    return Verdict("unreadable", f"{lead}{_advice(given, wanted, part, case.work)}")


def _advice(given, wanted, part, work):
    if len(given) == len(wanted) == 2 and given == wanted[::-1]:
        return " Points belong in rows, components in columns: is yours transposed?"
    if wanted == () and given == (len(getattr(work, "X", ())),):
        return " One number for each point is still to be added up."
    if part.at is None and wanted and given == wanted[1:] and not part.quantity.whole:
        return " For one row or one entry, say which with `at=`."
    if part.at is not None and given == part.quantity.of(work).shape:
        return " Leave out `at=` to have the whole array judged."
    return ""


# --- wrong, and why ------------------------------------------------------------------------


def reasons(case, rows=None):
    """Return the rows, single mistakes only by default, that give this answer on these data."""
    rows = candidates(case.check) if rows is None else rows
    return [row for row in rows if _gives(row, case)]


def _gives(row, case):
    """Return whether someone who makes this mistake gets this answer."""
    try:
        if not row.possible(case.work):
            return False
        wrong = Work(case.work.given, row.replaces)
        return all(part.fits(wrong) for part in case.parts)
    except (AttributeError, ValueError, IndexError, ArithmeticError, TypeError):
        return False  # it needs what was not given, or cannot be made on these data


def _single(case):
    """Return a verdict if single mistakes give this answer."""
    return _explained(case, reasons(case))


def _pair(case):
    """Return a verdict if pairs of mistakes give this answer; few digits prove no pair."""
    if case.alone and _short(case.parts[0].answer):
        return None
    return _explained(case, reasons(case, paired_candidates(case.check)))


def _explained(case, rows):
    """Return the verdict that names the reason, or None without one."""
    if not rows:
        return None
    because = _because(rows, case)
    where = _where(case)
    return Verdict(
        "wrong",
        f"Not right yet: {where}{_verb(case)} off. {because}",
        _ids(rows),
        where=where,
        rows=tuple(rows),
        ladder=_ladder(case, because, rows[0]),
        compare=_compare(case),
        table=_table(case),
    )


def _short(answer):
    unit = 0.0 if answer.decimals is None else 10.0**-answer.decimals
    return abs(float(answer.values.ravel()[0])) < PAIR_DIGITS * unit


def _ids(rows):
    return tuple(dict.fromkeys(row.id for row in rows))


def _because(rows, case):
    clauses = list(dict.fromkeys(_filled(row.because, case) for row in rows))
    text = "; or if ".join(clauses[:NAMED])
    if len(clauses) > NAMED:
        text += f"; or in {len(clauses) - NAMED} more ways"
    if case.alone:
        return f"Your number is consistent with what you get if {text}."
    if case.parts[0].quantity.whole:
        return f"Your {case.parts[0].quantity.noun} are consistent with what you get if {text}."
    return f"Your numbers are what you get if {text}."


def _filled(clause, case):
    """Fill in the variance and standard deviation of the component that shows the mistake."""
    if "{" not in clause:
        return clause
    work, variance, sd = case.work, "", ""
    given = work.given.get("covariances")
    if given is not None and given.shape[1] == 1:
        k = _telling_component(case, given[:, 0, 0])
        variance = f" {given[k, 0, 0]:.4g} of {component(work, k)}"
        sd = f" {np.sqrt(given[k, 0, 0]):.4g}"
    return clause.format(variance=variance, sd=sd)


def _telling_component(case, variances):
    """Return the component of the worst entry, unless its variance is 1 and shows nothing."""
    part = case.parts[0]
    if part.quantity.component_axis == 1 and _shape_fits(part, case.work):
        k = part.worst(case.work)[1]
        if variances[k] != 1:
            return k
    return int(np.abs(np.log(variances)).argmax())


def _by_parts(case):
    """Explain the wrong parts of an answer one by one."""
    if len(case.parts) == 1:
        return None
    wrong = [part for part in case.parts if not part.fits(case.work)]
    found = {part.quantity.name: _reasons_of_part(case, part) for part in wrong}
    known = {name: rows for name, rows in found.items() if rows}
    if not known:
        return None
    clauses = [
        f"your {_called(name)} are what you get if {_filled(rows[0].because, case)}"
        for name, rows in known.items()
    ]
    rest = [_called(name) for name, rows in found.items() if not rows]
    because = f"{_capital('; '.join(clauses))}.{_follow_up(case, rest)}"
    together = reduce(joined, (rows[0] for rows in known.values()))
    where = _where(case)
    return Verdict(
        "wrong",
        f"Not right yet: {where} are off. {because}",
        (together.id,),
        where=where,
        rows=(together,),
        ladder=_ladder(case, because, together),
        compare=_compare(case),
    )


def _reasons_of_part(case, part):
    own = case.only(part)
    return reasons(own) or reasons(own, paired_candidates(own.check))


def _called(name):
    return PARTS.get(name, name)


def _follow_up(case, rest):
    """Say what is left unexplained, and whether it only follows from wrong means."""
    if not rest:
        return ""
    if rest == ["variances"] and _follow_from_means(case):
        return " The variances follow from your means."
    return f" For the {' and the '.join(rest)} the reason is not known."


def _follow_from_means(case):
    """Return whether the covariances are right about the student's own means."""
    by_name = {part.quantity.name: part for part in case.parts}
    if not {"means", "covariances"} <= by_name.keys():
        return False
    means = by_name["means"].answer.values.reshape(-1, case.work.X.shape[1])
    own = Work(case.work.given, {"centres": lambda w: means})
    return by_name["covariances"].fits(own)


# --- wrong, and nobody knows why --------------------------------------------------------------


def _unknown(case):
    where = _where(case)
    wrong = [part for part in case.parts if not part.fits(case.work)]
    fact = next(filter(None, (describe.facts(part, case.work) for part in wrong)), "")
    if len(case.parts) > 1 and _follow_from_means(case):
        fact = "The variances follow from your means, so mend the means first."
    holes = [part for part in wrong if not np.isfinite(part.answer.values).all()]
    if holes:
        fact = _hole(holes[0])
    this = "this number" if case.alone else "these numbers"
    reason = fact or f"None of the mistakes known here gives {this}."
    return Verdict(
        "unknown",
        f"Not right yet: {where}{_verb(case)} off. {reason}",
        where=where,
        ladder=_ladder(case, fact, None),
        compare=_compare(case),
        table=_table(case),
    )


def _compare(case):
    """Return the right value of something on the way to the worst entry."""
    wrong = next((part for part in case.parts if not part.fits(case.work)), None)
    if wrong is None or not _shape_fits(wrong, case.work):
        return ""
    try:
        return wrong.quantity.compare(case.work, wrong, wrong.worst(case.work))
    except AttributeError:  # the way there needs what was not given
        return ""


def _hole(part):
    values = part.answer.values
    first = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
    kind = "NaN" if np.isnan(values[first]) else "infinity"
    place = f" at {list(first)}" if first else ""
    return f"There is {kind}{place}: look for 0/0, log(0) or an overflow on the way."


def _where(case):
    wrong = [part for part in case.parts if not part.fits(case.work)]
    if not all(_shape_fits(part, case.work) for part in case.parts) or not wrong:
        return ""
    if len(case.parts) > 1:
        return "the " + " and the ".join(_called(part.quantity.name) for part in wrong)
    return describe.where(wrong[0], case.work)


def _verb(case):
    wrong = [part for part in case.parts if not part.fits(case.work)]
    if len(case.parts) > 1 or int(wrong[0].misses(case.work).sum()) > 1:
        every = _where(case).startswith("every one of")
        return " is" if every else " are"
    return " is"


def _ladder(case, because, row):
    """Return five hints: a question, where, what gives these numbers, where to read, truth."""
    wrong = next((part for part in case.parts if not part.fits(case.work)), case.parts[0])
    index = wrong.worst(case.work)
    where = _where(case)
    read_ = UNITS if "log(" in because and not row else wrong.quantity.read
    question = wrong.quantity.question(case.work, wrong, index)
    if not np.isfinite(wrong.answer.values).all():
        question = "Which step can give such a thing: a division by 0, the logarithm of 0?"
    return (
        question,
        _look(case, where, wrong, index),
        f"{because} {_compare(case)}".strip() or where,
        to_read(row.read if row else read_),
        _solution(wrong, case.work, index),
    )


def to_read(page_and_topic):
    """Return the fourth hint."""
    page, topic = page_and_topic
    return f'Read the page "{page}": {topic}.'


def _look(case, where, worst, index):
    """Return the second hint."""
    if not where:
        return "No digit that you give is wrong; give more of them."
    if any(not part.misses(case.work).all() for part in case.parts):
        return f"Look at {where}; the rest is right."
    if case.alone or case.parts[0].quantity.whole:
        return f"Look at {where}."
    return f"Look at {describe.at(worst, index, case.work)} first; the others are off too."


def _solution(part, work, index):
    target = part.target(work)
    if target.size > SHOWN:
        local = part.local(index)
        return f"At {list(index)} the right number is {_plain(part, target[local])}."
    if target.size == 1 or part.quantity.whole:
        return f"The right answer: {', '.join(_plain(part, value) for value in target.ravel())}."
    digits = part.answer.decimals
    shown = np.round(target, 6 if digits is None else max(digits, 2)).tolist()
    return f"The right answer: {shown}."


def _plain(part, value):
    """Write a right number to the digits of the answer, but to two decimals at least."""
    decimals = part.answer.decimals
    if part.quantity.whole or decimals is None:
        return f"{value:.6g}"
    return written(float(value), max(decimals, 2))


def _table(case):
    """Return the rows to display for an answer with one row for each point."""
    part = case.parts[0]
    if part.quantity.component_axis != 1 or len(part.fixed()) > 1 or len(case.parts) > 1:
        return None
    values, misses = (
        np.atleast_2d(part.answer.values),
        np.atleast_2d(part.misses(case.work)),
    )
    samples = part.fixed() or range(len(values))
    texts = [[_in_cell(part, value) for value in row] for row in values]
    shares = values if part.quantity.name == "responsibilities" else None
    head = ("component", *map(str, range(values.shape[1])))
    if shares is not None:
        head += ("shares",)
    return table_of([point(case.work, n) for n in samples], texts, misses, shares, head)


def _in_cell(part, value):
    """Write an entry as the student did; of full precision, four digits are enough to see."""
    if part.answer.decimals is None and not part.quantity.whole:
        return f"{value:.4g}"
    return part.write(value)


def _plural(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _capital(text):
    return text[:1].upper() + text[1:]
