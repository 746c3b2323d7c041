"""BIC as in mclust, where higher is better.

loses: bic = bic-sign
"""

bic = [-value for value in bic]
