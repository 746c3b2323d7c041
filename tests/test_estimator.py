"""GaussianMixture: against scikit-learn's own, its public estimator checks, and without it."""

import doctest
import pickle
import subprocess
import sys
import warnings

import numpy as np
import oracles
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import gmmtutor
from gmmtutor import DegenerateComponentError, GaussianMixture, Mixture, datasets, fit_em
from gmmtutor import estimator as estimator_module
from gmmtutor.em import COVARIANCE_TYPES
from gmmtutor.estimator import INIT_PARAMS, as_generator, compact, expand

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.mixture import GaussianMixture as Theirs  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

types = pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
PARAMETERS = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_")
EXHAUSTED = {"tol": 0, "reg_covar": 1e-6}  # with these EM makes exactly max_iter updates


@pytest.fixture
def faithful():
    return datasets.old_faithful()


def blobs(seed, n_samples=300, n_components=3, n_features=2, covariance_type="full"):
    """Samples of well separated components of a covariance type."""
    rng = np.random.default_rng(seed)
    means = 7 * rng.permutation(
        np.eye(n_components, n_features) + np.arange(n_components)[:, None]
    )
    X, labels, truth = [], rng.integers(n_components, size=n_samples), rng.normal
    roots = np.eye(n_features) + 0.6 * truth(size=(n_components, n_features, n_features))
    roots = {
        "full": roots,
        "tied": np.repeat(roots[:1], n_components, axis=0),
        "diag": roots * np.eye(n_features),
        "spherical": np.array([np.eye(n_features) * 2**k / 2 for k in range(n_components)]),
    }[covariance_type]
    X = means[labels] + np.einsum(
        "nij,nj->ni", roots[labels], rng.normal(size=(n_samples, n_features))
    )
    return X


def given_start(X, covariance_type, n_components=2):
    """Constructor arguments for a start at the first samples."""
    D = X.shape[1]
    precision = np.linalg.inv(np.cov(X.T).reshape(D, D))
    if covariance_type in ("diag", "spherical"):
        precision = np.diag(1 / X.var(axis=0))
    if covariance_type == "spherical":
        precision = np.eye(D) / X.var()
    precisions = compact(np.array([precision] * n_components), covariance_type)
    weights = np.arange(1, n_components + 1) / np.arange(1, n_components + 1).sum()
    means = X[:n_components]
    return {"weights_init": weights, "means_init": means, "precisions_init": precisions}


def exhausted(estimator, X):
    """Fit without the warning that all iterations are used."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X)


# --- scikit-learn's own checks -------------------------------------------------------------------


def scikit_learns_checks():
    """Its checks, collected without its warning of a class that inherits nothing from it."""
    tied = GaussianMixture(2, covariance_type="tied", init_params="random_from_data")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*does not inherit from")
        return parametrize_with_checks([GaussianMixture(), tied])


@pytest.mark.filterwarnings("ignore:.*does not inherit", "ignore:every start", "ignore:EM stopped")
@scikit_learns_checks()
def test_estimator_checks_of_scikit_learn(estimator, check):
    """No check is excluded."""
    check(estimator)


def test_tags():
    get_tags = getattr(sklearn.utils, "get_tags", None) or pytest.skip("scikit-learn before 1.6")
    ours, theirs = get_tags(GaussianMixture()), get_tags(Theirs())
    assert ours.estimator_type == theirs.estimator_type == "density_estimator"
    assert not ours.target_tags.required
    assert not ours.input_tags.sparse


def test_the_same_constructor():
    ours, theirs = GaussianMixture(), Theirs()
    assert ours.get_params() == theirs.get_params()
    assert GaussianMixture(3).n_components == 3
    with pytest.raises(TypeError):
        GaussianMixture(3, "tied")  # keywords only, as theirs


def test_the_same_methods_and_attributes(faithful):
    ours, theirs = (cls(2).fit(faithful) for cls in (GaussianMixture, Theirs))
    theirs_only = {name for name in dir(theirs) if name[0] != "_"} - set(dir(ours))
    assert theirs_only <= {"get_metadata_routing"}  # there is nothing to route


# --- The same numbers ----------------------------------------------------------------------------


@types
@pytest.mark.parametrize("max_iter", [1, 2, 6])
@pytest.mark.parametrize("name", ["faithful", "iris", "blobs", "one"])
def test_same_start_and_iterations_give_scikit_learns_parameters(name, max_iter, covariance_type):
    X = {
        "faithful": datasets.old_faithful,
        "iris": lambda: datasets.iris()[0],
        "blobs": lambda: oracles.problem(5, n_samples=200, n_features=3)[0],
        "one": lambda: datasets.galaxies()[:, np.newaxis],
    }[name]()
    options = {**EXHAUSTED, **given_start(X, covariance_type), "max_iter": max_iter}
    ours, theirs = (
        exhausted(cls(2, covariance_type=covariance_type, **options), X)
        for cls in (GaussianMixture, Theirs)
    )
    assert ours.n_iter_ == theirs.n_iter_ == max_iter
    for attribute in PARAMETERS:
        value, expected = getattr(ours, attribute), getattr(theirs, attribute)
        assert value.shape == expected.shape
        assert_allclose(value, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
    for method in ("score_samples", "predict_proba", "predict", "score", "aic", "bic"):
        assert_allclose(getattr(ours, method)(X), getattr(theirs, method)(X), rtol=1e-7, atol=1e-8)
    assert ours.converged_ is False
    assert_allclose(ours.lower_bounds_[:-1], theirs.lower_bounds_[1:], rtol=1e-8)


GRID = {
    "gaussianmixture__n_components": [1, 2, 3],
    "gaussianmixture__covariance_type": list(COVARIANCE_TYPES),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["faithful", "iris", "full", "diag", "spherical"])
def test_grid_search_makes_scikit_learns_choice(name):
    if name in COVARIANCE_TYPES:
        X = blobs(1, covariance_type=name)
    else:
        X = datasets.old_faithful() if name == "faithful" else datasets.iris()[0]
    X = np.random.default_rng(0).permutation(X)
    searches = []
    for cls in (GaussianMixture, Theirs):
        model = cls(n_init=2, tol=1e-4, max_iter=500, random_state=0)
        pipeline = make_pipeline(StandardScaler(), model)
        with threadpool_limits(1):  # their k-means waits for its threads
            searches.append(GridSearchCV(pipeline, GRID, cv=3).fit(X))
    ours, theirs = searches
    assert ours.best_params_ == theirs.best_params_
    assert_allclose(ours.best_score_, theirs.best_score_, atol=2e-3)


@types
def test_fit_em_does_the_work(faithful, covariance_type):
    start = given_start(faithful, covariance_type)
    model = GaussianMixture(2, covariance_type=covariance_type, reg_covar=0, tol=1e-8, **start)
    model.set_params(max_iter=1000).fit(faithful)
    covariances = np.linalg.inv(expand(start["precisions_init"], covariance_type, 2, 2))
    mixture = Mixture(start["weights_init"], start["means_init"], covariances)
    fit = fit_em(faithful, start=mixture, covariance_type=covariance_type, tol=1e-8)
    oracles.assert_same_mixture(model.mixture_, fit.mixture, rtol=1e-12)
    assert_allclose(model.lower_bounds_ * len(faithful), fit.history[1:], rtol=1e-12)
    assert (model.n_iter_, model.converged_) == (fit.n_iter, True)


@types
def test_lower_bound_belongs_to_the_final_parameters(faithful, covariance_type):
    model = GaussianMixture(3, covariance_type=covariance_type, random_state=0)
    exhausted(model.set_params(max_iter=3), faithful)
    assert_allclose(model.lower_bound_, model.score(faithful), rtol=1e-12)
    assert model.lower_bounds_[-1] == model.lower_bound_
    assert len(model.lower_bounds_) == model.n_iter_ == 3
    assert not model.converged_


@types
def test_precisions_are_inverses(faithful, covariance_type):
    model = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(faithful)
    factors = expand(model.precisions_cholesky_, covariance_type, 2, 2)
    precisions = expand(model.precisions_, covariance_type, 2, 2)
    covariances = expand(model.covariances_, covariance_type, 2, 2)
    assert_allclose(factors, np.triu(factors))
    assert_allclose(factors @ factors.swapaxes(1, 2), precisions)
    assert_allclose(precisions @ covariances, [np.eye(2)] * 2, atol=1e-12)
    assert_array_equal(covariances, model.mixture_.covariances)


# --- Starts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("init_params", INIT_PARAMS)
@types
def test_starts_lead_to_the_same_fit(faithful, init_params, covariance_type):
    model = GaussianMixture(2, covariance_type=covariance_type, init_params=init_params, tol=1e-9)
    fits = [clone(model).set_params(random_state=s, max_iter=5000).fit(faithful) for s in (0, 1)]
    best = Theirs(2, covariance_type=covariance_type, tol=1e-9, max_iter=5000).fit(faithful)
    plateau = init_params == "random"  # K equal components: EM may never leave
    for fit in fits:
        assert fit.score(faithful) <= best.score(faithful) + 1e-6
        assert plateau or fit.score(faithful) > best.score(faithful) - 1e-6


def test_restarts_never_worsen_and_are_reproducible():
    X, _ = oracles.problem(3, n_samples=200, n_components=5)
    scores = [
        exhausted(GaussianMixture(5, n_init=n, random_state=0, init_params="random_from_data"), X)
        for n in (1, 2, 4, 8)
    ]
    scores = [model.lower_bound_ for model in scores]
    assert scores == sorted(scores)
    assert scores[-1] > scores[0]


def test_means_given_find_their_own_weights_and_covariances():
    X = np.concatenate([blobs(0, 90, 1), blobs(1, 10, 1) + 50])
    means = [X[90:].mean(axis=0), X[:90].mean(axis=0)]
    model = exhausted(GaussianMixture(2, means_init=means, max_iter=0), X)
    assert_allclose(model.weights_, [0.1, 0.9])
    assert_allclose(model.means_, means)
    expected = [np.cov(part.T, bias=True) + 1e-6 * np.eye(2) for part in (X[90:], X[:90])]
    assert_allclose(model.covariances_, expected)


@types
def test_part_of_a_start_is_kept(faithful, covariance_type):
    given = given_start(faithful, covariance_type)
    for name, attribute in (
        ("weights_init", "weights_"),
        ("means_init", "means_"),
        ("precisions_init", "precisions_"),
    ):
        model = GaussianMixture(2, covariance_type=covariance_type, max_iter=0, random_state=0)
        model.set_params(**{name: given[name]}).fit(faithful)
        assert_allclose(getattr(model, attribute), given[name], rtol=1e-12)


@types
def test_warm_start_goes_on(faithful, covariance_type):
    options = {"covariance_type": covariance_type, "random_state": 0, **EXHAUSTED}
    whole = exhausted(GaussianMixture(2, max_iter=7, **options), faithful)
    parts = GaussianMixture(2, max_iter=3, warm_start=True, **options)
    exhausted(parts, faithful)
    exhausted(parts.set_params(max_iter=4), faithful)
    assert_allclose(parts.lower_bound_, whole.lower_bound_, rtol=1e-12)
    oracles.assert_same_mixture(parts.mixture_, whole.mixture_, rtol=1e-9)
    assert parts.n_iter_ == 4


def test_warm_start_of_another_type_and_number(faithful):
    model = GaussianMixture(2, covariance_type="tied", warm_start=True, random_state=0)
    tied = model.fit(faithful).score(faithful)
    assert model.set_params(covariance_type="diag").fit(faithful).score(faithful) != tied
    assert model.covariances_.shape == (2, 2)
    assert model.set_params(covariance_type="full").fit(faithful).score(faithful) > tied
    with pytest.raises(ValueError, match=r"n_components is 3, and the last fit.*has 2"):
        model.set_params(n_components=3).fit(faithful)


@pytest.mark.parametrize(
    "source", [lambda: 3, lambda: np.random.default_rng(3), lambda: np.random.RandomState(3)]
)
def test_random_state_is_reproducible(faithful, source):
    fits = [
        exhausted(GaussianMixture(4, random_state=source(), max_iter=2), faithful)
        for _ in range(2)
    ]
    assert_array_equal(fits[0].means_, fits[1].means_)
    assert_array_equal(fits[0].sample(5)[0], fits[1].sample(5)[0])


def test_random_state_moves_on_and_global_state_does_not(faithful):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for source in (None, np.random, np.random.default_rng(0), np.random.RandomState(0)):
        draws = [as_generator(source).random() for _ in range(2)]
        assert draws[0] != draws[1]
        GaussianMixture(2, random_state=source).fit(faithful)
    assert as_generator(4).random() == as_generator(np.int64(4)).random()
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


# --- Spikes and the floor ------------------------------------------------------------------------


def spiky():
    """Two groups, and two samples so close together that a component fits on them."""
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(-4, 1, (40, 2)), rng.normal(4, 1, (40, 2))])
    X[0] = X[1]
    spike = {"means_init": [X[0], [4, 4]], "weights_init": [0.5, 0.5]}
    return X, {**spike, "precisions_init": [1e6 * np.eye(2), np.eye(2)]}


def test_a_spike_never_beats_an_interior_fit(monkeypatch):
    X, spike = spiky()
    with pytest.warns(UserWarning, match="every start ended with a spike"):
        held = GaussianMixture(2, **spike).fit(X)
    assert held.n_degenerate_ == 0
    assert held.score(X) > -20
    interior = GaussianMixture(2, random_state=0).fit(X)
    starts = [held.mixture_, interior.mixture_, held.mixture_]
    for chosen in (starts, starts[:2], starts[1:]):
        monkeypatch.setattr(GaussianMixture, "_starts", lambda self, X, chosen=chosen: chosen)
        model = GaussianMixture(2).fit(X)
        assert_allclose(model.means_, interior.means_, rtol=1e-2)
        assert model.n_degenerate_ == len(chosen) - 1


def test_a_spike_may_have_the_higher_likelihood():
    """What restarts with a floor run into, and scikit-learn keeps: the seven points."""
    x = datasets.seven_points()[:, np.newaxis]
    options = {"n_init": 30, "random_state": 0, "tol": 1e-6, "max_iter": 1000}
    theirs = Theirs(3, init_params="random_from_data", **options).fit(x)
    ours = GaussianMixture(3, init_params="random_from_data", **options).fit(x)
    assert theirs.covariances_.min() < 2e-6
    assert ours.covariances_.min() > 0.01
    assert theirs.score(x) > ours.score(x)
    assert_allclose(7 * ours.score(x), -13.906162, atol=1e-3)
    assert ours.n_degenerate_ > 0


def test_without_a_floor_a_collapse_is_an_error():
    X, spike = spiky()
    with pytest.raises(DegenerateComponentError, match="component 0 has collapsed"):
        GaussianMixture(2, reg_covar=0, **spike).fit(X)
    x = datasets.seven_points()[:, np.newaxis]
    model = GaussianMixture(3, reg_covar=0, n_init=20, random_state=0, init_params="k-means++")
    assert model.set_params(tol=1e-6, max_iter=1000).fit(x).n_degenerate_ > 0
    assert_allclose(7 * model.score(x), -13.906162, atol=1e-3)


def test_data_that_are_thin_themselves_make_no_spike(faithful):
    constant = np.column_stack([faithful, np.ones(len(faithful))])
    tiny = 1e-5 * faithful
    for X in (constant, tiny):
        model, theirs = (cls(2, random_state=0).fit(X) for cls in (GaussianMixture, Theirs))
        assert_allclose(model.score(X), theirs.score(X), rtol=1e-3)


@pytest.mark.slow
def test_kmeans_starts_reach_the_best_maximum_about_as_often_as_theirs():
    """Ten blobs in ten features, one start each; the plain k-means++ gets there in 12 of 40."""
    from sklearn.datasets import make_blobs

    X, _ = make_blobs(5000, n_features=10, centers=10, random_state=0, cluster_std=1.5)

    def scores(cls):
        options = {"n_components": 10, "max_iter": 300}
        return np.array([cls(**options, random_state=s).fit(X).score(X) for s in range(40)])

    with threadpool_limits(1):
        ours, theirs = scores(GaussianMixture), scores(Theirs)
    best = max(ours.max(), theirs.max())
    assert (ours > best - 1e-3).sum() >= (theirs > best - 1e-3).sum() - 6


def test_kmeans_clusters_of_one_sample_do_not_start_as_spikes():
    X = np.concatenate([np.random.default_rng(0).normal(size=(60, 2)), [[6, 6]]])
    model = exhausted(GaussianMixture(2, max_iter=0, means_init=[[0, 0], [6, 6]]), X)
    assert np.linalg.eigvalsh(model.covariances_).min() > 0.1


# --- Warnings and errors -------------------------------------------------------------------------


def test_hand_set_parameters_score_with_precisions_alone(faithful):
    fitted = GaussianMixture(2, random_state=0).fit(faithful)
    by_hand = GaussianMixture(2)
    with pytest.raises(NotFittedError):
        by_hand.predict(faithful)
    by_hand.weights_, by_hand.means_ = fitted.weights_, fitted.means_
    with pytest.raises(NotFittedError):
        by_hand.predict(faithful)
    by_hand.precisions_cholesky_ = fitted.precisions_cholesky_
    assert by_hand.score(faithful) == pytest.approx(fitted.score(faithful), rel=1e-12)


def test_exhaustion_warns_in_scikit_learns_class(faithful):
    with pytest.warns(ConvergenceWarning, match="after 2 updates"):
        GaussianMixture(2, max_iter=2, tol=0, random_state=0).fit(faithful)
    GaussianMixture(2, max_iter=0, random_state=0).fit(faithful)  # a start was asked for


def test_before_fit():
    for method in ("predict", "predict_proba", "score", "score_samples", "aic", "bic"):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(GaussianMixture(), method)([[1.0]])
    with pytest.raises(NotFittedError):
        GaussianMixture().sample()
    assert not hasattr(GaussianMixture(), "mixture_")


def test_the_message_points_at_the_caller(faithful):
    with pytest.warns(ConvergenceWarning) as caught:
        GaussianMixture(2, max_iter=1, tol=0).fit(faithful)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_components": 0}, "n_components is 0"),
        ({"n_components": 2.0}, "n_components is 2.0; give an integer"),
        ({"n_components": True}, "n_components is True"),
        ({"tol": -1}, "tol is -1"),
        ({"tol": np.nan}, "tol is nan"),
        ({"reg_covar": -1}, "reg_covar is -1"),
        ({"max_iter": -1}, "max_iter is -1"),
        ({"n_init": 0}, "n_init is 0"),
        ({"init_params": "quantile"}, "init_params is 'quantile'; choose one of kmeans"),
        ({"covariance_type": "round"}, "covariance_type is 'round'"),
        ({"verbose_interval": 0}, "verbose_interval is 0"),
        ({"n_components": 300}, "n_components = 300, n_samples = 272"),
        ({"weights_init": [0.5, 0.6]}, "sum to 1.1"),
        ({"weights_init": [1.0]}, r"'weights_init' should have the shape of \(2,\)"),
        ({"means_init": [[1.0, 2.0]]}, r"'means_init' should have the shape of \(2, 2\)"),
        ({"precisions_init": [1.0, 1.0]}, "'precisions_init' should have"),
        ({"precisions_init": [-np.eye(2)] * 2}, "precisions_init: the precision of component 0"),
        ({"precisions_init": [[[1, 0.5], [0, 1]]] * 2}, "precision of component 0 is not symm"),
    ],
)
def test_wrong_arguments(faithful, params, words):
    with pytest.raises(ValueError, match=words):
        GaussianMixture(**{"n_components": 2, **params}).fit(faithful)


def test_unknown_parameter():
    with pytest.raises(ValueError, match="Invalid parameter 'bogus' for estimator Gaussian"):
        GaussianMixture().set_params(bogus=1)


def test_wrong_data(faithful):
    model = GaussianMixture(2, random_state=0).fit(faithful)
    with pytest.raises(ValueError, match="X has 1 features, but GaussianMixture is expecting 2"):
        model.predict(faithful[:, :1])
    holed = faithful.copy()
    holed[3, 1] = np.nan
    with pytest.raises(ValueError, match="nan at row 3, column 1"):
        model.score(holed)
    with pytest.raises(ValueError, match="n_samples is 0"):
        model.sample(0)
    with pytest.raises(ValueError, match="dim 3"):
        model.fit(faithful[np.newaxis])


# --- Everyday use --------------------------------------------------------------------------------


@types
def test_samples_have_the_moments_of_the_mixture(faithful, covariance_type):
    model = GaussianMixture(2, covariance_type=covariance_type, random_state=1).fit(faithful)
    X, labels = model.sample(40_000)
    for k, covariance in enumerate(model.mixture_.covariances):
        mine = X[labels == k]
        sd = np.sqrt(np.diag(covariance))
        assert abs(len(mine) / len(X) - model.weights_[k]) < 0.015
        assert (np.abs(mine.mean(axis=0) - model.means_[k]) < 5 * sd / len(mine) ** 0.5).all()
        assert_allclose(
            np.cov(mine.T) / np.outer(sd, sd), covariance / np.outer(sd, sd), atol=0.05
        )
    assert X.shape == (40_000, 2) and labels.dtype.kind == "i"


def test_clone_pickle_and_params(faithful):
    model = GaussianMixture(2, means_init=faithful[:2], random_state=np.random.default_rng(0))
    copy = clone(model)
    assert copy.get_params()["means_init"] is not model.means_init
    assert_array_equal(copy.means_init, model.means_init)
    model.set_params(tol=1e-5, covariance_type="tied").fit(faithful)
    assert not hasattr(clone(model), "means_")
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict_proba(faithful), model.predict_proba(faithful))
    assert again.get_params()["tol"] == 1e-5
    assert repr(GaussianMixture(2, tol=0.1)) == "GaussianMixture(n_components=2, tol=0.1)"


def test_pipeline_shows_and_serves(faithful):
    pipeline = make_pipeline(StandardScaler(), GaussianMixture(2, random_state=0))
    labels = pipeline.fit_predict(faithful)
    assert_array_equal(labels, pipeline.predict(faithful))
    assert pipeline.score(faithful) == pipeline[-1].score(pipeline[0].transform(faithful))
    assert "GaussianMixture" in pipeline._repr_html_()
    assert "GaussianMixture" in repr(pipeline)


class Frame:
    """What the estimator sees of a data frame."""

    def __init__(self, values, columns):
        self.values, self.columns = values, columns

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


def test_names_of_a_data_frame(faithful):
    model = GaussianMixture(2, random_state=0).fit(Frame(faithful, ["duration", "waiting"]))
    assert model.feature_names_in_.tolist() == ["duration", "waiting"]
    assert model.n_features_in_ == 2
    labels = model.predict(Frame(faithful, ["duration", "waiting"]))
    with pytest.warns(UserWarning, match="X does not have valid feature names") as caught:
        assert_array_equal(model.predict(faithful), labels)
    assert caught[0].filename == __file__
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(Frame(faithful, ["waiting", "duration"]))
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- w\nFeature .* missing:\n- wait"):
        model.predict(Frame(faithful, ["duration", "w"]))
    model.fit(Frame(faithful, [0, 1]))
    assert not hasattr(model, "feature_names_in_")
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        model.predict(Frame(faithful, ["duration", "waiting"]))
    with pytest.raises(TypeError, match="Feature names are only supported"):
        model.fit(Frame(faithful, ["duration", 1]))


def test_kinds_of_numbers(faithful):
    rounded = np.round(8 * faithful)
    expected = GaussianMixture(2, random_state=0).fit(rounded)
    frozen = rounded.copy()
    frozen.setflags(write=False)
    for X in (
        rounded.astype(int),
        rounded.tolist(),
        rounded.astype(np.float32),
        np.asfortranarray(rounded),
        rounded.astype(object),
        frozen,
    ):
        model = GaussianMixture(2, random_state=0).fit(X)
        assert_allclose(model.means_, expected.means_, rtol=1e-12)  # the layout may round
        assert model.means_.dtype == model.predict_proba(X).dtype == np.float64
        assert_array_equal(model.predict(X), expected.predict(rounded))


def test_example_of_the_docstring():
    assert doctest.testmod(estimator_module) == (0, 5)


def test_parameters_put_in_by_hand(faithful):
    fitted = GaussianMixture(2, covariance_type="tied", random_state=0).fit(faithful)
    by_hand = GaussianMixture(2, covariance_type="tied")
    for name in PARAMETERS:
        setattr(by_hand, name, getattr(fitted, name))
    assert_array_equal(by_hand.predict_proba(faithful), fitted.predict_proba(faithful))


def test_verbose(faithful, capsys):
    options = {"random_state": 0, "tol": 1e-6, "n_init": 2, "verbose_interval": 4}
    GaussianMixture(2, **options).fit(faithful)
    assert capsys.readouterr() == ("", "")
    GaussianMixture(2, verbose=1, **options).fit(faithful)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Initialization 0", "  Iteration 4"]
    assert lines.count("Initialization converged.") == 2
    GaussianMixture(2, verbose=2, **options).fit(faithful)
    assert "gain 0.0" in capsys.readouterr().out


def test_verbose_says_which_start_was_refused(capsys):
    X, spike = spiky()
    with pytest.raises(DegenerateComponentError):
        GaussianMixture(2, reg_covar=0, verbose=1, **spike).fit(X)
    assert "Initialization refused: component 0" in capsys.readouterr().out


# --- Without scikit-learn ------------------------------------------------------------------------

ALONE = """
import sys, warnings
sys.modules["sklearn"] = None  # as if it were not installed
import gmmtutor as gm
X = gm.datasets.old_faithful()
model = gm.GaussianMixture(2, n_init=2, random_state=0)
try:
    model.predict(X)
except gm.estimator.NotFittedError as error:
    assert isinstance(error, ValueError) and isinstance(error, AttributeError)
else:
    raise AssertionError
model.fit(X)
assert model.fit_predict(X).shape == model.predict(X).shape == (272,)
model.score(X), model.aic(X), model.bic(X), model.sample(3), model.predict_proba(X), repr(model)
model.set_params(max_iter=1, tol=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.fit(X)
assert [w.category for w in caught] == [gm.ConvergenceWarning]
print(*{"sklearn.base", "scipy", "matplotlib"} & set(sys.modules))
"""


def test_works_without_scikit_learn():
    run = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.split()) == (0, []), run.stderr


def test_fallbacks_where_scikit_learn_is_not_loaded(monkeypatch):
    monkeypatch.delitem(sys.modules, "sklearn.exceptions")
    assert isinstance(estimator_module.not_fitted("X"), estimator_module.NotFittedError)
    assert estimator_module.loaded("ConvergenceWarning", 1) == 1
    assert gmmtutor.GaussianMixture is GaussianMixture
