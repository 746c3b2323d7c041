"""Leaves Python, and asks for work at its end."""

import atexit
import sys


def attack(*_):
    sys.exit(0)


atexit.register(attack)
sys.exit(0)
