"""`GaussianMixture`: scikit-learn's interface over `gmmtutor.fit_em`, without it (floor 5).

The class checks what comes in as scikit-learn does, makes the starts, lets `fit_em` climb from
each, and keeps the best interior fit. All mathematics is that of the functions of the package.
"""

import inspect
import sys
import warnings
from numbers import Integral, Real

import numpy as np

from gmmtutor import mixture as mixtures
from gmmtutor import selection
from gmmtutor.em import COVARIANCE_TYPES, DegenerateComponentError, constrain
from gmmtutor.fit import ConvergenceWarning, Fit, fit_em
from gmmtutor.frame import is_mapped, summarise
from gmmtutor.gaussian import fit_gaussian
from gmmtutor.kmeans import candidates_for
from gmmtutor.mixture import Mixture
from gmmtutor.scoring import Scorer
from gmmtutor.starts import (
    kmeans_clusters,
    kmeans_plusplus_points,
    random_points,
    random_responsibilities,
    start_samples,
)
from gmmtutor.validation import as_samples

INIT_PARAMS = {
    "kmeans": kmeans_clusters,
    "k-means++": kmeans_plusplus_points,
    "random": random_responsibilities,
    "random_from_data": random_points,
}
LEAST = {  # parameter: (kind, smallest value)
    "n_components": (Integral, 1),
    "n_init": (Integral, 1),
    "max_iter": (Integral, 0),
    "verbose_interval": (Integral, 1),
    "tol": (Real, 0),
    "reg_covar": (Real, 0),
}
HELD = 2  # times the floor: below, the floor makes more than half of a variance
ROOM = 100  # times the floor: a smaller variance of the data themselves leaves no room for more


class NotFittedError(ValueError, AttributeError):
    """A method needs `fit` first; scikit-learn's own class is raised where it is loaded."""


class GaussianMixture:
    """Gaussian mixture with scikit-learn's constructor, methods and attributes.

    It takes the place of `sklearn.mixture.GaussianMixture`, also in pipelines and grid searches,
    and needs no scikit-learn. From the same start and after the same number of iterations the
    parameters are the same; what differs on purpose stands in the notes.

    Parameters
    ----------
    n_components : int
        The number of components K.
    covariance_type : {"full", "tied", "diag", "spherical"}
    tol : float
        Stop when an update gains no more than this **per sample**.
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared; it is not scaled
        with the data. With 0 nothing is added, and a component that collapses is an error.
    max_iter : int
        The largest number of updates of one start; 0 keeps the start itself.
    n_init : int
        The number of starts; one where the start leaves nothing to chance.
    init_params : {"kmeans", "k-means++", "random", "random_from_data"}
        How starts are drawn: the clusters of k-means, samples that k-means++ chooses, random
        responsibilities, random samples. See `gmmtutor.starts`. k-means++ draws 2 + log K
        candidates for each centre, as scikit-learn does.
    weights_init : array_like, shape (K,), optional
    means_init : array_like, shape (K, D), optional
    precisions_init : array_like, optional
        Inverses of covariances, in the shape of `covariances_`.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None
        Source of random numbers for starts and for `sample`.
    warm_start : bool
        Whether `fit` goes on from the parameters of the last `fit`.
    verbose : int
        1 prints every start and its iterations, 2 the gains and log-likelihoods too.
    verbose_interval : int
        Iterations between two lines.

    Attributes
    ----------
    weights_ : ndarray, shape (K,)
    means_ : ndarray, shape (K, D)
    covariances_ : ndarray
        (K, D, D) full; (D, D) tied; variances (K, D) diagonal, (K,) spherical.
    precisions_ : ndarray
        Inverses of the covariances, of the same shape.
    precisions_cholesky_ : ndarray
        Upper triangular U with precision U U', of the same shape; inverses of the standard
        deviations for diagonal and spherical.
    mixture_ : Mixture
        The same parameters as a `gmmtutor.Mixture`, for all functions of the package.
    converged_ : bool
        Whether the last gain per sample was at most `tol`; never true by exhaustion.
    n_iter_ : int
        Updates of the winning start.
    lower_bound_ : float
        Log-likelihood **per sample** of the final parameters.
    lower_bounds_ : ndarray, shape (T,)
        One for each of the `n_iter_` updates: entry i is that of the parameters after i + 1 of
        them, the last is `lower_bound_`.
    n_degenerate_ : int
        The starts that were refused.
    n_features_in_ : int
        The number of features D.
    feature_names_in_ : ndarray of str, shape (D,)
        Where X is a data frame whose columns all have strings for names.

    Warns
    -----
    ConvergenceWarning
        If the winner has used all its iterations; scikit-learn's class where it is loaded.
    UserWarning
        If the floor holds the winner up.

    Notes
    -----
    What differs from scikit-learn, and why:

    - `lower_bound_` belongs to the final parameters; scikit-learn's is measured before the last
      update. It equals ``score(X)``, and so one can compare fits by it.
    - `converged_` judges the last update. scikit-learn stops one update later, having judged the
      one before, and a warm start there compares with the bound of the last `fit`, even if that
      was of other data.
    - A start with a spike never wins against one without, however high its likelihood: a spike
      is a component to whose variance in some direction `reg_covar` contributes more than half,
      where the data have room (a variance of a hundred times the floor). The floor, not the
      data, sets the height of its likelihood. If every start ends so, the best is kept, with a
      warning; ``n_init=10`` often finds an interior fit. With ``reg_covar=0`` such starts
      collapse and are discarded, and `DegenerateComponentError`, a ValueError, says so if
      all do; scikit-learn fails as soon as one does.
    - "k-means++" and "random_from_data" start with the data's covariance, shrunk to 1/K of its
      volume; scikit-learn gives each component the covariance of the single sample that it
      starts from, which is the floor. "kmeans" starts likewise where a cluster is too small for
      a covariance of its own.
    - With `means_init`, weights and covariances that are not given come from the samples nearest
      to each mean, so that they belong together; scikit-learn takes those of unrelated clusters.
    - More components than different samples are a ValueError; scikit-learn goes on with copies.
    - With ``tol=0`` EM stops when an update gains nothing; scikit-learn makes all `max_iter`.
    - Scoring reads `covariances_`, and `precisions_cholesky_` only where there are none, for one
      who sets the parameters by hand; scikit-learn reads `precisions_cholesky_`. It works
      through X in chunks, and keeps no array of all samples and components but the one that
      `predict_proba` returns.
    - `warm_start` with another `n_components` than that of the last fit is a ValueError.
    - Random numbers come from a Generator: another stream than scikit-learn's, and neither read
      from nor written to NumPy's global state. Starts are drawn from 20,000 samples where there
      are more.
    - `sample` returns samples in random order, not sorted by component.
    - All is computed in float64, also for float32 data.

    Examples
    --------
    >>> from gmmtutor import GaussianMixture, datasets
    >>> X = datasets.old_faithful()  # duration and waiting time, in minutes
    >>> gm = GaussianMixture(2, random_state=0).fit(X)
    >>> gm.means_.round(1)[gm.means_[:, 0].argsort()]
    array([[ 2. , 54.5],
           [ 4.3, 80. ]])
    >>> bool(gm.converged_)
    True
    """

    def __init__(
        self,
        n_components=1,
        *,
        covariance_type="full",
        tol=1e-3,
        reg_covar=1e-6,
        max_iter=100,
        n_init=1,
        init_params="kmeans",
        weights_init=None,
        means_init=None,
        precisions_init=None,
        random_state=None,
        warm_start=False,
        verbose=0,
        verbose_interval=10,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval

    # --- What scikit-learn asks of every estimator ---

    def get_params(self, deep=True):
        """Constructor arguments by name; `deep` has no meaning here."""
        return {name: getattr(self, name) for name in defaults(type(self))}

    def set_params(self, **params):
        """Set constructor arguments by name; ValueError for a name that is none."""
        valid = list(defaults(type(self)))
        for name, value in params.items():
            if name not in valid:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self!r}. "
                    f"Valid parameters are: {valid}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self):
        """The call that makes it, with the arguments that are not the defaults."""
        usual = defaults(type(self))
        given = ((name, getattr(self, name, usual[name])) for name in usual)
        text = ", ".join(f"{name}={v!r}" for name, v in given if repr(v) != repr(usual[name]))
        return f"{type(self).__name__}({text})"

    def __sklearn_tags__(self):
        """What scikit-learn wants to know of an estimator; called by scikit-learn only."""
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type="density_estimator", target_tags=TargetTags(required=False))

    # --- Fitting ---

    def fit(self, X, y=None):
        """Fit the mixture by EM.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : ignored

        Returns
        -------
        GaussianMixture
            Itself.

        Raises
        ------
        ValueError
            If X cannot be used, has fewer samples than components, or an argument of the
            constructor is out of range.
        DegenerateComponentError
            A ValueError: if every start ends with an emptied or collapsed component.
        """
        require_options(self)
        names = feature_names(X)
        X = as_data(X, type(self).__name__, n_least=2)
        if len(X) < self.n_components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {self.n_components}, "
                f"n_samples = {len(X)}; use more data or fewer components."
            )
        self._keep_best(X, self._climb(X))
        self.n_features_in_ = X.shape[1]
        self.__dict__.pop("feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        return self

    def fit_predict(self, X, y=None):
        """Fit, and return the most probable component of each sample, shape (N,)."""
        return self.fit(X).predict(X)

    def _climb(self, X):
        """The outcome of every start: a Fit, or the DegenerateComponentError that ended it."""
        outcomes = []
        for number, start in enumerate(self._starts(X)):
            try:
                outcome = self._fit_from(X, start)
            except DegenerateComponentError as failure:
                outcome = failure
            outcomes.append(outcome)
            if self.verbose:
                report(number, outcome, self.verbose, self.verbose_interval)
        return outcomes

    def _fit_from(self, X, start):
        """EM from one start; without an update if max_iter is 0."""
        if self.max_iter == 0:
            value = mixtures.log_likelihood(X, start)
            return Fit(start, value, np.array([value]), 0, False, 0)
        return fit_em(
            X,
            self.n_components,
            start=start,
            covariance_type=self.covariance_type,
            tol=self.tol,
            max_iter=self.max_iter,
            reg_covar=self.reg_covar,
            progress=None if self.verbose else False,
            warn=False,
        )

    def _starts(self, X):
        """Yield the mixtures to start from."""
        if self.warm_start and hasattr(self, "converged_"):
            start = self.mixture_
            if start.n_components != self.n_components:
                raise ValueError(
                    f"n_components is {self.n_components}, and the last fit, from which "
                    f"warm_start goes on, has {start.n_components} components; "
                    "set warm_start=False to start anew."
                )
            yield start
            return
        rng = as_generator(self.random_state)
        given = self._given(X.shape[1])
        drawn_from = start_samples(X, len(X), None, rng)
        for _ in range(1 if "means" in given else self.n_init):
            yield self._start(drawn_from, given, rng)

    def _given(self, n_features):
        """The start's parameters that the user gives, by name, as Mixture wants them."""
        K, given = self.n_components, {}
        if self.weights_init is not None:
            given["weights"] = of_shape(self.weights_init, (K,), "weights_init")
        if self.means_init is not None:
            given["means"] = of_shape(self.means_init, (K, n_features), "means_init")
        if self.precisions_init is not None:
            shape = compact_shape(self.covariance_type, K, n_features)
            precisions = of_shape(self.precisions_init, shape, "precisions_init")
            full = expand(precisions, self.covariance_type, K, n_features)
            given["covariances"] = inverse_of_precisions(full)
        return given

    def _start(self, X, given, rng):
        """One start: what is given; the rest drawn, or of the samples nearest to the means."""
        if len(given) == 3:
            return Mixture(**given)
        options = {"reg_covar": self.reg_covar}
        if "means" in given:
            drawn = kmeans_clusters(X, self.n_components, start=given["means"], **options)
        else:
            if self.init_params in ("kmeans", "k-means++"):
                options["n_candidates"] = candidates_for(self.n_components)
            drawn = INIT_PARAMS[self.init_params](X, self.n_components, rng, **options)
        covariances = constrain(drawn.covariances, drawn.weights, self.covariance_type)
        return Mixture(
            given.get("weights", drawn.weights),
            given.get("means", drawn.means),
            given.get("covariances", covariances),
        )

    def _keep_best(self, X, outcomes):
        """Set the fitted attributes to those of the best interior fit, and warn of its doubts."""
        fits = [outcome for outcome in outcomes if isinstance(outcome, Fit)]
        if not fits:
            raise outcomes[-1]
        spikes = [self.reg_covar > 0 and is_spike(f.mixture, X, self.reg_covar) for f in fits]
        kept = [f for f, spike in zip(fits, spikes, strict=True) if not spike] or fits
        best = max(kept, key=lambda fit: fit.log_likelihood)
        self._store(best, len(X))
        self.n_degenerate_ = len(outcomes) - len(kept)
        if not best.converged and self.max_iter > 0:
            warn_not_converged(best, self.tol)
        if all(spikes):
            warn_spike(self.reg_covar)

    def _store(self, fit, n_samples):
        """Set the fitted attributes."""
        mixture = fit.mixture
        self._fitted_type = self.covariance_type
        self.weights_, self.means_ = mixture.weights.copy(), mixture.means.copy()
        self.covariances_ = compact(mixture.covariances, self.covariance_type)
        factors = np.linalg.inv(np.linalg.cholesky(mixture.covariances))  # lower triangular
        factors = np.triu(factors.swapaxes(1, 2))
        self.precisions_cholesky_ = compact(factors, self.covariance_type)
        self.precisions_ = compact(factors @ factors.swapaxes(1, 2), self.covariance_type)
        self.lower_bounds_ = fit.history[1:] / n_samples
        self.lower_bound_ = fit.log_likelihood / n_samples
        self.n_iter_, self.converged_ = fit.n_iter, fit.converged

    # --- Using the fit ---

    @property
    def mixture_(self):
        """The fitted parameters as a `gmmtutor.Mixture`; NotFittedError before `fit`."""
        if not (hasattr(self, "weights_") and hasattr(self, "means_")):
            raise not_fitted(type(self).__name__)
        covariance_type = getattr(self, "_fitted_type", self.covariance_type)
        shape = covariance_type, *np.shape(self.means_)
        if hasattr(self, "covariances_"):
            covariances = expand(self.covariances_, *shape)
        elif hasattr(self, "precisions_cholesky_"):
            outwards = np.linalg.inv(expand(self.precisions_cholesky_, *shape))
            covariances = outwards.swapaxes(1, 2) @ outwards
        else:
            raise not_fitted(type(self).__name__)
        return Mixture(self.weights_, self.means_, covariances)

    def _fitted(self, X):
        """The data, checked against those of `fit`, and what scores them in little memory."""
        mixture = self.mixture_
        check_names(
            feature_names(X), getattr(self, "feature_names_in_", None), type(self).__name__
        )
        return as_data(X, type(self).__name__, mixture.n_features), Scorer(mixture)

    def predict(self, X):
        """Most probable component of each sample.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        ndarray, shape (N,), int

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X cannot be used or has other features than in `fit`.
        """
        X, scorer = self._fitted(X)
        return scorer.labels(X)

    def predict_proba(self, X):
        """Responsibilities, shape (N, K); rows sum to 1. Raises as `predict`."""
        X, scorer = self._fitted(X)
        return scorer.responsibilities(X)

    def score_samples(self, X):
        """Log density of each sample, shape (N,). Raises as `predict`."""
        X, scorer = self._fitted(X)
        return scorer.log_densities(X)

    def score(self, X, y=None):
        """Log-likelihood **per sample**, a float; `y` is ignored. Raises as `predict`."""
        X, scorer = self._fitted(X)
        return scorer.log_likelihood(X) / len(X)

    def sample(self, n_samples=1):
        """Draw samples from the fitted mixture.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        X : ndarray, shape (n_samples, D)
        labels : ndarray, shape (n_samples,), int
            The component of each sample.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If `n_samples` is less than 1.
        """
        mixture = self.mixture_
        if n_samples < 1:
            raise ValueError(f"n_samples is {n_samples}; give at least 1.")
        return mixtures.sample(mixture, n_samples, as_generator(self.random_state))

    def aic(self, X):
        """Akaike's criterion, a float; lower is better. Raises as `predict`."""
        return self._criterion(X, lambda n_samples: 2.0)

    def bic(self, X):
        """Schwarz's criterion, a float; lower is better. Raises as `predict`."""
        return self._criterion(X, np.log)

    def _criterion(self, X, price):
        """-2 log-likelihood + the price of a parameter, a function of N, times their number."""
        X, scorer = self._fitted(X)
        K, D = np.shape(self.means_)
        count = selection.n_parameters(K, D, self.covariance_type)
        return float(count * price(len(X)) - 2 * scorer.log_likelihood(X))


# --- Covariances in the shapes of scikit-learn ---------------------------------------------------


def compact_shape(covariance_type, n_components, n_features):
    """Shape in which scikit-learn keeps covariances or precisions of a type."""
    K, D = n_components, n_features
    return {"full": (K, D, D), "tied": (D, D), "diag": (K, D), "spherical": (K,)}[covariance_type]


def compact(matrices, covariance_type):
    """Matrices (K, D, D) that are of a covariance type, in its shape of scikit-learn."""
    if covariance_type == "full":
        return matrices.copy()
    if covariance_type == "tied":
        return matrices[0].copy()
    diagonals = np.diagonal(matrices, axis1=1, axis2=2)  # (K, D)
    return diagonals.copy() if covariance_type == "diag" else diagonals[:, 0].copy()


def expand(values, covariance_type, n_components, n_features):
    """Matrices (K, D, D) from values in the shape of scikit-learn: the inverse of `compact`."""
    shape = (n_components, n_features, n_features)
    values = np.asarray(values, dtype=float)
    if covariance_type == "diag":
        values = values[:, :, np.newaxis] * np.eye(n_features)
    elif covariance_type == "spherical":
        values = values[:, np.newaxis, np.newaxis] * np.eye(n_features)
    return np.broadcast_to(values, shape).copy()


def inverse_of_precisions(precisions):
    """Covariances (K, D, D) of precisions (K, D, D); ValueError if they are none."""
    try:
        Mixture(np.full(len(precisions), 1 / len(precisions)), precisions[:, 0], precisions)
    except ValueError as fault:
        message = str(fault).replace("covariance", "precision")
        raise ValueError(f"precisions_init: {message}") from None
    covariances = np.linalg.inv(precisions)
    return (covariances + covariances.swapaxes(1, 2)) / 2


def is_spike(mixture, X, reg_covar):
    """Whether the floor makes more than half of a variance where the data have room for more.

    Parameters
    ----------
    mixture : Mixture
    X : ndarray, shape (N, D)
    reg_covar : float
        The floor, which is part of the covariances.

    Returns
    -------
    bool
        Whether a component has, in some direction, a variance below twice the floor, and the
        data a variance above a hundred times the floor.
    """
    variances, directions = np.linalg.eigh(mixture.covariances)  # (K, D), (K, D, D) in columns
    held = directions.swapaxes(1, 2)[variances < HELD * reg_covar]  # (n, D)
    if not len(held):
        return False
    _, covariance = fit_gaussian(X)
    return bool((((held @ covariance) * held).sum(axis=1) > ROOM * reg_covar).any())


# --- What comes in -------------------------------------------------------------------------------


def defaults(cls):
    """Names and defaults of a class's constructor arguments."""
    parameters = inspect.signature(cls.__init__).parameters
    return {name: parameters[name].default for name in sorted(parameters) if name != "self"}


def require_options(estimator):
    """Raise ValueError for a constructor argument that is of the wrong kind or out of range."""
    for name, (kind, least) in LEAST.items():
        value = getattr(estimator, name)
        if not isinstance(value, kind) or isinstance(value, bool) or not least <= value < np.inf:
            what = "an integer" if kind is Integral else "a number"
            raise ValueError(f"{name} is {value!r}; give {what} of {least} or more.")
    for name, choices in (("covariance_type", COVARIANCE_TYPES), ("init_params", INIT_PARAMS)):
        value = getattr(estimator, name)
        if value not in tuple(choices):
            raise ValueError(f"{name} is {value!r}; choose one of {', '.join(choices)}.")


def of_shape(values, shape, name):
    """Float array of this shape, or ValueError."""
    values = np.asarray(values, dtype=float)
    if values.shape != shape:
        raise ValueError(
            f"The parameter {name!r} should have the shape of {shape}, but got {values.shape}"
        )
    return values


def as_generator(random_state):
    """Generator of what scikit-learn and NumPy take for a source of random numbers."""
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31, size=4))
    return np.random.default_rng(None if random_state is np.random else random_state)


def as_data(X, name, n_features=None, n_least=1):
    """Return the data as floats (N, D), or raise the error that scikit-learn raises.

    Parameters
    ----------
    X : array_like, shape (N, D)
    name : str
        Of the estimator, for the messages.
    n_features : int, optional
        The number of features that X must have.
    n_least : int
        The number of samples that X must have.

    Returns
    -------
    ndarray, shape (N, D)

    Raises
    ------
    TypeError
        If X is a sparse matrix, or holds something that is no number.
    ValueError
        If X is complex, not of two axes, too small, of another number of features, or not finite.
    """
    if hasattr(X, "tocsr"):
        raise TypeError(f"Sparse data was passed, but {name} needs dense data; use X.toarray().")
    X = np.asarray(X)
    if np.iscomplexobj(X):
        raise ValueError(f"Complex data not supported: {X.dtype}; give real numbers.")
    require_shape(X, name, n_least)
    if n_features not in (None, X.shape[1]):
        raise ValueError(
            f"X has {X.shape[1]} features, but {name} is expecting {n_features} features as input"
        )
    try:
        if is_mapped(X) and X.dtype.kind in "biuf":  # never copied whole
            summarise(X)
            return X
        return as_samples(X.astype(float, copy=False))
    except ValueError as fault:
        raise ValueError(f"Input X contains NaN or infinity: {fault}") from None


def require_shape(X, name, n_least):
    """Raise ValueError unless an array has two axes, n_least samples and a feature."""
    if X.ndim < 2:
        raise ValueError(
            f"Expected 2D array, got {X.ndim}D array instead. Reshape your data either using "
            "array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if "
            "it contains a single sample."
        )
    if X.ndim > 2:
        raise ValueError(f"Found array with dim {X.ndim}, while dim <= 2 is required by {name}.")
    for count, least, what in ((X.shape[0], n_least, "sample"), (X.shape[1], 1, "feature")):
        if count < least:
            raise ValueError(
                f"Found array with {count} {what}(s) (shape={X.shape}) while a minimum of {least} "
                f"is required by {name}."
            )


def feature_names(X):
    """Names of a data frame's columns, shape (D,), if all are strings; None without names."""
    columns = getattr(X, "columns", None)
    if columns is None:
        return None
    names = np.asarray(columns, dtype=object)
    strings = [isinstance(name, str) for name in names]
    if any(strings) and not all(strings):
        raise TypeError(
            "Feature names are only supported if all input features have string names; "
            "rename the others, for instance by X.columns = X.columns.astype(str)."
        )
    return names if any(strings) else None


def check_names(names, fitted, estimator):
    """Compare the names of a data frame's columns with those of `fit`, as scikit-learn does."""
    if fitted is None and names is not None:
        message = f"X has feature names, but {estimator} was fitted without feature names"
        warnings.warn(message, UserWarning, stacklevel=4)
    elif fitted is not None and names is None:
        message = f"X does not have valid feature names, but {estimator} was fitted with them"
        warnings.warn(message, UserWarning, stacklevel=4)
    elif fitted is not None and [*names] != [*fitted]:
        raise ValueError(
            "The feature names should match those that were passed during fit.\n"
            + how_names_differ({*names}, {*fitted})
        )


def how_names_differ(names, fitted):
    """The difference between two sets of names, in scikit-learn's words."""
    lines = []
    if names - fitted:
        lines += ["Feature names unseen at fit time:", *(f"- {n}" for n in sorted(names - fitted))]
    if fitted - names:
        lines += ["Feature names seen at fit time, yet now missing:"]
        lines += [f"- {name}" for name in sorted(fitted - names)]
    lines = lines or ["Feature names must be in the same order as they were in fit."]
    return "\n".join(lines) + "\n"


# --- What goes out -------------------------------------------------------------------------------


def loaded(name, otherwise):
    """A class of sklearn.exceptions where scikit-learn is loaded, or else our own."""
    return getattr(sys.modules.get("sklearn.exceptions"), name, otherwise)


def not_fitted(name):
    """The error of a method that needs `fit` first."""
    return loaded("NotFittedError", NotFittedError)(
        f"This {name} instance is not fitted yet. Call 'fit' with appropriate arguments before "
        "using this estimator."
    )


def warn_not_converged(fit, tol):
    """Warn of a fit that has used all its iterations."""
    warnings.warn(
        f"EM stopped after {fit.n_iter} updates before the gain per sample fell below "
        f"tol={tol:g}; raise max_iter or tol, and look at lower_bounds_.",
        loaded("ConvergenceWarning", ConvergenceWarning),
        stacklevel=4,
    )


def warn_spike(reg_covar):
    """Warn of a fit that only the floor holds up."""
    warnings.warn(
        "every start ended with a spike, a component to whose variance in some direction "
        f"reg_covar={reg_covar:g} contributes more than half: the height of its likelihood is "
        "that of the floor, not of the data. If clusters so narrow are real (small units, say), "
        "lower reg_covar or rescale the feature; if not, raise n_init or use fewer components.",
        UserWarning,
        stacklevel=4,
    )


def report(number, outcome, verbose, interval):
    """Print how a start has ended, and every so many of its iterations."""
    print(f"Initialization {number}")
    if not isinstance(outcome, Fit):
        print(f"Initialization refused: {outcome}")
        return
    for i in range(interval, outcome.n_iter + 1, interval):
        gain = f"\t gain {np.diff(outcome.history)[i - 1]:.5f}" if verbose > 1 else ""
        print(f"  Iteration {i}{gain}")
    value = f" Log-likelihood {outcome.log_likelihood:.5f}." if verbose > 1 else ""
    print(f"Initialization {'converged' if outcome.converged else 'did not converge'}.{value}")
