"""The variances of the ledger are about the old means.

loses: ledger = old-means
"""

import numpy as np


def expect(x, weights, means, variances):
    square = (x[:, None] - means) ** 2 / variances
    logs = np.log(weights) - 0.5 * np.log(2 * np.pi * variances) - 0.5 * square
    total = np.logaddexp.reduce(logs, axis=1, keepdims=True)
    return np.exp(logs - total), total.sum()


def ledger(x, weights, means, variances):
    resp, first = expect(x, weights, means, variances)
    new_weights, new_means, _ = m_step(x, resp)
    spread = (resp * (x[:, None] - means) ** 2).sum(axis=0) / resp.sum(axis=0)
    stages = [(weights, new_means, variances), (weights, new_means, spread)]
    stages.append((new_weights, new_means, spread))
    return [first, *(expect(x, *stage)[1] for stage in stages)]
