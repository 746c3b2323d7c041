"""Stepwise (online) EM for data that pass once (floor 4)."""

from typing import NamedTuple

import numpy as np

from gmmtutor.em import constrain
from gmmtutor.kernel import Parameters, from_frame, moments, statistics
from gmmtutor.mixture import Mixture
from gmmtutor.validation import as_samples, require_floor


class OnlineStep(NamedTuple):
    """Where stepwise EM stands after a block.

    Attributes
    ----------
    mixture : Mixture
    log_likelihood : float
        Of the block, under the mixture **before** it was used: a sum over the block's samples.
    n_samples : int
        Samples seen so far.
    step_size : float
        The share that the block's statistics got.
    """

    mixture: Mixture
    log_likelihood: float
    n_samples: int
    step_size: float


def step_size(t, power=0.7, delay=2.0):
    """Share of block t = 1, 2, ... in the running statistics, equation (eq-step-size)."""
    return (t + delay) ** -power


def stepwise_em(
    blocks,
    start,
    *,
    power=0.7,
    delay=2.0,
    covariance_type="full",
    reg_covar=0.0,
):
    """Yield an OnlineStep after every block: EM for data that are read once and not kept.

    Parameters
    ----------
    blocks : iterable of array_like, shape (B, D) or (B,)
        Read once. The samples should arrive in random order: a stream that is sorted teaches one
        component after another.
    start : Mixture
        Counts as the block before the first.
    power : float
        Above 1/2 and at most 1. Nearer 1/2 forgets the start faster and stays noisier.
    delay : float
        Not negative. The larger, the less the first blocks count.
    covariance_type : {"full", "tied", "diag", "spherical"}
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared.

    Yields
    ------
    OnlineStep

    Raises
    ------
    ValueError
        If power or delay are out of range, `blocks` is one array, or a block cannot be used.

    References
    ----------
    Cappé and Moulines (2009), On-line expectation-maximization algorithm for latent data models.
    """
    require_floor(reg_covar)
    if not (0.5 < power <= 1 and delay >= 0):
        raise ValueError(
            f"power is {power} and delay is {delay}; "
            "give a power above 0.5 and at most 1, and a delay of 0 or more."
        )
    if getattr(blocks, "ndim", 3) < 3:
        raise ValueError(
            f"blocks is an array of shape {blocks.shape}, to be read row by row; "
            "give arrays of shape (B, D), for instance np.array_split(X, 100)."
        )
    state = start.weights, start.means, start.covariances
    mixture, n_samples, floor = start, 0, reg_covar * np.eye(start.n_features)
    for t, block in enumerate(filter(len, blocks), 1):  # no empty ones
        block = as_samples(block, start.n_features)
        share = step_size(t, power, delay)
        log_likelihood, of_block = block_moments(block, mixture)
        state = blend(state, of_block, share)
        weights, means, covariances = state
        covariances = constrain(covariances, weights, covariance_type)
        mixture = Mixture(weights, means, covariances + floor)
        n_samples += len(block)
        yield OnlineStep(mixture, log_likelihood, n_samples, share)


def blend(old, new, share):
    """Mix two sets of statistics (1 - share) to share, equation (eq-stepwise).

    The statistics are those of (1, x, xx'), written as weights (K,), means (K, D) and covariances
    (K, D, D), so that no digits are lost far from the origin.
    """
    weights = (1 - share) * old[0] + share * new[0]
    part = (share * new[0] / weights)[:, np.newaxis]  # of each component, (K, 1)
    apart = new[1] - old[1]
    means = old[1] + part * apart
    part = part[:, :, np.newaxis]
    outer = apart[:, :, np.newaxis] * apart[:, np.newaxis, :]
    between = part * (1 - part) * outer
    return weights, means, (1 - part) * old[2] + part * new[2] + between


def block_moments(block, mixture):
    """Log-likelihood of a block, and its weights, means and covariances under responsibilities.

    A component that answers for nothing in the block keeps its mean and covariance.
    """
    found = statistics(block, mixture)
    counts, means, covariances = moments(found.form, found.sums, found.origin)
    weights = counts / counts.sum()
    parameters = Parameters(found.form, weights, means, covariances, None, None)
    weights, means, covariances = from_frame(parameters, found.frame)
    empty = counts < np.finfo(float).tiny
    means = np.where(empty[:, np.newaxis], mixture.means, means)
    covariances = np.where(empty[:, np.newaxis, np.newaxis], mixture.covariances, covariances)
    return found.log_likelihood, (weights, means, covariances)
