"""Rounds are counted from 0.

loses: alarm-fall = from-zero
"""

counted = first_fall


def first_fall(history):
    found = counted(history)
    return found - 1 if found else 0
