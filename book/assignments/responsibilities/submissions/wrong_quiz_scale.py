"""The scale is taken for the variance.

loses: quiz-scale = choice
"""

quiz_scale = "a"
