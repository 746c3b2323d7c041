"""The middle between the means is taken.

loses: boundary-two
loses: boundary-none
"""


def boundaries(weights, means, variances):
    return [(means[0] + means[1]) / 2]
