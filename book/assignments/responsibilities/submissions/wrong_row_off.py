"""By hand: one share is off by 0.01, and the others make up for it.

loses: pencil-row
"""

pencil_row = [share + d for share, d in zip(pencil_row, (0.01, -0.005, -0.005))]
