"""No prediction was made.

loses: prediction
"""

prediction = "the first, I think"
