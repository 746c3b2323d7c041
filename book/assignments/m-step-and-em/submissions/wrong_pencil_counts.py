"""By hand: points are given away whole and counted.

loses: pencil-counts = hard-assignment
"""

import numpy as np
from gmmtutor.grading import make_dataset

own = make_dataset(student_id)
x, resp = own.x[:4], own.resp
counts = resp.sum(axis=0)
pencil_counts = [float(n) for n in np.bincount(resp.argmax(axis=1))]
