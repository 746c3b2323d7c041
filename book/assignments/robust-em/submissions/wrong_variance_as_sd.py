"""The variance goes into the place of the standard deviation.

loses: ll-variances = variance-as-sd
"""

from scipy.special import logsumexp
from scipy.stats import norm


def log_likelihood(x, weights, means, variances):
    return logsumexp(norm.logpdf(x[:, None], means, variances), axis=1, b=weights).sum()
