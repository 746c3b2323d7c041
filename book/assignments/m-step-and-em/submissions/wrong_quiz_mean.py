"""The old mean is taken.

loses: quiz-mean = choice
"""

quiz_mean = "a"
