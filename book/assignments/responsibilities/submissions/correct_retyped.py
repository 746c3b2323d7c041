"""Cells with mistakes, magics and pictures around a right answer; hand numbers as text."""

import matplotlib.pyplot as plt

fig, ax = plt.subplots()
ax.plot([1, 2], [3, 4])
undefined_name
1 / 0
gm.fit_em([1, 2], 1)
pencil_row = [str(number) for number in pencil_row]
quiz_sum = "A"


def responsibilities(x, weights, means, variances):
    return None


def responsibilities(x, w, m, v):
    logs = np.log(w) - 0.5 * np.log(v) - 0.5 * (x.reshape(-1, 1) - m) ** 2 / v
    shares = np.exp(logs - logs.max(1)[:, None])
    return shares / shares.sum(1)[:, None]
