"""Columns are thought to sum to 1.

loses: quiz-sum = b
"""

quiz_sum = "b"
