"""The package's functions are called, which are not there when a submission is graded.

loses: pencil-densities = stopped
loses: density-variances = stopped
loses: density-whole = stopped
"""

import gmmtutor as gm

pencil_densities = None
pencil_densities = gm.component_log_prob([own_point], own_mixture)[0]


def component_density(x, means, variances):
    mixture = gm.Mixture([1 / 3, 1 / 3, 1 / 3], means, variances)
    return gm.component_log_prob(x, mixture)
