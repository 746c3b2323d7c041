"""Columns are thought to sum to 1.

loses: quiz-sum = choice
"""

quiz_sum = "b"
