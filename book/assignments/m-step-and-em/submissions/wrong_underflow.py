"""Densities that have become 0 are logged.

loses: em-far
"""

import numpy as np


def em(x, weights, means, variances, n_rounds):
    history = []
    for _ in range(n_rounds + 1):
        square = (x[:, None] - means) ** 2 / variances
        joint = weights * np.exp(-0.5 * square) / np.sqrt(2 * np.pi * variances)
        total = joint.sum(axis=1, keepdims=True)
        history.append(np.log(total).sum())
        weights, means, variances = m_step(x, joint / total)
    return history
