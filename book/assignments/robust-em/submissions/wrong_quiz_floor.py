"""A floor is taken for a prior.

loses: quiz-floor = choice
"""

quiz_floor = "a"
