"""Another sign is named.

loses: evidence = d
"""

evidence = "abcdef"["abcdef".index(evidence) - 1]
