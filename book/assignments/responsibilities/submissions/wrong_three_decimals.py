"""By hand: three decimals where four are asked for.

loses: pencil-densities = few-digits
"""

pencil_densities = density.round(3).tolist()
