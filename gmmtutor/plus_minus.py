"""The plus-minus model, 1/2 N(-mu, 1) + 1/2 N(mu, 1): EM with one parameter (floor 2).

Weights and variances are known, and the two means are each other's negatives, so that all of EM
is a function of one number and can be drawn.
"""

import numpy as np

from gmmtutor.mixture import Mixture
from gmmtutor.validation import as_samples


def plus_minus(mu):
    """Make the mixture of N(-mu, 1) and N(mu, 1) with equal weights.

    Parameters
    ----------
    mu : float

    Returns
    -------
    Mixture
    """
    return Mixture([0.5, 0.5], [-mu, mu], [1, 1])


def plus_minus_update(x, mu):
    """One round of EM: the new mu is the mean of x tanh(mu x), equation (eq-plus-minus-map).

    Parameters
    ----------
    x : array_like, shape (N,)
    mu : array_like
        One value or many, of any shape.

    Returns
    -------
    ndarray or float, of the shape of mu

    Raises
    ------
    ValueError
        If x is empty, not finite, or of more than one feature.
    """
    x = as_samples(x, 1)[:, 0]
    return (x * np.tanh(np.multiply.outer(mu, x))).mean(axis=-1)


def plus_minus_slope(x, mu):
    """Derivative of `plus_minus_update` with respect to mu: the mean of x^2 sech^2(mu x).

    Parameters
    ----------
    x : array_like, shape (N,)
    mu : array_like
        One value or many, of any shape.

    Returns
    -------
    ndarray or float, of the shape of mu
        Equation (eq-plus-minus-derivatives). Never negative. At a fixed point it is the factor by
        which a small error shrinks in one round.

    Raises
    ------
    ValueError
        If x is empty, not finite, or of more than one feature.
    """
    x = as_samples(x, 1)[:, 0]
    return (x**2 * (1 - np.tanh(np.multiply.outer(mu, x)) ** 2)).mean(axis=-1)


def plus_minus_log_likelihood(x, mu):
    """Log-likelihood of the plus-minus model, summed over samples.

    Parameters
    ----------
    x : array_like, shape (N,)
    mu : array_like
        One value or many, of any shape.

    Returns
    -------
    ndarray or float, of the shape of mu
        The sum of log cosh(mu x) - (x^2 + mu^2) / 2 - log(2 pi) / 2.

    Raises
    ------
    ValueError
        If x is empty, not finite, or of more than one feature.
    """
    x = as_samples(x, 1)[:, 0]
    mu = np.asarray(mu, dtype=float)
    product = np.multiply.outer(mu, x)
    log_cosh = np.logaddexp(product, -product) - np.log(2)
    squares = (x**2 + np.multiply.outer(mu**2, np.ones_like(x))) / 2
    return (log_cosh - squares - np.log(2 * np.pi) / 2).sum(axis=-1)
