"""The result is written into an array of the type of `x`, which may be whole numbers.

loses: density-whole
"""

import numpy as np


def component_density(x, means, variances):
    result = np.empty((len(x), len(means)), dtype=x.dtype)
    for k in range(len(means)):
        square = (x - means[k]) ** 2 / variances[k]
        result[:, k] = np.exp(-0.5 * square) / np.sqrt(2 * np.pi * variances[k])
    return result
