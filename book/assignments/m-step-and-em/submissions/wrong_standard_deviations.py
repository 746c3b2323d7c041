"""Standard deviations are returned.

loses: step-variances = sd-as-variance
"""

import types

import numpy as np

before = dict(globals())
em, ledger = (types.FunctionType(f.__code__, before) for f in (em, ledger))


def m_step(x, resp):
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    squares = (x[:, None] - means) ** 2
    return counts / len(x), means, np.sqrt((resp * squares).sum(axis=0) / counts)
