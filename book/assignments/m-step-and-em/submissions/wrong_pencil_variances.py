"""By hand: the sum of squares is divided by one less.

loses: pencil-variances = divisor-nk-minus-1
"""

from gmmtutor.grading import make_dataset

own = make_dataset(student_id)
x, resp = own.x[:4], own.resp
counts = resp.sum(axis=0)
means = resp.T @ x / counts
squares = (resp * (x[:, None] - means) ** 2).sum(axis=0)
pencil_variances = (squares / (counts - 1)).round(3)
