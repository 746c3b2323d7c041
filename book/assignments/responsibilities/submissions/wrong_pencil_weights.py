"""By hand: the weights are forgotten.

loses: pencil-row = no-weights
"""

import numpy as np
from gmmtutor.grading import make_dataset

own = make_dataset(student_id)
square = (own.x[0] - own.means) ** 2 / own.variances
density = np.exp(-square / 2) / np.sqrt(own.variances)
pencil_row = (density / density.sum()).round(3)
