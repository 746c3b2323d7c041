"""The result is computed and not returned.

loses: resp-weights = none-returned
loses: resp-variances = none-returned
loses: resp-far = none-returned
loses: resp-untouched = none-returned
"""


def responsibilities(x, weights, means, variances):
    square = (x[:, None] - means) ** 2
    _ = square / variances
