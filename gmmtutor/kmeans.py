"""k-means and k-means++ seeding (floor 1)."""

from typing import NamedTuple

import numpy as np

from gmmtutor.validation import as_samples


class KMeans(NamedTuple):
    """Centres (K, D), labels (N,) and inertia (the sum of squared distances) of a k-means fit."""

    centres: np.ndarray
    labels: np.ndarray
    inertia: float
    n_iter: int


def squared_distances(X, centres):
    """Squared Euclidean distances between samples (N, D) and centres (K, D), shape (N, K).

    Feature by feature: a sum along D numbers that lie side by side takes several times as long.
    """
    return sum((x[:, np.newaxis] - c) ** 2 for x, c in zip(X.T, centres.T, strict=True))


def kmeans_plusplus(X, n_components, rng=None, *, n_candidates=1):
    """Choose samples as centres, likelier the farther they lie from the centres chosen so far.

    The first is drawn uniformly; each of the others with probability proportional to its squared
    distance to the nearest centre chosen before it. Of several candidates drawn so, the one stays
    that leaves the smallest sum of squared distances (the greedy form).

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
        K, at most the number of different samples.
    rng : numpy.random.Generator or int, optional
    n_candidates : int
        Drawn for each centre after the first. 1 is the plain form; see `candidates_for`.

    Returns
    -------
    ndarray, shape (K, D)
        Different samples.

    Raises
    ------
    ValueError
        If there are fewer different samples than components.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding.
    """
    X = as_samples(X)
    rng = np.random.default_rng(rng)
    centres = X[rng.integers(len(X))][np.newaxis]
    distance2 = squared_distances(X, centres)[:, 0]
    while len(centres) < n_components:
        if not distance2.any():
            raise ValueError(
                f"X has {len(centres)} different samples, fewer than {n_components} components; "
                "use fewer components."
            )
        drawn = X[rng.choice(len(X), n_candidates, p=distance2 / distance2.sum())]
        left = np.minimum(distance2, squared_distances(drawn, X))  # (n_candidates, N)
        best = left.sum(axis=1).argmin()
        centres, distance2 = np.vstack([centres, drawn[best]]), left[best]
    return centres


def candidates_for(n_components):
    """How many candidates the greedy k-means++ draws for a centre: 2 + log K, rounded down."""
    return 2 + int(np.log(n_components))


def kmeans_step(X, centres):
    """One step of Lloyd's algorithm: assign each sample, then move each centre to its mean.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    centres : ndarray, shape (K, D)

    Returns
    -------
    labels : ndarray, shape (N,), int
        The nearest of the given centres.
    centres : ndarray, shape (K, D)
        The means of the samples so assigned; a centre without samples stays where it is.
    """
    labels = squared_distances(X, centres).argmin(axis=1)
    moved = centres.copy()
    for k in np.unique(labels):
        moved[k] = X[labels == k].mean(axis=0)
    return labels, moved


def kmeans(X, n_components, *, start=None, max_iter=300, rng=None):
    """Fit k-means by Lloyd's algorithm from one start.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,)
    n_components : int
    start : array_like, shape (K, D), optional
        Centres; by default k-means++ draws them.
    max_iter : int
        Lloyd's algorithm stops by itself when no label changes.
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    KMeans
        Centres, labels, inertia, number of steps.

    Raises
    ------
    ValueError
        If X cannot be used or has fewer different samples than components.
    """
    X = as_samples(X)
    centres = kmeans_plusplus(X, n_components, rng) if start is None else as_samples(start)
    labels = np.full(len(X), -1)
    n_iter, changed = 0, True
    while changed and n_iter < max_iter:
        previous = labels
        labels, centres = kmeans_step(X, centres)
        changed = (labels != previous).any()
        n_iter += 1
    inertia = float(((X - centres[labels]) ** 2).sum())
    return KMeans(centres, labels, inertia, n_iter)
