"""Data as the kernel reads them: a whitened frame, served in chunks (floor 1)."""

from typing import NamedTuple

import numpy as np

from gmmtutor.gaussian import fit_gaussian
from gmmtutor.validation import as_samples

BLOCK_BYTES = 2**20  # read at once where nothing else decides
SAME_SAMPLES = (
    "EM reads X anew in every iteration, and must find the same samples: let its __iter__ begin "
    "anew, with random numbers from a seed that is set inside of __iter__, or write the blocks "
    "to a file."
)
NO_SAMPLES = "X holds no block with samples; give at least one."
THINNEST = 1e-8  # a frame's smallest scale, where the data have none, in units of their spread


class Frame(NamedTuple):
    """Coordinates z = whitener (x - centre) in which the data have mean 0 and unit covariance.

    Attributes
    ----------
    centre : ndarray, shape (D,)
    whitener, factor : ndarray, shape (D, D)
        Inverse of each other; lower triangular, diagonal for "diag", a multiple of the identity
        for "spherical", so that the covariance type means the same in both coordinates.
    log_det : float
        Log determinant of the whitener: what it adds to a log density.
    extremes : ndarray, shape (2, D)
        Two samples with the standard deviations and the largest entries of the data, for
        `gmmtutor.em.require_spread`.
    """

    centre: np.ndarray
    whitener: np.ndarray
    factor: np.ndarray
    log_det: float
    extremes: np.ndarray


def frame_from(mean, covariance, covariance_type="full", reg_covar=0.0, largest=None):
    """Make the frame of data with this mean (D,) and covariance (D, D).

    `largest` (D,) holds the largest absolute entry of each feature, NaN where it is constant; by
    default they are guessed from the moments. A direction without spread keeps a scale of its own
    (the floor's, or 1e-8 of a feature's spread), so that the frame always exists; whether
    components may be so thin is decided later.
    """
    variances = np.diag(covariance).copy()
    spread = np.sqrt(variances)
    largest = np.abs(mean) + spread if largest is None else largest
    extremes = np.where(np.isfinite(largest), [largest, largest - 2 * spread], 0.0)
    unit = np.where(variances + reg_covar > 0, np.sqrt(variances + reg_covar), 1.0)
    if covariance_type == "spherical":
        factor = np.eye(len(mean)) * np.sqrt((unit**2).mean())
    elif covariance_type == "diag":
        factor = np.diag(unit)
    else:
        scaled = (covariance + reg_covar * np.eye(len(mean))) / np.outer(unit, unit)
        factor = unit[:, np.newaxis] * robust_cholesky(scaled)
    whitener = np.linalg.inv(factor)
    return Frame(mean, whitener, factor, -float(np.log(np.diag(factor)).sum()), extremes)


def robust_cholesky(correlation):
    """Cholesky factor of a matrix with unit diagonal, after a little more of the identity."""
    identity = np.eye(len(correlation))
    extra = 0.0
    while True:
        try:
            factor = np.linalg.cholesky(correlation + extra * identity)
            if np.diag(factor).min() > THINNEST:
                return factor
        except np.linalg.LinAlgError:
            pass
        extra = max(10 * extra, THINNEST**2)


# --- Data: arrays, memory maps, blocks -----------------------------------------------------------


def is_mapped(X):
    """Whether an array is a view of a file."""
    while X is not None:
        if isinstance(X, np.memmap):
            return True
        X = getattr(X, "base", None)
    return False


def is_blocks(X):
    """Whether X is an iterable of blocks of samples and not an array or a list of numbers."""
    if hasattr(X, "__array__") or isinstance(X, str | bytes) or not hasattr(X, "__iter__"):
        return False
    if isinstance(X, list | tuple):
        return len(X) > 0 and all(isinstance(block, np.ndarray) and block.ndim == 2 for block in X)
    return True


def is_streamed(X):
    """Whether X is read block by block, and never copied whole."""
    return is_blocks(X) or is_mapped(X)


def rows_at_once(X):
    """How many rows of an array (N, D) or (N,) are read at once."""
    n_features = X.shape[1] if X.ndim > 1 else 1
    return max(1, BLOCK_BYTES // (8 * max(1, n_features)))


def blocks_of(X):
    """Yield the samples as arrays (B, D): a whole array, slices of a memory map, or the blocks."""
    if is_mapped(X):
        n_rows = rows_at_once(X)
        yield from (X[first : first + n_rows] for first in range(0, len(X), n_rows))
    elif is_blocks(X):
        yield from X
    else:
        yield X


def as_block(block):
    """A block as float samples (B, D), without the check that every entry is finite."""
    return np.asarray(as_rows(block), dtype=float)


def as_rows(block):
    """A block as samples (B, D) of its own type, without a copy, so that a chunk can be."""
    block = np.asarray(block)
    if block.dtype.kind not in "biuf":
        block = block.astype(float)
    return block[:, np.newaxis] if block.ndim == 1 else block


class Data:
    """Samples in a frame, laid out (features, points), served in chunks.

    An array is whitened once and kept as (D, N); memory maps and iterables of blocks are
    whitened chunk by chunk in every pass, and never kept.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,), memory map, or iterable of blocks (B, D)
    frame : Frame
    sample_weight : ndarray, shape (N,), or None
    n_samples : int, optional
        N, where a pass over blocks that finds another number shall be an error.
    """

    def __init__(self, X, frame, sample_weight=None, n_samples=None):
        self.X, self.frame, self.sample_weight = X, frame, sample_weight
        self.n_samples, self.seen = n_samples, 0
        self.buffers = {}
        self.count = 0.0  # samples, or their weights, that the last pass has seen
        self.kept = None
        self.z = None
        self.rows = None  # those of the chunk at hand, (B, D), as they came
        if not is_streamed(X):
            X = as_block(X)
            self.z = np.empty(X.shape[::-1])
            n_rows = rows_at_once(X)
            for first in range(0, len(X), n_rows):
                part = slice(first, first + n_rows)
                np.matmul(frame.whitener, (X[part] - frame.centre).T, out=self.z[:, part])

    def map(self, function, *arguments):
        """Return [function(self, *arguments)]; a Dask array has more than one part."""
        return [function(self, *arguments)]

    def buffer(self, name, shape):
        """An array of this shape over memory that is kept from call to call."""
        size = int(np.prod(shape))
        if name not in self.buffers or self.buffers[name].size < size:
            self.buffers[name] = np.empty(size)
        return self.buffers[name][:size].reshape(shape)

    def chunks(self, features, n_features, lead, n_bytes, scratch=0):
        """Yield (phi, joint, weight) for `gmmtutor.kernel.em_pass`.

        Parameters
        ----------
        features : function of (z, out)
            Writes the features of whitened samples z (D, B) into out (n_features, B).
        n_features : int
            F.
        lead : tuple of int
            Shape of the components, (K,) or (restarts, K); joint has shape (*lead, B).
        n_bytes : int
            Size of a chunk's buffers.
        scratch : int
            Further numbers a sample that the caller keeps in a chunk's buffers.
        """
        width = n_bytes // (8 * (n_features + int(np.prod(lead)) + scratch))
        width = max(64, width - width % 64)
        self.count = 0.0
        if self.z is not None and self.z.shape[1] <= width:  # one chunk: its features stay
            yield self._only_chunk(features, n_features, lead)
            return
        for z, weight in self.slices(width):
            self.count += z.shape[1] if weight is None else weight.sum()
            phi = features(z, self.buffer("phi", (n_features, z.shape[1])))
            yield phi, self.buffer("joint", (*lead, z.shape[1])), weight

    def _only_chunk(self, features, n_features, lead):
        """The same for data that fit in one chunk; the features are kept for the next pass."""
        weight, n_samples = self.sample_weight, self.z.shape[1]
        self.rows = as_rows(self.X)
        self.count = n_samples if weight is None else weight.sum()
        if self.kept is None or self.kept[0] != (features, lead):
            phi = features(self.z, np.empty((n_features, n_samples)))
            self.kept = ((features, lead), (phi, np.empty((*lead, n_samples)), weight))
        return self.kept[1]

    def slices(self, width):
        """Yield whitened samples (D, B) with B at most width, and their weights or None.

        The samples stand in a buffer that the next slice overwrites.
        """
        if self.z is not None:
            for first in range(0, self.z.shape[1], width):
                part = slice(first, first + width)
                self.rows = as_rows(self.X)[part]
                yield self.z[:, part], self._weights(part)
            return
        self.seen = 0
        for rows in map(as_rows, [self.X] if is_mapped(self.X) else blocks_of(self.X)):
            self._require_n_samples(self.seen + len(rows), more_to_come=True)
            for first in range(0, len(rows), width):
                piece = self.rows = rows[first : first + width]
                part = slice(self.seen, self.seen + len(piece))
                yield self._whitened(piece), self._weights(part)
                self.seen += len(piece)
        self._require_n_samples(self.seen)

    def _require_n_samples(self, seen, more_to_come=False):
        """Raise ValueError if a pass sees more or fewer samples than the first pass did."""
        first = self.n_samples
        if first is None or seen == first or (more_to_come and seen < first):
            return
        so_far = "at least " if more_to_come else ""
        raise ValueError(
            f"X gave {first} samples in the first pass and {so_far}{seen} in a later one. "
            f"{SAME_SAMPLES}"
        )

    def _whitened(self, rows):
        """Rows (B, D) of any number type in the frame, laid out (D, B).

        Centred while they are transposed: broadcasting along the few columns of (B, D) takes
        five times as long.
        """
        centred = self.buffer("centred", rows.shape[::-1])
        np.subtract(rows.T, self.frame.centre[:, np.newaxis], out=centred, dtype=float)
        return np.matmul(self.frame.whitener, centred, out=self.buffer("z", centred.shape))

    def _weights(self, part):
        return None if self.sample_weight is None else self.sample_weight[part]


def weights_of(sample_weight, n_samples):
    """Return sample weights as floats (N,), or None; raise ValueError if they cannot be used."""
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, dtype=float)
    if weight.shape != (n_samples,):
        raise ValueError(
            f"sample_weight has shape {weight.shape}; give one weight for each of the "
            f"{n_samples} samples."
        )
    wrong = ~((weight >= 0) & (weight < np.inf))
    if wrong.any():
        row = wrong.argmax()
        raise ValueError(f"sample_weight holds {weight[row]} at row {row}; give numbers >= 0.")
    if not weight.any():
        raise ValueError("sample_weight is 0 for every sample; at least one must count.")
    return weight


class Summary(NamedTuple):
    """Moments of the data, and what its entries reach; those of two sets merge.

    Attributes
    ----------
    n_samples : int
    count : float
        Sum of the weights.
    mean : ndarray, shape (D,)
    scatter : ndarray, shape (D, D)
        Sum of weight times (x - mean)(x - mean)'.
    lowest, highest : ndarray, shape (D,)
        Of the entries of each feature.
    """

    n_samples: int
    count: float
    mean: np.ndarray
    scatter: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    @property
    def covariance(self):
        """Covariance of the data, shape (D, D)."""
        return self.scatter / self.count

    @property
    def largest(self):
        """Largest absolute entry of each feature, NaN where it is constant, shape (D,)."""
        largest = np.maximum(self.highest, -self.lowest)
        return np.where(self.highest > self.lowest, largest, np.nan)

    def merge(self, other):
        """The Summary of the samples of both, equation (eq-merge-deviations)."""
        n_samples = self.n_samples + other.n_samples
        if self.count == 0 or other.count == 0:
            return (other if self.count == 0 else self)._replace(n_samples=n_samples)
        count = self.count + other.count
        step = other.mean - self.mean
        between = np.outer(step, step) * (self.count * other.count / count)
        return Summary(
            n_samples,
            count,
            self.mean + step * (other.count / count),
            self.scatter + other.scatter + between,
            np.minimum(self.lowest, other.lowest),
            np.maximum(self.highest, other.highest),
        )


def summarise(X, sample_weight=None, first_row=0):
    """Check all samples, and return their Summary, in one pass.

    Parameters
    ----------
    X : array_like, shape (N, D) or (N,), memory map, or iterable of blocks (B, D)
    sample_weight : ndarray, shape (N,), optional
    first_row : int
        The number of samples before these, for the messages.

    Raises
    ------
    ValueError
        If X is empty, a block has another number of features, or an entry is not finite; the row
        is counted from the first sample of all blocks.
    """
    total, n_features = None, None
    for block in map(as_rows, blocks_of(X)):
        if not len(block) and is_blocks(X):
            continue
        n_rows = rows_at_once(block)
        for first in range(0, max(len(block), 1), n_rows):
            row = 0 if total is None else total.n_samples
            piece = checked_piece(block[first : first + n_rows], first_row + row, n_features)
            weight = np.ones(len(piece))
            if sample_weight is not None:
                weight = sample_weight[row : row + len(piece)]
            summary = summary_of(piece, weight)
            total = summary if total is None else total.merge(summary)
            n_features = piece.shape[1]
    if total is None:
        raise ValueError(NO_SAMPLES)
    return total


def summary_of(X, weight):
    """Summary of samples (N, D) with weights (N,), none of them to be checked."""
    count = weight.sum()
    if count == 0:
        zero = np.zeros(X.shape[1])
        return Summary(len(X), 0.0, zero, np.outer(zero, zero), zero, zero)
    mean, covariance = fit_gaussian(X, weight)
    return Summary(len(X), count, mean, count * covariance, X.min(axis=0), X.max(axis=0))


def checked_piece(piece, row, n_features=None):
    """Return a piece of the data as floats; its errors name the row of the whole."""
    if n_features not in (None, piece.shape[1]):
        raise ValueError(
            f"a block has {piece.shape[1]} features, the blocks before it {n_features}; "
            "give blocks of the same number of features."
        )
    try:
        return as_samples(piece)
    except ValueError:
        if not piece.size or np.isfinite(piece).all():
            raise
        at, column = np.argwhere(~np.isfinite(piece))[0]
        raise ValueError(
            f"X holds {piece[at, column]} at row {row + at}, column {column}; "
            "remove or fill in such entries before fitting."
        ) from None


def iter_once(X):
    """Whether X is an iterator, which is spent after one pass."""
    return hasattr(X, "__next__")
