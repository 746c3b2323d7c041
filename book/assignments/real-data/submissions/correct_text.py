"""Numbers as text, with the package's cells failing around them."""

log_likelihoods = [f"{value:.2f}" for value in log_likelihoods]
share = f"{share:.2f}"
n_parameters = "11"
best = gm.fit_em(X, 2)
