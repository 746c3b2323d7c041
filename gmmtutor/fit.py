"""Fitting: EM from several starts, stopped by the gain per sample (floor 4)."""

import warnings
from typing import NamedTuple

import numpy as np

from gmmtutor.em import DegenerateComponentError
from gmmtutor.frame import SAME_SAMPLES, is_blocks
from gmmtutor.kernel import (
    CHUNK_BYTES,
    PARAMETERS,
    EMMap,
    Parameters,
    from_vector,
    take,
    to_vector,
)
from gmmtutor.mixture import Mixture
from gmmtutor.progress import Progress
from gmmtutor.starts import STARTS, start_samples
from gmmtutor.validation import as_samples

ROUNDING = 1e-9  # a fall of the log-likelihood, relative to its size, that rounding explains
POLISH = 1e-3  # the winner's tolerance, as a share of tol
ACCELERATIONS = (None, "squarem")


class ConvergenceWarning(UserWarning):
    """EM has used all its iterations before the gain fell below the tolerance."""


class Fit(NamedTuple):
    """A fitted mixture and how it came about.

    Attributes
    ----------
    mixture : Mixture
    log_likelihood : float
        Of that mixture; the sum over samples.
    history : ndarray, shape (n_iter + 1,)
        Entry i is the log-likelihood of the parameters after i updates.
    n_iter : int
        The number of updates of the winning start.
    converged : bool
        Whether the last gain per sample was below the tolerance; never true by exhaustion.
    n_degenerate : int
        The number of starts that were discarded because a component emptied or collapsed.
    """

    mixture: Mixture
    log_likelihood: float
    history: np.ndarray
    n_iter: int
    converged: bool
    n_degenerate: int


def fit_em(
    X,
    n_components=None,
    *,
    start=None,
    covariance_type="full",
    tol=1e-6,
    max_iter=1000,
    n_init=10,
    reg_covar=0.0,
    rng=None,
    init="k-means++",
    sample_weight=None,
    fixed=(),
    acceleration=None,
    progress=None,
    warn=True,
):
    """Fit a Gaussian mixture by EM and keep the best interior fit of several starts.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,), memory map, iterable of blocks (B, D), or Dask array
        A memory map or a list of blocks is read once in every iteration and never copied whole.
        The blocks of a Dask array are worked on where they lie, see `gmmtutor.scale`.
        An iterable must give the same samples each time; empty blocks are skipped.
        Starts are drawn from 20,000 of the samples where there are more.
    n_components : int, optional
        K; may be left out when `start` is given.
    start : Mixture, optional
        Begin here, and only here.
    covariance_type : {"full", "tied", "diag", "spherical"}
    tol : float
        Stop when an update gains no more than this **per sample**; with 0, when one gains nothing
        (so rounding stops it). A small gain is not a proof of
        convergence: on a plateau the tolerance decides where EM stops. When there are several
        starts they are compared at this tolerance, and the winner climbs on to a thousandth of it.
    max_iter : int
        The largest number of updates of one start.
    n_init : int
        The number of starts; without meaning when `start` is given.
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared. It is a floor, not a
        prior: with it the log-likelihood may fall a little.
    rng : numpy.random.Generator or int, optional
        Source of random numbers for the starts, or a seed for one.
    init : {"k-means++", "random", "quantile"}
        How the starts are drawn, see `gmmtutor.starts`. "k-means++" is the plain draw, with one
        candidate for a mean; it varies more from start to start than the greedy one of
        `GaussianMixture`. Which of the two finds better ends with one start depends on the data.
    sample_weight : array_like, shape (N,), optional
        How often each sample counts: weight 3 is three copies. Not negative.
    fixed : str or collection of {"weights", "means", "covariances"}
        Parameters that stay exactly as they are in the start.
    acceleration : {None, "squarem"}
        "squarem" extrapolates from every two updates (see `squarem_steps`): fewer evaluations,
        and the log-likelihood still never falls. An update of the history is then an
        evaluation; one that leads nowhere repeats the last entry.
    progress : bool, optional
        Whether work of more than two seconds shows a bar; by default, in a terminal or notebook.
    warn : bool
        Whether to warn as below; False is for a caller who reads the Fit and warns by itself.

    Returns
    -------
    Fit

    Raises
    ------
    DegenerateComponentError
        If every start ends with an emptied or collapsed component.
    ValueError
        If X cannot be used, has fewer samples than components, gives other samples in a later
        pass, or an option is unknown.

    Warns
    -----
    ConvergenceWarning
        If the winner has used all its iterations.
    UserWarning
        If, with ``reg_covar > 0``, a variance of the winner is within ten times the floor.

    References
    ----------
    Varadhan and Roland (2008), Simple and globally convergent methods for accelerating the
    convergence of any EM algorithm.
    """
    fixed = (fixed,) if isinstance(fixed, str) else tuple(fixed)
    _require_options(start, n_init, init, tol, max_iter, fixed, acceleration)
    em = EMMap(
        X,
        covariance_type=covariance_type,
        reg_covar=reg_covar,
        sample_weight=sample_weight,
        fixed=fixed,
    )
    n_components = _require_request(em, n_components, start)
    if start is not None:
        starts = [start]
    else:
        rng = np.random.default_rng(rng)
        X = start_samples(em.source, em.summary.n_samples, em.sample_weight, rng)
        starts = [STARTS[init](X, n_components, rng, reg_covar=reg_covar) for _ in range(n_init)]
    climb = climb_squarem if acceleration == "squarem" else climb_together
    with Progress(len(starts), progress) as bar:
        best = _best_interior(em, starts, tol, max_iter, climb, bar)
    if warn:
        _warn_about(best, tol, reg_covar)
    return best


class Climb(NamedTuple):
    """Where a start has got to: parameters (in the frame, no leading axis) and the way there."""

    start: Mixture
    parameters: Parameters
    history: list
    converged: bool


def _best_interior(em, starts, tol, max_iter, climb, bar):
    """Climb from every start, discard the degenerate, polish the best of the rest."""
    climbs, failures = [], []
    together = max(1, CHUNK_BYTES // (8 * em.summary.n_samples * starts[0].n_components))
    for first in range(0, len(starts), together):
        group = starts[first : first + together]
        em.on_step = bar.watch(first, em.summary.count)
        for outcome in climb(em, group, em.enter(group), tol, max_iter):
            (climbs if isinstance(outcome, Climb) else failures).append(outcome)
        bar.update(min(first + together, len(starts)))
    for best in sorted(climbs, key=lambda each: -each.history[-1]):
        outcome = best if len(starts) == 1 else _polish(em, best, tol, max_iter, climb)
        if isinstance(outcome, Climb):
            return _fit(em, outcome, len(failures))
        failures.append(outcome)
    if len(failures) == 1:
        raise failures[0]
    raise DegenerateComponentError(
        f"all {len(failures)} starts ended with a degenerate component; the last: {failures[-1]}"
    )


def _fit(em, climb, n_degenerate):
    """The result in the user's coordinates."""
    history = np.array(climb.history)
    mixture = em.leave(climb.parameters, climb.start)
    return Fit(
        mixture,
        float(history[-1]),
        history,
        len(history) - 1,
        climb.converged,
        n_degenerate,
    )


def _polish(em, best, tol, max_iter, climb):
    """Let the winner climb on, so that different seeds agree to more digits."""
    n_iter = len(best.history) - 1
    if not best.converged or n_iter == max_iter:
        return best
    parameters = Parameters(
        best.parameters.form, *(array[np.newaxis] for array in best.parameters[1:])
    )
    tol = POLISH * tol
    more = climb(em, [best.start], parameters, tol, max_iter - n_iter)[0]
    if not isinstance(more, Climb):
        return more
    return more._replace(history=best.history + more.history[1:], converged=True)


def climb_together(em, starts, parameters, tol, max_iter):
    """Run EM from several starts at once until the gain per sample is below the tolerance.

    Parameters
    ----------
    em : EMMap
    starts : list of Mixture
    parameters : Parameters
        The starts in the frame, with one leading axis.
    tol, max_iter
        As in `fit_em`.

    Returns
    -------
    list of Climb or DegenerateComponentError
        In the order of the starts.
    """
    outcomes = [None] * len(starts)
    histories = [[] for _ in starts]
    running = np.arange(len(starts))
    while len(running):
        log_likelihood, updated, counts = em.step(parameters)
        ended = []
        for row, r in enumerate(running):
            history = histories[r]
            history.append(float(log_likelihood[row]))
            converged = _has_converged(em, history, tol)
            if converged or len(history) > max_iter:
                outcomes[r] = Climb(starts[r], take(parameters, row), history, converged)
                ended.append(row)
        for row, failure in em.failures(updated, counts).items():
            if outcomes[running[row]] is None:
                outcomes[running[row]] = failure
                ended.append(row)
        parameters = updated
        if ended:
            kept = np.delete(np.arange(len(running)), ended)
            running, parameters = running[kept], take(parameters, kept)
    return outcomes


def _has_converged(em, history, tol):
    """Whether the last update gained no more than the tolerance; a fall is reported."""
    if len(history) < 2:
        return False
    gain = history[-1] - history[-2]
    if em.reg_covar == 0 and len(history) > 2:
        _require_ascent(gain, history, is_blocks(em.source))
    projected = gain < 0 and len(history) == 2  # the start was not of the covariance type
    return bool(gain <= tol * em.summary.count) and not projected


def climb_squarem(em, starts, parameters, tol, max_iter):
    """Run EM with SQUAREM extrapolation from each start; parameters as in `climb_together`."""
    outcomes = []
    for r, start in enumerate(starts):
        path = Path(em, max_iter)
        try:
            converged = squarem_steps(path, take(parameters, [r]), tol * em.summary.count)
            outcomes.append(Climb(start, take(path.best, 0), path.history, converged))
        except DegenerateComponentError as failure:
            outcomes.append(failure)
    return outcomes


class PathEnds(Exception):
    """All evaluations are used."""


class Path:
    """The evaluations of one start: the best parameters so far, and their log-likelihoods.

    Attributes
    ----------
    history : list of float
        Entry i is the log-likelihood of the best parameters after i + 1 evaluations.
    best : Parameters
    """

    def __init__(self, em, max_iter):
        self.em, self.max_iter = em, max_iter
        self.history, self.best = [], None

    def evaluate(self, parameters):
        """Log-likelihood of parameters and their EM update; raises if that is degenerate."""
        if len(self.history) > self.max_iter:
            raise PathEnds
        log_likelihood, updated, counts = self.em.step(parameters)
        value = float(log_likelihood[0])
        first = len(self.history) < 2  # the start may be of another covariance type, and better
        if first or value >= self.history[-1]:
            self.best = parameters
            self.history.append(value)
        else:
            self.history.append(self.history[-1])
        failures = self.em.failures(updated, counts)
        if failures and len(self.history) <= self.max_iter:
            raise failures[0]
        return value, updated


def squarem_steps(path, parameters, gain):
    """Two EM updates, a leap along them, an EM update to settle, and again.

    A leap from which the settling update ends below the second point, or that degenerates, is
    refused: EM goes on from the second point, and the next leaps are shorter.

    Parameters
    ----------
    path : Path
    parameters : Parameters
        With a leading axis of length 1.
    gain : float
        Converged when an EM update gains no more than this.

    Returns
    -------
    bool
        Whether it has converged; if not, all evaluations are used.
    """
    longest = 1.0
    try:
        value, once = path.evaluate(parameters)
        while True:
            second, twice = path.evaluate(once)
            projected = second < value and len(path.history) == 2
            if second - value <= gain and not projected:
                return True
            leap, length = squarem_leap(parameters, once, twice, longest)
            settled = settle(path, leap) if length > 1 else None
            if settled is not None and settled[1] >= second:
                parameters, value, once = settled
                longest = 4 * longest if length == longest else longest
            else:
                parameters, value, once = once, second, twice
                longest = max(1.0, length / 4) if length > 1 else 4.0
    except PathEnds:
        return False


def settle(path, leap):
    """One EM update from a leap: that point, its log-likelihood, its own update; or None."""
    try:
        _, settled = path.evaluate(leap)
        return settled, *path.evaluate(settled)
    except ValueError:  # degenerate, or no mixture at all
        return None


def squarem_leap(parameters, once, twice, longest):
    """Extrapolate from two EM updates in log weights, means and log-Cholesky factors.

    With r the first update and v the change from the first to the second, the leap is
    ``parameters + 2 a r + a**2 v`` of length a = |r| / |v|, between 1, the second update itself,
    and `longest`.

    Returns
    -------
    leap : Parameters
    length : float
    """
    if parameters.form != once.form:  # only the start's covariances may be of another type
        return twice, 1.0
    first, second, third = (to_vector(each) for each in (parameters, once, twice))
    r = second - first
    v = third - second - r
    length = np.linalg.norm(r) / max(np.linalg.norm(v), np.finfo(float).tiny)
    length = float(min(max(length, 1.0), longest))
    return from_vector(first + 2 * length * r + length**2 * v, once), length


def _require_options(start, n_init, init, tol, max_iter, fixed, acceleration):
    """Raise ValueError for an option that is unknown or out of range."""
    for name, value in {"n_init": n_init, "max_iter": max_iter}.items():
        if value < 1:
            raise ValueError(f"{name} is {value}; give at least 1.")
    if not tol >= 0:
        raise ValueError(f"tol is {tol}; give a gain per sample of 0 or more.")
    if init not in STARTS:
        raise ValueError(f"init is {init!r}; choose one of {', '.join(STARTS)}.")
    if acceleration not in ACCELERATIONS:
        raise ValueError(f"acceleration is {acceleration!r}; choose None or 'squarem'.")
    for name in fixed:
        if name not in PARAMETERS:
            raise ValueError(f"fixed holds {name!r}; choose from {', '.join(PARAMETERS)}.")
        if start is None and name != "weights":
            raise ValueError(f"{name} cannot be fixed without a start; give start=Mixture(...).")


def _require_request(em, n_components, start):
    """Return the number of components, or raise ValueError for what cannot be fitted."""
    if start is not None:
        if len(em.summary.mean) != start.n_features:
            as_samples(np.zeros((1, len(em.summary.mean))), start.n_features)
        if n_components not in (None, start.n_components):
            raise ValueError(
                f"n_components is {n_components}, the start has {start.n_components} components; "
                "leave n_components out or make them agree."
            )
        n_components = start.n_components
    if n_components is None:
        raise ValueError("there is neither n_components nor start; give one of them.")
    if n_components < 1:
        raise ValueError(f"n_components is {n_components}; give at least 1.")
    if em.summary.n_samples < n_components:
        raise ValueError(
            f"X has {em.summary.n_samples} samples, fewer than {n_components} components; "
            "use more data or fewer components."
        )
    return n_components


def _require_ascent(gain, history, in_blocks):
    """Say so if the log-likelihood fell by more than rounding, which EM cannot do."""
    if gain < -ROUNDING * (1 + abs(history[-1])):
        doubt = f"X may not repeat itself. {SAME_SAMPLES} If it does, " if in_blocks else "So "
        warnings.warn(
            f"the log-likelihood fell by {-gain:.3g} at update {len(history) - 1}; EM without "
            f"reg_covar cannot do that. {doubt}this is a bug of gmmtutor: please report it.",
            RuntimeWarning,
            stacklevel=6,
        )


def _warn_about(fit, tol, reg_covar):
    """Warn of a fit that has not converged, or that sits on the floor."""
    if not fit.converged:
        warnings.warn(
            f"EM stopped after {fit.n_iter} updates before the gain per sample fell below "
            f"tol={tol:g}; raise max_iter or tol, and look at Fit.history.",
            ConvergenceWarning,
            stacklevel=3,
        )
    smallest = np.linalg.eigvalsh(fit.mixture.covariances)[:, 0]
    if reg_covar > 0 and smallest.min() < 10 * reg_covar:
        warnings.warn(
            f"component {smallest.argmin()} has a variance of {smallest.min():.3g}, within ten "
            f"times the floor reg_covar={reg_covar:g}: it may be a collapsed component that the "
            "floor holds up. Compare with reg_covar=0.",
            UserWarning,
            stacklevel=3,
        )
