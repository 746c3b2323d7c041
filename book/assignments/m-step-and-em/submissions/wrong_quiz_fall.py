"""A fall is thought to happen now and then.

loses: quiz-fall = choice
"""

quiz_fall = "a"
