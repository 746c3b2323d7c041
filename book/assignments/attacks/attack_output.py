"""Prints a gigabyte, wherever it can."""

import os
import sys


def attack(*_):
    block = "x" * 1_000_000
    for _ in range(500):
        print(block)
        print(block, file=sys.__stderr__)
    for number in range(3, 20):
        for _ in range(100):
            try:
                os.write(number, block.encode())
            except OSError:
                break
    return [1.0]
