"""Whole rounds are written down.

loses: ledger = rounds
"""


def ledger(x, weights, means, variances):
    return em(x, weights, means, variances, 3)
