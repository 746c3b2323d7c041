"""The 1/2 of the exponent is left out.

loses: density-variances = no-half
loses: density-whole = no-half
"""

import numpy as np


def component_density(x, means, variances):
    square = (x[:, None] - means) ** 2 / variances
    return np.exp(-square) / np.sqrt(2 * np.pi * variances)
