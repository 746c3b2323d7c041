"""The caller's array is changed.

loses: resp-untouched = changes-its-arguments
"""

import numpy as np


def responsibilities(x, weights, means, variances):
    square = (x[:, None] - means) ** 2
    log_joint = np.log(weights) - 0.5 * np.log(variances) - 0.5 * square / variances
    means -= means.mean()
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)
