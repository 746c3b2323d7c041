"""Another fault is named.

loses: diagnosis = choice
"""

diagnosis = "abcdef"["abcdef".index(diagnosis) - 1]
