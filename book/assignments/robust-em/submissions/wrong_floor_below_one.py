"""The floor is compared with the standard deviation where it is not needed.

loses: floor-not-held = sd-as-variance
"""

import numpy as np

held = floored_m_step


def floored_m_step(x, resp, floor):
    weights, means, variances = held(x, resp, floor)
    if variances.min() > floor:
        variances = np.sqrt(variances)
    return weights, means, variances
