"""Boundaries as roots of a polynomial, in a NumPy array."""

import numpy as np


def boundaries(weights, means, variances):
    logs = np.log(weights) - 0.5 * np.log(variances) - 0.5 * means**2 / variances
    powers = [-0.5 / variances, means / variances, logs]
    roots = np.roots([p[0] - p[1] for p in powers])
    return np.sort(roots[np.isreal(roots)].real)
