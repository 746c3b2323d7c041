"""The responsibilities are computed anew between the updates.

loses: ledger = not-frozen
"""

import numpy as np


def expect(x, weights, means, variances):
    square = (x[:, None] - means) ** 2 / variances
    logs = np.log(weights) - 0.5 * np.log(2 * np.pi * variances) - 0.5 * square
    total = np.logaddexp.reduce(logs, axis=1, keepdims=True)
    return np.exp(logs - total), total.sum()


def ledger(x, weights, means, variances):
    resp, entry = expect(x, weights, means, variances)
    entries = [entry]
    means = m_step(x, resp)[1]
    resp, entry = expect(x, weights, means, variances)
    entries.append(entry)
    variances = (resp * (x[:, None] - means) ** 2).sum(axis=0) / resp.sum(axis=0)
    resp, entry = expect(x, weights, means, variances)
    entries.append(entry)
    entries.append(expect(x, resp.mean(axis=0), means, variances)[1])
    return entries
