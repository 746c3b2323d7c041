"""Each point is given away whole.

loses: resp-weights = hard-assignment
loses: resp-variances = hard-assignment
loses: resp-far = hard-assignment
loses: resp-untouched = hard-assignment
"""

import numpy as np


def responsibilities(x, weights, means, variances):
    square = (x[:, None] - means) ** 2
    log_joint = np.log(weights) - 0.5 * np.log(variances) - 0.5 * square / variances
    return np.eye(len(weights))[log_joint.argmax(axis=1)]
