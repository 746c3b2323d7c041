"""Densities are divided that have all become 0.

loses: resp-far = underflow
"""

import numpy as np


def responsibilities(x, weights, means, variances):
    square = (x[:, None] - means) ** 2
    joint = weights * np.exp(-0.5 * square / variances) / np.sqrt(variances)
    return joint / joint.sum(axis=1, keepdims=True)
