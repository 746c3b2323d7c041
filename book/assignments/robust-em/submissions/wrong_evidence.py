"""Another sign is named.

loses: evidence = choice
"""

evidence = "abcdef"["abcdef".index(evidence) - 1]
