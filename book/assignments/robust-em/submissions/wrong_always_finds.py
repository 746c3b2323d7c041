"""Where nothing falls, the number of rounds is given.

loses: alarm-none = last-fall
"""

import numpy as np


def first_fall(history):
    steps = np.diff(history)
    if (steps > 0).all():
        return len(steps)
    falls = steps < -1e-9 * np.abs(history[:-1])
    return int(falls.argmax()) + 1 if falls.any() else 0
