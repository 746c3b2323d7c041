"""The mean is not subtracted before squaring.

loses: step-variances = uncentred
"""

import types

before = dict(globals())
em, ledger = (types.FunctionType(f.__code__, before) for f in (em, ledger))


def m_step(x, resp):
    counts = resp.sum(axis=0)
    return counts / len(x), resp.T @ x / counts, resp.T @ x**2 / counts
