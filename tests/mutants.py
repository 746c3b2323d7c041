"""Plant known bugs, one at a time, and show which tests catch each: ``python tests/mutants.py``.

Each mutant is an exact substitution in a temporary copy of the package; the unit tests run
against the copy. Exit code 1 if one survives, if a substitution no longer applies to exactly one
place, or if the tests fail on an unchanged copy.
"""

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
ACROSS = (
    "reference_numbers",
    "invariants",
    "bad_input",
    "precision",
    "fit_options",
)  # tests of no single module
ENOUGH = 5  # failures, then the next mutant
OPTIONS = ["-q", "-rfE", "--tb=no", "-Werror", "-mnot slow", "--seeds=2", f"--maxfail={ENOUGH}"]
OPTIONS += ["-pno:cacheprovider", "-pno:xdist"]


class Mutant(NamedTuple):
    """A bug: in this module of the package, put `new` where `old` stands."""

    name: str
    module: str
    old: str
    new: str


UNCHANGED = Mutant("(unchanged)", "em", "", "")
UPDATE = "mixture = m_step(X, resp, **options)"
ABOUT_OLD_MEANS = """\
new = m_step(X, resp, **options)
        moved = new.means - mixture.means
        about_old = new.covariances + np.einsum("ki,kj->kij", moved, moved)
        mixture = Mixture(new.weights, new.means, about_old)"""

MUTANTS = [
    Mutant(*row)
    for row in (
        (
            "weights to the power 1.2, updated",
            "em",
            "weights = counts / counts.sum()",
            "weights = counts**1.2 / (counts**1.2).sum()",
        ),
        (
            "weights to the power 1.2, used",
            "mixture",
            "component_log_prob(X, mixture) + log_weights",
            "component_log_prob(X, mixture) + 1.2 * log_weights",
        ),
        ("covariance times 0.9", "gaussian", "centred / count", "centred * 0.9 / count"),
        (
            "covariance about the overall mean",
            "gaussian",
            "centred = X - mean",
            "centred = X - X.mean(axis=0)",
        ),
        ("covariance about the old mean", "em", UPDATE, ABOUT_OLD_MEANS),
        ("divisor N_k - 1", "gaussian", "centred / count", "centred / (count - 1)"),
        (
            "weights left out",
            "mixture",
            "component_log_prob(X, mixture) + log_weights",
            "component_log_prob(X, mixture) + 0 * log_weights[0]",
        ),
        (
            "variance as standard deviation",
            "mixture",
            "covariances = covariances[:, np.newaxis, np.newaxis]",
            "covariances = covariances[:, np.newaxis, np.newaxis] ** 2",
        ),
        (
            "e_step normalised along the other axis",
            "em",
            "resp = np.exp(joint - total[:, np.newaxis])",
            "resp = np.exp(joint - log_sum_exp(joint.T))",
        ),
        (
            "responsibilities normalised along the other axis",
            "mixture",
            "np.exp(joint - log_sum_exp(joint)[:, np.newaxis])",
            "np.exp(joint - log_sum_exp(joint.T))",
        ),
        (
            "transposed Cholesky factor, density",
            "gaussian",
            "np.linalg.solve(factor, ",
            "np.linalg.solve(factor.T, ",
        ),
        ("transposed Cholesky factor, sampling", "mixture", "nij,nj->ni", "nji,nj->ni"),
        ("log-sum-exp without its maximum", "mixture", "a.max(axis=-1)", "0 * a[..., 0]"),
        # Not asked for, but likely to slip through.
        ("determinant forgotten", "gaussian", "2 * np.log(np.diag(factor)).sum()", "0"),
        ("log determinant without its 2", "gaussian", "2 * np.log(np.diag", "np.log(np.diag"),
        ("2 pi once for all features", "gaussian", "X.shape[1] * LOG_2PI", "LOG_2PI"),
        (
            "tied: pooled without weights",
            "em",
            'np.einsum("k,kij->ij", weights, covariances)',
            "covariances.mean(axis=0)",
        ),
        ("spherical: trace, not its average", "em", " / len(identity)", ""),
        (
            "spherical: the determinant's root for the average",
            "em",
            "np.trace(covariances, axis1=1, axis2=2) / len(identity)",
            "np.linalg.det(covariances) ** (1 / len(identity))",
        ),
        (
            "floor added to every entry",
            "em",
            "covariances += reg_covar * np.eye(X.shape[1])",
            "covariances += reg_covar",
        ),
        ("empty components allowed", "em", "counts[k] < SMALLEST_COUNT", "False"),
        ("collapse noticed too late", "em", "SMALLEST_SD = 1e-8", "SMALLEST_SD = 1e-9"),
        ("collapse noticed too early", "em", "SMALLEST_SD = 1e-8", "SMALLEST_SD = 1e-6"),
        ("constant column not noticed", "em", "== 0] = np.inf", "== 0] = 1"),
        ("mean for sum, log_likelihood", "mixture", "mixture).sum())", "mixture).mean())"),
        ("mean for sum, e_step", "em", "float(total.sum())", "float(total.mean())"),
        ("lower bound without entropy", "em", " - np.log(resp[held])", ""),
        (
            "lower bound that ignores resp",
            "em",
            "return float((resp[held] * (joint[held] - np.log(resp[held]))).sum())",
            "return float(log_sum_exp(joint).sum())",
        ),
        (
            "step's mixture one update ahead",
            "em",
            "yield Step(mixture, resp, log_likelihood)",
            "yield Step(m_step(X, resp), resp, log_likelihood)",
        ),
        (
            "caller's arrays kept",
            "mixture",
            "means = np.array(means,",
            "means = np.asarray(means,",
        ),
        ("arrays left writable", "mixture", "setflags(write=False)", "setflags(write=True)"),
        ("labels ignore the weights", "mixture", "n_samples, p=weights)", "n_samples)"),
        ("history off by one", "fit", "np.array(climb.history)", "np.array(climb.history[1:])"),
        ("converged by exhaustion", "fit", "row), history, converged)", "row), history, True)"),
        ("tol per data set", "fit", "tol * em.summary.count) and", "tol) and"),
        ("first fall taken for convergence", "fit", "count) and not projected", "count)"),
        ("one update too many", "fit", "len(history) > max_iter:", "len(history) > max_iter + 1:"),
        ("worst start wins", "fit", "-each.history[-1])", "each.history[-1])"),
        ("winner not polished", "fit", "POLISH = 1e-3", "POLISH = 1"),
        ("degenerate starts not counted", "fit", "outcome, len(failures))", "outcome, 0)"),
        ("every restart the same", "fit", "n_components, rng, reg", "n_components, 0, reg"),
        ("no warning of exhaustion", "fit", "if not fit.converged:", "if False:"),
        ("no warning at the floor", "fit", "smallest.min() < 10 *", "smallest.min() < 0.9 *"),
        (
            "prior: divisor without D + 1",
            "prior",
            "return self.dof + self.n_features + 1",
            "return self.dof",
        ),
        (
            "prior: its scale left out",
            "prior",
            "counts * covariances + self.scale",
            "counts * covariances",
        ),
        (
            "prior: once for every tied component",
            "em",
            "np.full_like(counts, counts.sum())",
            "counts",
        ),
        (
            "prior: full matrices in every type",
            "em",
            "counts / counts.sum(), covariance_type)",
            'counts / counts.sum(), "full")',
        ),
        ("prior: log density without its constant", "prior", "return log_constant - ", "return -"),
        (
            "prior: tied counted for every component",
            "prior",
            'one_for_all = covariance_type == "tied"',
            "one_for_all = False",
        ),
        (
            "prior: volume of the data",
            "prior",
            "n_components ** (2 / n_features)",
            "1",
        ),
        (
            "align permutes only the means",
            "selection",
            "Mixture(mixture.weights[order], mixture.means[order], mixture.covariances[order])",
            "Mixture(mixture.weights, mixture.means[order], mixture.covariances)",
        ),
        (
            "align permutes the wrong way",
            "selection",
            "_divergences(reference, mixture)",
            "_divergences(mixture, reference)",
        ),
        (
            "align by distance of means",
            "selection",
            "return traces / 2 + ",
            "return 0 * traces + ",
        ),
        ("K weights counted free", "selection", "n_components - 1 +", "n_components +"),
        ("bic with log of all entries", "selection", "np.log(len(X))", "np.log(X.size)"),
        ("icl with half its penalty", "selection", "- 2 * float(certainty)", "- float(certainty)"),
        ("k-means++ uniform", "kmeans", ", p=distance2 / distance2.sum())", ")"),
        (
            "k-means++ by distance, not squared",
            "kmeans",
            "p=distance2 / distance2.sum()",
            "p=distance2**0.5 / (distance2**0.5).sum()",
        ),
        (
            "k-means++ sees the last centre only",
            "kmeans",
            "np.minimum(distance2, squared_distances(drawn, X))",
            "squared_distances(drawn, X)",
        ),
        ("k-means++ keeps the worst candidate", "kmeans", ".argmin()\n", ".argmax()\n"),
        (
            "c_step: weights left out of the labels",
            "classification",
            "joint.argmax(axis=1)",
            "(joint - np.log(mixture.weights)).argmax(axis=1)",
        ),
        (
            "c_step: the log-likelihood for the classified one",
            "classification",
            "joint.max(axis=1).sum()",
            "np.logaddexp.reduce(joint, axis=1).sum()",
        ),
        (
            "classification EM: labels one round late",
            "classification",
            "yield ClassificationStep(mixture, labels, value)",
            "yield ClassificationStep(mixture, c_step(X, start)[0], value)",
        ),
        (
            "scores without the frame's scale",
            "scoring",
            "+= self.offset if shift is",
            "+= 0 if shift is",
        ),
        ("scores forget what was taken out", "scoring", "shift + self.offset", "self.offset"),
        (
            "labels of the last chunk only",
            "scoring",
            "labels[rows][joint",
            "labels[: len(phi.T)][joint",
        ),
        ("passes need not agree", "kernel", "if is_blocks(self.source):", "if False:"),
        ("start of the wrong volume", "starts", "(-2 / n_features)", "(-1 / n_features)"),
        (
            "k-means++ in raw units",
            "starts",
            "scaled = (X - centre) / spread",
            "scaled = X - centre",
        ),
        (
            "quantile starts anywhere",
            "starts",
            "X[[rng.choice(part) for part in parts]]",
            "X[[rng.choice(order) for part in parts]]",
        ),
        (
            "kernel: floor not in the frame",
            "kernel",
            "return frame.whitener @ frame.whitener.T",
            "return np.eye(len(frame.whitener))",
        ),
        (
            "kernel: scale of the frame forgotten",
            "kernel",
            "return frame.log_det - 0.5",
            "return -0.5",
        ),
        ("kernel: shift not put back", "kernel", "logs += shift", "logs += 0 * shift"),
        ("kernel: origin forgotten", "kernel", "means + origin, form", "means, form"),
        (
            "kernel: covariance about the frame's centre",
            "kernel",
            "form.unpack(shares[..., D:]) - form.outer(means)",
            "form.unpack(shares[..., D:])",
        ),
        ("kernel: pairs counted once", "kernel", "i == j, -0.5, -1.0", "i == j, -0.5, -0.5"),
        ("kernel: no exact distances", "kernel", "TIGHT = 1e3", "TIGHT = 1e30"),
        ("kernel: needles as if round", "kernel", "NEEDLE = 5e2", "NEEDLE = 1e30"),
        ("kernel: lost digits stay lost", "kernel", "if not lost:", "if True:"),
        ("kernel: own axes without the floor", "kernel", "+ axes @ floor @ axes.T", ""),
        ("kernel: sample weights left out", "kernel", "else weight / total", "else 1 / total"),
        ("kernel: cut logits trusted", "kernel", "TOTALS = (1e-240,", "TOTALS = (0,"),
        (
            "kernel: wide products of the empty triangle",
            "kernel",
            "self.products[:, j, i]",
            "self.products[:, i, j]",
        ),
        (
            "kernel: tied scatter without the means",
            "kernel",
            "(scatter - between)",
            "scatter",
        ),
        ("kernel: collapse not looked for", "kernel", "if well.all():", "if True:"),
        (
            "blocks as if they had one mean",
            "frame",
            "np.outer(step, step) * (",
            "0 * np.outer(step, step) * (",
        ),
        (
            "weights of the wrong block",
            "frame",
            "part = slice(self.seen, self.seen + len(piece))",
            "part = slice(first, first + len(piece))",
        ),
        (
            "Dask: rows counted from each block's first",
            "starts",
            "rows[first:last] - first_row",
            "rows[first:last] - rows[first]",
        ),
        (
            "Dask: weights of the first block",
            "scale",
            "sample_weight[first:last]",
            "sample_weight[: last - first]",
        ),
        ("Dask: only the first block's sums", "kernel", "sums + part[1]", "sums"),
        (
            "stepwise: means mixed without weights",
            "stepwise",
            "share * new[0] / weights",
            "share + 0 * new[0]",
        ),
        (
            "stepwise: spread of the means forgotten",
            "stepwise",
            "part * (1 - part) *",
            "0 * part *",
        ),
        ("squarem: every leap taken", "fit", "settled[1] >= second", "True"),
        ("squarem: settled half", "fit", "first + 2 * length * r", "first + length * r"),
        (
            "estimator: bound of all samples",
            "estimator",
            "self.lower_bound_ = fit.log_likelihood / n_samples",
            "self.lower_bound_ = fit.log_likelihood",
        ),
        (
            "estimator: bound before the last update",
            "estimator",
            "fit.history[1:] / n_samples",
            "fit.history[:-1] / n_samples",
        ),
        (
            "estimator: spikes win",
            "estimator",
            "if not spike] or fits",
            "if True] or fits",
        ),
        ("estimator: thin data taken for spikes", "estimator", "ROOM = 100", "ROOM = 0"),
        ("estimator: floor of ten thousand", "estimator", "HELD = 2 ", "HELD = 20000 "),
        (
            "estimator: worst start wins",
            "estimator",
            "max(kept, key=lambda fit: fit.log_likelihood)",
            "min(kept, key=lambda fit: fit.log_likelihood)",
        ),
        (
            "estimator: transposed factors",
            "estimator",
            "np.triu(factors.swapaxes(1, 2))",
            "np.tril(factors)",
        ),
        (
            "estimator: covariances taken for precisions",
            "estimator",
            "covariances = np.linalg.inv(precisions)",
            "covariances = precisions",
        ),
        (
            "estimator: a warm start begins anew",
            "estimator",
            'self.warm_start and hasattr(self, "converged_")',
            "False",
        ),
        (
            "estimator: every start the same",
            "estimator",
            "yield self._start(drawn_from, given, rng)",
            "yield self._start(drawn_from, given, 0)",
        ),
        (
            "estimator: weights of unrelated clusters",
            "estimator",
            'start=given["means"], **options',
            "rng=rng, **options",
        ),
        (
            "estimator: aic for bic",
            "estimator",
            "_criterion(X, np.log)",
            "_criterion(X, lambda n: 2)",
        ),
        ("rates: twice the derivative", "rates", "/ (2 * STEP * unit)", "/ (STEP * unit)"),
        (
            "rates: one-sided differences",
            "rates",
            "for there in (at + move, at - move)",
            "for there in (at + 2 * move, at)",
        ),
        ("rates: the last weight stays", "rates", "1 - weights.sum()", "like.weights[-1]"),
        ("rates: an eigenvalue, not its size", "rates", "np.abs(", "np.real("),
        ("wrong galaxy corrected", "datasets", "(77, ", "(76, "),
        ("weights checked loosely", "validation", "TOLERANCE = 1e-6", "TOLERANCE = 1e-4"),
        (
            "number: a mistake named by few digits",
            "check/number",
            "if task.fits(value) and (task.enough(value) or task.exactly(value))",
            "if task.fits(value)",
        ),
        (
            "number: zeros supplied in spite of a mistake",
            "check/number",
            "longer.fits(self.expected) and not doubtful",
            "longer.fits(self.expected)",
        ),
        (
            "test_of: the mistakes are not planted",
            "check/planted",
            "self.row.replaces if wrong else None",
            "None",
        ),
        (
            "carried: a mistake is named where rounding leads as well",
            "check/carried",
            "return chance < PROOF",
            "return True",
        ),
        (
            "carried: the sum of densities is not rounded",
            "check/carried",
            "errors.sum(axis=1) + half\n    return total",
            "errors.max(axis=1)\n    return total",
        ),
        (
            "sample: only upper distances between distributions",
            "check/samples",
            "max(above.max(), (1 / n - above).max())",
            "above.max()",
        ),
    )
]


def source(mutant):
    """Path of the mutant's module in the repository."""
    return ROOT / "gmmtutor" / f"{mutant.module}.py"


def applies(mutant):
    """Whether the text to replace stands in exactly one place."""
    return source(mutant).read_text(encoding="utf-8").count(mutant.old) == 1


def plant(mutant, folder):
    """Copy package and tests to a folder, with the bug."""
    only = shutil.ignore_patterns("__pycache__", "site")
    for name in ("gmmtutor", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=only)
    if mutant.old:
        text = source(mutant).read_text(encoding="utf-8").replace(mutant.old, mutant.new)
        (folder / "gmmtutor" / f"{mutant.module}.py").write_text(text, encoding="utf-8")


def run_tests(names, folder):
    """Run test modules of a folder in this process; return the tests that fail."""
    for name in list(sys.modules):  # what the last mutant left
        if re.match(r"(gmmtutor|conftest|oracles|mutants|test_)", name):
            del sys.modules[name]
    sys.path.insert(0, str(folder))  # before any installed gmmtutor
    output = io.StringIO()
    files = [str(folder / "tests" / f"test_{name}.py") for name in names]
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = pytest.main([*OPTIONS, f"--rootdir={folder}", *files])
    finally:
        sys.path.remove(str(folder))
    failed = re.findall(
        r"^(?:FAILED|ERROR) (?:\S+/)?(test_[^\s\[]+)", output.getvalue(), re.MULTILINE
    )
    return failed if failed or not code else [output.getvalue().strip().splitlines()[-1]]


def failures(mutant):
    """Names of the tests that fail with the bug planted: the module's own, or all others."""
    modules = dict.fromkeys(mutant.module for mutant in MUTANTS)
    modules = [name.replace("/", "_") for name in modules]
    module = mutant.module.replace("/", "_")
    others = [name for name in (*ACROSS, *modules) if name != module]
    own = [name for name in [module] if (ROOT / "tests" / f"test_{name}.py").exists()]
    others = [name for name in others if (ROOT / "tests" / f"test_{name}.py").exists()]
    with tempfile.TemporaryDirectory() as folder:
        plant(mutant, Path(folder).resolve())
        return (own and run_tests(own, Path(folder).resolve())) or run_tests(
            others, Path(folder).resolve()
        )


def row(mutant, failed):
    """One line of the table."""
    names = list(dict.fromkeys(failed))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    count = f"{len(failed)}{'+' if len(failed) >= ENOUGH else ''}"
    caught = f"caught    {count:>3}  {names[0]}{more}" if names else "SURVIVED"
    return f"{mutant.name:<52} {caught}"


def main():
    """Plant every mutant; return 1 if one survives, 2 if the tests or the list are at fault."""
    stale = [mutant for mutant in MUTANTS if not applies(mutant)]
    for mutant in stale:
        print(f"{mutant.name}: {mutant.old!r} is not in one place of {source(mutant).name}")
    if stale:
        return 2
    survivors = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        everything = [UNCHANGED, *MUTANTS]
        for mutant, failed in zip(everything, pool.map(failures, everything), strict=True):
            if mutant == UNCHANGED and failed:
                print(f"the tests fail without any bug: {failed}")
                pool.shutdown(cancel_futures=True)
                return 2
            if mutant != UNCHANGED:
                print(row(mutant, failed), flush=True)
                survivors += [] if failed else [mutant]
    print(f"{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} caught")
    return 1 if survivors else 0


sys.dont_write_bytecode = True  # copies come and go within one second

if __name__ == "__main__":
    sys.exit(main())
