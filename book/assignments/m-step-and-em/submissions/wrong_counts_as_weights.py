"""The counts are not divided by the number of points.

loses: step-weights = counts-as-weights
"""

import types

before = dict(globals())
em, ledger = (types.FunctionType(f.__code__, before) for f in (em, ledger))


def m_step(x, resp):
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    squares = (x[:, None] - means) ** 2
    return counts, means, (resp * squares).sum(axis=0) / counts
