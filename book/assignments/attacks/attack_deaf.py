"""Ignores every signal, closes every file and goes to sleep."""

import os
import signal
import time


def attack(*_):
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    os.closerange(0, 64)
    time.sleep(10_000)
