"""Another fault is named.

loses: diagnosis = e
"""

diagnosis = "abcdef"["abcdef".index(diagnosis) - 1]
