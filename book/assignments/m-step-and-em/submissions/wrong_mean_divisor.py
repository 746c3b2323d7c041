"""The sum is divided by the number of points; the variances are about the right means.

loses: step-means = divisor-n
"""

import types

before = dict(globals())
em, ledger = (types.FunctionType(f.__code__, before) for f in (em, ledger))


def m_step(x, resp):
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    squares = (x[:, None] - means) ** 2
    return counts / len(x), resp.T @ x / len(x), (resp * squares).sum(axis=0) / counts
