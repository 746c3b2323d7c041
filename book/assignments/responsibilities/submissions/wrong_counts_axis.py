"""The rows are summed, which gives 1.

loses: counts = wrong-axis
"""


def effective_counts(resp):
    return resp.sum(axis=1)
