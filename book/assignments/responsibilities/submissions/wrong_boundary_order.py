"""The two boundaries in falling order.

loses: boundary-two = not-sorted
"""

rising = boundaries


def boundaries(weights, means, variances):
    return rising(weights, means, variances)[::-1]
