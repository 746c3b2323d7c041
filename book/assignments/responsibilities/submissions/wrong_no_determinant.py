"""The factor in front of each Gaussian is forgotten.

loses: resp-variances = no-determinant
"""

import numpy as np


def responsibilities(x, weights, means, variances):
    log_joint = np.log(weights) - 0.5 * (x[:, None] - means) ** 2 / variances
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)
