"""Loops over points and components, lists, and Python's own functions."""

import math


def component_density(x, means, variances):
    return [
        [
            math.exp(-((a - m) ** 2) / (2 * v)) / math.sqrt(2 * math.pi * v)
            for m, v in zip(means, variances, strict=True)
        ]
        for a in x
    ]


def responsibilities(x, weights, means, variances):
    rows = []
    for a in x:
        logs = [
            math.log(w) - math.log(v) / 2 - (a - m) ** 2 / (2 * v)
            for w, m, v in zip(weights, means, variances, strict=True)
        ]
        terms = [math.exp(t - max(logs)) for t in logs]
        rows.append([t / sum(terms) for t in terms])
    return rows


def effective_counts(resp):
    counts = [0.0] * len(resp[0])
    for row in resp:
        for k, share in enumerate(row):
            counts[k] += share
    return tuple(counts)
