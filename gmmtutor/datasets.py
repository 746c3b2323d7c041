"""The book's data: seven points, classic sets with their sources, and generators."""

from importlib.resources import files

import numpy as np

from gmmtutor.mixture import Mixture, sample

GALAXY_MISPRINT = (77, 26690.0, 26960.0)  # row, printed, as published


def seven_points():
    """Return the seven points of Part I, shape (7,).

    Returns
    -------
    ndarray, shape (7,)

    References
    ----------
    Deisenroth, Faisal and Ong (2020), Mathematics for Machine Learning, example 11.1.
    """
    return np.array([-3, -2.5, -1, 0, 2, 4, 5])


def first_start():
    """Return the start of the seven points: equal weights, means -4, 0, 8, variances 1, .2, 3.

    Returns
    -------
    Mixture

    References
    ----------
    Deisenroth, Faisal and Ong (2020), Mathematics for Machine Learning, example 11.1.
    """
    return Mixture([1 / 3, 1 / 3, 1 / 3], [-4, 0, 8], [1, 0.2, 3])


def second_start():
    """Return a start on which forgotten weights show: weights .2, .3, .5.

    Returns
    -------
    Mixture
        Means -2, 1, 5, variances 2, .5, 4: no weight equal to another, no variance 1, no mean 0.
    """
    return Mixture([0.2, 0.3, 0.5], [-2, 1, 5], [2, 0.5, 4])


def old_faithful():
    """Load 272 eruptions of the Old Faithful geyser.

    Returns
    -------
    ndarray, shape (272, 2)
        Duration of an eruption and waiting time to the next, both in minutes.

    References
    ----------
    R's ``datasets::faithful``, from Haerdle (1991), Smoothing techniques with implementation in S.
    """
    return _numbers("old-faithful.csv")


def galaxies(*, corrected=True):
    """Load the velocities of 82 galaxies from the Corona Borealis region.

    Parameters
    ----------
    corrected : bool
        The usual copy has a typing error in row 78, 26690 for 26960; by default it is mended.

    Returns
    -------
    ndarray, shape (82,)
        Velocities in 1000 km/s.

    References
    ----------
    Postman, Huchra and Geller (1986); Roeder (1990), JASA 85, 617-624; R's ``MASS::galaxies``.
    """
    velocities = _numbers("galaxies.csv")[:, 0]
    row, printed, published = GALAXY_MISPRINT
    if corrected and velocities[row] == printed:
        velocities[row] = published
    return velocities / 1000


def iris():
    """Load Fisher's iris flowers.

    Returns
    -------
    X : ndarray, shape (150, 4)
        Sepal length, sepal width, petal length, petal width, in cm.
    species : ndarray of str, shape (150,)

    References
    ----------
    Anderson (1935); Fisher (1936), The use of multiple measurements in taxonomic problems.
    """
    rows = _rows("iris.csv")
    return rows[:, :4].astype(float), rows[:, 4]


def penguins():
    """Load the measurements of 344 Palmer penguins, with their missing values.

    Returns
    -------
    X : ndarray, shape (344, 4)
        Bill length, bill depth and flipper length in mm, body mass in g; NaN where missing.
    species : ndarray of str, shape (344,)

    References
    ----------
    Gorman, Williams and Fraser (2014); Horst, Hill and Gorman (2020), palmerpenguins, CC0.
    """
    rows = _rows("penguins.csv")
    measured = np.where(rows[:, 2:6] == "NA", "nan", rows[:, 2:6])
    return measured.astype(float), rows[:, 0]


def naples_crabs():
    """Load Weldon's 1000 crabs of Naples, counted in classes of width .004.

    Returns
    -------
    midpoints : ndarray, shape (29,)
        Forehead breadth over body length; both end classes are open.
    counts : ndarray, shape (29,), int

    References
    ----------
    Weldon (1893); Pearson (1894), Phil. Trans. A 185, 71-110.
    """
    table = _numbers("naples-crabs.csv")
    return table[:, 0], table[:, 1].astype(int)


def random_mixture(n_components, n_features=1, *, separation=3.0, rng=None):
    """Draw a mixture: Dirichlet weights, Gaussian means, random full covariances.

    Parameters
    ----------
    n_components, n_features : int
    separation : float
        Standard deviation of the means, in units of a typical component's.
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    Mixture
    """
    rng = np.random.default_rng(rng)
    weights = rng.dirichlet(np.full(n_components, 5.0))
    means = separation * rng.standard_normal((n_components, n_features))
    factors = rng.standard_normal((n_components, n_features, n_features + 2))
    covariances = factors @ factors.transpose(0, 2, 1) / (n_features + 2)
    return Mixture(weights, means, covariances)


def random_problem(n_samples, n_components, n_features=1, *, separation=3.0, rng=None):
    """Draw a mixture as `random_mixture` does, and samples from it.

    Parameters
    ----------
    n_samples, n_components, n_features : int
    separation : float
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    X : ndarray, shape (N, D)
    mixture : Mixture
        The truth.
    """
    rng = np.random.default_rng(rng)
    mixture = random_mixture(n_components, n_features, separation=separation, rng=rng)
    return sample(mixture, n_samples, rng)[0], mixture


def _rows(name):
    """Return the rows of a data file below its header, as strings."""
    lines = files("gmmtutor").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    return np.array([line.split(",") for line in lines[1:]])


def _numbers(name):
    return _rows(name).astype(float)
