"""By hand: only the largest term counts.

loses: pencil = hard-assignment
"""

from gmmtutor.grading import make_dataset

pencil_log_sum = round(float((-1000 - make_dataset(student_id).means).max()), 3)
