"""Other draws of the bootstrap, and more of them."""

rng = np.random.default_rng(77)
found = []
for _ in range(150):
    rows = rng.integers(len(X), size=len(X))
    found.append(fit(X[rows], halves[rows], 20)[1][0, 0])
standard_error = float(np.std(found))
