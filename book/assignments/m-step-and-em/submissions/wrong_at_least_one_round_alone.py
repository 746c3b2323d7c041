"""At least one round is done, whatever was asked for; the ledger is not concerned.

loses: em-start
"""


def log_likelihood(*given, whole=em):
    return whole(*given, 0)[0]


def em(x, weights, means, variances, n_rounds, whole=em):
    return whole(x, weights, means, variances, max(n_rounds, 1))
