"""The explorer in a real browser: ``make site-test``.

Its numbers are those of gmmtutor; each control answers to pointer, touch and keyboard; no M-step
lowers the log-likelihood but where a preset says so; undo and the address bring a state back.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import FLAGS, find_chromium, served
from playwright.sync_api import sync_playwright

import gmmtutor as gm
from gmmtutor import datasets
from gmmtutor.kmeans import kmeans_step

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from explorer import MODULES, bundle  # noqa: E402

TYPES = ["full", "tied", "diag", "spherical"]
PAGE = "book/explorer.html"


@pytest.fixture(scope="module")
def home():
    with served(HTML) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


def open_page(browser, address, **options):
    options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
    page = browser.new_context(**options).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda m: m.type == "error" and page.faults.append(m.text))
    page.goto(address)
    page.wait_for_selector(".gmm-explorer.ready")
    return page


@pytest.fixture(scope="module")
def page(browser, home):
    page = open_page(browser, home + PAGE)
    yield page
    assert not page.faults
    page.context.close()


# --- the same numbers as gmmtutor ----------------------------------------------------------------


def as_js(mixture):
    """A mixture as em.mjs has it: a covariance is [v], or [a, b, c]."""
    two = mixture.n_features == 2
    entries = ([0, 0, 1], [0, 1, 1]) if two else ([0], [0])
    covs = mixture.covariances[:, *entries]
    names = ("weights", "means", "covs")
    return dict(zip(names, [a.tolist() for a in (mixture.weights, mixture.means, covs)]))


def problem(seed, covariance_type):
    """Data, a mixture of that type, and responsibilities that are not its own."""
    rng = np.random.default_rng([seed, TYPES.index(covariance_type)])
    K, D = int(rng.integers(1, 6)), int(rng.integers(1, 3))
    X, truth = datasets.random_problem(int(rng.integers(12, 60)), K, D, rng=rng)
    resp = rng.dirichlet(np.ones(K), size=len(X))
    start = gm.m_step(X, resp, covariance_type=covariance_type)
    shift, size = 10.0 ** rng.uniform(-2, 4, size=2)  # of other places and units
    X = shift + size * X
    start = gm.Mixture(start.weights, shift + size * truth.means, size**2 * start.covariances)
    return X, start, rng.dirichlet(np.ones(K), size=len(X))


FAST = """(problems, em) => problems.map(({X, mixture, resp, type}) => {
  const {resp: own, logLikelihood} = em.eStep(X, mixture);
  const [K, D, N] = [mixture.weights.length, X[0].length, X.length];
  return {own, logLikelihood, bound: em.lowerBound(X, resp, mixture),
    touch: em.lowerBound(X, own, mixture), next: em.mStep(X, own, mixture, {type}),
    other: em.mStep(X, resp, mixture, {type}),
    bic: em.bic(logLikelihood, K, D, type, N), aic: em.aic(logLikelihood, K, D, type)};
})"""
MODULE = "async (problems) => (%s)(problems, await import(new URL('../_static/explorer/em.mjs', location)))"
SCRIPT = "(problems) => (%s)(problems, globalThis.gmmExplorer)"


@pytest.mark.parametrize("covariance_type", TYPES)
def test_mathematics_equals_gmmtutor(page, covariance_type):
    problems = [problem(seed, covariance_type) for seed in range(200)]
    given = [
        {"X": X.tolist(), "mixture": as_js(m), "resp": r.tolist(), "type": covariance_type}
        for X, m, r in problems
    ]
    found = page.evaluate(MODULE % FAST, given)
    assert json.dumps(page.evaluate(SCRIPT % FAST, given)) == json.dumps(found), "bundled"
    for (X, mixture, resp), result in zip(problems, found, strict=True):
        own, log_likelihood = gm.e_step(X, mixture)
        options = {"covariance_type": covariance_type}
        wanted = {
            "own": own,
            "logLikelihood": log_likelihood,
            "bound": gm.lower_bound(X, resp, mixture),
            "touch": log_likelihood,
            "bic": gm.bic(X, mixture, **options),
            "aic": gm.aic(X, mixture, **options),
        }
        for name, value in wanted.items():
            np.testing.assert_allclose(result[name], value, rtol=1e-10, atol=1e-10, err_msg=name)
        for name, shares in (("next", own), ("other", resp)):
            try:
                new = as_js(gm.m_step(X, shares, **options))
            except gm.DegenerateComponentError:
                continue
            for part, value in new.items():
                size = np.abs(value).max()
                np.testing.assert_allclose(result[name][part], value, rtol=1e-10, atol=1e-10 * size)
