// Puts an explorer in each place that a page has for one.

import { COVARIANCE_TYPES, along, alongMean, aic, bic, eStep, kmeansStep, lowerBound, mStep, nParameters } from "./em.mjs";
import { LARGEST_K, act, apply, begin, componentsInWords, decode, describe, encode, makeState, numbers, parsePoints, present, toPython, written } from "./state.mjs";
import { LESSONS, PRESETS } from "./lessons.mjs";
import { DATA } from "./data.mjs";
import { makeScene } from "./scene.mjs";
import { makeBoundChart, makeTrace } from "./charts.mjs";
import { handTable, ledger, makeParameters, numbersTable } from "./panels.mjs";
import { make, set, snap } from "./view.mjs";

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const TWEEN = 320; // ms
const REPLAY = 600;

export function mount(place) {
  const lesson = LESSONS[place.dataset.explorer];
  const id = place.id;
  const show = lesson.show;
  const ui = { preset: lesson.preset, probe: null, hover: null, k: 0, adding: false, message: "", falls: lesson.falls };
  const opening = () => (ui.preset ? PRESETS[ui.preset].state() : lesson.state());
  let history = begin(opening());
  let waiting = 0;
  let tween = null;
  let scene = null;
  let replay = 0;

  const mark = `#${id}:`;
  function fromAddress() {
    if (!location.hash.startsWith(mark)) return;
    const [, named] = location.hash.slice(mark.length).match(/^situation=(\w+)$/) || [];
    if (show.presets && named in PRESETS) {
      ui.preset = named;
      adopt(opening());
      return;
    }
    const state = decode(location.hash.slice(mark.length));
    if (state) history = begin(state);
    ui.message = state ? "" : "The address holds a situation that cannot be read; this is the usual start.";
  }

  // --- doing -----------------------------------------------------------------------------------
  const STEPS = ["e", "m", "undo", "redo"];
  function send(action) {
    const before = present(history);
    const result = act(history, action);
    history = result.history;
    ui.message = result.message || "";
    if ("k" in action) ui.k = action.k;
    const after = present(history);
    ui.k = Math.min(ui.k, after.mixture.weights.length - 1);
    if (STEPS.includes(action.do) && !calm()) startTween(before, after);
    else tween = null;
    allow();
    schedule();
    return !result.message;
  }
  // At once, not with the next drawing: who presses two keys in a row presses no dead button.
  function allow() {
    undo.disabled = history.at === 0;
    redo.disabled = history.at >= history.entries.length - 1;
    play.disabled = history.entries.length < 2;
  }
  const adopt = (state) => { ui.probe = ui.hover = null; send({ do: "start", state }); };
  function rounds(count) {
    for (let i = 0; i < count; i++) {
      if (!send({ do: "e" }) || !send({ do: "m" })) return;
    }
  }
  function look(probe) {
    ui.probe = probe;
    ui.hover = null;
    schedule();
  }
  function hover(place) {
    if (ui.hover === place) return;
    ui.hover = place;
    schedule();
  }

  function startTween(from, to) {
    const same = from.mixture.weights.length === to.mixture.weights.length && from.points === to.points;
    const [a, b] = [numbers(from).resp, numbers(to).resp];
    tween = same ? { from: { mixture: from.mixture, resp: a }, to: { mixture: to.mixture, resp: b }, start: performance.now() } : null;
  }
  const blendRows = (a, b, t) => a.map((row, i) => (Array.isArray(row) ? blendRows(row, b[i], t) : row + (b[i] - row) * t));
  function shownNow(state) {
    const goal = { mixture: state.mixture, resp: numbers(state).resp };
    if (!tween) return goal;
    const t = Math.min(1, (performance.now() - tween.start) / TWEEN);
    if (t >= 1) { tween = null; return goal; }
    schedule();
    const [a, b] = [tween.from, tween.to];
    const mixture = a.mixture === b.mixture ? b.mixture : Object.fromEntries(["weights", "means", "covs"].map((name) => [name, blendRows(a.mixture[name], b.mixture[name], t)]));
    return { mixture, resp: a.resp && b.resp && a.resp !== b.resp ? blendRows(a.resp, b.resp, t) : b.resp };
  }

  // --- the parts on the page -----------------------------------------------------------------------
  const button = (words, name, click, more = {}) => make("button", { type: "button", "data-do": name, onclick: click, ...more }, words);
  const e = button("E-step", "e", () => send({ do: "e" }));
  const m = button("M-step", "m", () => send({ do: "m" }));
  const undo = button("Undo", "undo", () => send({ do: "undo" }));
  const redo = button("Redo", "redo", () => send({ do: "redo" }));
  const again = button("Start again", "again", () => adopt(opening()));
  const parts = [["Means", "m"], ["Variances", "c"], ["Weights", "w"]].map(([words, part]) => button(words, `m-${part}`, () => send({ do: "m", part })));
  const play = button("Replay", "replay", () => (replay ? stop() : start()));
  function stop() {
    clearInterval(replay);
    replay = 0;
    play.textContent = "Replay";
  }
  function start() {
    send({ do: "go", to: 0 });
    play.textContent = "Stop";
    replay = setInterval(() => (history.at < history.entries.length - 1 ? send({ do: "redo" }) : stop()), REPLAY);
  }
  const scrub = make("input", { type: "range", min: 0, step: 1, "aria-label": "Step", "data-do": "scrub", oninput: () => send({ do: "go", to: Number(scrub.value) }) });

  const stepping = !present(history).live;
  const bar = make("div", { class: "buttons", role: "group", "aria-label": "Steps" },
    ...(stepping ? [e] : []), ...(show.split ? parts : stepping ? [m] : []),
    ...(show.round ? [button("10 rounds", "rounds", () => rounds(10))] : []), undo, redo, again);

  const preset = make("select", { "aria-label": "Situation", "data-do": "preset", onchange: () => { ui.preset = preset.value; adopt(opening()); } },
    ...Object.entries(PRESETS).map(([name, { title }]) => make("option", { value: name }, title)));
  const says = make("p", { class: "says" });
  const fewer = button("−", "fewer", () => send({ do: "components", value: present(history).mixture.weights.length - 1 }), { "aria-label": "One component fewer" });
  const more = button("+", "more", () => send({ do: "components", value: present(history).mixture.weights.length + 1 }), { "aria-label": "One component more" });
  const count = make("output", { "aria-label": "Number of components" });
  const type = make("select", { "aria-label": "Covariances", "data-do": "type", onchange: () => send({ do: "type", value: type.value }) },
    ...COVARIANCE_TYPES.map((name) => make("option", { value: name }, name)));
  const spread = make("input", { type: "range", min: -6, max: 1.4, step: 0.1, "aria-label": "Common variance, logarithm to base 10", "data-do": "spread",
    oninput: () => {
      const v = snap(10 ** Number(spread.value), 1e-7);
      const D = present(history).points[0].length;
      send({ do: "cov", k: 0, value: D > 1 ? [v, 0, v] : [v], key: "spread" });
    } });
  const spreadValue = make("output", {});
  const common = make("label", {}, "common variance ", spread, spreadValue);
  const counting = make("span", { class: "group" }, "components ", fewer, count, more);
  const typing = make("label", {}, "covariances ", type);
  const choices = make("div", { class: "buttons" }, ...(show.choices ? [counting, typing] : []), common);

  const status = make("p", { class: "status", role: "status", "aria-live": "polite" });
  const words = make("p", { class: "unseen" });
  const sceneBox = make("div", { class: "scene-box" });
  const hand = make("div", { class: "hand-box", tabindex: 0, role: "group", "aria-label": "The formula with its numbers" });
  const numbersBox = make("div", {});
  const ledgerBox = make("div", { class: "ledger-box" });
  const parameters = makeParameters(send);
  const explorer = { send, look, hover, adding: () => ui.adding, id };
  const trace = makeTrace();
  const bound = makeBoundChart(explorer);
  const boundBox = make("div", {}, bound.svg);
  const traceBox = make("div", {}, trace.svg, make("div", { class: "buttons" }, play, scrub));

  const adding = make("input", { type: "checkbox", "data-do": "adding", onchange: () => { ui.adding = adding.checked; schedule(); } });
  const text = make("textarea", { rows: 4, "aria-label": "Your points", placeholder: "1.2 3.4 0.7 ...   or two numbers on each line", spellcheck: "false" });
  const use = button("Use these points", "use", () => {
    try {
      ui.probe = ui.hover = null;
      send({ do: "points", points: parsePoints(text.value) });
    } catch (error) {
      ui.message = error.message;
      schedule();
    }
  });
  const data = make("details", {}, make("summary", {}, "Your own points"),
    make("p", {}, make("label", {}, adding, " a click or a tap into the picture adds a point")),
    make("p", {}, text), make("p", {}, use));
  // No pre: the theme takes those from the tab order that did not scroll when it looked.
  const code = make("div", { class: "code", tabindex: 0, role: "region", "aria-label": "Python code" });
  const python = make("details", { ontoggle: () => schedule() }, make("summary", {}, "Show this in Python"), code);
  const link = make("input", { type: "text", readonly: true, "aria-label": "Address of this situation", "data-do": "link", onfocus: () => link.select() });
  const copy = button("Copy", "copy", async () => {
    link.select();
    try { await navigator.clipboard.writeText(link.value); ui.message = "Copied."; } catch { ui.message = "Selected; copy it with the keyboard."; }
    schedule();
  });
  const share = make("details", { ontoggle: () => schedule() }, make("summary", {}, "Share this situation"), make("p", { class: "share" }, link, copy));

  const body = make("div", { class: "ex-body" },
    ...(show.presets ? [make("label", { class: "preset" }, "situation ", preset), says] : []),
    ...(show.boundFirst ? [boundBox] : []),
    sceneBox, bar, status, words,
    ...(show.choices || show.spread ? [choices] : []),
    ...(show.numbers ? [numbersBox] : []),
    ...(show.ledger ? [ledgerBox] : []),
    make("div", { class: "charts" }, ...(show.trace ? [traceBox] : []), ...(show.trace ? [boundBox] : [])),
    ...(show.parameters ? [make("div", { class: "scroll" }, parameters.table)] : []),
    ...(show.hand ? [hand] : []),
    ...(show.data ? [data] : []),
    python, share,
  );

  // --- drawing -----------------------------------------------------------------------------------------
  function schedule() {
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; draw(); });
  }

  function trailsOf(state) {
    const K = state.mixture.weights.length;
    const past = history.entries.slice(Math.max(0, history.at - 200), history.at + 1).map((entry) => entry.state.mixture);
    const alike = past.filter((mixture) => mixture.means.length === K && mixture.means[0].length === state.points[0].length);
    return state.mixture.means.map((_, k) => alike.map((mixture) => mixture.means[k]));
  }

  function draw() {
    const state = present(history);
    const D = state.points[0].length;
    if (scene?.D !== D) {
      scene = { ...makeScene(explorer, D), D };
      sceneBox.replaceChildren(scene.svg);
      ui.probe = ui.hover = null;
    }
    ui.probe ??= lesson.probe || state.points[Math.floor(state.points.length / 2)];
    const width = Math.max(280, sceneBox.clientWidth);
    const shown = shownNow(state);
    scene.svg.classList.toggle("adding", ui.adding);
    scene.draw(state, shown, { width, probe: ui.probe, hover: ui.hover, looking: Boolean(show.hand), trails: trailsOf(state) });
    drawWords(state);
    if (show.numbers) numbersBox.replaceChildren(numbersTable(state, show));
    if (show.ledger) ledgerBox.replaceChildren(ledger(history));
    if (show.trace) trace.draw(history, Math.max(280, traceBox.clientWidth));
    if (show.boundFirst || show.trace) bound.draw(state, ui.k, Math.max(280, boundBox.clientWidth));
    if (show.parameters) parameters.draw(state);
    if (show.hand) hand.replaceChildren(...handTable(state, ui.hover || ui.probe));
    if (python.open) code.textContent = toPython(state);
    if (share.open) link.value = location.href.split("#")[0] + mark + encode(state);
  }

  function drawWords(state) {
    const { resp, gap, logLikelihood, K } = numbers(state);
    const said = ui.message || describe(history);
    if (status.textContent !== said) status.textContent = said;
    status.classList.toggle("trouble", Boolean(ui.message));
    words.textContent = componentsInWords(state);
    const fresh = resp && gap < 1e-9 * (1 + Math.abs(logLikelihood));
    const guided = state.free !== "mirror"; // there, choosing the step is the question
    e.classList.toggle("next", guided && !fresh);
    [m, ...parts].forEach((node) => node.classList.toggle("next", guided && Boolean(fresh)));
    allow();
    set(scrub, { max: history.entries.length - 1, "aria-valuetext": `${history.at}: ${history.entries[history.at].label}` });
    scrub.value = history.at;
    if (ui.preset) { preset.value = ui.preset; says.textContent = PRESETS[ui.preset].says; }
    const mirror = state.free === "mirror";
    counting.hidden = mirror;
    typing.hidden = state.free !== "mcw";
    common.hidden = state.free !== "m";
    count.value = K;
    fewer.disabled = K === 1;
    more.disabled = K >= LARGEST_K || K >= state.points.length;
    type.value = state.type;
    const v = state.mixture.covs[0][0];
    spread.value = Math.log10(v);
    spreadValue.value = written(v, v < 1 ? 4 : 2);
  }

  fromAddress();
  place.querySelector(".ex-instead").hidden = true;
  place.append(body);
  place.classList.add("ready");
  window.addEventListener("hashchange", () => { fromAddress(); schedule(); });
  new ResizeObserver(schedule).observe(sceneBox);
  draw();
  if (location.hash.startsWith(mark)) place.scrollIntoView();
  return { send, present: () => present(history), history: () => history, draw };
}

// For whoever wants to look inside: the tests, and the curious.
globalThis.gmmExplorer = {
  mounted: {}, mount, DATA, LESSONS, PRESETS,
  eStep, mStep, lowerBound, nParameters, aic, bic, kmeansStep, along, alongMean,
  act, apply, begin, decode, describe, encode, makeState, numbers, parsePoints, present, toPython,
};

function mountAll() {
  for (const place of document.querySelectorAll("[data-explorer]:not(.ready)"))
    globalThis.gmmExplorer.mounted[place.id] = mount(place);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
else mountAll();
