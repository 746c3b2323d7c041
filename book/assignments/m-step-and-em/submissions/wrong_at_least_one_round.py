"""At least one round is done, whatever was asked for.

loses: em-start
loses: ledger
"""

whole = em


def em(x, weights, means, variances, n_rounds):
    return whole(x, weights, means, variances, max(n_rounds, 1))


def log_likelihood(*given):
    return em(*given, 0)[1]
