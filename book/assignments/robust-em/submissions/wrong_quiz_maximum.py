"""A maximum is thought to be there.

loses: quiz-maximum = a
"""

quiz_maximum = "a"
