"""Nothing is thought to be fixed.

loses: quiz-frozen = choice
"""

quiz_frozen = "c"
