"""Data of one's own: each student gets other numbers, the same ones every time.

This file is in the sandbox too, so it computes no densities and imports nothing of the package.
"""

import csv
import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

VARIANCES = (0.5, 0.8, 1.5, 2.0, 2.5, 3.0)
WEIGHTS = ((0.2, 0.3, 0.5), (0.2, 0.5, 0.3), (0.3, 0.2, 0.5), (0.5, 0.2, 0.3), (0.3, 0.5, 0.2))


@dataclass(frozen=True)
class PersonalData:
    """One student's numbers.

    Attributes
    ----------
    x : ndarray, shape (N,)
        The first point lies between the first two components.
    weights, means, variances : ndarray, shape (3,)
    resp : ndarray, shape (4, 2)
        A table of responsibilities for the first four points, in tenths.
    fault : int
        0 to 5: which fault the student's run has (in the assignment on robust EM).
    student : str
        Whose numbers they are.
    """

    x: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    resp: np.ndarray
    fault: int
    student: str


def rng_for(*words):
    """Return a random generator that depends on these words alone."""
    text = "\x1f".join(str(word) for word in words).encode(errors="surrogatepass")
    return np.random.default_rng(list(hashlib.sha256(text).digest()))


def normal_id(student_id):
    """Return an id as it is compared: in small letters, one space for spaces and underscores."""
    text = unicodedata.normalize("NFC", str(student_id))  # macOS takes letters apart
    return " ".join(text.replace("_", " ").lower().split())


def make_dataset(student_id):
    """Make the numbers of one student.

    Parameters
    ----------
    student_id : str
        As on the course's list; capital letters do not matter, an underscore is a space.

    Returns
    -------
    PersonalData
    """
    for attempt in range(100):
        rng = rng_for("gmmtutor", normal_id(student_id), attempt)
        weights = np.array(WEIGHTS[rng.integers(len(WEIGHTS))])
        x, means, variances = _points(rng)
        if _shared_and_telling(x[0], weights, means, variances):
            break
    resp = rng.permutation(np.array([[1, 9], [3, 7], [6, 4], [8, 2]])) / 10
    fault = int(rng.integers(6))
    return PersonalData(x, weights, means, variances, resp, fault, normal_id(student_id))


def _points(rng):
    """Draw points and components with numbers of one decimal."""
    variances = rng.permutation(VARIANCES)[:3]
    roots = np.sqrt(variances)
    steps = np.round(2.2 * (roots[:-1] + roots[1:]) + rng.integers(-3, 4, 2) / 10, 1)
    means = np.round(np.cumsum([-rng.integers(10, 30) / 10, *steps]), 1)
    means = np.where(means == 0, 0.3, means)
    share = roots[0] / (roots[0] + roots[1])
    between = np.round(means[0] + share * (means[1] - means[0]) + rng.integers(-1, 2) / 10, 1)
    others = np.round(rng.permutation(np.repeat(means, 2)) + rng.integers(-20, 21, 6) / 10, 1)
    return np.concatenate([[between], others]), means, variances


def _shared_and_telling(point, weights, means, variances):
    """Return whether the point is shared, and variances for standard deviations would show."""

    def odds(spread):
        terms = np.log(weights / np.sqrt(spread)) - (point - means) ** 2 / (2 * spread)
        return terms[0] - terms[1]

    return abs(odds(variances)) < 2 and abs(odds(variances) - odds(variances**2)) > 0.1


def own_eruptions(student_id):
    """Return the eruptions of Old Faithful that one student has: 240 of the 272, in their order.

    Parameters
    ----------
    student_id : str

    Returns
    -------
    ndarray, shape (240, 2)
        Minutes of an eruption, minutes of waiting for the next.
    """
    everything = old_faithful()
    rng = rng_for("gmmtutor", "eruptions", normal_id(student_id))
    return everything[np.sort(rng.choice(len(everything), 240, replace=False))]


def seven_points():
    """Return the seven points of the book, shape (7,)."""
    return np.array([-3.0, -2.5, -1.0, 0.0, 2.0, 4.0, 5.0])


def old_faithful():
    """Return the eruptions of Old Faithful, shape (272, 2): minutes long, minutes to the next."""
    inside = Path(__file__).with_name("data")  # the sandbox; outside it lies one folder up
    folder = inside if inside.is_dir() else Path(__file__).parent.with_name("data")
    with open(folder / "old-faithful.csv", encoding="utf-8") as file:
        return np.array(list(csv.reader(file))[1:], dtype=float)
