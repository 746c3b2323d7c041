"""The start is counted as a round.

loses: fall = from-zero
"""

fall = 5
