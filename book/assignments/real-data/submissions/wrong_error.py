"""The spread of the eruptions in place of that of their mean.

loses: error = sd-as-standard-error
"""

standard_error = round(float(np.sqrt(two[2][0][0, 0])), 3)
