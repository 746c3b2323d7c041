"""The log-likelihood is taken after each round only.

loses: em-start = one-step-late
loses: em-rounds = one-step-late
loses: em-far = one-step-late
"""


def log_likelihood(*given, whole=em):
    return whole(*given, 0)[0]


complete = em


def em(x, weights, means, variances, n_rounds):
    return complete(x, weights, means, variances, n_rounds + 1)[1:]
