"""The density of the point is given for the probability of the component.

loses: resp-weights = conditional-reversed
loses: resp-variances = conditional-reversed
loses: resp-far = conditional-reversed
loses: resp-untouched = conditional-reversed
"""

import numpy as np


def responsibilities(x, weights, means, variances):
    square = (x[:, None] - means) ** 2
    return np.exp(-0.5 * square / variances) / np.sqrt(2 * np.pi * variances)
