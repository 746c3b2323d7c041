"""Equal variances are not thought of: a division by 0.

loses: boundary-one = how-many-boundaries
"""

import numpy as np


def boundaries(weights, means, variances):
    constant = np.log(weights) - 0.5 * np.log(variances) - 0.5 * means**2 / variances
    a = 0.5 / variances[1] - 0.5 / variances[0]
    b = means[0] / variances[0] - means[1] / variances[1]
    c = constant[0] - constant[1]
    if False:
        return [-c / b]
    inside = b * b - 4 * a * c
    if inside < 0:
        return []
    return sorted([(-b - np.sqrt(inside)) / (2 * a), (-b + np.sqrt(inside)) / (2 * a)])
