"""The explorer in a real browser: ``make site-test``.

Its numbers are those of gmmtutor; each control answers to pointer, touch and keyboard; no M-step
lowers the log-likelihood but where a preset says so; undo and the address bring a state back.
"""

import contextlib
import gzip
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
from gmm_explorer import bundle  # noqa: E402

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


FAST = """async (text) => {
  const compute = (em) => JSON.parse(text).map(({X, mixture, resp, type}) => {
    const {resp: own, logLikelihood} = em.eStep(X, mixture);
    const [K, D, N] = [mixture.weights.length, X[0].length, X.length];
    const next = (shares) => {
      try { return em.mStep(X, shares, mixture, {type}); } catch (error) { return error.message; }
    };
    return {own, logLikelihood, bound: em.lowerBound(X, resp, mixture),
      touch: em.lowerBound(X, own, mixture), next: next(own), other: next(resp),
      bic: em.bic(logLikelihood, K, D, type, N), aic: em.aic(logLikelihood, K, D, type)};
  });
  const modules = await import(new URL("../_static/explorer/em.mjs", location));
  return [modules, globalThis.gmmExplorer].map((em) => JSON.stringify(compute(em)));
}"""


@pytest.mark.parametrize("covariance_type", TYPES)
def test_mathematics_equals_gmmtutor(page, covariance_type):
    problems = [problem(seed, covariance_type) for seed in range(200)]
    given = [
        {"X": X.tolist(), "mixture": as_js(m), "resp": r.tolist(), "type": covariance_type}
        for X, m, r in problems
    ]
    modules, script = page.evaluate(FAST, json.dumps(given))
    assert modules == script, "the bundle computes what the modules compute"
    for (X, mixture, resp), result in zip(problems, json.loads(script), strict=True):
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
            except gm.DegenerateComponentError as error:
                assert ("collapsed" in str(error)) == ("collapsed" in result[name])
                continue
            for part, value in new.items():
                size = np.abs(value).max()
                np.testing.assert_allclose(
                    result[name][part], value, rtol=1e-10, atol=1e-10 * size
                )


def test_other_mathematics_equals_gmmtutor(page):
    rng = np.random.default_rng(8)
    for _ in range(20):
        X, truth = datasets.random_problem(30, 3, int(rng.integers(1, 3)), rng=rng)
        found = page.evaluate(
            "([X, centres]) => gmmExplorer.kmeansStep(X, centres)",
            [X.tolist(), truth.means.tolist()],
        )
        labels, centres = kmeans_step(X, truth.means)
        assert found["labels"] == labels.tolist()
        np.testing.assert_allclose(found["centres"], centres, rtol=1e-12)
    x, mu = rng.normal(size=9), rng.normal(size=2)
    found = page.evaluate(
        """([X, mu, other]) => {
          const at = (mu) => ({weights: [.5, .5], means: [[-mu], [mu]], covs: [[1], [1]]});
          const {resp} = gmmExplorer.eStep(X, at(mu));
          const [row] = gmmExplorer.along(X, resp, at, [other]);
          return [gmmExplorer.mStep(X, resp, at(mu), {free: "mirror"}).means[1][0],
            row.logLikelihood, row.bound];
        }""",
        [x[:, np.newaxis].tolist(), *mu],
    )
    resp = gm.responsibilities(x, gm.plus_minus(mu[0]))
    wanted = [
        gm.plus_minus_update(x, mu[0]),
        gm.plus_minus_log_likelihood(x, mu[1]),
        gm.lower_bound(x, resp, gm.plus_minus(mu[1])),
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_data_are_those_of_the_package(page):
    found = {
        name: page.evaluate(f"gmmExplorer.DATA.{name}.points") for name in ("seven", "faithful")
    }
    assert np.array_equal(np.ravel(found["seven"]), datasets.seven_points())
    assert np.array_equal(found["faithful"], datasets.old_faithful())


def test_script_is_small_and_in_one_piece():
    script = (HTML / "_static" / "explorer.js").read_text(encoding="utf-8")
    assert script == bundle()
    style = (HTML / "_static" / "explorer" / "explorer.css").read_text(encoding="utf-8")
    assert len(gzip.compress((script + style).encode())) < 30_000


def test_script_loads_only_where_it_is_needed():
    for path in (HTML / "book").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert ("explorer.js" in text) == ("data-explorer=" in text), path.name


# --- states ------------------------------------------------------------------------------------------

STATE = "gmmExplorer.encode(gmmExplorer.mounted.%s.present())"
SCENE = "document.querySelector('#%s svg.scene').innerHTML"
NUMBERS = "gmmExplorer.numbers(gmmExplorer.mounted.%s.present())"


def state(page, name="explorer"):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return page.evaluate(STATE % name)


def numbers(page, name="explorer"):
    return page.evaluate(NUMBERS % name)


def do(page, name):
    return page.locator(f'#explorer [data-do="{name}"]')


def choose(page, preset):
    do(page, "preset").select_option(preset)


@pytest.fixture(scope="module")
def presets(page):
    return page.evaluate(
        "Object.entries(gmmExplorer.PRESETS).map(([name, {falls}]) => [name, Boolean(falls)])"
    )


def test_log_likelihood_never_falls_but_where_a_preset_says_so(page, presets):
    for preset, falls in presets:
        choose(page, preset)
        start = state(page)
        before = numbers(page)["logLikelihood"]
        rises = []
        for step in ("m", "e", "m", "e", "m") if falls else ("e", "m", "e", "m", "e", "m"):
            do(page, step).press("Enter")
            now = numbers(page)
            rises.append(now["logLikelihood"] - before)
            before = now["logLikelihood"]
            if step == "e":
                assert abs(now["gap"]) < 1e-9, preset
        assert min(rises[1:]) >= -1e-9, preset
        assert (rises[0] < -0.1) == falls, preset
        while do(page, "undo").is_enabled():
            do(page, "undo").press("Enter")
        assert state(page) == start
        do(page, "rounds").click()
        assert numbers(page)["logLikelihood"] > before - 1e-9


def test_numbers_of_the_book(page):
    reached = {
        "first": (-28.325536, -13.973323),
        "second": (None, None),
        "loose": (-6.840019, None),
    }
    for preset, (begin, end) in reached.items():
        choose(page, preset)
        if begin:
            assert numbers(page)["logLikelihood"] == pytest.approx(begin, abs=1e-6)
        if end:
            do(page, "rounds").click()
            assert numbers(page)["logLikelihood"] == pytest.approx(end, abs=1e-6)
    choose(page, "faithful")
    for _ in range(3):
        do(page, "rounds").click()
    assert numbers(page)["logLikelihood"] == pytest.approx(-1130.26396, abs=1e-4)
    assert numbers(page)["bic"] == pytest.approx(2322.19174, abs=1e-3)


def test_a_collapse_is_said_in_words(page):
    choose(page, "collapse")
    do(page, "rounds").click()
    state(page)
    said = page.locator("#explorer .status").inner_text()
    assert "Component 2 has collapsed" in said
    assert "no maximum" in said
    assert not any(bad in page.locator("#explorer").inner_html() for bad in ("NaN", "Infinity"))
    assert numbers(page)["logLikelihood"] > -16
    do(page, "undo").click()
    state(page)
    assert "collapsed" not in page.locator("#explorer .status").inner_text()


def test_swapped_labels_change_names_only(page):
    found = []
    for preset in ("first", "swapped"):
        choose(page, preset)
        do(page, "rounds").click()
        now = page.evaluate("gmmExplorer.mounted.explorer.present().mixture")
        found.append((numbers(page)["logLikelihood"], sorted(map(tuple, now["means"]))))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12)


def test_small_variances_make_it_kmeans(page):
    choose(page, "kmeans")
    do(page, "spread").focus()
    page.keyboard.press("Home")
    before = page.evaluate("gmmExplorer.mounted.explorer.present()")
    wanted = kmeans_step(np.array(before["points"]), np.array(before["mixture"]["means"]))[1]
    do(page, "e").click()
    do(page, "m").click()
    after = page.evaluate("gmmExplorer.mounted.explorer.present()")["mixture"]["means"]
    np.testing.assert_allclose(after, wanted, atol=1e-9)


@pytest.mark.parametrize("preset", ["first", "faithful", "kmeans", "loose", "second"])
def test_python_code_prints_the_same_numbers(page, preset):
    choose(page, preset)
    if preset == "second":  # responsibilities of other parameters
        do(page, "e").click()
        page.locator('#explorer [data-handle="mean-1"]').press("ArrowRight")
    shown = numbers(page)
    code = page.evaluate("gmmExplorer.toPython(gmmExplorer.mounted.explorer.present())")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, preset, "exec"), {})
    lines = dict(line.rsplit(" ", 1) for line in printed.getvalue().splitlines())
    assert float(lines["log-likelihood"]) == pytest.approx(shown["logLikelihood"], abs=1e-9)
    if shown["bound"] is not None:
        assert float(lines["bound"]) == pytest.approx(shown["bound"], abs=1e-9)
    if "BIC" in lines:
        assert float(lines["BIC"]) == pytest.approx(shown["bic"], abs=1e-9)
    if shown["bound"] is None:
        do(page, "e").click()
    do(page, "m").click()
    assert float(lines["after an M-step"]) == pytest.approx(
        numbers(page)["logLikelihood"], abs=1e-9
    )


def test_an_address_brings_the_same_picture_elsewhere(browser, home, page, presets):
    other = open_page(browser, home + PAGE)
    for preset, _ in presets:
        choose(page, preset)
        do(page, "e").press("Enter")
        do(page, "m").press("Enter")
        page.locator('#explorer [data-handle="mean-0"]').press("ArrowRight")
        wanted = state(page)
        page.evaluate(
            "document.querySelector('#explorer [data-do=link]').closest('details').open = true"
        )
        state(page)
        other.goto(do(page, "link").input_value())
        assert state(other) == wanted
        for shared in ("axis", "curves", "bars", "points"):
            layer = f"document.querySelector('#explorer svg.scene .{shared}').innerHTML"
            assert other.evaluate(layer) == page.evaluate(layer), (preset, shared)
        assert numbers(other) == numbers(page)
    for nonsense in (
        "",
        "d=seven",
        "d=1_2_3&m=1~0~1&v=0_1&t=full&u=mcw",
        "d=seven&m=1~0~-1&v=0_1&t=full&u=mcw",
    ):
        assert other.evaluate("(text) => gmmExplorer.decode(text)", nonsense) is None
    other.goto(home + PAGE + "#explorer:d=nonsense")
    state(other)
    assert "cannot be read" in other.locator("#explorer .status").inner_text()
    assert not other.faults
    other.context.close()


# --- controls ----------------------------------------------------------------------------------------


def handles(page):
    found = page.locator("#explorer [data-handle]").all()
    return [node.get_attribute("data-handle") for node in found if node.is_visible()]


def look_at(page):
    """State and picture: looking at another point changes the picture only."""
    return state(page), page.evaluate("document.querySelector('#explorer .hand-box').innerText")


def drag(page, name, touch):
    node = page.locator(f'#explorer [data-handle="{name}"]')
    node.scroll_into_view_if_needed()
    frame = node.locator(".reach").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    # A handle may lie below another: events go to the one that is meant.
    places = [(x, y), (x + 12, y - 8), (x + 31, y - 17)]
    kind = "touch" if touch else "mouse"
    page.evaluate(
        """([name, places, kind]) => {
          const node = document.querySelector(`#explorer [data-handle="${name}"]`);
          node.setPointerCapture = () => {};
          const event = (type, [x, y]) => node.dispatchEvent(new PointerEvent(type, {clientX: x,
            clientY: y, pointerId: 7, pointerType: kind, bubbles: true, cancelable: true}));
          event("pointerdown", places[0]);
          places.slice(1).forEach((place) => event("pointermove", place));
          event("pointerup", places[2]);
        }""",
        [name, places, kind],
    )


@pytest.mark.parametrize("preset", ["first", "faithful", "kmeans", "loose"])
def test_every_handle_moves_and_undo_brings_it_back(page, preset):
    choose(page, preset)
    for name in handles(page):
        for how in ("keys", "mouse", "touch"):
            before = look_at(page)
            if how == "keys":
                page.locator(f'#explorer [data-handle="{name}"]').press("ArrowRight")
            else:
                drag(page, name, how == "touch")
            after = look_at(page)
            assert after != before, (name, how)
            if name != "probe":
                assert after[0] != before[0], (name, how)
                do(page, "undo").press("Enter")
                assert state(page) == before[0], (name, how)


def test_real_mouse_and_real_finger(browser, home, page):
    choose(page, "second")
    node = page.locator('#explorer [data-handle="mean-2"]')
    node.scroll_into_view_if_needed()
    frame = node.locator("circle.knob").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    before = state(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()
    moved = page.evaluate("gmmExplorer.mounted.explorer.present().mixture.means[2][0]")
    assert moved > 5.5
    do(page, "undo").click()
    assert state(page) == before

    phone = open_page(browser, home + PAGE, viewport={"width": 390, "height": 844}, has_touch=True)
    before = state(phone)
    node = phone.locator('#explorer [data-handle="mean-0"]')
    node.scroll_into_view_if_needed()
    frame = node.locator("circle.knob").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    finger = phone.context.new_cdp_session(phone)
    for kind, dx in (("touchStart", 0), ("touchMove", 10), ("touchMove", 35), ("touchEnd", None)):
        places = [] if dx is None else [{"x": x + dx, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    assert phone.evaluate("gmmExplorer.mounted.explorer.present().mixture.means[0][0]") > -3.5
    do(phone, "undo").tap()
    assert state(phone) == before
    do(phone, "e").tap()
    assert numbers(phone)["gap"] == pytest.approx(0, abs=1e-9)
    assert not phone.faults
    phone.context.close()


def test_every_control_is_reached_by_tab(page):
    choose(page, "first")
    do(page, "e").click()
    do(page, "m").click()
    do(page, "undo").click()
    page.evaluate(
        "document.querySelectorAll('#explorer details').forEach((d) => { d.open = true; })"
    )
    state(page)
    wanted = page.evaluate(
        """[...document.querySelectorAll('#explorer :is(button, select, input, textarea, summary, [tabindex="0"])')]
          .filter((node) => !node.disabled && node.getClientRects().length)
          .map((node, i) => { node.dataset.tab = i; return i; }).length"""
    )
    do(page, "preset").focus()
    reached = set()
    for _ in range(wanted + 3):
        reached.add(page.evaluate("document.activeElement.dataset.tab"))
        page.keyboard.press("Tab")
    assert {str(i) for i in range(wanted)} <= reached
    assert wanted > 25


def test_other_controls(page):
    choose(page, "first")
    start = state(page)
    do(page, "more").click()
    assert numbers(page)["K"] == 4
    do(page, "fewer").press("Enter")
    do(page, "fewer").press("Enter")
    assert numbers(page)["K"] == 2
    page.keyboard.press("Tab")  # the focus has not fallen off the page
    assert page.evaluate("document.querySelector('#explorer').contains(document.activeElement)")
    do(page, "again").click()
    assert state(page) == start
    page.get_by_label("Weight of component 2").fill("0.5")
    mixture = page.evaluate("gmmExplorer.mounted.explorer.present().mixture")
    np.testing.assert_allclose(mixture["weights"], [0.25, 0.5, 0.25])
    page.get_by_label("Mean of component 1").last.fill("-3.25")
    page.get_by_label("Variance of component 1").fill("0.75")
    page.keyboard.press("Enter")
    mixture = page.evaluate("gmmExplorer.mounted.explorer.present().mixture")
    assert (mixture["means"][0], mixture["covs"][0]) == ([-3.25], [0.75])
    do(page, "scrub").focus()
    page.keyboard.press("Home")
    assert state(page) == start
    do(page, "redo").click()
    assert state(page) != start
    choose(page, "faithful")
    for kind in TYPES:
        do(page, "type").select_option(kind)
        do(page, "e").click()
        before = numbers(page)["logLikelihood"]
        do(page, "m").click()
        assert numbers(page)["logLikelihood"] >= before
        assert numbers(page)["parameters"] == gm.n_parameters(2, 2, kind)


def test_own_points(page):
    choose(page, "first")
    page.evaluate(
        "document.querySelectorAll('#explorer details').forEach((d) => { d.open = true; })"
    )
    text = page.get_by_label("Your points")
    for given, points in {
        "1 2, 3.5\n−4": [[1], [2], [3.5], [-4]],
        "1,2\n3,4\n5;6.5": [[1, 2], [3, 4], [5, 6.5]],
        "a,b\n0.5 1\n2 3": [[0.5, 1], [2, 3]],
    }.items():
        text.fill(given)
        do(page, "use").click()
        state(page)
        assert page.evaluate("gmmExplorer.mounted.explorer.present().points") == points
        do(page, "e").click()
    for wrong in ("", "1 1 1", "one two\nthree"):
        before = state(page)
        text.fill(wrong)
        do(page, "use").click()
        assert state(page) == before
        assert "Give" in page.locator("#explorer .status").inner_text()
    choose(page, "first")
    do(page, "adding").check()
    page.locator("#explorer svg.scene").click(position={"x": 400, "y": 200})
    assert numbers(page)["N"] == 8
    do(page, "adding").uncheck()
    do(page, "undo").click()
    assert numbers(page)["N"] == 7


def test_axe_finds_nothing(page):
    for preset in ("first", "faithful", "kmeans", "plusminus"):
        choose(page, preset)
        do(page, "e").click()
        page.evaluate(
            "document.querySelectorAll('#explorer details').forEach((d) => { d.open = true; })"
        )
        state(page)
        found = Axe().run(page, context="#explorer", options={"preload": False})
        faults = [
            (f["id"], [n["target"] for n in f["nodes"]][:3]) for f in found.response["violations"]
        ]
        assert not faults, preset
