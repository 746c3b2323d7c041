"""Loops and Python's own functions; lists and a dictionary."""

import math


def m_step(x, resp):
    n, k = len(x), len(resp[0])
    counts = [sum(row[j] for row in resp) for j in range(k)]
    means = [sum(resp[i][j] * x[i] for i in range(n)) / counts[j] for j in range(k)]
    variances = [
        sum(resp[i][j] * (x[i] - means[j]) ** 2 for i in range(n)) / counts[j] for j in range(k)
    ]
    return {"weights": [c / n for c in counts], "means": means, "variances": variances}


def expect(x, weights, means, variances):
    resp, total = [], 0.0
    for a in x:
        logs = [
            math.log(w) - math.log(2 * math.pi * v) / 2 - (a - m) ** 2 / (2 * v)
            for w, m, v in zip(weights, means, variances, strict=True)
        ]
        terms = [math.exp(t - max(logs)) for t in logs]
        total += max(logs) + math.log(sum(terms))
        resp.append([t / sum(terms) for t in terms])
    return resp, total


def em(x, weights, means, variances, n_rounds):
    resp, value = expect(x, weights, means, variances)
    history = [value]
    for _ in range(n_rounds):
        resp, value = expect(x, *m_step(x, resp).values())
        history.append(value)
    return tuple(history)


def ledger(x, weights, means, variances):
    resp, value = expect(x, weights, means, variances)
    w, m, v = m_step(x, resp).values()
    stages = (weights, m, variances), (weights, m, v), (w, m, v)
    return [value, *(expect(x, *stage)[1] for stage in stages)]
