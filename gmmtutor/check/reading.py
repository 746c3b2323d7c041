"""Read an answer as people write it: lists, strings, fractions, percent, arrays, decimals."""

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np

FULL_PRECISION = 12  # so many decimals are no longer a person's rounding
SLACK = 1e-8  # relative error that floating point may leave in any sound computation
COARSE_SLACK = {4: 2e-6, 2: 1e-3}  # the same in single and half precision, by bytes
SEVERAL = re.compile(r"[\[;]|\d,?\s+[-.\d]")  # a string that holds more than one number
MANY = 8  # so many decimals are written out; of tiny numbers with more, as 4.7e-16
COUNTED = 2000  # entries whose decimals are counted, in a long array


class Unreadable(Exception):
    """An answer that is no array of numbers; the message is a sentence for the student."""

    status = "unreadable"


class Unanswered(Unreadable):
    """No answer yet: the place for it is still empty."""

    status = "unanswered"


def is_blank(answer):
    """Return whether nothing has been answered: `None`, `...`, or a list of nothing else."""
    if isinstance(answer, list | tuple):
        try:
            return len(answer) > 0 and all(map(is_blank, answer))
        except Exception:  # a list of its own kind, or one that holds itself
            return False
    return answer is None or answer is ...


@dataclass(frozen=True)
class Answer:
    """Numbers and the digits to which they were written.

    Attributes
    ----------
    values : ndarray of float
    decimals : int or None
        None for full precision.
    slack : float
        Relative error that is forgiven beside the rounding.
    reach : float
        How far the right number itself may be off: it was measured, or simulated.
    """

    values: np.ndarray
    decimals: int | None
    slack: float = SLACK
    reach: float = 0.0

    @property
    def half_unit(self):
        """Half a unit of the last decimal; 0 in full precision."""
        return 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals

    def misses(self, target, scale=1.0):
        """Return where this answer cannot be a rounding of the target, an array of bool."""
        allowed = self.half_unit + self.slack * np.abs(target) + 1e-4 * self.slack * scale
        allowed = allowed + self.reach
        with np.errstate(invalid="ignore"):
            near = np.isfinite(target) & (np.abs(self.values - target) <= allowed)
        same = (self.values == target) | (np.isnan(self.values) & np.isnan(target))
        return ~(near | same)

    def fits(self, target, scale=1.0):
        """Return whether every entry could be a rounding of the target's."""
        return self.values.shape == np.shape(target) and not self.misses(target, scale).any()

    def reshaped(self, shape):
        """Return the same answer in another shape."""
        return replace(self, values=self.values.reshape(shape))


def read(answer, decimals=None, *, full=FULL_PRECISION):
    """Read an answer.

    Parameters
    ----------
    answer : object
        A number, a string, a nested list, an array.
    decimals : int, optional
        To how many decimals it was rounded; counted when omitted.
    full : int
        So many decimals are full precision.

    Returns
    -------
    Answer

    Raises
    ------
    Unreadable
        With a sentence that says what came and what to give.
    """
    require_decimals(decimals)
    require_answer(answer)
    try:
        values, counted, slack = _numbers(answer)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("The answer is nested too deeply: give a list of numbers.") from None
    except Exception as error:  # whatever a foreign object raises when asked for its numbers
        text = f"The answer, of type {type(answer).__name__}, gives no numbers: {error}"
        raise Unreadable(f"{text.rstrip('.')}.") from None
    digits = counted if decimals is None else int(decimals)
    if digits >= full:
        digits = None
    return Answer(values, digits, slack)


def _numbers(answer):
    """Return the values, how many decimals the longest has, and the error to forgive."""
    answer = _without_mask(answer)
    if isinstance(answer, list | tuple) and len(answer) > COUNTED:
        answer = _long(answer)
    if isinstance(answer, np.generic):
        answer = np.asarray(answer)
    if isinstance(answer, np.ndarray) and answer.dtype.kind in "fiu":
        coarse = answer.dtype.itemsize if answer.dtype.kind == "f" else 8
        return _plain(answer), _array_decimals(answer), COARSE_SLACK.get(coarse, SLACK)
    numbers, shape = _flatten(answer)
    values = np.array([value for value, _ in numbers], dtype=float).reshape(shape)
    return values, max(count for _, count in numbers), SLACK


def _without_mask(answer):
    """Return a plain array for a masked one that hides nothing."""
    if isinstance(answer, np.ma.MaskedArray):
        if np.ma.is_masked(answer):
            raise Unreadable("Entries are masked: give all the numbers, without a mask.")
        return np.asarray(answer)
    return answer


def _long(answer):
    """Return a long list as an array, if it holds plain numbers: reading them singly is slow."""
    try:
        array = np.asarray(answer)
    except ValueError:
        return answer
    return array if array.dtype.kind in "fiu" else answer


@dataclass(frozen=True)
class Stopped:
    """What stands for the answer of a function that has stopped with an exception."""

    text: str


def require_answer(answer):
    """Raise Unanswered if there is no answer yet, Unreadable if a function stopped."""
    if isinstance(answer, Stopped):
        raise Unreadable(answer.text)
    if is_blank(answer):
        raise Unanswered("No answer yet: put yours in place of `None`.")


def require_decimals(decimals):
    """Raise Unreadable unless `decimals` is None or a whole number of 0 or more."""
    whole = isinstance(decimals, int | np.integer) and not isinstance(decimals, bool)
    if decimals is not None and not (whole and decimals >= 0):
        raise Unreadable(
            f"`decimals` is {short(decimals)}; give a whole number such as `decimals=3`."
        )


def _plain(array):
    if array.size == 0:
        raise Unreadable("The answer is empty: it holds no number at all.")
    return np.array(array, dtype=float, subok=False)


def _array_decimals(array):
    """Count the decimals of the longest entry of a numeric array."""
    if array.dtype.kind != "f":
        return 0
    entries = np.asarray(array).ravel()[:COUNTED]
    return max(_decimals(str(entry)) for entry in entries)


def _decimals(text):
    """Count the decimals of a number as it is written; 0 for nan and infinity."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return 0
    if not number.is_finite():
        return 0
    if text.endswith(".0"):  # how Python writes a whole float
        return 0
    return max(0, -number.as_tuple().exponent)


def _flatten(answer):
    """Return [(value, decimals)] of a nested answer, and its shape."""
    answer = _unwrap(answer)
    if not isinstance(answer, list):
        return [_number(answer)], ()
    if not answer:
        raise Unreadable("The answer is empty: it holds no number at all.")
    parts = [_flatten(part) for part in answer]
    shapes = [shape for _, shape in parts]
    if len(set(shapes)) > 1:
        raise Unreadable(_ragged(shapes))
    return [number for numbers, _ in parts for number in numbers], (
        len(parts),
        *shapes[0],
    )


def _unwrap(answer):
    """Turn what holds numbers (tuples, arrays, tables of other libraries) into lists."""
    if isinstance(answer, str | bytes | dict | set | frozenset):
        return answer
    if isinstance(answer, tuple | range):
        return list(answer)
    if hasattr(answer, "__array__") and not np.isscalar(answer) and answer is not np.ma.masked:
        return np.asarray(answer).tolist()
    return answer


def _ragged(shapes):
    first = shapes[0]
    row = next(n for n, shape in enumerate(shapes) if shape != first)
    lengths = [shape[0] if shape else "a single number" for shape in (first, shapes[row])]
    return (
        f"The rows have different lengths: row 0 has {lengths[0]}, row {row} has {lengths[1]}. "
        "Every row needs as many entries as the others."
    )


def _number(item):
    """Return the value of one entry and its number of decimals."""
    if item is None:
        raise Unreadable(
            "There is `None` where a number belongs: did the function forget to `return`?"
        )
    if item is np.ma.masked:
        raise Unreadable("There is a masked entry where a number belongs.")
    if isinstance(item, bool | np.bool_):
        raise Unreadable(
            f"There is `{bool(item)}` where a number belongs: did a comparison slip in?"
        )
    if isinstance(item, str):
        return _number_in(item)
    if isinstance(item, complex | np.complexfloating):
        if item.imag == 0:
            return _number(float(item.real))
        raise Unreadable(
            "There is a complex number where a real one belongs: "
            "perhaps a root or a logarithm of something negative."
        )
    if isinstance(item, Fraction):
        return float(item), FULL_PRECISION
    try:
        value = float(item)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable(_not_a_number(item)) from None
    return value, _decimals(str(item))


def _not_a_number(item):
    if callable(item):
        name = getattr(item, "__name__", "f")
        return (
            f"The answer is a function, not its result: call `{name}(...)`, "
            "or have the whole function checked with `check.function`."
        )
    kind = type(item).__name__
    listed = "; give a list" if hasattr(item, "__iter__") else ""
    text = short(item)
    text = f"an object of type {kind}" if text.startswith("<") else f"{text} ({kind})"
    return f"There is {text} where a number belongs{listed}."


def _number_in(text):
    """Read a number from a string: "0.057", "0,057", "5.7%", "1/3", "1e-7"."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    try:
        value = float(Fraction(plain)) if "/" in plain else float(plain)
    except (ValueError, ZeroDivisionError):
        if SEVERAL.search(text):
            raise Unreadable(
                f"{short(text)} is one string; give a list of numbers, such as [0.057, 0.943]."
            ) from None
        raise Unreadable(
            f"{short(text)} cannot be read as a number; write for example 0.057, 1/3 or 5.7%."
        ) from None
    count = FULL_PRECISION if "/" in plain else _string_decimals(plain)
    return (value / 100, count + 2) if percent else (value, count)


def _string_decimals(text):
    """Count decimals as written, so that "0.0570" has four and "1.0" has one."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return 0
    return max(0, -number.as_tuple().exponent) if number.is_finite() else 0


def short(item):
    try:
        text = repr(item)
    except Exception:  # a foreign object that cannot even be shown
        text = object.__repr__(item)
    return text if len(text) <= 40 else text[:37] + "..."


def written(value, decimals=None):
    """Write a number as a person would: to so many decimals, else 6 digits.

    Parameters
    ----------
    value : float
    decimals : int, optional

    Returns
    -------
    str
    """
    if decimals is None or not math.isfinite(value):
        return f"{value:.6g}"
    if decimals > MANY and 0 < abs(value) < 10.0 ** -(MANY // 2):
        digits = decimals + math.floor(math.log10(abs(value)))  # after the first
        return f"{value:.{max(digits, 0)}e}"
    return f"{value:.{decimals}f}"
