"""Starts as many threads as there can be, which go on."""

import threading


def attack(*_):
    def forever():
        while True:
            pass

    for _ in range(10_000):
        try:
            threading.Thread(target=forever).start()
        except RuntimeError:
            break
    return [1.0]
