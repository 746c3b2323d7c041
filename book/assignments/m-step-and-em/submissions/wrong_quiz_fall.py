"""A fall is thought to happen now and then.

loses: quiz-fall = a
"""

quiz_fall = "a"
