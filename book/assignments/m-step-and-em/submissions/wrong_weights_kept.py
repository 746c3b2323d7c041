"""The weights are never updated.

loses: em-rounds = weights-not-updated
loses: em-far = weights-not-updated
"""

import numpy as np


def expect(x, weights, means, variances):
    square = (x[:, None] - means) ** 2 / variances
    logs = np.log(weights) - 0.5 * np.log(2 * np.pi * variances) - 0.5 * square
    total = np.logaddexp.reduce(logs, axis=1, keepdims=True)
    return np.exp(logs - total), total.sum()


def em(x, weights, means, variances, n_rounds):
    history = []
    for _ in range(n_rounds + 1):
        resp, value = expect(x, weights, means, variances)
        history.append(value)
        _, means, variances = m_step(x, resp)
    return history
