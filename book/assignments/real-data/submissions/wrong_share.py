"""The share of the longer ones.

loses: share = swapped
"""

share = round(1 - share, 2)
