"""Boundaries as the chapter finds them, and letters written in other ways."""

import numpy as np

quiz_density, quiz_scale, quiz_sum = "B", " b", "a)"
prediction = "2"


def boundaries(weights, means, variances):
    a = (1 / variances[1] - 1 / variances[0]) / 2
    b = means[0] / variances[0] - means[1] / variances[1]
    c = np.log(weights[0] / weights[1]) - np.log(variances[0] / variances[1]) / 2
    c += means[1] ** 2 / (2 * variances[1]) - means[0] ** 2 / (2 * variances[0])
    roots = np.roots([a, b, c])
    return np.sort(roots[np.isreal(roots)])
