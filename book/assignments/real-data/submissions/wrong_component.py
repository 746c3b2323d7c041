"""The longer eruptions are described.

loses: short-mean = swapped
"""

short_mean = two[1][1].round(2).tolist()
