"""Assignments: build them, grade them in a sandbox, prove them sound (floor 6).

``python -m gmmtutor.grading build|grade|prove``. Nothing of the package imports this.
"""

from gmmtutor.grading.personal import PersonalData, make_dataset, own_eruptions

__all__ = ["PersonalData", "make_dataset", "own_eruptions"]
