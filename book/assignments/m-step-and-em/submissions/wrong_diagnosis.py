"""Rounding is blamed.

loses: diagnosis = choice
"""

diagnosis = "a"
