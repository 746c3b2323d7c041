"""Values that came through the sandbox's wall, made into arrays again: JSON and nothing else."""

import numpy as np

from gmmtutor.check.reading import Unreadable
from gmmtutor.grading.worker import encode

__all__ = ["arguments", "decode"]

TYPES = {("f", 4): np.float32, ("f", 2): np.float16, ("i", 8): int, ("u", 8): int, ("b", 1): bool}


def arguments(given):
    """Return the arguments of a problem as JSON can say them."""
    return [encode(value) for value in given.values()]


def decode(value):
    """Return an answer as the judge takes it.

    Raises
    ------
    Unreadable
        If it is nothing that could be an answer, in a sentence for the student.
    """
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return _array(value)
    if "tuple" in value and isinstance(value["tuple"], list):
        return tuple(decode(item) for item in value["tuple"])
    if "dict" in value and isinstance(value["dict"], list):
        return _dict(value["dict"])
    if "complex" in value:
        raise Unreadable("It gives complex numbers: perhaps a root of something negative.")
    if "function" in value:
        raise Unreadable(f"The answer is the function `{value['function']!s:.40}`: call it.")
    raise Unreadable(f"The answer is {value.get('other', 'no number')!s:.60}; give numbers.")


def _array(value):
    kind, size = value.get("kind"), value.get("size")
    dtype = TYPES.get((kind, size)) if isinstance(kind, str) and isinstance(size, int) else None
    try:
        return np.array(value["array"], dtype=dtype or float)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Unreadable("The answer is no array of numbers.") from None


def _dict(pairs):
    try:
        return {str(key): decode(item) for key, item in pairs}
    except (ValueError, TypeError):
        raise Unreadable("The answer is no dictionary of numbers.") from None
