"""The mean log-likelihood is given, as scikit-learn does.

loses: likelihoods = mean-not-sum
"""

log_likelihoods = [round(value / len(X), 2) for value in log_likelihoods]
