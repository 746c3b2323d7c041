"""The scale is taken for the variance.

loses: quiz-scale = a
"""

quiz_scale = "a"
