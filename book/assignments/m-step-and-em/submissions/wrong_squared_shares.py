"""The responsibilities are squared together with the distances.

loses: step-variances = squared-responsibilities
"""

import types

before = dict(globals())
em, ledger = (types.FunctionType(f.__code__, before) for f in (em, ledger))


def m_step(x, resp):
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    squares = (resp * (x[:, None] - means)) ** 2
    return counts / len(x), means, squares.sum(axis=0) / counts
