"""Cells with mistakes, magics and pictures around a right answer; hand numbers as text."""

import matplotlib.pyplot as plt

fig, ax = plt.subplots()
ax.plot([1, 2], [3, 4])
undefined_name  # noqa: B018, F821
1 / 0
gm.fit_em([1, 2], 1)  # noqa: F821
pencil_row = [str(number) for number in pencil_row]  # noqa: F821
quiz_sum = "A"


def responsibilities(x, weights, means, variances):
    return None


def responsibilities(x, w, m, v):  # noqa: F811
    logs = np.log(w) - 0.5 * np.log(v) - 0.5 * (x.reshape(-1, 1) - m) ** 2 / v  # noqa: F821
    shares = np.exp(logs - logs.max(1)[:, None])  # noqa: F821
    return shares / shares.sum(1)[:, None]
