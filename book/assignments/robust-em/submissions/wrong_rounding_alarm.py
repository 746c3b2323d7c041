"""Rounding is taken for a fall.

loses: alarm-rounding = rounding-alarm
"""

import numpy as np


def first_fall(history):
    falls = np.diff(history) < 0
    return int(falls.argmax()) + 1 if falls.any() else 0
