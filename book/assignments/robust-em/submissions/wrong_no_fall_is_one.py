"""A history without a fall gives 1, as `argmax` does.

loses: alarm-none
loses: alarm-rounding
"""

import numpy as np


def first_fall(history):
    return int((np.diff(history) < -1e-9 * np.abs(history[:-1])).argmax()) + 1
