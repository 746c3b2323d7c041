"""A floor is taken for a prior.

loses: quiz-floor = a
"""

quiz_floor = "a"
