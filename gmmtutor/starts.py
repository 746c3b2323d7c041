"""Initial mixtures for EM (floor 3)."""

import numpy as np

from gmmtutor.em import DegenerateComponentError, m_step, require_spread
from gmmtutor.frame import as_rows, blocks_of, is_streamed
from gmmtutor.gaussian import fit_gaussian
from gmmtutor.kmeans import kmeans, kmeans_plusplus
from gmmtutor.mixture import Mixture
from gmmtutor.scale import DaskBlocks
from gmmtutor.validation import as_samples

START_SAMPLES = 20_000
KMEANS_SAMPLES = 2_000  # at least, and 50 a component; the rest join when these have settled


def random_points(X, n_components, rng=None, *, reg_covar=0.0):
    """Start at samples drawn without replacement.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
        K, at most N.
    rng : numpy.random.Generator or int, optional
    reg_covar : float
        Added to the diagonal of the covariance, in the units of X squared.

    Returns
    -------
    Mixture
        Equal weights; the data's covariance, shrunk as in `around`.

    Raises
    ------
    ValueError
        If there are fewer samples than components.
    DegenerateComponentError
        If X has no spread in some direction and `reg_covar` is 0.
    """
    X = as_samples(X)
    chosen = np.random.default_rng(rng).choice(len(X), size=n_components, replace=False)
    return around(X, X[chosen], reg_covar)


def kmeans_plusplus_points(X, n_components, rng=None, *, reg_covar=0.0, n_candidates=1):
    """Start at samples drawn by k-means++, after scaling each feature by its spread.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
        K, at most the number of different samples.
    rng : numpy.random.Generator or int, optional
    reg_covar : float
        Added to the diagonal of the covariance, in the units of X squared.
    n_candidates : int
        As for `gmmtutor.kmeans_plusplus`.

    Returns
    -------
    Mixture
        Equal weights; the data's covariance, shrunk as in `around`.

    Raises
    ------
    ValueError
        If there are fewer different samples than components.
    DegenerateComponentError
        If X has no spread in some direction and `reg_covar` is 0.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding.
    """
    X = as_samples(X)
    centre, spread = X.mean(axis=0), X.std(axis=0)
    spread[spread == 0] = 1
    scaled = (X - centre) / spread
    means = kmeans_plusplus(scaled, n_components, rng, n_candidates=n_candidates)
    return around(X, means * spread + centre, reg_covar)


def around(X, means, reg_covar=0.0):
    """Give every mean the same weight and the data's covariance, shrunk to 1/K of its volume.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    means : ndarray, shape (K, D)
    reg_covar : float

    Returns
    -------
    Mixture
        Covariances are the data's covariance times K**(-2/D), so that the K ellipsoids of one
        standard deviation together have the volume of the data's one; plus `reg_covar`.

    Raises
    ------
    DegenerateComponentError
        If X has no spread in some direction and `reg_covar` is 0.
    """
    n_components, n_features = means.shape
    _, covariance = fit_gaussian(X)
    covariance = covariance * n_components ** (-2 / n_features) + reg_covar * np.eye(n_features)
    covariances = np.repeat(covariance[np.newaxis], n_components, axis=0)
    weights = np.full(n_components, 1 / n_components)
    if reg_covar == 0:
        require_spread(X, covariances, weights * len(X))
    return Mixture(weights, means, covariances)


def quantile_points(X, n_components, rng=None, *, reg_covar=0.0):
    """Start at samples spread evenly along a random direction.

    The samples, each feature scaled by its spread, are projected on the direction; the k-th mean
    is a sample drawn from the k-th of K equal parts of their order. In one dimension these are
    random quantiles, one in each K-th of the data.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
        K, at most N.
    rng : numpy.random.Generator or int, optional
    reg_covar : float
        Added to the diagonal of the covariance, in the units of X squared.

    Returns
    -------
    Mixture
        Equal weights; the data's covariance, shrunk as in `around`.

    Raises
    ------
    ValueError
        If there are fewer samples than components.
    DegenerateComponentError
        If X has no spread in some direction and `reg_covar` is 0.
    """
    X = as_samples(X)
    if len(X) < n_components:
        raise ValueError(
            f"X has {len(X)} samples, fewer than {n_components} components; "
            "use more data or fewer components."
        )
    rng = np.random.default_rng(rng)
    centre, spread = X.mean(axis=0), X.std(axis=0)
    spread[spread == 0] = 1
    direction = rng.standard_normal(X.shape[1])
    order = ((X - centre) / spread @ direction).argsort()  # (N,)
    parts = np.array_split(order, n_components)
    return around(X, X[[rng.choice(part) for part in parts]], reg_covar)


def kmeans_clusters(X, n_components, rng=None, *, reg_covar=0.0, start=None, n_candidates=1):
    """Start at the clusters of k-means, in the units of X: the M-step of its labels.

    Where there are more than 2,000 samples and 50 a component, k-means first settles on that
    many of them, and then on all.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
        K, at most the number of different samples.
    rng : numpy.random.Generator or int, optional
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared.
    start : array_like, shape (K, D), optional
        Centres that stay: each sample belongs to the nearest, and k-means does not run.
    n_candidates : int
        As for `gmmtutor.kmeans_plusplus`, which draws the seeds of k-means.

    Returns
    -------
    Mixture
        Weights, means and covariances of the clusters. Where a cluster is empty, or too small
        for a covariance of its own, all components start with equal weights and the data's
        covariance instead, as in `around`.

    Raises
    ------
    ValueError
        If there are fewer different samples than components.
    DegenerateComponentError
        If X has no spread in some direction and `reg_covar` is 0.
    """
    X = as_samples(X)
    rng = np.random.default_rng(rng)
    if start is None:
        n_some = max(KMEANS_SAMPLES, KMEANS_SAMPLES // 40 * n_components)
        some = X if len(X) <= n_some else X[rng.choice(len(X), n_some, replace=False)]
        seeds = kmeans_plusplus(X, n_components, rng, n_candidates=n_candidates)
        settled = kmeans(some, n_components, start=seeds).centres
        start = kmeans(X, n_components, start=settled).centres
    labels = kmeans(X, n_components, start=start, max_iter=1).labels
    resp = np.eye(n_components)[labels]  # (N, K)
    try:
        m_step(X, resp)
    except DegenerateComponentError:
        return around(X, start, reg_covar)
    return m_step(X, resp, reg_covar=reg_covar)


def random_responsibilities(X, n_components, rng=None, *, reg_covar=0.0):
    """Start with the M-step of random responsibilities: K components that are nearly the same.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
    rng : numpy.random.Generator or int, optional
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared.

    Returns
    -------
    Mixture

    Raises
    ------
    DegenerateComponentError
        If X has no spread in some direction and `reg_covar` is 0.
    """
    X = as_samples(X)
    resp = np.random.default_rng(rng).random((len(X), n_components))
    return m_step(X, resp / resp.sum(axis=1, keepdims=True), reg_covar=reg_covar)


def start_samples(X, n_samples, sample_weight=None, rng=None):
    """Samples to draw starts from: all of them, or 20,000 where there are more or have weights.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,), memory map, iterable of blocks (B, D), or DaskBlocks
    n_samples : int
        The number of samples N.
    sample_weight : ndarray, shape (N,), optional
        A sample of weight 0 is never drawn, one of weight 2 twice as often as one of weight 1.
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    ndarray, shape (n, D)
    """
    in_memory = not (is_streamed(X) or isinstance(X, DaskBlocks))
    if n_samples <= START_SAMPLES and sample_weight is None and in_memory:
        return X
    rng = np.random.default_rng(rng)
    if sample_weight is None:
        rows = rng.choice(n_samples, min(n_samples, START_SAMPLES), replace=False, shuffle=False)
    else:
        share = sample_weight / sample_weight.sum()
        rows = rng.choice(n_samples, START_SAMPLES, p=share)
    rows.sort()
    if isinstance(X, DaskBlocks):
        return np.concatenate(X.map(rows_of_block, rows))
    drawn, seen = [], 0
    for block in map(as_rows, blocks_of(X)):
        drawn.append(rows_of_block(block, None, seen, rows))
        seen += len(block)
    return np.concatenate(drawn)


def rows_of_block(block, weight, first_row, rows):
    """Those of the sorted rows of the whole that a block (B, D) holds, as floats."""
    first, last = np.searchsorted(rows, [first_row, first_row + len(block)])
    return block[rows[first:last] - first_row].astype(float)


STARTS = {
    "k-means++": kmeans_plusplus_points,
    "random": random_points,
    "quantile": quantile_points,
}
