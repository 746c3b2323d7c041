"""The old mean is taken.

loses: quiz-mean = a
"""

quiz_mean = "a"
