"""A maximum is thought to be there.

loses: quiz-maximum = choice
"""

quiz_maximum = "a"
