"""No prediction was made.

loses: prediction
"""

prediction = None
