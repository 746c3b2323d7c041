"""A probability and a density are taken for the same.

loses: quiz-density = a
"""

quiz_density = "a"
