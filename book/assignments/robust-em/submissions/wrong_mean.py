"""The mean over the points in place of their sum.

loses: ll-variances = mean-not-sum
loses: ll-far = mean-not-sum
"""

summed = log_likelihood


def log_likelihood(x, *parameters):
    return summed(x, *parameters) / len(x)
