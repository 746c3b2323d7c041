"""The result is computed and not returned.

loses: resp-weights
loses: resp-variances
loses: resp-far
loses: resp-untouched
"""


def responsibilities(x, weights, means, variances):
    square = (x[:, None] - means) ** 2
    _ = square / variances
