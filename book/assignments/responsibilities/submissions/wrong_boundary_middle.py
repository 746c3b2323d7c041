"""The middle between the means is taken.

loses: boundary-two = how-many-boundaries
loses: boundary-none = how-many-boundaries
"""


def boundaries(weights, means, variances):
    return [(means[0] + means[1]) / 2]
