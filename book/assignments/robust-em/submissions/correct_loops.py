"""Loops and Python's own functions."""

import math


def log_likelihood(x, weights, means, variances):
    total = 0.0
    for a in x:
        logs = [
            math.log(w) - math.log(2 * math.pi * v) / 2 - (a - m) ** 2 / (2 * v)
            for w, m, v in zip(weights, means, variances)
        ]
        total += max(logs) + math.log(sum(math.exp(t - max(logs)) for t in logs))
    return total


def best_interior(log_likelihoods, variances, floor):
    best = -1
    for i, row in enumerate(variances):
        if all(v > 10 * floor for v in row):
            if best < 0 or log_likelihoods[i] > log_likelihoods[best]:
                best = i
    return best


def first_fall(history):
    for t in range(1, len(history)):
        if history[t - 1] - history[t] > 1e-9 * abs(history[t - 1]):
            return t
    return 0
