"""Any other number or array that an exercise asks for, and answers that choose among options."""

import math
from dataclasses import dataclass, replace

import numpy as np

from gmmtutor.check import describe
from gmmtutor.check.problems import explain_bad_problem
from gmmtutor.check.quantities import Part, Quantity
from gmmtutor.check.reading import FULL_PRECISION, Unreadable, read, require_answer, short, written
from gmmtutor.check.recipe import Work
from gmmtutor.check.verdict import Verdict

WHOLE = 1e-9  # relative distance from a whole number that is rounding
LONG = 4  # more decimals than these are not counted out
SHOWN = 30  # entries of an answer that the last hint prints
SOLUTION = "Read the part of the chapter before this exercise; its solution is folded below it."


@explain_bad_problem
def number(
    answer,
    expected,
    *,
    name="your number",
    mistakes=None,
    at=None,
    decimals=None,
    within=0.0,
    question=None,
):
    """Judge any number or array of numbers that no other check judges.

    Right is what could be a rounding of `expected`, with at least two decimals. Large numbers
    need three digits (-28.3), small ones two digits that are not 0 (0.0031), whole numbers none.
    A float may lack zeros at the end, which Python drops: 72.0 is right for 71.98, 72 is not.

    Parameters
    ----------
    answer : object
        As people write it: a number, "1/3", a list, an array; None for no answer yet.
    expected : array_like
        The right numbers, in full precision.
    name : str
        With its article, for the messages: "the slope", "your roots".
    mistakes : dict of str to array_like, optional
        Wrong numbers by how they come about; the key completes "... what you get if ...".
    at : int or tuple of int, optional
        The entry of `expected` (and of the mistakes of its shape) that the answer is for.
    decimals : int, optional
        To how many decimals the answer was rounded, and enough; counted when omitted.
    within : float
        How far `expected` and the mistakes themselves may be off, if they were simulated.
    question : str, optional
        The first hint: a question with which the student can test the answer.

    Returns
    -------
    Verdict
        Its `misconceptions` are the keys of `mistakes` that give this answer.
    """
    expected = _numbers(expected, "the right answer")
    wrong = _wrong_numbers({} if mistakes is None else mistakes, expected.shape, at)
    target = _entry(expected, at)
    full = FULL_PRECISION + least_decimals(target)
    read_ = replace(read(answer, decimals, full=full), reach=_size(within))
    task = _Task(name, target, wrong, read_, decimals, question)
    task = replace(task, counted=read(answer, full=full).decimals, floats=_are_floats(answer))
    task = task.in_one_shape()
    if task.answer.values.shape != task.expected.shape:
        return _misshapen(task)
    task = task.with_zeros()
    if task.part.fits(task.work) and (task.enough(task.expected) or task.exactly(task.expected)):
        return _right(task)
    verdicts = (attempt(task) for attempt in (_named, _few, _unknown))
    return next(verdict for verdict in verdicts if verdict is not None)


def _numbers(values, what):
    """Return finite numbers as an array of float; raise ValueError with a sentence."""
    try:
        array = read(values).values
    except Unreadable as problem:
        raise ValueError(f"{what} is no number. {problem}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{what} is not finite.")
    return array


def _are_floats(answer):
    """Return whether these are floats, from which Python drops zeros at the end: 2.50 is 2.5."""
    return np.asarray(answer).dtype.kind == "f"


def _size(within):
    """Return how far the right answer may be off; raise ValueError with a sentence."""
    reach = _numbers(within, "`within`")
    if reach.shape or reach < 0:
        raise ValueError("`within` is one number, 0 or more.")
    return float(reach)


def _wrong_numbers(mistakes, shape, at):
    """Return the wrong numbers by clause, each cut to the entry asked for; skip NaN."""
    if not isinstance(mistakes, dict):
        raise ValueError("`mistakes` is a dict: how a wrong number comes about, and the number.")
    found = {}
    for clause, value in mistakes.items():
        try:
            array = read(value).values
        except Unreadable as problem:
            raise ValueError(f"the mistake {clause!r} is no number. {problem}") from None
        if np.isfinite(array).all():
            found[str(clause)] = _entry(array, at) if array.shape == shape else array
    return found


def _entry(array, at):
    if at is None:
        return array
    try:
        return np.asarray(array[at])
    except (IndexError, TypeError):
        raise Unreadable(
            f"`at={short(at)}` is no entry of an array of shape {array.shape}; "
            "indices count from 0."
        ) from None


@dataclass(frozen=True)
class _Task:
    """An answer and what it is compared with."""

    name: str
    expected: np.ndarray
    wrong: dict
    answer: object
    decimals: int | None
    question: str | None
    counted: int | None = None
    floats: bool = False

    @property
    def part(self):
        kind = Quantity("number", "expected", self.name, None, None, (None, None))
        return Part(kind, self.answer, scale=_scale(self.expected))

    @property
    def work(self):
        return Work({"expected": self.expected})

    @property
    def alone(self):
        return self.answer.values.size == 1

    def in_one_shape(self):
        """Return the same task, where axes of length 1 do not count."""
        given, wanted = self.answer.values.shape, self.expected.shape
        if [n for n in given if n > 1] == [n for n in wanted if n > 1] and given != wanted[::-1]:
            return replace(self, answer=self.answer.reshaped(wanted))
        return self

    def with_zeros(self):
        """Return the same task, with 2.5 read as 2.50 if that is right and no mistake is 2.5."""
        least = least_decimals(self.expected)
        if not self.floats or self.answer.decimals is None or self.answer.decimals >= least:
            return self
        longer = replace(self, answer=replace(self.answer, decimals=least))
        doubtful = any(self.fits(value) for value in self.wrong.values())
        return longer if longer.fits(self.expected) and not doubtful else self

    def fits(self, target):
        return self.answer.fits(target, _scale(target))

    def exactly(self, target):
        """Return whether the answer is the target with no rounding to forgive."""
        return replace(self.answer, decimals=None).fits(target, _scale(target))

    def enough(self, target):
        """Return whether the answer has the digits that a judgement on this target needs."""
        given = self.answer.decimals
        return given is None or self.decimals is not None or given >= least_decimals(target)


def _scale(target):
    """Return the size against which rounding errors are measured; of zeros, 1."""
    return float(np.abs(target).max()) or 1.0


def least_decimals(target):
    """Return how many decimals a rounding of the target must have to be judged.

    Parameters
    ----------
    target : ndarray

    Returns
    -------
    int
        Two digits that count below 1, three from 1 on, in the largest entry; two decimals if
        other entries need them; 0 for whole numbers.
    """
    sizes = np.abs(np.ravel(target))
    broken = np.abs(sizes - np.round(sizes)) > WHOLE * sizes
    if not broken.any():
        return 0
    others = _least(sizes[broken].min())
    return max(_least(sizes.max()), min(2, others))


def _least(size):
    exponent = math.floor(math.log10(size))
    return 1 - exponent if exponent < 0 else max(0, 2 - exponent)


# --- what is said about a number ---------------------------------------------------------------


def _right(task):
    """Return the verdict on a right answer, and name each mistake that it does not exclude."""
    same = _agreeing(task)
    message = "Right."
    if not task.exactly(task.expected):
        count = task.answer.decimals
        message = f"Right, to the {count} decimal{'' if count == 1 else 's'} given."
        counted_out = count > 0 and np.abs(task.expected).max() > 10.0**-LONG
        message = message if counted_out else "Right, to the digits given."
    notes = tuple(_same_number(task, clause) for clause in same)
    return Verdict("right", " ".join((message, *notes[:1])), notes=notes)


def _same_number(task, clause):
    value = task.wrong[clause]
    close = value.shape == task.expected.shape and np.allclose(value, task.expected, rtol=1e-9)
    it = "The same number comes" if task.alone else "The same numbers come"
    return f"{it} out if {clause}; {'other data' if close else 'more digits'} tell them apart."


def _named(task):
    """Return the verdict that names the mistakes that give this answer, or None."""
    found = _agreeing(task)
    if not found:
        return None
    text = "; or if ".join(found)
    because = f"Your numbers are what you get if {text}."
    if task.alone:
        because = f"Your number is consistent with what you get if {text}."
    return _wrong(task, "wrong", because, found)


def _agreeing(task):
    """Return the mistakes that give this answer, which has the digits to tell."""
    return tuple(
        clause
        for clause, value in task.wrong.items()
        if task.fits(value) and (task.enough(value) or task.exactly(value))
    )


def _few(task):
    """Return the verdict on too few digits, or None if more digits would not change it."""
    could = _coarse(task) or _shorter(task) or task.part.fits(task.work)
    named = [value for value in task.wrong.values() if task.fits(value)]
    if not could and not named:
        return None
    start = "This could be right, but there are too few digits to judge"
    if not could:
        start = "Not right yet, and there are too few digits to say why"
    message = f"{start}: {_wanted(task, task.expected if could else named[0])}."
    return Verdict("few-digits", message, where=_where(task), ladder=_ladder(task, message))


def _shorter(task):
    """Return whether the answer would be right had it been rounded to the decimals it shows."""
    if task.decimals is None or task.counted is None or task.counted >= task.decimals:
        return False
    return replace(task.answer, decimals=task.counted).fits(task.expected)


def _wanted(task, target):
    """Ask for the digits that a judgement needs."""
    least = least_decimals(target) if task.decimals is None else task.decimals
    if least == 0:
        return "give all digits before the point"
    if least > LONG:
        return "give two digits that count at least"
    digits = "1 decimal" if least == 1 else f"{least} decimals"
    dropped = "; zeros at the end count if the number is in quotes" if task.floats else ""
    return f"give at least {digits} (or say `decimals={least}` if you rounded to so many){dropped}"


def _coarse(task):
    """Return whether a whole number is the truth rounded before the point: 1200 for 1234.5."""
    if task.answer.decimals != 0 or least_decimals(task.expected) or not task.alone:
        return False
    value, target = float(task.answer.values.ravel()[0]), float(task.expected.ravel()[0])
    if target == round(target) or value == 0:
        return False
    zeros = len(f"{abs(value):.0f}") - len(f"{abs(value):.0f}".rstrip("0"))
    return abs(value - target) <= 0.5 * 10.0**zeros and not task.part.fits(task.work)


def _unknown(task):
    if not np.isfinite(task.answer.values).all():
        kind = "NaN" if np.isnan(task.answer.values).any() else "infinity"
        fact = f"There is {kind}: look for 0/0, log(0) or an overflow on the way."
    elif task.answer.values.ndim == 2 and _turned(task):
        fact = "Rows and columns are exchanged: transpose it."
    elif task.answer.values.ndim == 1 and _sorted(task).fits(np.sort(task.expected)):
        fact = "These are the right numbers in another order."
    else:
        fact = describe.facts(task.part, task.work)
    if not fact:
        fact = f"No known slip gives {'this number' if task.alone else 'these numbers'}."
    return _wrong(task, "unknown", fact, ())


def _sorted(task):
    return replace(task.answer, values=np.sort(task.answer.values))


def _turned(task):
    return task.answer.fits(task.expected.T)


def _wrong(task, status, because, found):
    where = _where(task)
    return Verdict(
        status,
        f"Not right yet: {where}. {because}",
        found,
        where=where,
        ladder=_ladder(task, because),
    )


def _misshapen(task):
    """Return the verdict on an answer of another shape, which may be a mistake's."""
    given, wanted = task.answer.values.shape, task.expected.shape
    came, due = (
        "one number" if shape == () else f"an array of shape {shape}" for shape in (given, wanted)
    )
    lead = f"This is {came}, and {due} is asked for."
    found = tuple(clause for clause, value in task.wrong.items() if task.fits(value))
    if found:
        message = f"{lead} Your numbers are what you get if {'; or if '.join(found)}."
        return Verdict("wrong", message, found, where=f"the shape {given}")
    turned = " Is yours transposed?" if len(given) == 2 and given == wanted[::-1] else ""
    return Verdict("unreadable", f"{lead}{turned}")


def _where(task):
    """Say which entries are off."""
    misses = task.part.misses(task.work)
    if not misses.any() or misses.ndim == 0:
        return f"{task.name} is off"
    places = [list(map(int, index)) for index in np.argwhere(misses)]
    if len(places) == misses.size:
        if misses.size == 2:
            return "both entries are off"
        return f"every one of the {misses.size} entries is off" if misses.size > 1 else "it is off"
    if len(places) == 1:
        return f"entry {_place(places[0])} is off"
    named = ", ".join(map(_place, places[:3])) + (" ..." if len(places) > 3 else "")
    return f"{len(places)} of {misses.size} entries are off ({named}, counted from 0)"


def _place(index):
    return str(index[0]) if len(index) == 1 else str(index)


def _ladder(task, because):
    """Return five hints: a question, where, what gives these numbers, where to read, truth."""
    target = task.expected
    shown = f"{target.size} numbers, which the solution shows"
    if target.size <= SHOWN:
        digits = task.answer.decimals
        digits = 6 if digits is None else max(digits, least_decimals(target))
        shown = np.round(target, digits).tolist()
    index, value, right = _worst(task)
    place = f"Entry {_place(list(map(int, index)))}" if index else "It"
    return (
        task.question or _question(task),
        f"{_where(task)[:1].upper()}{_where(task)[1:]}.",
        f"{because} {place} {_how_far(value, right)}.",
        SOLUTION,
        f"The right answer: {shown}.",
    )


def _worst(task):
    """Return the position of the worst entry, the answer there, and the right number."""
    gap = np.where(task.part.misses(task.work), np.abs(task.answer.values - task.expected), -1)
    index = np.unravel_index(int(np.nan_to_num(gap, nan=np.inf).argmax()), gap.shape)
    return index, float(task.answer.values[index]), float(task.expected[index])


def _how_far(value, right):
    """Say on which side of the right number an answer lies, and how far, roughly."""
    if not math.isfinite(value):
        return "is no number"
    if value * right < 0:
        return "has the wrong sign"
    if right == 0 or value == 0:
        return "is 0 in truth" if right == 0 else "is not 0 in truth"
    side = "large" if abs(value) > abs(right) else "small"
    ratio = abs(value / right)
    ratio = max(ratio, 1 / ratio)
    far = (
        f"by a factor of about {float(f'{ratio:.1g}'):g}"
        if ratio >= 2
        else f"by about {_percent(ratio)}"
    )
    return f"is too {side} in size, {far}"


def _percent(ratio):
    return "1% or less" if ratio < 1.015 else f"{float(f'{100 * (ratio - 1):.1g}'):.0f}%"


def _question(task):
    """Ask about the sign or the size of the worst entry."""
    _, value, target = _worst(task)
    text = written(value, task.answer.decimals)
    if not math.isfinite(value):
        return "Which step can give such a thing: a division by 0, the logarithm of 0?"
    if value * target < 0:
        return f"Which sign must the answer have, before you compute anything? Yours is {text}."
    if abs(value) > 3 * abs(target) or abs(target) > 3 * abs(value):
        return f"Roughly how large must the answer be, without computing? Yours is {text}."
    return f"Can you come to {text} a second way, or test it on a smaller case?"


# --- a choice -----------------------------------------------------------------------------------


@explain_bad_problem
def choice(answer, right, *, options, why=None):
    """Judge a choice among options, for example between "yes" and "no".

    Parameters
    ----------
    answer : str or bool
        An option or its unmistakable beginning; case does not count. True is "yes", False "no".
        None for no answer yet.
    right : str or bool
    options : sequence of str
    why : dict of str to str, optional
        What there is to say about an option; of a wrong one, what speaks against it.

    Returns
    -------
    Verdict
    """
    options = [str(option) for option in options]
    chosen_right = _chosen(right, options)
    reasons = {_chosen(option, options): text for option, text in (why or {}).items()}
    if chosen_right is None or None in reasons:
        raise ValueError(f"the options are {', '.join(options)}.")
    require_answer(answer)
    chosen = _chosen(answer, options)
    if chosen is None:
        raise Unreadable(f"Choose one of {', '.join(repr(option) for option in options)}.")
    reason = reasons.get(chosen, "")
    if chosen == chosen_right:
        return Verdict("right", f"Right. {reason}".strip(), notes=(reason,) if reason else ())
    message = f"Not {chosen!r}. {reason}".strip()
    told = f"The right answer: {chosen_right!r}. {reasons.get(chosen_right, '')}".strip()
    ladder = ("Which case, small enough for your head, would decide it?", message, message)
    return Verdict("wrong", message, ladder=(*ladder, SOLUTION, told))


def _chosen(answer, options):
    """Return the option meant, or None."""
    if isinstance(answer, bool | np.bool_):
        answer = "yes" if answer else "no"
    if not isinstance(answer, str) or not answer.strip():
        return None
    plain = answer.strip().casefold()
    exact = [option for option in options if option.casefold() == plain]
    begun = exact or [option for option in options if option.casefold().startswith(plain)]
    return begun[0] if len(begun) == 1 else None
