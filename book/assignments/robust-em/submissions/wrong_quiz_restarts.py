"""The best is thought to be the best.

loses: quiz-restarts = a
"""

quiz_restarts = "a"
