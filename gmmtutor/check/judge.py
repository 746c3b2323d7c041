"""Judge an answer: the truth first, then what is as good, then each known mistake."""

from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice, product

import numpy as np

from gmmtutor.check import carried, describe, variants
from gmmtutor.check.display import table_of
from gmmtutor.check.misconceptions import candidates, paired_candidates
from gmmtutor.check.quantities import QUANTITIES, Part, component, n_components, point
from gmmtutor.check.reading import Answer, Unreadable, read, short, written
from gmmtutor.check.recipe import Work
from gmmtutor.check.row import joined
from gmmtutor.check.verdict import Verdict

EITHER_SIDE = "A point has two best choices, and either side is right."
MOST_CHOICES = 4  # combinations of reasons for the parts of an answer
NAMED = 3  # at most so many reasons are spelt out
NEAR = 4  # decimals from which a unit of the last may be off in what a mistake gives
CLOSE = 3  # units of the last decimal that rounding is granted where a mistake fits as well
FAR_OFF = 20  # units of the last decimal: so far off is no rounding
PAIR_DIGITS = 10  # units of the last decimal: a shorter number alone proves no pair
SHOWN = 30  # entries of an answer that the last hint prints
UNASKED = ("uniform-weights",)  # equal weights are no mistake where the weights are equal
LOGS = ("em-algorithm", "the log of a sum of small numbers (log-sum-exp)")
FROM_DENSITIES = ("responsibilities", "log_likelihood", "lower_bound", "q", "aic", "bic")
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
    message += _quotes(case.parts, decimals) if max(counted) == 0 else ""
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
        return _judge_short(case)
    exact = all(part.answer.decimals is None for part in case.parts)
    first = (_single, _rounded) if exact else (_rounded, _single)
    return _first_of(case, (_tied, *first, _reordered, _different, _pair, _nearly, _by_parts))


def _first_of(case, attempts):
    found = (attempt(case) for attempt in (*attempts, _unknown))
    return next(verdict for verdict in found if verdict is not None)


def _shape_fits(part, work):
    return part.answer.values.shape == part.target(work).shape


# --- right ---------------------------------------------------------------------------------


def _right(case):
    same = reasons(case)
    notes = _same_numbers(same, case.work)
    message = "Right."
    first = case.parts[0]
    if len(case.parts) == 1 and not _exact(first).fits(case.work):
        message = f"Right, to the {_plural(first.answer.decimals, 'decimal')} given."
    if notes and not first.quantity.whole:
        message = f"{message} {notes[0]}"
    silent = [row for row in candidates(case.check) if not row.possible(case.work)]
    return Verdict("right", message, notes=notes, rows=(*same, *silent), table=_table(case))


def _same_numbers(rows, work):
    """Return a note for each mistake that gives the same numbers on these data."""
    rows = {row.id: row for row in reversed(rows) if row.id not in UNASKED}
    if n_components(work) == 1:  # nothing to forget, or to exchange, in a mixture of one
        rows = {name: row for name, row in rows.items() if "{weights}" not in row.apart}
    return tuple(
        f"{_capital(row.name)}, a common mistake, would give the same numbers here; "
        f"to tell right from wrong, try {row.try_instead(n_components(work))}."
        for row in reversed(rows.values())
    )


def _reordered(case):
    """Return a verdict if the parts of an answer are right in another order of the components.

    A whole mixture is the same in any order, unless a start gives its components their names.
    """
    if len(case.parts) == 1:
        return None  # one of the facts: the order is given with the problem
    order = variants.permuted(case.parts, case.work)
    if order is None:
        return None
    listed_order = ", ".join(map(str, order))
    if not case.strict and case.check == "m_step" and "start" not in case.work.given:
        note = f"Your components stand in another order: {listed_order}, counted from 0."
        return Verdict("right", f"Right. {note}", notes=(note,))
    fact = f"These are the right numbers, for components in another order ({listed_order})."
    return _unknown(case, fact)


def _tied(case):
    """Return a verdict if the answer is right where ties are broken the other way."""
    if not variants.from_ties(case.parts, case.work):
        return None
    return Verdict("right", f"Right. {EITHER_SIDE}", notes=(EITHER_SIDE,))


def _rounded(case):
    """Return a verdict if the answer is right but for rounded intermediate results."""
    if case.strict or not variants.from_rounded(case.parts, case.work):
        return None
    same = reasons(case)
    if same and not all(_near(part, case.work) for part in case.parts):
        return None
    note = (
        "Your last digits come from rounded intermediate results; keep all digits until the end."
    )
    notes = (note, *_same_numbers(same, case.work))
    return Verdict("right", " ".join(("Right.", *notes[:2])), notes=notes, rows=tuple(same))


def _near(part, work):
    """Return whether every entry is within a few units of the last digit."""
    reach = CLOSE * 2 * part.answer.half_unit
    return bool((np.abs(part.answer.values - part.target(work)) <= reach).all())


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
    """Return the case with the parts of too few digits taken to be written in full."""
    return replace(
        case,
        parts=tuple(_exact(part) if _few_digits(part, case.work) else part for part in case.parts),
    )


def _with_zeros(case):
    """Return the case with the zeros that Python has dropped, if other parts show the decimals.

    An answer among fractions is as exact as they are.
    """
    shown = [part.answer.decimals for part in case.parts if not _few_digits(part, case.work)]
    if None in shown or not shown:
        return case
    return replace(
        case,
        parts=tuple(
            replace(part, answer=replace(part.answer, decimals=max(shown)))
            if _few_digits(part, case.work)
            else part
            for part in case.parts
        ),
    )


def _certainly_wrong(case):
    """Return whether more digits would not make an answer right.

    Some number is off by more than its rounding, or whole numbers stand among fractions.
    """
    return not all(part.fits(case.work) for part in case.parts) or _among_fractions(case)


def _among_fractions(case):
    return any(part.answer.decimals is None and not part.quantity.whole for part in case.parts)


def _judge_short(case):
    """Judge an answer some of whose parts have too few digits."""
    if any(describe.in_percent(part, part.target(case.work)) for part in case.parts):
        return _unknown(case)
    exact = _exactly(case)
    complete = _with_zeros(case)
    if complete is not case and all(part.fits(case.work) for part in complete.parts):
        return _right(complete)
    verdict = None if complete is case else _rounded(complete)
    if verdict is not None:
        return verdict
    if not _certainly_wrong(case):
        return _first_of(exact, (_tied, lambda _: _among_few(exact, case), lambda _: _few(case)))
    plain = exact if _among_fractions(case) else complete
    exact = exact if complete is case else complete
    attempts = (_tied, lambda _: _among_few(exact, case), _by_parts, lambda _: _unknown(plain))
    return _first_of(exact, attempts)


def _among_few(exact, case):
    """Return a verdict if a mistake gives these few digits exactly; those like it are named too.

    None if the right numbers, rounded on the way to the digits that are asked for, do as well.
    """
    if all(_by_carrying(part, case.work) for part in case.parts):
        return None
    return _explained(exact, reasons(_finest(case))) if reasons(exact) else None


def _by_carrying(part, work):
    finest = replace(part, answer=replace(part.answer, decimals=part.quantity.decimals))
    return carried.explains(finest, work) or finest.fits(work)


def _finest(case):
    """Return the case with every short part written out to the digits that a judgement needs."""
    return replace(
        case,
        parts=tuple(
            replace(part, answer=replace(part.answer, decimals=part.quantity.decimals + 1))
            if _few_digits(part, case.work)
            else part
            for part in case.parts
        ),
    )


def _few(case):
    """Ask for more digits; say which mistake gives these few as well."""
    short = [part for part in case.parts if _few_digits(part, case.work)]
    least = max(part.quantity.decimals for part in short)
    start = "This could be right" if case.alone else "These could be the right numbers"
    also = _also(case, short)
    message = (
        f"{start}, but there are too few digits to judge: give at least "
        f"{_plural(least, 'decimal')} (or say `decimals={least}` if you rounded to so many)."
        f"{also or _quotes(short, least)}"
    )
    return Verdict("few-digits", message, where=_where(case), ladder=_ladder(case, message, None))


def _also(case, short):
    """Say which mistake gives the parts of too few digits exactly."""
    for part in short:
        if not _exact_to(part, case.work) and reasons(case.only(_exact(part))):
            own = _finest(case.only(part))
            clauses = list(dict.fromkeys(_filled(row.because, own) for row in reasons(own)))
            noun = "This is" if case.alone else f"The {_called(part.quantity.name)} are"
            return f" {noun} also what you get if {'; or if '.join(clauses[:NAMED])}."
    return ""


def _exact_to(part, work):
    """Return whether an answer is right to the digits that a judgement needs."""
    finest = replace(part.answer, decimals=part.quantity.decimals)
    return replace(part, answer=finest).fits(work)


def _quotes(short, least):
    """Say how to keep the zeros that Python drops, if there may have been any."""
    numbers = np.concatenate([part.answer.values.ravel() for part in short])
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


def _explained(case, rows, nearly=""):
    """Return the verdict that names the reason, or None without one."""
    if not rows or not carried.proves(case.parts, case.work):
        return None  # rounding on the way leads here as well
    because = _because(rows, case, nearly) + _or_another_order(case)
    where = _where(case)
    return Verdict(
        "wrong",
        f"Not right yet: {_off(case)}. {because}",
        _ids(rows),
        where=where,
        rows=tuple(rows),
        ladder=_ladder(case, because, rows[0]),
        compare=_compare(case),
        table=_table(case),
    )


def _or_another_order(case):
    """Say so if the same numbers are right for components in another order."""
    order = None if len(case.parts) > 1 else describe.another_order(case.parts[0], case.work)
    if order is None:
        return ""
    listed_order = ", ".join(map(str, order))
    return f" They are also the right ones for components in another order ({listed_order})."


def _nearly(case):
    """Return a verdict if a mistake gives the answer but for a unit of its last digit."""
    if case.strict or not all(_has_digits_to_spare(part, case.work) for part in case.parts):
        return None
    coarse = replace(case, parts=tuple(_one_digit_off(part) for part in case.parts))
    rows = reasons(coarse)
    if len(_ids(rows)) != 1:
        return None
    return _explained(case, rows, "but for the last digit")


def _has_digits_to_spare(part, work):
    """Return whether the wrong entries have 3 digits beside the last, and are off in the first."""
    if part.answer.decimals is None or part.answer.decimals < NEAR or part.quantity.whole:
        return False
    unit, misses = 2 * part.answer.half_unit, part.misses(work)
    off, sizes = np.abs(part.answer.values - part.target(work)), np.abs(part.answer.values)
    return bool((~misses | ((off > FAR_OFF * unit) & (sizes > 1000 * unit))).all())


def _one_digit_off(part):
    return replace(part, answer=replace(part.answer, reach=2 * part.answer.half_unit))


def _short(answer):
    unit = 0.0 if answer.decimals is None else 10.0**-answer.decimals
    return abs(float(answer.values.ravel()[0])) < PAIR_DIGITS * unit


def _ids(rows):
    return tuple(dict.fromkeys(row.id for row in rows))


def _because(rows, case, nearly=""):
    clauses = list(dict.fromkeys(_filled(row.because, case) for row in rows))
    text = "; or if ".join(clauses[:NAMED])
    if len(clauses) > NAMED:
        text += f"; or in {_plural(len(clauses) - NAMED, 'more way')}"
    nearly = f", {nearly}," if nearly else ""
    if case.alone:
        return f"Your number is{nearly} consistent with what you get if {text}."
    if case.parts[0].quantity.whole or len(clauses) > 1 or nearly or _or_another_order(case):
        noun = case.parts[0].quantity.noun if case.parts[0].quantity.whole else "numbers"
        return f"Your {noun} are{nearly} consistent with what you get if {text}."
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
    clauses = [_of_one_part(name, rows, case) for name, rows in known.items()]
    unexplained = [part for part in wrong if not found[part.quantity.name]]
    because = f"{_capital('; '.join(clauses))}.{_follow_up(case, unexplained)}"
    choices = product(*(_one_of_each_id(rows) for rows in known.values()))
    together = tuple(reduce(joined, rows) for rows in islice(choices, MOST_CHOICES))
    return Verdict(
        "wrong",
        f"Not right yet: {_off(case)}. {because}",
        _ids(together),
        where=_where(case),
        rows=together,
        ladder=_ladder(case, because, together[0]),
        compare=_compare(case),
    )


def _one_of_each_id(rows):
    return list({row.id: row for row in reversed(rows)}.values())[::-1]


def _of_one_part(name, rows, case):
    """Say what gives one part of an answer, less surely where several mistakes do."""
    clauses = list(dict.fromkeys(_filled(row.because, case) for row in rows))
    sure = "are" if len(clauses) == 1 else "are consistent with"
    return f"your {_called(name)} {sure} what you get if {'; or if '.join(clauses[:NAMED])}"


def _reasons_of_part(case, part):
    own = case.only(part)
    if not carried.proves((part,), case.work):
        return []
    return reasons(own) or reasons(own, paired_candidates(own.check))


def _called(name):
    return PARTS.get(name, name)


def _follow_up(case, rest):
    """Say what is left unexplained, and whether it only follows from wrong means."""
    if not rest:
        return ""
    if [part.quantity.name for part in rest] == ["covariances"] and _follow_from_means(case):
        return " The variances follow from your means."
    names = " and the ".join(_called(part.quantity.name) for part in rest)
    return f" For the {names} the reason is not known."


def _follow_from_means(case):
    """Return whether wrong covariances are right about the student's own wrong means."""
    by_name = {part.quantity.name: part for part in case.parts}
    if not {"means", "covariances"} <= by_name.keys():
        return False
    means, spreads = by_name["means"], by_name["covariances"]
    if means.fits(case.work) or spreads.fits(case.work):
        return False
    values = means.answer.values.reshape(-1, case.work.X.shape[1])
    return spreads.fits(Work(case.work.given, {"centres": lambda w: values}))


# --- wrong, and nobody knows why --------------------------------------------------------------


def _unknown(case, fact=""):
    where = _where(case)
    wrong = [part for part in case.parts if not part.fits(case.work)]
    fact = fact or _facts(case, wrong)
    holes = [part for part in wrong if not np.isfinite(part.answer.values).all()]
    if holes:
        fact = _hole(holes[0])
    this = "this number" if case.alone else "these numbers"
    reason = fact or f"None of the mistakes known here gives {this}."
    return Verdict(
        "unknown",
        f"Not right yet: {_off(case)}. {reason}",
        where=where,
        ladder=_ladder(case, fact, None),
        compare=_compare(case),
        table=_table(case),
    )


def _facts(case, wrong):
    """Say what is certain about wrong numbers, each fact of the part that it is about."""
    if len(case.parts) == 1:
        return next(
            filter(None, (describe.facts(part, case.work, case.strict) for part in wrong)), ""
        )
    if _follow_from_means(case):
        return "The variances follow from your means, so mend the means first."
    told = {part.quantity.name: describe.facts(part, case.work, case.strict) for part in wrong}
    told = {_called(name): fact for name, fact in told.items() if fact}
    if len(set(told.values())) == 1:
        fact = next(iter(told.values()))
        return fact if len(told) == len(wrong) else _of_part(*next(iter(told.items())))
    return _of_part(*next(iter(told.items()))) if told else ""


def _of_part(name, fact):
    return fact if name in fact else f"Of the {name}: {fact[:1].lower()}{fact[1:]}"


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
        return _the(wrong)
    return describe.where(wrong[0], case.work)


def _the(parts):
    """Write "the weights, the means and the variances"."""
    names = [f"the {_called(part.quantity.name)}" for part in parts]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _off(case):
    """Say which entries are off, and of several parts which are right."""
    where = _where(case)
    if not where:
        return "something is off"
    right = [part for part in case.parts if part.fits(case.work)]
    if len(case.parts) > 1:
        return f"{where} are off" + (f"; {_the(right)} are right" if right else "")
    several = int(case.parts[0].misses(case.work).sum()) > 1
    return f"{where} {'are' if several and not where.startswith('every one of') else 'is'} off"


def _ladder(case, because, row):
    """Return five hints: a question, where, what gives these numbers, where to read, truth."""
    wrong = next((part for part in case.parts if not part.fits(case.work)), case.parts[0])
    index = wrong.worst(case.work)
    where = _where(case)
    read_ = UNITS if "log(" in because and not row else wrong.quantity.read
    question = wrong.quantity.question(case.work, wrong, index)
    if not np.isfinite(wrong.answer.values).all():
        question = "Which step can give such a thing: a division by 0, the logarithm of 0?"
        read_ = LOGS if wrong.quantity.name in FROM_DENSITIES else read_
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
    right = [part for part in case.parts if part.fits(case.work)]
    if right:
        return f"Look at {where}; {_the(right)} are right."
    place = describe.at(worst, index, case.work)
    if len(case.parts) > 1:
        return f"Begin with the {_called(worst.quantity.name)}, {place}; the others are off too."
    if not worst.misses(case.work).all():
        return f"Look at {where}; the rest is right."
    if case.alone or case.parts[0].quantity.whole:
        return f"Look at {where}."
    return f"Look at {place} first; the others are off too."


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
