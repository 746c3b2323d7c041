"""What can be said about an answer in plain facts: where it is off, and in which way."""

from dataclasses import replace

import numpy as np

from gmmtutor.check import carried
from gmmtutor.check.quantities import component, listed, of_components, point
from gmmtutor.check.reading import written
from gmmtutor.check.variants import is_cut_off, permuted

UNITS = (10, 60, 100, 1000, 10**4, 10**6)  # 10^4: a factor of 100 the wrong way round
FACTOR_TOLERANCE = 0.02
FEW_POINTS = 20  # a factor of 1/N is told up to this N, where N is not known
FEWEST = 2  # decimals that somebody carries on the way
DISTINCT = 3  # so many different numbers prove that a factor is common to all


def where(part, work):
    """Say which entries of a part are off, in at most one clause."""
    misses = part.misses(work)
    if misses.ndim == 0:
        return at(part, part.fixed(), work)
    positions = [(*part.fixed(), *map(int, index)) for index in np.argwhere(misses)]
    if len(positions) == misses.size and misses.size > 1:
        return "both entries" if misses.size == 2 else f"every one of the {misses.size} entries"
    rows = sorted({position[0] for position in positions})
    if len(rows) == 1 and part.quantity.component_axis == 1 and len(positions[0]) == 2:
        columns = listed([position[1] for position in positions], "column")
        columns = f"{columns} {of_components(work)}"
        return f"row {rows[0]} ({point(work, rows[0])}), {columns}"
    if len(positions) == 1:
        return at(part, positions[0], work)
    counted = f"{len(positions)} of {misses.size} entries"
    return f"{counted}, in {_first_axis(part, rows, work)}"


def _first_axis(part, rows, work):
    if part.quantity.component_axis == 0:
        return component(work, *rows)
    return listed(rows, "row")


def at(part, position, work):
    """Name one entry."""
    if not position:
        return part.quantity.noun if part.quantity.noun == "Q" else f"the {part.quantity.noun}"
    if part.quantity.component_axis == 0:
        inner = f", entry {list(position[1:])}" if position[1:] else ""
        return f"{component(work, position[0])}{inner}"
    if part.quantity.name.startswith("mixture"):
        return f"entry {list(position)}"
    return f"entry {list(position)} ({point(work, position[0])})"


def facts(part, work, strict=False):
    """Say what is certain about an answer that no known mistake gives.

    Of a function (`strict`) nothing is said about roundings on the way.

    Returns
    -------
    str
        One sentence, or nothing.
    """
    target = part.target(work)
    values = part.answer.values
    if values.shape != target.shape:
        return ""
    percent = in_percent(part, target)
    if percent:
        return percent
    for fact in (
        _impossible,
        _misplaced,
        _order,
        _cut_off,
        _near_miss,
        _sums,
        None if strict else _rounded_away,
        _other_units,
        _factor,
        _offset,
        _elsewhere,
    ):
        if fact is None:
            continue
        sentence = fact(part, work, values, target)
        if sentence:
            return sentence
    return ""


def in_percent(part, target):
    """Say that 39 is written for .39, if it is."""
    values, shares = (
        part.answer.values,
        part.quantity.name in ("responsibilities", "weights", "number"),
    )
    if not shares or values.shape != target.shape:
        return ""
    if (target < 0).any() or target.max(initial=0) > 1 or values.max(initial=0) <= 1:
        return ""
    allowed = part.answer.half_unit / 100 + 1e-9
    if (np.abs(values / 100 - target) > allowed).any():
        return ""
    example = f"{float(values.max()):.4g}"
    hundredth = f"{float(values.max()) / 100:.4g}"
    return f'In percent these are the right digits: write {hundredth}, or "{example}%" in quotes.'


def _impossible(part, work, values, target):
    name = part.quantity.name
    if name in ("responsibilities", "counts", "weights") and (values < 0).any():
        return "A negative entry cannot be right: these are shares."
    if name in ("responsibilities", "weights") and (values > 1 + 1e-9).any():
        return "An entry above 1 cannot be right: these are probabilities."
    if name in ("density", "component_density") and (values < 0).any():
        return "A density is never negative; a log density may be."
    if name == "covariances" and values.ndim == 1 and (values <= 0).any():
        return "A variance is never negative or 0 here."
    return ""


def _misplaced(part, work, values, target):
    """One component's numbers in place of another's, or a matrix that is right up to an order."""
    if len(part.fixed()) != 1 or not values.ndim or part.quantity.whole:
        return ""
    others = part.quantity.of(work) if part.quantity.component_axis == 0 else ()
    for k, other in enumerate(others):
        if k != part.fixed()[0] and part.answer.fits(other, part.scale):
            return f"These are the right numbers for {component(work, k)}."
    if values.ndim == 2 and values.shape[0] == values.shape[1] == 2:
        if part.answer.fits(target[::-1, ::-1], part.scale):
            return "The two features stand in the other order."
        if part.answer.fits(target * [[1, -1], [-1, 1]], part.scale):
            return "Beside the diagonal the sign is wrong."
    return ""


def another_order(part, work):
    """Return the order of the components in which an answer is right, or None."""
    values = part.answer.values
    if part.quantity.whole or values.ndim == 0 or ((values == 0) | (values == 1)).all():
        return None  # 0 and 1 alone are right in many an order
    return None if part.fits(work) else permuted((part,), work)


def _order(part, work, values, target):
    order = another_order(part, work)
    if order is None:
        return ""
    listed_order = ", ".join(map(str, order))
    noun = part.quantity.noun
    return f"These are the right {noun}, for components in another order ({listed_order})."


def _rounded_away(part, work, values, target):
    """Few decimals carried on the way lead from the right answer to this one."""
    decimals = part.answer.decimals
    if part.quantity.whole:
        return ""
    given = carried.SIGNIFICANT if decimals is None else decimals
    least = min(max(given, FEWEST), carried.SIGNIFICANT)
    if not carried.explains(part, work, least):
        return ""
    digits = (
        f"carry {'four' if carried.SIGNIFICANT == 4 else carried.SIGNIFICANT} significant digits"
    )
    if part.quantity.name in carried.SMALL:
        return f"Small densities rounded to too few digits can lead here: {digits}."
    return f"Numbers rounded on the way to too few digits can lead here: {digits}."


def _cut_off(part, work, values, target):
    decimals = part.answer.decimals
    if decimals is None or part.quantity.whole:
        return ""
    if is_cut_off(part, work):
        return "The digits are those of the right numbers cut off, where they should be rounded."
    return ""


def _near_miss(part, work, values, target):
    decimals = part.answer.decimals
    if not decimals or part.quantity.whole:
        return ""
    unit = 10.0**-decimals
    if (np.abs(values - target) < 1.5 * unit).all() and np.abs(target).max() > 20 * unit:
        return "Only the last digit is off: a slip in rounding, or in copying?"
    return ""


def _sums(part, work, values, target):
    tolerance = max(1e-6, values.shape[-1] * part.answer.half_unit) if values.ndim else 0
    if part.quantity.name == "responsibilities" and values.ndim:
        rows = np.atleast_2d(values).sum(axis=1)
        off = np.flatnonzero(np.abs(rows - 1) > tolerance)
        if off.size:
            first = part.fixed()[0] if part.fixed() else int(off[0])
            total = written(rows[off[0]], 4)
            return f"Row {first} ({point(work, first)}) sums to {total}, and should sum to 1."
    if part.quantity.name == "weights" and values.ndim and abs(values.sum() - 1) > tolerance:
        return f"The weights should sum to 1, and sum to {written(values.sum(), 4)}."
    if part.quantity.name == "counts" and values.ndim:
        n_samples = len(work.X)
        if abs(values.sum() - n_samples) > tolerance:
            return f"The counts should sum to {n_samples}, and sum to {written(values.sum(), 4)}."
    return ""


def _other_units(part, work, values, target):
    """A log-likelihood of the same data in other units."""
    if part.quantity.name not in ("log_likelihood", "lower_bound", "q"):
        return ""
    n_values = work.X.size
    for factor in UNITS:
        for times in (n_values - 1, 1 - n_values):
            if n_values > 2 and _about(part, target + times * np.log(factor)):
                return (
                    f"It is what comes out if log({factor}) is lost, or gained, only once: "
                    "each point has a density and a logarithm of its own."
                )
        for shift in (n_values * np.log(factor), -n_values * np.log(factor)):
            if _about(part, target + shift):
                times = f"{n_values} x log({factor})"
                root = round(factor**0.5)
                turned = f" (or by {root}, with the wrong sign)" if root**2 == factor else ""
                return (
                    f"It is off by {times}, which is what a log-likelihood loses if all data are "
                    f"multiplied by {factor}{turned}."
                )
    return ""


def _factor(part, work, values, target):
    """Every entry the same multiple of what it should be."""
    visible = np.abs(target) > 20 * part.answer.half_unit + 1e-12
    if part.quantity.whole or not visible.any() or not part.misses(work)[visible].all():
        return ""
    factors = (values[visible] if values.ndim else values) / target[visible]
    factor = float(np.median(factors))
    if not np.isfinite(factor) or factor == 0:
        return ""
    known = _known_factor(factor, part, work)
    if values.size == 1 and not known:
        return ""
    if not _about(part, target * (known[0] if known else factor)):
        return ""
    if len(np.unique(np.round(target, 9))) < DISTINCT and not known:
        return ""
    text = known[1] if known else f"{factor:.4g} times"
    whole = "It is" if values.size == 1 else "Every entry is"
    return f"{whole} {text} what it should be."


def _about(part, target):
    """Return whether the answer is a target that is itself known only to the answer's digits."""
    gap = np.abs(part.answer.values - target)
    allowed = 2 * part.answer.half_unit + 10 * part.answer.slack * (np.abs(target) + part.scale)
    return bool((gap <= allowed).all())


def _known_factor(factor, part, work):
    """Return (value, name) of a factor that people leave out or put in."""
    names = [(2.0, "twice"), (0.5, "half of"), (-1.0, "minus"), (-2.0, "minus twice")]
    names.append((1 / np.log(10), "0.4343 times (which is what a logarithm to base 10 gives)"))
    if "X" in work.given and len(work.X) > 1:
        n = len(work.X)
        names += [(float(n), f"N = {n} times"), (1 / n, f"1/N = 1/{n} of")]
    elif 1 / FEW_POINTS <= factor < 0.4:
        n = round(1 / factor)
        names.append((1 / n, f"1/{n} of (divided by N = {n}?)"))
    names += [(100.0, "100 times"), (0.01, "1/100 of")]
    for value, name in names:
        if abs(factor / value - 1) < FACTOR_TOLERANCE:
            return value, name
    return None


def _offset(part, work, values, target):
    """Every entry the same amount above or below what it should be."""
    if len(np.unique(np.round(target, 9))) < DISTINCT or part.quantity.whole:
        return ""
    offset = float(np.median(values - target))
    if abs(offset) > 4 * part.answer.half_unit and _about(part, target + offset):
        return f"Every entry is off by the same amount, {offset:.4g}."
    return ""


def _elsewhere(part, work, values, target):
    """The right number of another entry, or the right rows in another order."""
    whole = part.quantity.of(work)
    if part.quantity.whole or not whole.ndim:
        return ""
    if part.at is not None and values.ndim == 1 and part.quantity.component_axis == 1:
        return _other_row(part, work, whole)
    if values.ndim == 0:
        return _other_entry(part, work, values, whole)
    if part.at is None and values.ndim == 2 and not part.quantity.feature_axes:
        if _rows_fit_in_another_order(part, values, whole):
            return "These are the right rows in another order: the order of X counts."
    return ""


def _other_row(part, work, whole):
    if ((part.answer.values == 0) | (part.answer.values == 1)).all():
        return ""
    hits = [n for n, row in enumerate(whole) if part.answer.fits(row, part.scale)]
    if len(hits) != 1:
        return ""
    return f"This is the right row for {point(work, hits[0])}, row {hits[0]}; rows count from 0."


def _other_entry(part, work, value, whole):
    if abs(value) < 40 * part.answer.half_unit:  # two digits that count
        return ""
    hits = [
        tuple(map(int, index))
        for index in np.ndindex(whole.shape)
        if part.answer.fits(whole[index], part.scale)
    ]
    if len(hits) != 1:
        return ""
    return f"It is the right number for entry {list(hits[0])}; indices count from 0."


def _rows_fit_in_another_order(part, values, whole):
    digits = 9 if part.answer.decimals is None else part.answer.decimals
    mine, right = (np.lexsort(np.round(table, digits).T) for table in (values, whole))
    return replace(part.answer, values=values[mine]).fits(whole[right])
