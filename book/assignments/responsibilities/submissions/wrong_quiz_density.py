"""A probability and a density are taken for the same.

loses: quiz-density = choice
"""

quiz_density = "a"
