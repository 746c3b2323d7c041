// The state of an explorer is a value, and so is its history. Everything that is shown follows
// from them: numbers, pictures, undo, replay, the address, the Python code.
//
// state: points, mixture, type, free, live, window, and `frozen`: the mixture at which the last
// E-step was taken, so that the responsibilities are always those of (points, frozen). It is null
// before the first E-step.

import {
  COVARIANCE_TYPES, Degenerate, aic, bic, boundOf, cholesky, constrain, dataSpread, eStep, eigen,
  mStep, nParameters, sharesOf, weightedLogProb,
} from "./em.mjs";
import { DATA, dataName } from "./data.mjs";

export const LARGEST_K = 5;
export const MOST_POINTS = 2000;

function freeze(value) {
  if (value && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

export function makeState({ points, mixture, frozen = null, type = "full", free = "mcw", live = false, window = null }) {
  return freeze({
    points, mixture, frozen: live ? mixture : frozen, type, free, live,
    window: window || windowOf(points, mixture),
  });
}

// What the scene shows: all points, and every mean with one and a half standard deviations.
export function windowOf(points, mixture) {
  return points[0].map((_, d) => {
    const reach = points.map((x) => x[d]);
    mixture.means.forEach((mean, k) => {
      const cov = mixture.covs[k];
      const sd = 1.5 * Math.sqrt(d === 0 ? cov[0] : cov[2]);
      reach.push(mean[d] - sd, mean[d] + sd);
    });
    const low = Math.min(...reach);
    const high = Math.max(...reach);
    const margin = 0.04 * (high - low) || 1;
    return [low - margin, high + margin];
  });
}

const known = new WeakMap();

// The numbers that belong to a state, computed once.
export function numbers(state) {
  if (!known.has(state)) known.set(state, compute(state));
  return known.get(state);
}

// The responsibilities of a frozen mixture outlive many states: those of a whole drag.
const thawed = new WeakMap();
function sharesAt(points, frozen, resp) {
  const last = thawed.get(frozen);
  if (last?.points === points) return last.resp;
  const found = resp || eStep(points, frozen).resp;
  thawed.set(frozen, { points, resp: found });
  return found;
}

function compute({ points, mixture, frozen, type, free }) {
  const joint = weightedLogProb(points, mixture);
  const now = sharesOf(joint);
  const resp = frozen && sharesAt(points, frozen, frozen === mixture ? now.resp : null);
  const bound = resp && boundOf(joint, resp);
  const [K, D, N] = [mixture.weights.length, points[0].length, points.length];
  const complete = free === "mcw";
  return {
    K, D, N, now: now.resp, resp, bound,
    logLikelihood: now.logLikelihood,
    gap: resp && Math.max(0, now.logLikelihood - bound),
    parameters: complete ? nParameters(K, D, type) : null,
    bic: complete ? bic(now.logLikelihood, K, D, type, N) : null,
    aic: complete ? aic(now.logLikelihood, K, D, type) : null,
  };
}

// --- what can be done to a state ---------------------------------------------------------------

const replaced = (list, k, value) => list.map((old, i) => (i === k ? value : old));
const PARTS = { m: "Means", c: "Variances", w: "Weights" };

const ACTIONS = {
  e: (s) => ({ change: { frozen: s.mixture }, label: "E-step" }),

  m(s, { part }) {
    if (!s.frozen) throw new Degenerate("There are no responsibilities yet. Take an E-step first.");
    const free = part || s.free;
    const { resp } = numbers(s);
    const mixture = mStep(s.points, resp, s.mixture, { type: s.type, free });
    const name = PARTS[part] || "M-step";
    return { change: { mixture }, label: s.points[0].length > 1 && part === "c" ? "Covariances" : name };
  },

  mean(s, { k, value }) {
    const mirrored = k === 0 ? [value, [-value[0]]] : [[-value[0]], value];
    const means = s.free === "mirror" ? mirrored : replaced(s.mixture.means, k, value);
    const label = s.free === "mirror" ? "μ moved" : `Mean ${k + 1} moved`;
    return { change: { mixture: { ...s.mixture, means } }, label };
  },

  cov(s, { k, value }) {
    if (!cholesky(value)) throw new Degenerate("A variance must be positive.");
    const all = s.type === "tied" || s.free === "m";
    const covs = all ? s.mixture.covs.map(() => value) : replaced(s.mixture.covs, k, value);
    const shown = all ? "Common spread changed" : `Spread of ${k + 1} changed`;
    return { change: { mixture: { ...s.mixture, covs } }, label: shown };
  },

  weight(s, { k, value }) {
    const others = 1 - s.mixture.weights[k];
    const weights = s.mixture.weights.map((w, i) => (i === k ? value : (w * (1 - value)) / others));
    return { change: { mixture: { ...s.mixture, weights } }, label: `Weight ${k + 1} changed` };
  },

  // Where the responsibilities come from, in the plus-minus model.
  touch: (s, { value }) => ({
    change: { frozen: { ...s.mixture, means: [[-value], [value]] } },
    label: `Responsibilities taken at ${written(value)}`,
  }),

  components(s, { value }) {
    const mixture = value > s.mixture.weights.length ? grown(s) : shrunk(s.mixture);
    return { change: { mixture, frozen: null }, label: `${value} component${value > 1 ? "s" : ""}` };
  },

  type(s, { value }) {
    const covs = constrain(s.mixture.covs, s.mixture.weights, value);
    return { change: { type: value, mixture: { ...s.mixture, covs } }, label: `Covariances: ${value}` };
  },

  points(s, { points }) {
    const K = Math.min(s.mixture.weights.length, new Set(points.map(String)).size);
    const mixture = ordinaryStart(points, K);
    const change = { points, mixture, frozen: null, window: windowOf(points, mixture), free: "mcw" };
    return { change, label: `${points.length} points` };
  },

  add: (s, { point }) => ({ change: { points: [...s.points, point] }, label: "Point added" }),
};

// Apply an action; returns { state, label }, or throws Degenerate with what to say.
export function apply(state, action) {
  const { change, label } = ACTIONS[action.do](state, action);
  const next = { ...state, ...change };
  if (change.mixture && action.do === "mean") {
    next.window = state.window.map(([low, high], d) => {
      const all = next.mixture.means.map((mean) => mean[d]);
      return [Math.min(low, ...all), Math.max(high, ...all)];
    });
  }
  return { state: makeState(next), label };
}

// A start without chance: means at quantiles of the first feature, a small common spread.
export function ordinaryStart(points, K) {
  const sorted = [...points].sort((a, b) => a[0] - b[0]);
  const means = Array.from({ length: K }, (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / K)]);
  const v = dataSpread(points).map((sd) => (Number.isFinite(sd) ? (sd / K) ** 2 : 1));
  const cov = v.length > 1 ? [v[0], 0, v[1]] : v;
  return { weights: means.map(() => 1 / K), means, covs: means.map(() => cov) };
}

// One component more, where the mixture explains the data worst.
function grown({ points, mixture }) {
  const K = mixture.weights.length;
  const start = ordinaryStart(points, K + 1);
  let worst = 0;
  let least = Infinity;
  points.forEach((x, n) => {
    const { logLikelihood } = eStep([x], mixture);
    if (logLikelihood < least) [worst, least] = [n, logLikelihood];
  });
  return {
    weights: [...mixture.weights.map((w) => (w * K) / (K + 1)), 1 / (K + 1)],
    means: [...mixture.means, points[worst]],
    covs: [...mixture.covs, start.covs[0]],
  };
}

function shrunk(mixture) {
  const cut = (list) => list.slice(0, -1);
  const weights = cut(mixture.weights);
  const total = weights.reduce((a, b) => a + b, 0);
  return { weights: weights.map((w) => w / total), means: cut(mixture.means), covs: cut(mixture.covs) };
}

// --- history -------------------------------------------------------------------------------------

export function begin(state) {
  return freeze({ entries: [{ state, label: "Start" }], at: 0 });
}

export const present = (history) => history.entries[history.at].state;

// Do something. Actions of one drag carry the same `key`, and count as one.
export function act(history, action) {
  if (action.do === "undo") return { history: goTo(history, history.at - 1) };
  if (action.do === "redo") return { history: goTo(history, history.at + 1) };
  if (action.do === "go") return { history: goTo(history, action.to) };
  if (action.do === "start") return { history: begin(action.state) };
  try {
    const { state, label } = apply(present(history), action);
    return { history: recorded(history, { state, label, key: action.key || null }) };
  } catch (error) {
    if (!(error instanceof Degenerate)) throw error;
    return { history, message: error.message };
  }
}

function goTo(history, at) {
  return freeze({ ...history, at: Math.max(0, Math.min(at, history.entries.length - 1)) });
}

function recorded(history, entry) {
  const last = history.entries[history.at];
  const same = entry.key && entry.key === last.key && history.at === history.entries.length - 1;
  const entries = [...history.entries.slice(0, history.at + (same ? 0 : 1)), entry];
  return freeze({ entries, at: entries.length - 1 });
}

// --- words ---------------------------------------------------------------------------------------

export function written(value, decimals = 2) {
  if (value !== 0 && Math.abs(value) < 0.5 * 10 ** -decimals && Math.abs(value) > 1e-300)
    return value.toExponential(1).replace("e-", "e−").replace(/^-/, "−");
  if (Math.abs(value) >= 1e7) return value.toExponential(2).replace("e+", "e").replace(/^-/, "−");
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

const significant = (value) => written(value, Math.abs(value) < 1 ? 3 : Math.abs(value) < 100 ? 2 : 1);

// What has happened, in a sentence or two: shown, and read out by a screen reader.
export function describe(history) {
  const { state, label } = history.entries[history.at];
  const now = numbers(state);
  const before = history.at > 0 ? numbers(history.entries[history.at - 1].state) : null;
  const said = [`${label}.`, `Log-likelihood ${written(now.logLikelihood)}`];
  const moved = before && before.N === now.N ? now.logLikelihood - before.logLikelihood : 0;
  if (Math.abs(moved) >= 0.005) said[1] += `, ${moved > 0 ? "up" : "down"} by ${written(Math.abs(moved))}`;
  said[1] += ".";
  if (now.resp && !state.live) {
    const touching = now.gap < 1e-9 * (1 + Math.abs(now.logLikelihood));
    said.push(touching ? "The bound touches it." : `The bound lies ${written(now.gap)} below.`);
  }
  const update = ["M-step", "Means", "Variances", "Covariances", "Weights"].includes(label);
  if (update && before && before.resp) {
    const fell = moved < -1e-9 * (1 + Math.abs(now.logLikelihood));
    if (fell && before.gap > 0)
      said.push(
        `The bound rose by ${written(now.bound - before.bound)}, and yet the log-likelihood fell. ` +
          `Before, the bound lay ${written(before.gap)} below.`,
      );
    else if (label === "M-step" && Math.abs(moved) < 1e-10 && Math.abs(now.bound - before.bound) < 1e-10)
      said.push("Nothing moves any more: a fixed point.");
  }
  return said.join(" ");
}

export function componentsInWords({ mixture }) {
  return mixture.means
    .map((mean, k) => {
      const cov = mixture.covs[k];
      const spread =
        cov.length === 1
          ? `variance ${significant(cov[0])}`
          : `standard deviations along its axes ${eigen(cov).values.map((v) => significant(Math.sqrt(v))).join(" and ")}`;
      const at = mean.map(significant).join(", ");
      return `Component ${k + 1}: weight ${written(mixture.weights[k])}, mean ${at}, ${spread}.`;
    })
    .join(" ");
}

// --- the address -----------------------------------------------------------------------------------

const joined = (rows) => rows.map((row) => (Array.isArray(row) ? row.join("_") : row)).join("!");
const split = (text) => text.split("!").map((row) => row.split("_").map(Number));

function writtenMixture({ weights, means, covs }) {
  return [weights, means, covs].map(joined).join("~");
}

function readMixture(text, D) {
  const [weights, means, covs] = text.split("~").map(split);
  const mixture = { weights: weights.map(([w]) => w), means, covs };
  const total = mixture.weights.reduce((a, b) => a + b, 0);
  const sound =
    weights.length <= LARGEST_K &&
    means.length === weights.length &&
    covs.length === weights.length &&
    mixture.weights.every((w) => w > 0) &&
    Math.abs(total - 1) < 1e-6 &&
    means.every((mean) => mean.length === D && mean.every(Number.isFinite)) &&
    covs.every((cov) => cov.length === (D === 1 ? 1 : 3) && cov.every(Number.isFinite) && cholesky(cov));
  if (!sound) throw new RangeError("not a mixture");
  return mixture;
}

export function encode(state) {
  const fields = {
    d: dataName(state.points) || joined(state.points),
    m: writtenMixture(state.mixture),
    v: joined(state.window),
    t: state.type,
    u: state.free,
  };
  if (state.live) fields.l = 1;
  else if (state.frozen) fields.f = state.frozen === state.mixture ? "m" : writtenMixture(state.frozen);
  return new URLSearchParams(fields).toString();
}

// The state that an address holds, or null if it cannot be read.
export function decode(text) {
  try {
    const fields = new URLSearchParams(text);
    const given = fields.get("d");
    const points = given in DATA ? DATA[given].points : split(given);
    const D = points[0].length;
    const sound =
      points.length <= MOST_POINTS &&
      (D === 1 || D === 2) &&
      points.every((x) => x.length === D && x.every(Number.isFinite));
    const [type, free] = [fields.get("t"), fields.get("u")];
    const mixture = readMixture(fields.get("m"), D);
    const window = split(fields.get("v"));
    const framed = window.length === D && window.every(([low, high]) => high > low);
    const mirror = free !== "mirror" || (D === 1 && mixture.weights.length === 2);
    if (!sound || !framed || !mirror || !COVARIANCE_TYPES.includes(type)) return null;
    if (!["mcw", "m", "mirror"].includes(free)) return null;
    const f = fields.get("f");
    const frozen = f === "m" ? mixture : f ? readMixture(f, D) : null;
    if (frozen && frozen.weights.length !== mixture.weights.length) return null;
    return makeState({ points, mixture, frozen, type, free, window, live: fields.has("l") });
  } catch {
    return null;
  }
}

// --- own points ------------------------------------------------------------------------------------

// Points from text: two numbers on each of several lines, or any number of numbers on a line.
export function parsePoints(text) {
  const lines = text.split(/\n/).map((line) => line.match(/[^\s,;]+/g) || []).filter((line) => line.length);
  const rows = lines.map((line) => line.map((word) => Number(word.replace("−", "-"))));
  if (rows.length > 1 && rows[0].some(Number.isNaN)) rows.shift(); // a header
  const flat = rows.flat();
  if (!flat.every(Number.isFinite)) throw new Degenerate("Give numbers only, separated by spaces, commas or lines.");
  const points = rows.length > 1 && rows.every((row) => row.length === 2) ? rows : flat.map((x) => [x]);
  if (new Set(points.map(String)).size < 2) throw new Degenerate("Give at least two different points.");
  if (points.length > MOST_POINTS) throw new Degenerate(`At most ${MOST_POINTS} points, please.`);
  return points;
}

// --- Python ----------------------------------------------------------------------------------------

const list = (values) => `[${values.map((v) => (Array.isArray(v) ? list(v) : String(v))).join(", ")}]`;

function pythonMixture(name, { weights, means, covs }) {
  const two = covs[0].length > 1;
  const [mean, cov] = two
    ? [means, covs.map(([a, b, c]) => [[a, b], [b, c]])]
    : [means.map(([m]) => m), covs.map(([v]) => v)];
  const last = two ? "" : "  # variances";
  return `${name} = gm.Mixture(\n    ${list(weights)},\n    ${list(mean)},\n    ${list(cov)},${last}\n)`;
}

// The state as a program that prints the same numbers and goes one round further.
export function toPython(state) {
  const data = DATA[dataName(state.points)];
  const one = state.points[0].length === 1;
  const lines = ["import numpy as np", "", "import gmmtutor as gm"];
  if (data && data.python.includes("datasets.")) lines.push("from gmmtutor import datasets");
  lines.push("", data ? data.python : `X = np.array(${list(one ? state.points.map(([x]) => x) : state.points)})`);
  lines.push(pythonMixture("mixture", state.mixture));
  lines.push('print("log-likelihood", gm.log_likelihood(X, mixture))');
  if (state.frozen && state.frozen !== state.mixture) {
    lines.push("# The responsibilities were computed at these parameters:");
    lines.push(pythonMixture("frozen", state.frozen), "resp, _ = gm.e_step(X, frozen)");
  } else lines.push("resp, _ = gm.e_step(X, mixture)");
  if (state.frozen) lines.push('print("bound", gm.lower_bound(X, resp, mixture))');
  if (state.free === "mcw") {
    lines.push(`print("BIC", gm.bic(X, mixture, covariance_type="${state.type}"))`);
    lines.push(`new = gm.m_step(X, resp, covariance_type="${state.type}")`);
  } else if (state.free === "m") {
    lines.push("means = gm.m_step(X, resp).means  # the rest stays");
    lines.push("new = gm.Mixture(mixture.weights, means, mixture.covariances)");
  } else {
    lines.push("mu = np.mean(X * (resp[:, 1] - resp[:, 0]))");
    lines.push("new = gm.plus_minus(mu)");
  }
  lines.push('print("after an M-step", gm.log_likelihood(X, new))');
  return lines.join("\n") + "\n";
}
