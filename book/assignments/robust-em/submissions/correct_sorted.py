"""The best from a sorted list; a NumPy integer is returned."""

import numpy as np


def best_interior(log_likelihoods, variances, floor):
    for i in np.argsort(log_likelihoods)[::-1]:
        if (variances[i] > 10 * floor).all():
            return i
    return -1


def first_fall(history):
    where = np.flatnonzero(np.diff(history) < -1e-9 * np.abs(history[1:]))
    return where[0] + 1 if len(where) else np.int64(0)
