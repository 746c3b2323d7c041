"""Answers with more than anyone asked for."""

import numpy as np


def attack(*_):
    if len(_) % 2:
        return 10**100_000
    return np.zeros((3_000, 3_000))
