"""The sum of squares is divided by N_k - 1, in the M-step that EM and the ledger use as well.

loses: step-variances = divisor-nk-minus-1
loses: em-rounds = divisor-nk-minus-1
loses: em-far = divisor-nk-minus-1
loses: ledger
"""


def m_step(x, resp):
    counts = resp.sum(axis=0)
    means = resp.T @ x / counts
    squares = (x[:, None] - means) ** 2
    return counts / len(x), means, (resp * squares).sum(axis=0) / (counts - 1)
