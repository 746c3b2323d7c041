"""EM is stopped after its first round.

loses: likelihoods
loses: bic
loses: short-mean
loses: share
"""

two = fit(X, halves * 0.8 + 0.1, 2)
log_likelihoods[1] = round(two[0], 2)
bic[1] = round(11 * np.log(len(X)) - 2 * two[0], 2)
short_mean = two[1][0].round(2).tolist()
seen = joint_of(np.array([[2.8, 70.0]]), two[3] / len(X), two[1], two[2])[0]
share = round(float(1 / (1 + np.exp(seen[1] - seen[0]))), 2)
