"""All weights are counted as free.

loses: parameters = parameters-miscounted
"""

n_parameters = 12
