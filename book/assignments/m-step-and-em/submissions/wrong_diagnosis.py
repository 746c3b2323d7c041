"""Rounding is blamed.

loses: diagnosis = a
"""

diagnosis = "a"
