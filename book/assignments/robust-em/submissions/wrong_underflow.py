"""Densities are summed that have all become 0.

loses: ll-far = underflow
"""

import numpy as np


def log_likelihood(x, weights, means, variances):
    square = (x[:, None] - means) ** 2 / variances
    joint = weights * np.exp(-0.5 * square) / np.sqrt(2 * np.pi * variances)
    return np.log(joint.sum(axis=1)).sum()
