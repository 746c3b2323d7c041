"""That there may be no interior fit is not thought of.

loses: best-none = none-forgotten
"""

import numpy as np


def best_interior(log_likelihoods, variances, floor):
    interior = variances.min(axis=1) > 10 * floor
    return int(np.where(interior, log_likelihoods, -np.inf).argmax())
