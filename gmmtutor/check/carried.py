"""How far rounded intermediate results can carry a sound calculation from the right answer."""

import numpy as np

INDEPENDENT = 4.0  # standard deviations of the sum of many roundings that are still rounding
LOG_DIGITS = 4  # who sums logarithms carries so many decimals of each density at least
ROW_CHOICES = 16  # so many rows, at least, do small rounded densities lead to
LOST = 5  # halves of the last digit: a value so much smaller than that is rounded to 0
PROOF = 1e-6  # a mistake is named inside the reach of rounding if chance hits it more rarely
SIGNIFICANT = 4  # digits that are enough on the way
SUMS = {"log_likelihood": 1, "lower_bound": 1, "q": 1, "aic": 2, "bic": 2}
SMALL = ("responsibilities", "density", "component_density", *SUMS)


def explains(part, work, decimals=None):
    """Return whether roundings to so many decimals on the way can lead to an answer.

    Parameters
    ----------
    part : Part
    work : Work
    decimals : int, optional
        Carried in every intermediate result; those of the answer when omitted.

    Returns
    -------
    bool
    """
    bounds = _bounds_of(part, work, part.answer.decimals if decimals is None else decimals)
    if bounds is None:
        return False
    low, high = bounds
    own = part.answer.half_unit * (1 + 1e-6)
    inside = (part.answer.values >= low - own) & (part.answer.values <= high + own)
    return bool((inside | ~part.misses(work)).all())


def proves(parts, work):
    """Return whether answers that a mistake gives are more than a chance of rounding.

    Where rounding cannot lead, the mistake stands alone. Inside its reach the answer must agree
    with the mistake in so many digits that rounding would not hit them all by chance.
    """
    if not all(explains(part, work) for part in parts):
        return True
    chance = 1.0
    for part in parts:
        low, high = _bounds_of(part, work, part.answer.decimals)
        unit = 2 * part.answer.half_unit
        cells = np.where(part.misses(work), unit / (high - low + unit), 1.0)
        chance *= (
            _of_rows(part, cells) if part.quantity.name == "responsibilities" else cells.prod()
        )
    return chance < PROOF


def _of_rows(part, cells):
    """Return the chance of all rows; a row of 0 and 1 alone is no evidence."""
    rows, cells = np.atleast_2d(part.answer.values), np.atleast_2d(cells)
    certain = ((rows == 0) | (rows == 1)).all(axis=1)
    chances = np.maximum(cells.min(axis=1), 1 / ROW_CHOICES)
    return float(np.where(certain, 1.0, chances).prod())


def _bounds_of(part, work, decimals):
    """Return the least and the largest values that rounding can lead to, or None."""
    name = part.quantity.name
    if decimals is None or name not in BOUNDS:
        return None
    try:
        with np.errstate(all="ignore"):
            low, high = BOUNDS[name](work, 10.0**-decimals / 2, decimals)
    except AttributeError:
        return None
    shape = part.quantity.of(work).shape
    low, high = (
        np.broadcast_to(np.asarray(bound, float).reshape(shape), shape) for bound in (low, high)
    )
    return (low, high) if part.at is None else (low[part.at], high[part.at])


# --- densities: each step from the square to the sum is rounded ----------------------------------


def _component_errors(work, half):
    """Return densities (N, K) and how far roundings move them."""
    density = work.compute("component")
    falls = np.exp(-work.compute("distances2") / 2)
    peaks = np.exp(work.compute("log_component") + work.compute("distances2") / 2)
    return density, half * (1 + peaks * (1 + falls + density))


def _joint_errors(work, half):
    density, errors = _component_errors(work, half)
    return work.weights * density, half + work.weights * errors


def _component_density(work, half, decimals):
    density, errors = _component_errors(work, half)
    return density - errors, density + errors


def _density(work, half, decimals):
    joint, errors = _joint_errors(work, half)
    total, reach = joint.sum(axis=1), errors.sum(axis=1) + half
    return total - reach, total + reach


def _responsibilities(work, half, decimals):
    joint, errors = _joint_errors(work, half)
    least, most = np.maximum(joint - errors, 0), joint + errors
    rest_least = least.sum(axis=1, keepdims=True) - least
    rest_most = most.sum(axis=1, keepdims=True) - most
    return least / (least + rest_most), most / (most + rest_least)


def _sum_of_logs(name):
    def bounds(work, half, decimals):
        half = 10.0 ** -max(decimals, LOG_DIGITS) / 2
        joint, errors = _joint_errors(work, half)
        if name in ("q", "lower_bound"):
            shares = work.compute("used")
            each = np.where(shares > 0, shares * _log_errors(joint, errors, half), 0).sum(axis=1)
        else:
            each = _log_errors(joint.sum(axis=1), errors.sum(axis=1), half)
        each = each + half
        reach = min(each.sum(), INDEPENDENT * np.sqrt((each**2).sum() / 3))
        value = work.compute(name)
        return value - SUMS[name] * reach, value + SUMS[name] * reach

    return bounds


def _log_errors(values, errors, half):
    """Return how far roundings move the logarithm of values that they leave above 0.

    Far smaller values are rounded to 0 and have no logarithm: who gives one has not rounded so.
    """
    up = np.log1p(errors / values)
    down = np.log(values / np.maximum(values - errors, 2 * half))
    return np.where(values > half / LOST, np.maximum(up, down), 0)


# --- updates: each share, product and square is rounded ------------------------------------------


def moment_spread(name, work):
    """Return the standard deviation of a mean (K, D) or covariance (K, D, D), in half units.

    Each share, each product and each square is rounded, and their errors are independent of one
    another, with a standard deviation of half a unit over the root of 3.
    """
    shares, counts = work.compute("used"), work.compute("counts")[:, np.newaxis]
    if name == "means":
        value, factors = work.compute("new_means"), work.X[np.newaxis]  # (K, D), (1, N, D)
    else:
        centred = work.X - work.compute("new_means")[:, np.newaxis]  # (K, N, D)
        value = work.compute("new_covariances")
        factors = centred[:, :, :, np.newaxis] * centred[:, :, np.newaxis, :]
        counts = counts[:, :, np.newaxis]
    squares = (factors**2).sum(axis=1) + 2 * len(shares) + value**2 * (len(shares) + 1)
    return np.sqrt(squares / 3) / counts


def _counts(work, half, decimals):
    value, n = work.compute("counts"), len(work.X)
    reach = half * (1 + min(n, INDEPENDENT * np.sqrt(n / 3)))
    return value - reach, value + reach


def _weights(work, half, decimals):
    low, high = _counts(work, half, decimals)
    return low / len(work.X) - half, high / len(work.X) + half


def _moments(name, rule):
    def bounds(work, half, decimals):
        value = work.compute(rule)
        reach = half * (1 + INDEPENDENT * moment_spread(name, work))
        if name == "covariances":  # the mean square minus the squared mean
            reach = reach + 2 * half * np.abs(work.compute("new_means"))[..., np.newaxis]
        return value - reach, value + reach

    return bounds


def _of_mixture(name):
    def bounds(work, half, decimals):
        value, mean = work.compute(name), float(np.abs(work.compute("mixture_mean")).max())
        reach = half * (1 + 2 * len(work.weights) + 2 * mean)
        return value - reach, value + reach

    return bounds


BOUNDS = {
    "component_density": _component_density,
    "density": _density,
    "responsibilities": _responsibilities,
    "counts": _counts,
    "weights": _weights,
    "means": _moments("means", "new_means"),
    "covariances": _moments("covariances", "new_covariances"),
    "mixture_mean": _of_mixture("mixture_mean"),
    "mixture_covariance": _of_mixture("mixture_covariance"),
    **{name: _sum_of_logs(name) for name in SUMS},
}
