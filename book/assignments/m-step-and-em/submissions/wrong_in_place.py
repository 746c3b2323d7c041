"""The caller's responsibilities are changed.

loses: step-weights = changes-its-arguments
"""

import types

before = dict(globals())
em, ledger = (types.FunctionType(f.__code__, before) for f in (em, ledger))


def m_step(x, resp):
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    squares = (x[:, None] - means) ** 2
    resp *= squares
    return counts / len(x), means, resp.sum(axis=0) / counts
