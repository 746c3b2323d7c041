"""The explorer in a real browser: ``make site-test``.

Its numbers are those of gmmtutor; each control answers to pointer, touch and keyboard; no M-step
lowers the log-likelihood but where a preset says so; undo and the address bring a state back.
"""

import contextlib
import gzip
import io
import json
import re
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
from gmm_explorer import MODULES, SOURCES, bundle  # noqa: E402

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
    return dict(
        zip(names, (a.tolist() for a in (mixture.weights, mixture.means, covs)), strict=True)
    )


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
    refused = 0
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
            except gm.DegenerateComponentError:
                refused += 1
                seen = any(word in result[name] for word in ("collapsed", "emptied"))
                assert seen, name
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


@pytest.mark.parametrize("n_features", [1, 2])
def test_slices_along_a_mean(page, n_features):
    X, mixture = datasets.random_problem(25, 3, n_features, rng=5)
    resp = np.random.default_rng(5).dirichlet(np.ones(3), size=25)
    ts = [-4.0, -1.5, 0.25, 3.0]
    found = page.evaluate(
        "([X, resp, mixture, ts]) => gmmExplorer.alongMean(X, resp, mixture, 1, ts)",
        [X.tolist(), resp.tolist(), as_js(mixture), ts],
    )
    for t, row in zip(ts, found, strict=True):
        means = mixture.means.copy()
        means[1, 0] = t
        there = gm.Mixture(mixture.weights, means, mixture.covariances)
        assert row["logLikelihood"] == pytest.approx(gm.log_likelihood(X, there), rel=1e-10)
        assert row["bound"] == pytest.approx(gm.lower_bound(X, resp, there), rel=1e-10)


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


# --- states --------------------------------------------------------------------------------------

STATE = "gmmExplorer.encode(gmmExplorer.mounted['%s'].present())"
SCENE = "document.querySelector('#%s svg.scene').innerHTML"
NUMBERS = "gmmExplorer.numbers(gmmExplorer.mounted['%s'].present())"


def state(page, name="explorer"):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return page.evaluate(STATE % name)


def numbers(page, name="explorer"):
    return page.evaluate(NUMBERS % name)


def do(page, name):
    return page.locator(f'#explorer [data-do="{name}"]')


def choose(page, preset):
    do(page, "preset").select_option(preset)
    state(page)  # drawn: until then, handles and fields are those of the situation before


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
        "loose": (-7.158187, None),
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


def test_an_address_brings_the_same_picture_elsewhere(browser, home, page):
    other = open_page(browser, home + PAGE)
    for preset in ("second", "many", "kmeans", "loose"):
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
    choose(page, "collapse")
    for there in (home + PAGE, home + "book/index.html"):  # on the page already, and from another
        other.goto(there)
        other.goto(home + PAGE + "#explorer:situation=collapse")
        assert state(other) == state(page)
        assert do(other, "preset").input_value() == "collapse"
    other.goto(home + PAGE + "#explorer:d=nonsense")
    state(other)
    assert "cannot be read" in other.locator("#explorer .status").inner_text()
    assert not other.faults
    other.context.close()


def test_instructors_open_situations_that_exist(page, presets):
    text = (HTML / "book" / "instructors.html").read_text(encoding="utf-8")
    linked = re.findall(r'href="explorer\.html#explorer:situation=(\w+)"', text)
    assert len(linked) >= 8
    assert set(linked) <= {name for name, _ in presets}


# --- controls ------------------------------------------------------------------------------------


# Moves every handle by pointer, finger and arrow key; returns what each did to state and picture.
MOVE_ALL = """() => {
  const explorer = gmmExplorer.mounted.explorer;
  const look = () => {
    explorer.draw();
    return [gmmExplorer.encode(explorer.present()),
      document.querySelector("#explorer .hand-box").innerText];
  };
  const nodes = () => [...document.querySelectorAll("#explorer [data-handle]")]
    .filter((node) => node.getClientRects().length);
  const drag = (node, pointerType) => {
    const frame = node.querySelector(".reach").getBoundingClientRect();
    const [x, y] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
    node.setPointerCapture = () => {};
    for (const [type, dx] of [["down", 0], ["move", 12], ["move", 31], ["up", 31]])
      node.dispatchEvent(new PointerEvent("pointer" + type, {clientX: x + dx, clientY: y - dx / 2,
        pointerId: 7, pointerType, bubbles: true, cancelable: true}));
  };
  const keys = (node) => {
    node.focus();
    node.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
  };
  const found = [];
  for (const name of nodes().map((node) => node.dataset.handle))
    for (const how of ["mouse", "touch", "keys"]) {
      const node = document.querySelector(`#explorer [data-handle="${name}"]`);
      const before = look();
      if (how === "keys") keys(node); else drag(node, how);
      const after = look();
      if (name !== "probe") explorer.send({do: "undo"});
      found.push({name, how, before, after, restored: look()});
    }
  return found;
}"""


@pytest.mark.parametrize("preset", ["first", "faithful", "kmeans", "loose"])
def test_every_handle_moves_and_undo_brings_it_back(page, preset):
    choose(page, preset)
    moves = page.evaluate(MOVE_ALL)
    assert len(moves) >= 12
    for move in moves:
        if move["name"] == "probe":
            assert move["after"] != move["before"], move
        else:
            assert move["after"][0] != move["before"][0], move
            assert move["restored"] == move["before"], move


def test_real_arrow_keys(page):
    choose(page, "first")
    for name, feature in (("mean-0", "means"), ("sd-2", "covs")):
        k = int(name[-1])
        get = f"gmmExplorer.mounted.explorer.present().mixture.{feature}[{k}][0]"
        before = page.evaluate(get)
        page.locator(f'#explorer [data-handle="{name}"]').focus()
        page.keyboard.press("ArrowRight")
        small = page.evaluate(get) - before
        page.keyboard.press("Shift+ArrowRight")
        assert page.evaluate(get) - before > 5 * small > 0
        do(page, "undo").press("Enter")  # the presses on one handle count as one
        assert page.evaluate(get) == before


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
    drag = [("touchStart", 0), ("touchMove", 10), ("touchMove", 35), ("touchMove", 36)]
    for kind, dx in (*drag, ("touchEnd", None)):
        if dx is None:
            phone.wait_for_timeout(100)  # the finger rests before it is lifted: no fling
        places = [] if dx is None else [{"x": x + dx, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    assert phone.evaluate("gmmExplorer.mounted.explorer.present().mixture.means[0][0]") > -3.5
    for name in ("undo", "e", "m"):
        phone.wait_for_timeout(500)  # a hand needs as long to another button
        do(phone, name).tap()
        if name == "undo":
            phone.wait_for_function(f"(before) => {STATE % 'explorer'} === before", arg=before)
    phone.wait_for_function(f"{NUMBERS % 'explorer'}.logLikelihood > -15")
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
        """[...document.querySelectorAll('#explorer :is(button, select, input, textarea, '
            + 'summary, [tabindex="0"])')]
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
    page.locator("#explorer input[aria-label='Weight of component 2']").fill("0.5")
    mixture = page.evaluate("gmmExplorer.mounted.explorer.present().mixture")
    np.testing.assert_allclose(mixture["weights"], [0.25, 0.5, 0.25])
    page.locator("#explorer input[aria-label='Mean of component 1']").fill("-3.25")
    page.locator("#explorer input[aria-label='Variance of component 1']").fill("0.75")
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
    for preset in ("first", "faithful"):
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


# --- lessons -------------------------------------------------------------------------------------


def press(page, lesson, *names):
    for name in names:
        page.locator(f'#{lesson} [data-do="{name}"]').press("Enter")
    state(page, lesson)
    return page.evaluate(NUMBERS % lesson)["logLikelihood"]


def axe_faults(page, lesson):
    found = Axe().run(page, context=f"#{lesson}", options={"preload": False})
    return [(fault["id"], fault["nodes"][0]["target"]) for fault in found.response["violations"]]


def test_lesson_of_one_step(browser, home):
    page = open_page(browser, home + "book/three-updates.html")
    lesson = "seven-points-step"
    found = [press(page, lesson, *names) for names in ([], ["e", "m-m"], ["m-c"], ["m-w"])]
    np.testing.assert_allclose(found, [-28.325536, -16.00415, -14.547617, -14.410485], atol=1e-6)
    rows = page.locator(f"#{lesson} .ledger-box tbody tr").all_inner_texts()
    assert [row.split("\t")[1] for row in rows] == [
        "−28.33",
        "−28.33",
        "−16.00",
        "−14.55",
        "−14.41",
    ]
    last = press(page, lesson, "undo", "undo", "undo", "m-c", "m-m", "m-w")
    assert last == pytest.approx(-18.086578, abs=1e-6)
    assert "fell" not in page.locator(f"#{lesson} .status").inner_text()
    assert not axe_faults(page, lesson) + page.faults
    page.context.close()


def test_lesson_of_one_row(browser, home):
    page = open_page(browser, home + "book/responsibilities.html")
    lesson = "point-and-curves"
    mark = page.locator(f'#{lesson} [data-handle="probe"]')
    shares = page.locator(f"#{lesson} .hand tbody tr:last-child td")
    assert shares.all_inner_texts() == ["0.0000", "0.0662", "0.9338"]
    mark.press("PageDown")
    mark.press("PageDown")
    state(page, lesson)
    assert shares.all_inner_texts() == ["0.0571", "0.9429", "0.0000"]
    for variance, place in ((0.2, 1.77), (1, 3.05)):  # the answer given below the question
        page.locator(f"#{lesson} [aria-label='Variance of component 2']").fill(str(variance))
        page.keyboard.press("Enter")
        found = page.evaluate(
            "([x]) => gmmExplorer.eStep([[x]], "
            "gmmExplorer.mounted['point-and-curves'].present().mixture).resp[0]",
            [place],
        )
        assert found[1] == pytest.approx(found[2], abs=0.03)
    assert not axe_faults(page, lesson) + page.faults
    page.context.close()


def test_lesson_of_the_bound(browser, home):
    page = open_page(browser, home + PAGE)
    lesson = "touching-bound"
    start = press(page, lesson)
    fallen = press(page, lesson, "m")
    assert (start, fallen) == pytest.approx((-7.158187, -7.703311), abs=1e-6)
    said = page.locator(f"#{lesson} .status").inner_text()
    assert "the bound lay 1.18 below" in said
    press(page, lesson, "undo", "e")
    assert "The bound touches it." in page.locator(f"#{lesson} .status").inner_text()
    assert press(page, lesson, "m") == pytest.approx(-6.855904, abs=1e-6)
    assert not axe_faults(page, lesson) + page.faults
    page.context.close()


def test_lesson_of_three_ends(browser, home):
    page = open_page(browser, home + "book/landscape.html")
    lesson = "three-ends"
    for means, end in (([-3, 5], -16.013318), ([0, 5], -15.635005), ([-3, 0], -15.350400)):
        press(page, lesson, "again")
        for k, mean in enumerate(means):
            move = {"do": "mean", "k": k, "value": [mean]}
            page.evaluate(f"(move) => gmmExplorer.mounted['{lesson}'].send(move)", move)
        assert press(page, lesson, *["rounds"] * 4) == pytest.approx(end, abs=1e-6)
    assert not axe_faults(page, lesson) + page.faults
    page.context.close()


def test_lesson_of_one_point(browser, home):
    page = open_page(browser, home + "book/singularities.html")
    lesson = "one-point"
    found = [press(page, lesson)] + [press(page, lesson, "e", "m") for _ in range(4)]
    np.testing.assert_allclose(np.diff(found), [0.61, 0.24, 2.61, 0], atol=0.005)
    assert "has collapsed" in page.locator(f"#{lesson} .status").inner_text()
    press(page, lesson, "again")
    move = {"do": "mean", "k": 1, "value": [4.5]}
    page.evaluate(f"(move) => gmmExplorer.mounted['{lesson}'].send(move)", move)
    assert press(page, lesson, *["rounds"] * 4) == pytest.approx(-15.635005, abs=1e-6)
    assert not axe_faults(page, lesson) + page.faults
    page.context.close()


def test_lesson_of_a_common_variance(browser, home):
    page = open_page(browser, home + "book/k-means-limit.html")
    lesson = "common-variance"
    slider = page.locator(f'#{lesson} [data-do="spread"]')
    ends = {1.3: [0.643] * 3, 1: [0.643] * 3, 0.9: [-0.047, -0.047, 2.025]}
    ends |= {0: [-2.259, 0.608, 4.326], -6: [-2.167, 1, 4.5]}
    for power, means in ends.items():
        press(page, lesson, "again")
        slider.fill(str(power))
        press(page, lesson, "e")
        now = page.evaluate(NUMBERS % lesson)
        _, second, third = now["resp"][5]
        assert second == pytest.approx(third, abs=1e-12)
        press(page, lesson, "m", *["rounds"] * 10)
        found = page.evaluate(f"gmmExplorer.mounted['{lesson}'].present().mixture.means")
        np.testing.assert_allclose(np.ravel(found), means, atol=0.001)
    assert not axe_faults(page, lesson) + page.faults
    page.context.close()


def test_explorers_from_disk_and_on_a_phone(browser):
    for name in ("explorer", "three-updates"):
        address = (HTML / "book" / f"{name}.html").as_uri()
        page = open_page(browser, address, viewport={"width": 390, "height": 844})
        assert page.locator("svg.scene").first.is_visible()
        width = page.evaluate("document.scrollingElement.scrollWidth")
        assert width <= 390, name
        assert not page.faults
        page.context.close()


def test_without_javascript_a_picture_stands_there(browser, home):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(home + PAGE)
    for name in ("explorer", "touching-bound"):
        picture = page.locator(f"#{name} img")
        assert picture.is_visible()
        assert len(picture.get_attribute("alt")) > 40
    context.close()


# --- the bundler says what it cannot do ----------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "text", "words"),
    [
        ("data", "export function eStep() {}\n", "eStep is defined in em.mjs and in data.mjs"),
        ("em", 'import { make } from "./view.mjs";\n', "comes later"),
        ("view", "export default 3;\n", "in a form that"),
        ("view", 'import * as em from "./em.mjs";\n', "in a form that"),
    ],
)
def test_bundler_refuses(tmp_path, module, text, words):
    for name in MODULES:
        source = (SOURCES / f"{name}.mjs").read_text(encoding="utf-8")
        (tmp_path / f"{name}.mjs").write_text(source + text * (name == module), encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        bundle(tmp_path)
