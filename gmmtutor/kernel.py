"""One EM step as two matrix products over chunks: the fast form of `gmmtutor.em` (floor 3).

With the features phi(x) = [1, x, x_i x_j for i <= j] the weighted log density of a component is
linear in phi, and so are the sums that the M-step needs. One product gives the logits, a softmax
the responsibilities, one more product the sufficient statistics::

    logits = theta @ phi            (K, F) @ (F, N)
    resp = softmax(logits)          (K, N), down each column
    sums = resp @ phi.T             (K, N) @ (N, F)

`em_pass` is that loop. Around it stand the safeguards, each a function of its own: a whitened
`Frame` takes away offset, scale and correlation of the data; `shifted_exponentials` handles far
outliers; `Tight` gives exact distances to tight, distant components, where the sums of phi would
lose digits. `statistics` and `mixture_from` are the two halves of the step as public functions,
`EMMap` is the whole step as `gmmtutor.fit_em` iterates it.
"""

from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gmmtutor.em import (
    COVARIANCE_TYPES,
    ROUNDED_SPREAD,
    SMALLEST_COUNT,
    SMALLEST_SD,
    DegenerateComponentError,
    constrain,
    require_occupied,
    require_spread,
)
from gmmtutor.frame import (
    NO_SAMPLES,
    SAME_SAMPLES,
    Data,
    Frame,
    Summary,
    blocks_of,
    frame_from,
    is_blocks,
    is_streamed,
    iter_once,
    summarise,
    weights_of,
)
from gmmtutor.gaussian import LOG_2PI
from gmmtutor.mixture import Mixture
from gmmtutor.scale import DaskBlocks, DaskData, is_dask
from gmmtutor.validation import as_samples, require_floor

CHUNK_BYTES = 2**22  # of features and logits together; measured: 1 MB costs 10 % more, 16 MB 20 %
LOGITS = (-600.0, 700.0)  # exp below -708 makes denormal numbers, 100 times slower; above, inf
TOTALS = (1e-240, 1e280)  # column totals that cutting the logits to LOGITS does not change
MODERATE = (1e-30, 1e30)  # column totals of which the product of eight is a float
TIGHT = 1e3  # squared distance of a mean from the centre, in the component's own metric
NEEDLE = 5e2  # mean eigenvalue of the covariance times that of the precision, likewise
PASSES = 4  # in one step, at most, until the statistics are about what they give
WIDE = 32  # with more features than this, D(D+1)/2 products cost more than K Cholesky forms
WIDE_PARTS = 4  # of the rows of a triangular factor, to leave out most of its zeros
FEW_PRODUCTS, MANY_SAMPLES = 36, 500  # K F and B where K vector products beat a matrix product
CONSTANT = 1e-13  # spread of a feature, in units of its frame, that is only rounding
SAME_MEAN = 1e-6  # standard deviations that the mean of all samples may move between two passes
PARAMETERS = ("weights", "means", "covariances")


# --- The step that a chapter prints --------------------------------------------------------------


def em_pass(chunks, theta, helpers=()):
    """One pass over the data: sufficient statistics and log-likelihood of the same parameters.

    Parameters
    ----------
    chunks : iterable of (phi, joint, weight)
        Features of B samples, shape (F, B); a buffer for their logits, shape (..., K, B); sample
        weights, shape (B,), or None for ones.
    theta : ndarray, shape (..., K, F)
        Coefficients of the weighted log densities. Leading axes hold other mixtures for the same
        data, such as restarts.
    helpers : sequence of Wide or Tight
        For many features, and for components that need exact distances.

    Returns
    -------
    sums : ndarray, shape (..., K, F)
        Responsibilities times features, summed over samples.
    log_likelihood : ndarray, shape (...)
        Sum over samples of the log of the column total.
    """
    sums, log_likelihood = 0.0, 0.0
    for phi, joint, weight in chunks:
        write_logits(theta, phi, joint, helpers)  # theta @ phi
        joint.clip(*LOGITS, out=joint)
        np.exp(joint, out=joint)  # weight times density
        total = joint.sum(axis=-2)  # (..., B), density of the mixture
        low, high, shift = total.min(), total.max(), None
        if not TOTALS[0] < low <= high < TOTALS[1]:
            total, shift = shifted_exponentials(theta, phi, joint, helpers)
        moderate = MODERATE[0] < low and high < MODERATE[1]
        logs = sum_of_logs(total, shift, weight, moderate)
        log_likelihood = log_likelihood + logs
        scale = 1 / total if weight is None else weight / total
        joint *= scale[..., np.newaxis, :]  # responsibilities
        sums = sums + times_features(joint, phi)  # joint @ phi.T
        for helper in helpers:
            helper.add(joint, phi)
    return sums, log_likelihood


def write_logits(theta, phi, joint, helpers=()):
    """Write theta @ phi, the log of weight times density, into joint (..., K, B)."""
    np.matmul(theta, phi, out=joint)
    for helper in helpers:
        helper.write_logits(joint, phi)


def times_features(joint, phi):
    """Return joint @ phi.T, shape (..., K, F), by the faster of two routes."""
    n_samples = joint.shape[-1]
    n_products = joint.size // n_samples * len(phi)
    if n_products > FEW_PRODUCTS or n_samples < MANY_SAMPLES:
        return joint @ phi.T
    sums = np.array([phi @ resp for resp in joint.reshape(-1, n_samples)])
    return sums.reshape(*joint.shape[:-1], len(phi))


# --- Safeguards of the softmax -------------------------------------------------------------------


def shifted_exponentials(theta, phi, joint, helpers=()):
    """Exponentials after the largest logit of each column is taken out, equation (eq-log-sum-exp).

    Returns
    -------
    total : ndarray, shape (..., B)
        Column totals of the shifted exponentials, which are left in joint.
    shift : ndarray, shape (..., B)
        What was taken out.
    """
    write_logits(theta, phi, joint, helpers)
    shift = joint.max(axis=-2)
    joint -= shift[..., np.newaxis, :]
    joint.clip(*LOGITS, out=joint)
    np.exp(joint, out=joint)
    return joint.sum(axis=-2), shift


def sum_of_logs(total, shift=None, weight=None, moderate=False):
    """Sum over samples of log(total) + shift, shape (...), times the sample weights if given.

    One logarithm of a product of eight moderate totals costs less than eight logarithms.
    """
    plain = shift is None and weight is None
    if plain and moderate and total.shape[-1] % 8 == 0:
        total = np.multiply.reduce(total.reshape(*total.shape[:-1], 8, -1), axis=-2)
    logs = np.log(total)
    if shift is not None:
        logs += shift
    return logs.sum(axis=-1) if weight is None else logs @ weight


# --- Exact distances -----------------------------------------------------------------------------


class Tight:
    """Exact distances to tight, distant components and to needles, by Cholesky.

    The logits of a component come out of sums of terms as large as kappa, the squared distance
    of its mean from the frame's centre in its own metric: kappa times 1e-16 is lost. Components
    with a larger kappa than TIGHT take features centred at their own mean instead, and their
    statistics are about that mean, the `origin`, and in the component's own axes if it has any:
    there the new covariance is close to the identity, however thin the component. They are
    computed from the rows as they came, since whitening rounds each row to the frame's digits.

    Parameters
    ----------
    where : set of tuple
        Index of each such component into the leading axes of the means.
    parameters : Parameters
    frame : Frame
    about : dict of tuple to (ndarray, ndarray), or ()
        Origin (D,) and axes (D, D) of the statistics where they are not the component's own.
    """

    def __init__(self, where, parameters, frame, about=()):
        self.where, self.form, self.means = where, parameters.form, parameters.means
        self.sums = dict.fromkeys(where, 0.0)
        whiteners = np.broadcast_to(
            parameters.whiteners,
            self.means.shape + parameters.whiteners.shape[self.means.ndim :],
        )
        self.whiteners = {index: whiteners[index] for index in where}
        with np.errstate(divide="ignore"):
            scales = np.log(parameters.weights) - 0.5 * parameters.log_dets
        self.scales = {index: scales[index] for index in where}
        self.about = {i: (self.means[i], self.whiteners[i]) for i in where} | dict(about)
        self.distances = {i: outside(frame, self.means[i], self.whiteners[i]) for i in where}
        self.differences = {
            i: outside(frame, origin, axes if axes.ndim == 2 else np.ones(len(origin)))
            for i, (origin, axes) in self.about.items()
        }
        self.rows = None

    def watch(self, chunks, data):
        """Pass chunks on, the raw rows (B, D) of each at hand while it is worked on."""
        for chunk in chunks:
            self.rows = data.rows
            yield chunk
        self.rows = None  # they do not belong to the statistics

    def write_logits(self, joint, phi):
        """Overwrite the logits of these components."""
        for index, (mean, axes) in self.distances.items():
            whitened = self._from(mean, axes)
            whitened *= whitened
            joint[index] = self.scales[index] - 0.5 * whitened.sum(axis=0)

    def add(self, resp, phi):
        """Add the statistics about each component's own mean, in its own axes."""
        for index, (origin, axes) in self.differences.items():
            features = self.form.features(self._from(origin, axes))
            self.sums[index] = self.sums[index] + features @ resp[index]

    def _from(self, origin, axes):
        """The raw rows seen from an origin (D,), along axes (D, D) or in units (D,)."""
        centred = np.subtract(self.rows.T, origin[:, np.newaxis], dtype=float)
        if axes.ndim == 2:
            return axes @ centred
        centred *= axes[:, np.newaxis]
        return centred

    def merge(self, other):
        """Add the statistics of further samples under the same parameters."""
        for index, sums in other.sums.items():
            self.sums[index] = self.sums[index] + sums

    def replace(self, sums):
        """Write these statistics over the others; return the origins, shape of the means."""
        D, origins = self.form.n_features, np.zeros_like(self.means)
        for index, (origin, axes) in self.about.items():
            sums[index], origins[index] = self.sums[index], origin
            if axes.ndim == 2:
                factor = np.linalg.inv(axes)
                products = factor @ self.form.unpack(self.sums[index][1 + D :]) @ factor.T
                sums[index][1 : 1 + D] = factor @ self.sums[index][1 : 1 + D]
                sums[index][1 + D :] = products[np.triu_indices(D)]
        return origins

    def refine(self, parameters, floor):
        """Write means and covariances over those from `replace`, never leaving the own axes."""
        for index, (origin, axes) in self.about.items():
            if axes.ndim < 2 or not self.sums[index][0] > 0:
                continue
            _, mean, covariance = moments(self.form, self.sums[index], 0.0)
            covariance = covariance + axes @ floor @ axes.T
            factor = cholesky_or_nan(covariance)
            whitener, outwards = np.linalg.inv(factor) @ axes, np.linalg.inv(axes)
            parameters.means[index] = origin + outwards @ mean
            parameters.covariances[index] = congruence(outwards, covariance)
            parameters.whiteners[index] = whitener
            parameters.log_dets[index] = -2 * np.log(np.diag(whitener)).sum()


def outside(frame, origin, axes):
    """A point (D,) and axes (D, D) or units (D,) of the frame, for rows outside of it."""
    if axes.ndim == 2:
        axes = (long(axes) @ long(frame.whitener)).astype(float)
    else:
        axes = axes * np.diag(frame.whitener)
    return frame.centre + frame.factor @ origin, axes


def lost_digits(parameters, where, about):
    """Where the statistics lay too far from the parameters that came of them.

    A wide component that has become tight in one step, or the reverse: what it lost in that step
    comes back if the pass is done again about the parameters that it gave.

    Parameters
    ----------
    parameters : Parameters
    where : list of tuple
        Components that must be tight from now on.
    about : dict of tuple to (ndarray, ndarray)
        Origins and axes of those that were.

    Returns
    -------
    dict of tuple to (ndarray, ndarray)
        Better origins and axes, as `Tight` takes them.
    """
    means, D = parameters.means, parameters.form.n_features
    shape = means.shape + parameters.whiteners.shape[means.ndim :]
    whiteners, lost = np.broadcast_to(parameters.whiteners, shape), {}
    for index in {*where, *about}:
        mean, whitener = means[index], whiteners[index]
        default = np.eye(D) if whitener.ndim == 2 else whitener
        origin, axes = about.get(index, (np.zeros(D), default))
        if not np.isfinite(whitener).all():
            if index not in about and np.isfinite(mean).all():
                lost[index] = mean, axes
        elif not keeps_digits(whitener, mean - origin, axes):
            lost[index] = mean, whitener
    return lost


def keeps_digits(whitener, apart, axes):
    """Whether statistics in these axes, so far apart from the mean, keep those of a component."""
    if whitener.ndim < 2:
        return ((whitener * apart) ** 2).sum() <= TIGHT
    turned = whitener @ np.linalg.inv(axes)
    spread = (turned**2).sum() * (np.linalg.inv(turned) ** 2).sum()
    return ((whitener @ apart) ** 2).sum() <= TIGHT and spread <= NEEDLE * len(apart) ** 2


class Wide:
    """Both products for many features, without the D (D + 1) / 2 products of pairs.

    Every component has its Cholesky form, stacked with the others into one matrix, part of the
    rows after part, so that most of the zeros of the triangle are not multiplied.

    Parameters
    ----------
    parameters : Parameters
        Of the full form.
    buffer : function of (name, shape)
        Gives memory that is reused.
    """

    def __init__(self, parameters, buffer):
        D = parameters.form.n_features
        self.buffer, self.n_components = buffer, parameters.weights.size
        whiteners = parameters.whiteners.reshape(-1, D, D) * np.sqrt(0.5)
        means = parameters.means.reshape(-1, D, 1)
        matrix = np.concatenate([-whiteners @ means, whiteners], axis=2)  # (K, D, 1 + D)
        with np.errstate(divide="ignore"):
            self.scales = (np.log(parameters.weights) - 0.5 * parameters.log_dets).reshape(-1, 1)
        edges = np.unique(np.linspace(0, D, WIDE_PARTS + 1).astype(int))
        self.parts = [
            (first, last, matrix[:, first:last, : 1 + last].reshape(-1, 1 + last))
            for first, last in pairwise(edges)
        ]
        self.products = np.zeros((self.n_components, D, D))

    @staticmethod
    def scratch(form, lead):
        """How many numbers a sample the buffers hold."""
        return int(np.prod(lead)) * -(-form.n_features // WIDE_PARTS)

    def write_logits(self, joint, phi):
        """Overwrite the logits of all components."""
        flat = joint.reshape(self.n_components, -1)
        flat[:] = self.scales
        for first, last, matrix in self.parts:
            shape = (self.n_components, last - first, phi.shape[1])
            whitened = self.buffer("wide", shape)
            np.matmul(matrix, phi[: 1 + last], out=whitened.reshape(len(matrix), -1))
            whitened *= whitened
            flat -= whitened.sum(axis=1)

    def add(self, resp, phi):
        """Add the second moments."""
        flat = resp.reshape(self.n_components, 1, -1)
        for first, last, _ in self.parts:
            shape = (self.n_components, last - first, phi.shape[1])
            weighted = np.multiply(flat, phi[1 + first : 1 + last], out=self.buffer("wide", shape))
            products = weighted.reshape(-1, phi.shape[1]) @ phi[1 : 1 + last].T
            self.products[:, first:last, :last] += products.reshape(*shape[:2], last)

    def complete(self, sums):
        """Sums of [1, z] (..., K, 1 + D) with those of the products beside them."""
        i, j = np.triu_indices(self.products.shape[-1])
        products = self.products[:, j, i].reshape(*sums.shape[:-1], -1)
        return np.concatenate([sums, products], axis=-1)


# --- Features: what distinguishes the covariance types -------------------------------------------


@dataclass(frozen=True)
class Form:
    """Which features phi a covariance type needs, and how their sums are read.

    Parameters
    ----------
    name : {"full", "tied", "diag", "spherical"}
    n_features : int
        The number of features D.
    """

    name: str
    n_features: int

    @property
    def size(self):
        """F: 1 + D and the products; tied covariances need none, their quadratic cancels."""
        D = self.n_features
        return 1 + D + {"full": D * (D + 1) // 2, "tied": 0, "diag": D, "spherical": 1}[self.name]

    @property
    def wide(self):
        """Whether `Wide` does the products of pairs."""
        return self.name == "full" and self.n_features > WIDE

    def features(self, z, out=None):
        """Write [1, z, products] of whitened samples (D, B) into out, shape (F, B)."""
        D = self.n_features
        phi = np.empty((self.size, z.shape[1])) if out is None else out
        phi[0] = 1
        phi[1 : 1 + D] = z
        if self.name == "full":
            first = 1 + D
            for i in range(D):
                np.multiply(z[i:], z[i], out=phi[first : first + D - i])
                first += D - i
        elif self.name == "diag":
            np.multiply(z, z, out=phi[1 + D :])
        elif self.name == "spherical":
            np.multiply(z[0], z[0], out=phi[1 + D])
            for row in z[1:]:
                phi[1 + D] += row * row
        return phi

    def pack(self, precisions):
        """Coefficients of the products of pairs for full precisions (..., D, D)."""
        i, j = np.triu_indices(self.n_features)
        return np.where(i == j, -0.5, -1.0) * precisions[..., i, j]

    def unpack(self, products):
        """Second moments (..., D, D), (..., D) or (..., 1) from sums of the products (..., P)."""
        if self.name == "spherical":
            return products / self.n_features
        if self.name != "full":
            return products
        i, j = np.triu_indices(self.n_features)
        moments = np.empty((*products.shape[:-1], self.n_features, self.n_features))
        moments[..., i, j] = products
        moments[..., j, i] = products
        return moments

    def outer(self, a):
        """The second moment of a single point (..., D): outer product, squares, mean square."""
        if self.name in ("full", "tied"):
            return a[..., :, np.newaxis] * a[..., np.newaxis, :]
        return a**2 if self.name == "diag" else (a**2).mean(axis=-1, keepdims=True)


# --- Parameters in the frame ---------------------------------------------------------------------


class Parameters(NamedTuple):
    """Mixtures in the frame; every leading axis holds further mixtures.

    Attributes
    ----------
    form : Form
    weights : ndarray, shape (..., K)
    means : ndarray, shape (..., K, D)
    covariances : ndarray
        (..., K, D, D) full; (..., 1, D, D) tied; variances (..., K, D) diagonal, (..., K, 1)
        spherical.
    whiteners : ndarray
        Inverses of their Cholesky factors, or of the standard deviations; of the same shape.
    log_dets : ndarray, shape (..., K) or (..., 1)
        Log determinants of the covariances.
    """

    form: Form
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    whiteners: np.ndarray
    log_dets: np.ndarray


def parameters_from(form, weights, means, covariances):
    """Complete Parameters with whiteners and log determinants; NaN where not definite."""
    if form.name in ("diag", "spherical"):
        with np.errstate(divide="ignore", invalid="ignore"):
            whiteners = 1 / np.sqrt(covariances)
            log_dets = np.log(covariances).sum(axis=-1)
        if form.name == "spherical":
            log_dets = form.n_features * log_dets
    else:
        factors = cholesky_or_nan(covariances)
        whiteners = np.linalg.inv(factors)
        log_dets = 2 * np.log(np.diagonal(factors, axis1=-2, axis2=-1)).sum(axis=-1)
    return Parameters(form, weights, means, covariances, whiteners, log_dets)


def cholesky_or_nan(covariances):
    """Cholesky factors (..., D, D), NaN for each matrix that is not positive definite."""
    try:
        return np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        pass
    factors = np.full(covariances.shape, np.nan)
    for index in np.ndindex(covariances.shape[:-2]):
        try:
            factors[index] = np.linalg.cholesky(covariances[index])
        except np.linalg.LinAlgError:
            continue
    return factors


def coefficients(parameters):
    """Theta of `em_pass`, and kappa, the squared distance of each mean from the centre.

    Returns
    -------
    theta : ndarray, shape (..., K, F)
        ``theta @ phi`` is log weight plus log density in the frame, but for the -D/2 log(2 pi) of
        all and, if tied, the quadratic term that all components share.
    kappa : ndarray, shape (..., K)
    """
    form, weights, means, _, whiteners, log_dets = parameters
    if whiteners.ndim > means.ndim:
        whitened = whiteners @ means[..., np.newaxis]  # (..., K, D, 1)
        transposed = np.swapaxes(whiteners, -1, -2)
        linear = (transposed @ whitened)[..., 0]
        kappa = (whitened * whitened).sum(axis=(-1, -2))
    else:
        precisions = whiteners * whiteners
        linear = precisions * means
        kappa = (means * linear).sum(axis=-1)
    constant = np.log(weights) - 0.5 * (log_dets + kappa)
    parts = [constant[..., np.newaxis], linear]
    if form.name in ("diag", "spherical"):
        parts.append(-0.5 * precisions)
    elif form.name == "full" and not form.wide:
        parts.append(form.pack(transposed @ whiteners))
    return np.concatenate(parts, axis=-1), kappa


def moments(form, sums, origin, scatter=None):
    """Effective counts, means and covariances about those means, from the sums of `em_pass`.

    Parameters
    ----------
    form : Form
    sums : ndarray, shape (..., K, F)
    origin : ndarray, shape (..., K, D), or 0.0
        The points that the sums are about.
    scatter : ndarray, shape (D, D), optional
        Sum over samples of z z', which tied covariances need.

    Returns
    -------
    counts : ndarray, shape (..., K)
    means : ndarray, shape (..., K, D)
    covariances : ndarray
        As in `Parameters`.
    """
    D = form.n_features
    counts = sums[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = sums[..., 1:] / counts[..., np.newaxis]
    means = shares[..., :D]
    if form.name == "tied":
        between = np.einsum("...k,...ki,...kj->...ij", counts, means, means)
        covariances = (scatter - between) / counts.sum(axis=-1)[..., np.newaxis, np.newaxis]
        return counts, means, covariances[..., np.newaxis, :, :]
    return counts, means + origin, form.unpack(shares[..., D:]) - form.outer(means)


def project(covariances, counts, covariance_type):
    """Full covariances (..., K, D, D) as the Parameters of a covariance type hold them."""
    if covariance_type == "full":
        return covariances
    if covariance_type == "tied":
        shares = (counts / counts.sum(axis=-1, keepdims=True))[..., np.newaxis, np.newaxis]
        return (shares * covariances).sum(axis=-3, keepdims=True)
    variances = np.diagonal(covariances, axis1=-2, axis2=-1)
    return variances if covariance_type == "diag" else variances.mean(axis=-1, keepdims=True)


# --- Between the frame and the user --------------------------------------------------------------


def conforms(covariances, covariance_type):
    """Whether covariances (K, D, D) are of a covariance type, to the last bit."""
    constrained = constrain(covariances, np.eye(len(covariances))[0], covariance_type)
    return bool((constrained == covariances).all())


def to_frame(mixture, frame, form):
    """Parameters of a mixture in a frame; `form` must hold its covariances."""
    means = (mixture.means - frame.centre) @ frame.whitener.T
    if form.name in ("full", "tied"):
        covariances = congruence(frame.whitener, mixture.covariances)
        covariances = covariances if form.name == "full" else covariances[:1]
    else:
        variances = np.diagonal(mixture.covariances, axis1=1, axis2=2)
        covariances = variances * np.diag(frame.whitener) ** 2
        covariances = covariances if form.name == "diag" else covariances[:, :1]
    parameters = parameters_from(form, mixture.weights, means, covariances)
    for index in needles(parameters):
        whitener = parameters.whiteners[index]
        rest = congruence(long(whitener) @ frame.whitener, mixture.covariances[index])
        parameters.whiteners[index] = np.linalg.inv(cholesky_or_nan(rest)) @ whitener
        parameters.log_dets[index] = -2 * np.log(np.diag(parameters.whiteners[index])).sum()
    return parameters


def needles(parameters):
    """Indices of the covariances (D, D) that are known better by their whiteners."""
    if parameters.whiteners is None or parameters.form.name not in ("full", "tied"):
        return []
    precision, size = traces(parameters)
    thin = precision * size > NEEDLE * parameters.form.n_features**2
    thin &= np.isfinite(precision)
    return list(map(tuple, np.argwhere(thin)))


def long(array):
    """The same numbers in long double."""
    return array.astype(np.longdouble)


def congruence(A, covariances):
    """Return A C A' for covariances C (K, D, D), rounded once, as far as long double goes.

    Between collinear features A is ill-conditioned, and each rounding would cost that factor; it
    is done twice in a fit, so its speed does not matter.
    """
    product = long(A) @ long(covariances) @ long(A).T
    product = product + np.swapaxes(product, -1, -2)
    return (product / 2).astype(float)


def from_frame(parameters, frame):
    """Weights, means (K, D) and covariances (K, D, D) in the user's coordinates."""
    form, weights, means, covariances = parameters[:4]
    K, D = means.shape
    if form.name in ("diag", "spherical"):
        variances = np.broadcast_to(covariances, (K, D)) * np.diag(frame.factor) ** 2
        covariances = variances[:, np.newaxis, :] * np.eye(D)
    else:
        covariances = congruence(frame.factor, covariances)
        for index in needles(parameters):
            factor = long(frame.factor) @ np.linalg.inv(parameters.whiteners[index])
            covariances[index] = congruence(factor, np.eye(D))
        covariances = np.broadcast_to(covariances, (K, D, D))
    return weights, frame.centre + means @ frame.factor.T, covariances


def require_proper(parameters, counts, frame, reg_covar):
    """Raise as `gmmtutor.em.m_step` does if a component of one mixture has emptied or collapsed.

    Returns
    -------
    Mixture
        In the user's coordinates.
    """
    require_occupied(counts)
    weights, means, covariances = from_frame(parameters, frame)
    if reg_covar == 0:
        require_spread(frame.extremes, covariances, counts)
    return Mixture(weights, means, covariances)


# --- Sufficient statistics as a value ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Statistics:
    """What the M-step needs to know of some samples; the statistics of blocks add up.

    Attributes
    ----------
    log_likelihood : float
        Of the mixture that the responsibilities came from; the sum over samples.
    n_samples : float
        Number of samples, or the sum of their weights.
    sums : ndarray, shape (K, F)
        Responsibilities times [1, d, d_i d_j for i <= j], summed over samples, where d is the
        sample minus `origin`, in the coordinates of `frame`.
    origin : ndarray, shape (K, D)
    frame : Frame
    form : Form
    """

    log_likelihood: float
    n_samples: float
    sums: np.ndarray
    origin: np.ndarray
    frame: Frame
    form: Form

    def __add__(self, other):
        """Statistics of the samples of both, equation (eq-statistics-add)."""
        if not isinstance(other, Statistics):
            return NotImplemented
        same = (self.origin, self.frame.centre, self.frame.factor)
        theirs = (other.origin, other.frame.centre, other.frame.factor)
        if self.form != other.form or not all(map(np.array_equal, same, theirs)):
            raise ValueError(
                "these statistics come from different mixtures; only responsibilities of the "
                "same parameters add up. Call statistics(block, mixture) with one mixture."
            )
        return replace(
            self,
            log_likelihood=self.log_likelihood + other.log_likelihood,
            n_samples=self.n_samples + other.n_samples,
            sums=self.sums + other.sums,
        )

    def __radd__(self, other):
        """Let ``sum`` begin with 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    @property
    def counts(self):
        """Effective counts N_k, shape (K,)."""
        return self.sums[:, 0]


def statistics(X, mixture, *, sample_weight=None):
    """Sufficient statistics of samples under the responsibilities of a mixture.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,), memory map, iterable of blocks (B, D), or Dask array
    mixture : Mixture
    sample_weight : array_like, shape (N,), optional
        How often each sample counts; not for iterables that can be read only once.

    Returns
    -------
    Statistics
        They can be added to those of other samples under the same mixture.

    Raises
    ------
    ValueError
        If X or the weights cannot be used, or X has another number of features than the mixture.
    """
    if is_dask(X):
        return sum(DaskBlocks(X, sample_weight).map(block_statistics, mixture))
    frame = frame_of_mixture(mixture)
    if is_streamed(X):
        blocks = (as_samples(b, mixture.n_features) for b in blocks_of(X) if len(b))
    else:
        blocks = [as_samples(X, mixture.n_features)]
    if sample_weight is not None:
        blocks = list(blocks)
        sample_weight = weights_of(sample_weight, sum(map(len, blocks)))
    data = Data(blocks, frame, sample_weight)
    parameters = to_frame(mixture, frame, Form("full", mixture.n_features))
    log_likelihood, sums, count, origin, form, _ = part_pass(data, parameters)
    if not data.seen:
        raise ValueError(NO_SAMPLES)
    origin = np.broadcast_to(origin, parameters.means.shape)
    return Statistics(float(log_likelihood), count, sums, origin, frame, form)


def block_statistics(block, weight, first_row, mixture):
    """`statistics` of one block of a Dask array."""
    return statistics(block, mixture, sample_weight=weight)


def mixture_from(statistics, *, covariance_type="full", reg_covar=0.0):
    """Mixture that maximises Q for these statistics: the M-step.

    Parameters
    ----------
    statistics : Statistics
        Of all samples, for instance a sum over blocks.
    covariance_type : {"full", "tied", "diag", "spherical"}
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared.

    Returns
    -------
    Mixture
        Equations (eq-mean-update), (eq-covariance-update), (eq-weight-update), as
        `gmmtutor.m_step` gives them.

    Raises
    ------
    DegenerateComponentError
        As `gmmtutor.m_step`.
    ValueError
        If the covariance type or the floor is unknown.
    """
    require_floor(reg_covar)
    frame, form = statistics.frame, statistics.form
    counts, means, covariances = moments(form, statistics.sums, statistics.origin)
    require_occupied(counts)
    weights = counts / counts.sum()
    parameters = Parameters(form, weights, means, covariances, None, None)
    weights, means, covariances = from_frame(parameters, frame)
    centred = means - weights @ means
    overall = np.einsum("k,kii->i", weights, covariances) + weights @ centred**2
    covariances = constrain(covariances, weights, covariance_type)
    covariances = covariances + reg_covar * np.eye(means.shape[1])
    if reg_covar == 0:
        spread = np.sqrt(np.maximum(overall, 0))
        unit = np.sqrt(np.diag(frame.factor @ frame.factor.T))
        largest = np.where(spread > CONSTANT * unit, np.abs(weights @ means) + spread, np.nan)
        extremes = frame_from(weights @ means, np.diag(spread**2), "diag", 0.0, largest).extremes
        require_spread(extremes, covariances, counts)
    return Mixture(weights, means, covariances)


def frame_of_mixture(mixture, covariance_type="full"):
    """The frame in which a mixture as a whole has mean 0 and unit covariance or variances."""
    weights = mixture.weights / mixture.weights.sum()
    mean = weights @ mixture.means
    centred = mixture.means - mean
    covariance = np.einsum("k,kij->ij", weights, mixture.covariances)
    covariance = covariance + (weights[:, np.newaxis] * centred).T @ centred
    return frame_from(mean, covariance, covariance_type)


def data_pass(data, parameters, scatter=None, ready=None, about=()):
    """Sum the passes over all parts of the data, equation (eq-statistics-add).

    Parameters
    ----------
    data : Data or DaskData
    parameters : Parameters
    scatter : ndarray, shape (D, D), optional
        Sum of z z', for tied covariances.
    ready : (ndarray, list), optional
        What `prepare` gives for the parameters.
    about : dict, or ()
        As for `Tight`: components to be treated as tight, too.

    Returns
    -------
    log_likelihood : ndarray, shape (...)
    sums : ndarray, shape (..., K, F)
    origin : ndarray, shape (..., K, D), or 0.0
    form : Form
        Of the sums; tied mixtures with tight components are summed as full ones.
    tight : Tight or None
    """
    parts = data.map(part_pass, parameters, ready, about)
    log_likelihood, sums, _, origin, form, tight = parts[0]
    for part in parts[1:]:
        log_likelihood, sums = log_likelihood + part[0], sums + part[1]
        if tight:
            tight.merge(part[-1])
    if form.name == "tied":
        whitened = parameters.whiteners @ scatter @ np.swapaxes(parameters.whiteners, -1, -2)
        log_likelihood = log_likelihood - 0.5 * np.trace(whitened, axis1=-2, axis2=-1)[..., 0]
    return log_likelihood, sums, origin, form, tight


def part_pass(data, parameters, ready=None, about=()):
    """Run `em_pass` with its safeguards, and put back what its logits leave out.

    Returns
    -------
    log_likelihood : ndarray, shape (...)
        Without the quadratic term of tied mixtures.
    sums : ndarray, shape (..., K, F)
    count : float
        Samples, or the sum of their weights.
    origin : ndarray, shape (..., K, D), or 0.0
    form : Form
    tight : Tight or None
    """
    theta, where = ready or prepare(parameters)
    form, origin = parameters.form, 0.0
    if form.name == "tied" and (where or about):
        return part_pass(data, untied(parameters), about=about)
    chunks, wide, tight = served(data, parameters, where, about)
    helpers = [helper for helper in (wide, tight) if helper]
    sums, log_likelihood = em_pass(chunks, theta, helpers)
    if wide:
        sums = wide.complete(sums)
    if tight:
        origin = tight.replace(sums)
    offset = offset_of(data.frame)
    return log_likelihood + data.count * offset, sums, data.count, origin, form, tight


def served(data, parameters, where, about=()):
    """Chunks for `em_pass`, and Wide and Tight, or None, which must see them."""
    form, lead = parameters.form, parameters.weights.shape
    wide = Wide(parameters, data.buffer) if form.wide else None
    tight = None
    if where or about:
        tight = Tight({*where, *about}, parameters, data.frame, about)
    read = Form("tied", form.n_features) if wide else form
    scratch = Wide.scratch(form, lead) if wide else 0
    chunks = data.chunks(read.features, read.size, lead, CHUNK_BYTES, scratch)
    return tight.watch(chunks, data) if tight else chunks, wide, tight


def offset_of(frame):
    """What the logits of a sample leave out: the frame's scale, and -D/2 log(2 pi)."""
    return frame.log_det - 0.5 * len(frame.centre) * LOG_2PI


def prepare(parameters):
    """Theta of `em_pass`, and the indices of the components that must be `Tight`."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # collapsed ones
        theta, kappa = coefficients(parameters)
        loose = within_digits(parameters, kappa)
    return theta, [] if loose.all() else list(map(tuple, np.argwhere(~loose)))


def within_digits(parameters, kappa):
    """Whether the sums of phi keep the digits of each component, shape (..., K), bool.

    They lose kappa * 1e-16 to the distance from the centre, and the ratio of the largest to the
    smallest eigenvalue of the covariance to the products of pairs; see `Tight`.
    """
    if parameters.form.name != "full" or parameters.form.wide:
        return kappa <= TIGHT
    precision, size = traces(parameters)
    return (kappa <= TIGHT) & (precision * size <= NEEDLE * parameters.form.n_features**2)


def untied(parameters):
    """The same mixtures with a covariance (D, D) for each component."""
    form, weights, means, covariances, whiteners, log_dets = parameters
    shape = (*means.shape, form.n_features)
    return Parameters(
        Form("full", form.n_features),
        weights,
        means,
        np.broadcast_to(covariances, shape),
        np.broadcast_to(whiteners, shape),
        np.broadcast_to(log_dets, weights.shape),
    )


# --- The EM map, as fit_em iterates it -----------------------------------------------------------


class EMMap:
    """One EM step of given data: parameters in the frame to parameters in the frame.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,), memory map, iterable of blocks (B, D), or Dask array
    covariance_type : {"full", "tied", "diag", "spherical"}
    reg_covar : float
        Added to the diagonal of every covariance, in the units of X squared.
    sample_weight : array_like, shape (N,), optional
    fixed : collection of {"weights", "means", "covariances"}
        Parameters that stay as they are in the start.

    Attributes
    ----------
    summary : Summary
    """

    def __init__(self, X, *, covariance_type="full", reg_covar=0.0, sample_weight=None, fixed=()):
        require_floor(reg_covar)
        if covariance_type not in COVARIANCE_TYPES:
            raise ValueError(
                f"covariance_type is {covariance_type!r}; choose one of "
                f"{', '.join(COVARIANCE_TYPES)}."
            )
        if iter_once(X):
            raise ValueError(
                "X can be read only once; EM reads it in every iteration. Give an array, a "
                "list of blocks, or an object whose __iter__ begins anew."
            )
        if is_dask(X):
            self.source = DaskBlocks(X, sample_weight)
            self.summary = reduce(Summary.merge, self.source.map(block_summary))
        else:
            self.source = X if is_streamed(X) else as_samples(X)
            if sample_weight is not None:
                sample_weight = weights_of(sample_weight, sum(map(len, blocks_of(self.source))))
            self.summary = summarise(self.source, sample_weight)
        self.sample_weight = sample_weight
        D = len(self.summary.mean)
        self.covariance_type, self.reg_covar, self.fixed = (
            covariance_type,
            reg_covar,
            fixed,
        )
        moments = self.summary.mean, self.summary.covariance
        self.frame = frame_from(*moments, covariance_type, reg_covar, self.summary.largest)
        if isinstance(self.source, DaskBlocks):
            self.data = DaskData(self.source, self.frame)
        else:
            n_samples = self.summary.n_samples
            self.data = Data(self.source, self.frame, sample_weight, n_samples)
        name = "full" if "covariances" in fixed else covariance_type  # theirs may be any
        name = "diag" if D == 1 and name in ("full", "spherical") else name
        self.form = Form(name, D)
        self.floor = reg_covar * frame_floor(self.frame, self.form)
        self.scatter = sum(self.data.map(part_scatter)) if name == "tied" else None
        self.thinnest = thinnest_direction(self.frame)
        self.on_step = lambda log_likelihood: None  # fit_em shows its progress here
        self.ahead = None, None  # the parameters that the last step gave, and `prepare` of them
        self.rounding = 4 * D**2 * np.finfo(float).eps

    def enter(self, mixtures):
        """Parameters of mixtures, stacked along the first axis."""
        fits = all(conforms(mixture.covariances, self.form.name) for mixture in mixtures)
        form = self.form if fits else Form("full", self.form.n_features)
        return stack([to_frame(mixture, self.frame, form) for mixture in mixtures])

    def leave(self, parameters, start=None):
        """The mixture of parameters without a leading axis, fixed ones as in the start."""
        values = dict(zip(PARAMETERS, from_frame(parameters, self.frame), strict=True))
        for name in self.fixed:
            values[name] = getattr(start, name)
        return Mixture(**values)

    def step(self, parameters):
        """E-step and M-step.

        Parameters
        ----------
        parameters : Parameters
            With one leading axis, R.

        Returns
        -------
        log_likelihood : ndarray, shape (R,)
            Of these parameters.
        updated : Parameters
        counts : ndarray, shape (R, K)
            Effective counts.
        """
        ready, about = self.ahead[1] if parameters is self.ahead[0] else None, {}
        for _ in range(PASSES):
            value, *found, tight = data_pass(self.data, parameters, self.scatter, ready, about)
            updated, counts = self._update(parameters, *found, tight)
            theta, where = prepare(updated)
            if not (tight or where):
                break
            lost = lost_digits(updated, where, tight.about if tight else {})
            if not lost:
                break
            about |= lost
        self.ahead = updated, (theta, where)
        self.on_step(value)
        return value, updated, counts

    def _update(self, parameters, sums, origin, form, tight):
        """The M-step: new parameters and effective counts from what `data_pass` gives."""
        counts, means, covariances = moments(form, sums, origin, self.scatter)
        if is_blocks(self.source):
            require_same_mean(counts, means, self.frame)
        weights = counts / counts.sum(axis=-1, keepdims=True)
        if form.name != self.form.name:
            covariances = project(covariances, counts, self.form.name)
        weights, means, covariances = self._hold(parameters, counts, weights, means, covariances)
        updated = parameters_from(self.form, weights, means, covariances)
        if tight and form == self.form and not self.fixed:
            tight.refine(updated, self.floor)
        return updated, counts

    def _hold(self, parameters, counts, weights, means, covariances):
        """Put fixed parameters back; a covariance about a fixed mean grows by the distance."""
        if "means" in self.fixed:
            apart = self.form.outer(means - parameters.means)
            if self.form.name == "tied":
                shares = (counts / counts.sum(axis=-1, keepdims=True))[..., np.newaxis, np.newaxis]
                apart = (shares * apart).sum(axis=-3, keepdims=True)
            covariances = covariances + apart
            means = parameters.means
        if "weights" in self.fixed:
            weights = parameters.weights
        if "covariances" in self.fixed:
            return weights, means, parameters.covariances
        return (
            weights,
            means,
            covariances + self.floor if self.reg_covar else covariances,
        )

    def failures(self, parameters, counts):
        """Degenerate mixtures among parameters with one leading axis.

        A cheap bound acquits; what it does not acquit is judged by the rule of `gmmtutor.em`.

        Returns
        -------
        dict of int to DegenerateComponentError
        """
        precision, size = traces(parameters)
        bound = np.maximum(4 * SMALLEST_SD**2, self.rounding * size) * precision
        thick = self.thinnest > bound if self.reg_covar == 0 else np.isfinite(precision)
        well = (counts > 2 * SMALLEST_COUNT) & thick
        if well.all():
            return {}
        failures = {}
        for r in np.flatnonzero(~well.all(axis=-1)):
            try:
                require_proper(take(parameters, r), counts[r], self.frame, self.reg_covar)
            except DegenerateComponentError as failure:
                failures[int(r)] = failure
        return failures


def require_same_mean(counts, means, frame):
    """Raise ValueError unless counts (..., K) and means (..., K, D) keep the mean of the data.

    Each sample is given away exactly once, so that in the frame the means add up to 0, whatever
    the responsibilities are.
    """
    shares = counts / counts.sum(axis=-1, keepdims=True)
    mean = np.nansum(shares[..., np.newaxis] * means, axis=-2)  # an empty component has no mean
    unit = np.sqrt(np.diag(frame.factor @ frame.factor.T))
    lost = np.finfo(float).eps * (np.abs(frame.centre) / unit).max()
    if not np.abs(mean).max() < SAME_MEAN + 1e3 * lost:
        raise ValueError(
            f"the samples of this pass have another mean than those of the first, by "
            f"{np.abs(mean).max():.2g} standard deviations. {SAME_SAMPLES}"
        )


def block_summary(block, weight, first_row):
    """`summarise` of one block of a Dask array."""
    return summarise(block, weight, first_row)


def part_scatter(data):
    """Sum over samples of weight times z z', shape (D, D)."""
    return sum((z * (1 if w is None else w)) @ z.T for z, w in data.slices(2**12))


def traces(parameters):
    """Traces of the precisions and of the covariances, shape (..., K) or (..., 1)."""
    form, covariances, whiteners = (
        parameters.form,
        parameters.covariances,
        parameters.whiteners,
    )
    precisions = whiteners * whiteners
    if form.name in ("full", "tied"):
        return precisions.sum(axis=(-1, -2)), np.trace(covariances, axis1=-2, axis2=-1)
    if form.n_features == 1:
        return precisions[..., 0], covariances[..., 0]
    times = form.n_features if form.name == "spherical" else 1
    return precisions.sum(axis=-1) * times, covariances.sum(axis=-1) * times


def stack(parameters):
    """Put parameters of one form behind a leading axis."""
    form = parameters[0].form
    return Parameters(
        form,
        *(np.stack(arrays) for arrays in zip(*(p[1:] for p in parameters), strict=True)),
    )


def take(parameters, r):
    """Parameters at an index, or at an array of indices, of the leading axis."""
    return Parameters(parameters.form, *(array[r] for array in parameters[1:]))


def to_vector(parameters):
    """Log weights, means and log-Cholesky entries of each mixture, shape (..., n)."""
    form, weights, means, covariances = parameters[:4]
    if form.name in ("diag", "spherical"):
        shape = 0.5 * np.log(covariances)
    else:
        i, j = np.tril_indices(form.n_features)
        shape = np.linalg.cholesky(covariances)[..., i, j]
        shape[..., i == j] = np.log(shape[..., i == j])
    lead = weights.shape[:-1]
    parts = (np.log(weights), means, shape)
    return np.concatenate([part.reshape(*lead, -1) for part in parts], axis=-1)


def from_vector(vector, like):
    """Parameters of vectors (..., n) as `to_vector` makes them, of the shapes of others."""
    form, weights, means, covariances = like[:4]
    n_weights, n_means = weights.shape[-1], means.shape[-1] * means.shape[-2]
    log_weights, means, shape = np.split(vector, [n_weights, n_weights + n_means], axis=-1)
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    if form.name in ("diag", "spherical"):
        covariances = np.exp(2 * shape).reshape(covariances.shape)
    else:
        i, j = np.tril_indices(form.n_features)
        factors = np.zeros(covariances.shape)
        factors[..., i, j] = shape.reshape(*covariances.shape[:-2], -1)
        diagonal = np.arange(form.n_features)
        factors[..., diagonal, diagonal] = np.exp(factors[..., diagonal, diagonal])
        covariances = factors @ np.swapaxes(factors, -1, -2)
    return parameters_from(form, weights, means.reshape(like.means.shape), covariances)


def thinnest_direction(frame):
    """Smallest eigenvalue of the frame's covariance, in the units of `require_spread`; or 0."""
    spread = np.maximum(
        frame.extremes.std(axis=0), ROUNDED_SPREAD * np.abs(frame.extremes).max(axis=0)
    )
    if not spread.all():
        return 0.0
    covariance = frame.factor @ frame.factor.T
    return np.linalg.eigvalsh(covariance / np.outer(spread, spread))[0]


def frame_floor(frame, form):
    """The identity of the user's coordinates, as a covariance in the frame."""
    if form.name in ("full", "tied"):
        return frame.whitener @ frame.whitener.T
    variances = np.diag(frame.whitener) ** 2
    return variances if form.name == "diag" else variances[:1]
