"""Scoring many samples in little memory: the first half of `gmmtutor.kernel.em_pass` (floor 4)."""

import numpy as np

from gmmtutor.frame import Data, is_streamed
from gmmtutor.kernel import (
    LOGITS,
    TOTALS,
    Form,
    conforms,
    frame_of_mixture,
    offset_of,
    prepare,
    served,
    shifted_exponentials,
    sum_of_logs,
    to_frame,
    write_logits,
)
from gmmtutor.validation import as_samples


class Scorer:
    """A mixture made ready to score samples in little memory, as `em_pass` reads them.

    The functions of `gmmtutor.mixture` say the same in the form that is read; they keep arrays
    of all samples and components.

    Parameters
    ----------
    mixture : Mixture
    """

    def __init__(self, mixture):
        name = "diag" if conforms(mixture.covariances, "diag") else "full"
        self.n_components, self.n_features = mixture.means.shape
        self.frame = frame_of_mixture(mixture, name)
        self.parameters = to_frame(mixture, self.frame, Form(name, self.n_features))
        self.theta, self.where = prepare(self.parameters)
        self.offset = offset_of(self.frame)

    def chunks(self, X):
        """Yield (rows, phi, joint, helpers): a slice of the samples, and what `em_pass` needs."""
        blocks = X if is_streamed(X) else [as_samples(X, self.n_features)]
        data, row = Data(blocks, self.frame), 0
        chunks, *helpers = served(data, self.parameters, self.where)
        helpers = [helper for helper in helpers if helper]
        for phi, joint, _ in chunks:
            yield slice(row, row + phi.shape[1]), phi, joint, helpers
            row += phi.shape[1]

    def exponentials(self, X):
        """Yield (rows, joint, total, shift): exponentials (K, B), their sums, what is out."""
        for rows, phi, joint, helpers in self.chunks(X):
            write_logits(self.theta, phi, joint, helpers)
            joint.clip(*LOGITS, out=joint)
            np.exp(joint, out=joint)
            total, shift = joint.sum(axis=0), None
            if not TOTALS[0] < total.min() <= total.max() < TOTALS[1]:
                total, shift = shifted_exponentials(self.theta, phi, joint, helpers)
            yield rows, joint, total, shift

    def log_densities(self, X):
        """Log density of the mixture at each sample, shape (N,), of an array or memory map."""
        logs = np.empty(len(X))
        for rows, _, total, shift in self.exponentials(X):
            np.log(total, out=logs[rows])
            logs[rows] += self.offset if shift is None else shift + self.offset
        return logs

    def responsibilities(self, X):
        """Responsibilities, shape (N, K), of an array or memory map."""
        resp = np.empty((len(X), self.n_components))
        for rows, joint, total, _ in self.exponentials(X):
            joint *= 1 / total
            resp[rows] = joint.T
        return resp

    def labels(self, X):
        """The most probable component of each sample, shape (N,), of an array or memory map."""
        labels = np.zeros(len(X), dtype=int)
        for rows, phi, joint, helpers in self.chunks(X):
            write_logits(self.theta, phi, joint, helpers)
            best = joint[0]
            for k in range(1, self.n_components):
                labels[rows][joint[k] > best] = k
                np.maximum(best, joint[k], out=best)
        return labels

    def log_likelihood(self, X):
        """Sum of the log densities of an array, memory map or blocks."""
        value = 0.0
        for _, _, total, shift in self.exponentials(X):
            value += float(sum_of_logs(total, shift)) + len(total) * self.offset
        return value
