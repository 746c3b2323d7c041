"""Options of fit_em: sample weights, fixed parameters, SQUAREM, quantile starts, the bar."""

import io
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gmmtutor import Mixture, datasets, fit_em, fit_gaussian, log_likelihood, sample, statistics
from gmmtutor import fit as fit_module
from gmmtutor import progress as progress_module
from gmmtutor.em import COVARIANCE_TYPES, constrain
from gmmtutor.progress import Progress
from gmmtutor.starts import quantile_points, start_samples


@pytest.fixture
def faithful():
    return datasets.old_faithful()


def start_of(X, covariance_type="full", rows=(0, 1)):
    """A start of the covariance type at rows of X."""
    weights = np.full(len(rows), 1 / len(rows))
    covariances = np.repeat(np.cov(X.T)[np.newaxis], len(rows), axis=0)
    return Mixture(weights, X[list(rows)], constrain(covariances, weights, covariance_type))


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_weight_three_is_three_copies(faithful, covariance_type):
    copies = np.random.default_rng(0).integers(0, 4, size=len(faithful))
    options = {"start": start_of(faithful), "covariance_type": covariance_type}
    weighted = fit_em(faithful, sample_weight=copies, **options)
    repeated = fit_em(np.repeat(faithful, copies, axis=0), **options)
    assert_allclose(weighted.history, repeated.history, rtol=1e-12)
    assert_allclose(weighted.mixture.means, repeated.mixture.means, rtol=1e-10)
    assert_allclose(weighted.mixture.covariances, repeated.mixture.covariances, rtol=1e-9)
    blocks = fit_em([faithful[:100], faithful[100:]], sample_weight=copies, **options)
    assert_allclose(blocks.history, weighted.history, rtol=1e-12)


def test_weights_of_samples_reach_the_starts(faithful):
    weight = (faithful[:, 1] > 65).astype(float)
    fits = [fit_em(faithful, 1, sample_weight=weight, rng=seed) for seed in range(3)]
    mean, covariance = fit_gaussian(faithful[weight > 0])
    for fit in fits:
        assert_allclose(fit.mixture.means[0], mean)
        assert_allclose(fit.mixture.covariances[0], covariance)
    drawn = start_samples(faithful, 272, weight, np.random.default_rng(0))
    assert drawn[:, 1].min() > 65


@pytest.mark.parametrize(
    "weight", [np.ones(3), -np.ones(272), np.zeros(272), np.full(272, np.nan)]
)
def test_weights_that_cannot_be_used(faithful, weight):
    with pytest.raises(ValueError, match="sample_weight"):
        fit_em(faithful, 2, sample_weight=weight)


@pytest.mark.parametrize("acceleration", [None, "squarem"])
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
@pytest.mark.parametrize("fixed", ["weights", "means", "covariances"])
def test_fixed_parameters_stay_and_the_others_climb(
    faithful, covariance_type, fixed, acceleration
):
    start = start_of(faithful, covariance_type, rows=(0, 1))
    options = {"covariance_type": covariance_type, "tol": 1e-10, "max_iter": 5000}
    fit = fit_em(faithful, start=start, fixed=fixed, acceleration=acceleration, **options)
    assert (getattr(fit.mixture, fixed) == getattr(start, fixed)).all()
    assert (np.diff(fit.history[1:]) >= -1e-9).all()
    assert_allclose(fit.log_likelihood, log_likelihood(faithful, fit.mixture), rtol=1e-10)
    rng = np.random.default_rng(0)
    for _ in range(20):  # no small change of what is free does better
        values = {name: getattr(fit.mixture, name) for name in ("weights", "means")}
        values["weights"] = values["weights"] + 1e-3 * rng.normal() * np.array([1, -1])
        values["means"] = values["means"] + 1e-3 * rng.normal(size=(2, 2))
        values["covariances"] = fit.mixture.covariances * np.exp(1e-3 * rng.normal())
        values[fixed] = getattr(start, fixed)
        assert log_likelihood(faithful, Mixture(**values)) <= fit.log_likelihood + 1e-6


def test_covariances_about_fixed_means():
    x = np.array([0.0, 1.0, 5.0])
    fit = fit_em(x, start=Mixture([1], [1], [1]), fixed=("means",))
    assert_allclose(fit.mixture.variances, [((x - 1) ** 2).mean()])


def test_options_that_are_unknown(faithful):
    with pytest.raises(ValueError, match="fixed holds 'mean'"):
        fit_em(faithful, start=start_of(faithful), fixed=("mean",))
    with pytest.raises(ValueError, match="without a start"):
        fit_em(faithful, 2, fixed="means")
    with pytest.raises(ValueError, match="acceleration is 'anderson'"):
        fit_em(faithful, 2, acceleration="anderson")
    with pytest.raises(ValueError, match="init is 'kmeans'"):
        fit_em(faithful, 2, init="kmeans")


def overlapping(seed):
    """Samples of components 1.5 standard deviations apart, and a start."""
    rng = np.random.default_rng(seed)
    n_features, n_components = rng.integers(1, 4), rng.integers(2, 5)
    along = np.arange(n_components)[:, np.newaxis] * 1.5 / n_features**0.5
    means = along + 0.3 * rng.normal(size=(n_components, n_features))
    roots = 0.25 * rng.normal(size=(n_components, n_features, n_features))
    scales = rng.uniform(0.6, 1.2, size=(n_components, 1, 1))
    covariances = roots @ roots.transpose(0, 2, 1) + scales * np.eye(n_features)
    truth = Mixture(rng.dirichlet(np.full(n_components, 8.0)), means, covariances)
    X, _ = sample(truth, 1000, rng)
    covariance = np.cov(X.T).reshape(n_features, n_features) / 2
    chosen = X[rng.choice(len(X), n_components, replace=False)]
    weights = np.full(n_components, 1 / n_components)
    return X, Mixture(weights, chosen, [covariance] * n_components)


def test_squarem_needs_three_times_fewer_evaluations_and_never_falls():
    ratios = []
    for seed in range(20):
        X, start = overlapping(seed)
        plain, fast = (
            fit_em(X, start=start, tol=1e-6, max_iter=20_000, acceleration=acceleration)
            for acceleration in (None, "squarem")
        )
        assert fast.converged
        assert (np.diff(fast.history) >= 0).all()
        assert_allclose(fast.log_likelihood, log_likelihood(X, fast.mixture), rtol=1e-10)
        ratios.append(len(plain.history) / len(fast.history))
    assert np.median(ratios) >= 3


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_squarem_ends_where_em_does(faithful, covariance_type):
    options = {"start": start_of(faithful), "covariance_type": covariance_type, "tol": 1e-12}
    plain = fit_em(faithful, max_iter=20_000, **options)
    fast = fit_em(faithful, max_iter=20_000, acceleration="squarem", **options)
    assert_allclose(fast.log_likelihood, plain.log_likelihood, rtol=1e-9)
    assert_allclose(fast.mixture.means, plain.mixture.means, rtol=1e-3)


def test_squarem_stops_when_its_evaluations_are_used(faithful):
    for max_iter in range(1, 12):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fit_module.ConvergenceWarning)
            fit = fit_em(
                faithful, start=start_of(faithful), acceleration="squarem", max_iter=max_iter
            )
        assert fit.n_iter <= max_iter
        assert_allclose(log_likelihood(faithful, fit.mixture), fit.history[-1], rtol=1e-12)


def test_a_refused_leap_leaves_plain_em(faithful, monkeypatch):
    options = {"start": start_of(faithful), "tol": 1e-8}
    plain = fit_em(faithful, **options)
    monkeypatch.setattr(fit_module, "settle", lambda path, leap: (leap, -np.inf, leap))
    refused = fit_em(faithful, acceleration="squarem", **options)
    assert_allclose(refused.history, plain.history, rtol=1e-13)


def test_quantile_start_takes_one_sample_from_each_part():
    x = np.arange(30.0)
    for seed in range(10):
        means = quantile_points(x, 3, np.random.default_rng(seed)).means[:, 0]
        assert (np.sort(means) // 10 == [0, 1, 2]).all()
    with pytest.raises(ValueError, match="fewer than 3"):
        quantile_points(x[:2], 3)


@pytest.mark.parametrize("init", ["random", "k-means++", "quantile"])
@pytest.mark.parametrize("acceleration", [None, "squarem"])
def test_seven_points_from_every_kind_of_start(init, acceleration):
    x = datasets.seven_points()
    fits = [fit_em(x, 3, init=init, rng=seed, acceleration=acceleration) for seed in range(20)]
    best = [abs(fit.log_likelihood - -13.906162) < 1e-6 for fit in fits]
    assert sum(best) >= 19


def test_starts_are_drawn_from_some_of_many_samples():
    X = np.random.default_rng(0).normal(size=(30_000, 2))
    for source in (X, [X[:7], X[7:29_000], X[29_000:]]):
        drawn = start_samples(source, 30_000, None, np.random.default_rng(0))
        assert drawn.shape == (20_000, 2)
        assert len(np.unique(drawn, axis=0)) == 20_000
    assert start_samples(X[:100], 100) is not None


def test_bar_waits_shows_and_goes(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(progress_module.sys, "stderr", screen)
    with Progress(4, show=True) as bar:
        bar.update(1)
        assert screen.getvalue() == ""
        monkeypatch.setattr(progress_module, "PAUSE", 0)
        bar.next = 0
        bar.update(2)
        bar.next = 0
        bar.watch(2, 10)(np.array([-20.0]))
    assert "[##########..........] 2 of 4" in screen.getvalue()
    assert "update 0: log-likelihood -2.000000 per sample" in screen.getvalue()
    assert screen.getvalue().endswith("\r")
    with Progress(4) as bar:
        assert not bar.show  # neither terminal nor notebook


# --- Iterables that do not give the same samples every time --------------------------------------


class Unseeded:
    """Other random numbers in every pass, of which the later ones may be fewer or more."""

    def __init__(self, sizes):
        self.rng, self.sizes = np.random.default_rng(0), iter(sizes)

    def __iter__(self):
        size = next(self.sizes, 200)
        for _ in range(3):
            yield np.concatenate(
                [self.rng.normal(size=(size, 2)), 6 + self.rng.normal(size=(200, 2))]
            )


def test_another_number_of_samples_in_a_later_pass_is_named():
    for later in (150, 250):
        with pytest.raises(
            ValueError, match=r"gave 1200 samples in the first pass and .*__iter__"
        ):
            fit_em(Unseeded([200, 200, later, later]), 2, rng=0)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_other_samples_in_a_later_pass_are_named(covariance_type):
    with pytest.raises(ValueError, match=r"another mean than those of the first.*seed"):
        fit_em(Unseeded([]), 2, rng=0, covariance_type=covariance_type)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_the_same_samples_in_another_order_are_the_same(offset):
    class Shuffled:
        rng, X = np.random.default_rng(0), np.concatenate(list(Unseeded([]))) + offset

        def __iter__(self):
            yield from np.array_split(self.rng.permutation(self.X), 5)

    fit = fit_em(Shuffled(), 2, rng=0)
    assert fit.log_likelihood == pytest.approx(fit_em(Shuffled.X, 2, rng=0).log_likelihood)


def test_empty_blocks_are_skipped():
    X = np.concatenate(list(Unseeded([])))
    nothing = np.empty((0, 2))
    blocks = [nothing, X[:300], nothing, X[300:], nothing]
    fit, whole = fit_em(blocks, 2, rng=0), fit_em(X, 2, rng=0)
    assert fit.log_likelihood == pytest.approx(whole.log_likelihood)
    found = statistics(blocks, whole.mixture)
    assert found.log_likelihood == pytest.approx(whole.log_likelihood)
    for empty in ([nothing], iter([])):
        with pytest.raises(ValueError, match="no block with samples"):
            statistics(empty, whole.mixture)
    with pytest.raises(ValueError, match="no block with samples"):
        fit_em([nothing, nothing], 2)
