"""Calls itself without end, and builds what contains itself."""

import sys

sys.setrecursionlimit(10**8)


def attack(*_):
    loop = []
    loop.append(loop)
    if len(_) % 2:
        return loop
    return attack(*_)
