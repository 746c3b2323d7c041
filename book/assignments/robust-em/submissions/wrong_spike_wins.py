"""Spikes are not left out.

loses: best = spike-wins
"""

chosen = best_interior


def best_interior(log_likelihoods, variances, floor):
    if chosen(log_likelihoods, variances, floor) < 0:
        return -1
    return int(log_likelihoods.argmax())
