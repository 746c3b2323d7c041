"""Nothing is thought to be fixed.

loses: quiz-frozen = c
"""

quiz_frozen = "c"
