"""The mean over the points in place of the sum.

loses: em-start = mean-not-sum
loses: em-rounds = mean-not-sum
loses: em-far = mean-not-sum
loses: ledger = mean-not-sum
"""

summed = em


def em(*given):
    return [value / len(given[0]) for value in summed(*given)]
