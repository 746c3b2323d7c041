"""The best is thought to be the best.

loses: quiz-restarts = choice
"""

quiz_restarts = "a"
