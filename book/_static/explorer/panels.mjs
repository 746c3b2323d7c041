// What stands beside the drawings: the hand table, the numbers, the ledger, the parameters.

import { cholesky, distance2, logDeterminant, logSumExp, weightedLogProb } from "./em.mjs";
import { numbers, written } from "./state.mjs";
import { byHand, make, short } from "./view.mjs";

const row = (name, cells, kind = "td") =>
  make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make(kind, kind === "th" ? { scope: "col" } : {}, cell)));

// A signature bar in HTML: the shares of one point.
export function shareBar(shares) {
  const words = shares.map((r, k) => `component ${k + 1}: ${(100 * r).toFixed(1)}%`).join(", ");
  return make("span", { class: "share-bar", role: "img", "aria-label": words },
    ...shares.map((r, k) => make("span", { class: `c${k + 1} b${k + 1}`, style: `width:${(100 * r).toFixed(3)}%` })));
}

// The row of one point, worked out as the chapter on responsibilities does it.
export function handTable(state, probe) {
  const { weights, means, covs } = state.mixture;
  const one = probe.length === 1;
  const factors = covs.map(cholesky);
  const half = means.map((mean, k) => distance2(probe, mean, factors[k]) / 2);
  const root = factors.map((factor) => (2 * Math.PI) ** (probe.length / 2) * Math.exp(logDeterminant(factor) / 2));
  const density = half.map((h, k) => Math.exp(-h) / root[k]);
  const product = density.map((p, k) => p * weights[k]);
  const sum = product.reduce((a, b) => a + b, 0);
  const joint = weightedLogProb([probe], state.mixture)[0];
  const total = logSumExp(joint);
  const shares = joint.map((value) => Math.exp(value - total));
  const heads = weights.map((_, k) => make("span", { class: `name-${k + 1}` }, String(k + 1)));
  const where = one ? `x = ${short(probe[0])}` : `the point ${probe.map(short).join(", ")}`;
  const table = make("table", { class: "hand" }, make("caption", {}, `The row of ${where}`),
    make("thead", {}, row("component", heads, "th")),
    make("tbody", {},
      row("mean", means.map((m) => m.map(byHand).join(", "))),
      one ? row("variance", covs.map(([v]) => byHand(v))) : "",
      one ? row("distance x − μ", means.map(([m]) => byHand(probe[0] - m))) : "",
      row(one ? "(x − μ)² / 2σ²" : "½ Mahalanobis²", half.map(byHand)),
      row("exp of minus that", half.map((h) => byHand(Math.exp(-h)))),
      row(one ? "√(2πσ²)" : "2π √det Σ", root.map(byHand)),
      row("density", density.map(byHand)),
      row("× weight", product.map(byHand)),
      row(`÷ their sum ${byHand(sum)}`, shares.map((r) => make("strong", {}, r.toFixed(4)))),
    ));
  return [table, shareBar(shares)];
}

export function numbersTable(state, show) {
  const now = numbers(state);
  const touching = now.resp && now.gap < 1e-9 * (1 + Math.abs(now.logLikelihood));
  const pairs = [["log-likelihood", written(now.logLikelihood, 4)]];
  if (!state.live) {
    pairs.push(["bound", now.resp ? written(now.bound, 4) : "after an E-step"]);
    pairs.push(["gap", !now.resp ? "" : touching ? "0" : written(now.gap, 4)]);
  }
  if (show.choices && now.bic !== null)
    pairs.push(["BIC", written(now.bic, 2)], ["AIC", written(now.aic, 2)], ["free parameters", String(now.parameters)], ["points", String(now.N)]);
  return make("dl", { class: "numbers" }, ...pairs.flatMap(([name, value]) => [make("div", {}, make("dt", {}, name), make("dd", {}, value))]));
}

const LINES = 9;

export function ledger(history) {
  const first = Math.max(0, history.at - LINES + 1);
  const lines = history.entries.slice(first, history.at + 1).map(({ state, label }, i) => {
    const now = numbers(state);
    const before = i + first ? numbers(history.entries[i + first - 1].state) : null;
    const change = before && before.N === now.N ? now.logLikelihood - before.logLikelihood : 0;
    const moved = Math.abs(change) < 0.005 ? "" : (change > 0 ? "+" : "") + written(change);
    return row(label, [written(now.logLikelihood), moved, now.resp ? written(now.bound) : ""]);
  });
  const heads = ["log-likelihood", "change", "bound"];
  return make("table", { class: "hand" }, make("thead", {}, row("step", heads, "th")), make("tbody", {}, ...lines));
}

// Weights, means and variances of all components, to read and to type.
export function makeParameters(send) {
  const table = make("table", { class: "parameters" });
  let built = "";
  let fields = [];

  function field(label, read, write, attributes) {
    const input = make("input", { "aria-label": label, ...attributes });
    input.addEventListener(attributes.type === "range" ? "input" : "change", () => {
      const value = Number(input.value);
      if (input.value !== "" && Number.isFinite(value)) write(value);
      else input.value = read();
    });
    fields.push({ input, read: () => read() });
    return input;
  }

  let now = null;
  function build() {
    const { mixture, free, type } = now;
    const D = mixture.means[0].length;
    fields = [];
    const held = free !== "mcw";
    const heads = ["", held ? "" : "weight", D > 1 ? "mean" : "mean", free === "mirror" ? "" : D > 1 ? "variances" : "variance"];
    const rows = mixture.weights.map((_, k) => {
      const name = make("th", { scope: "row" }, make("span", { class: `name-${k + 1}` }, String(k + 1)));
      const weight = held ? [] : [
        field(`Weight of component ${k + 1}`, () => now.mixture.weights[k].toFixed(3), (value) => send({ do: "weight", k, value, key: `weight-${k}` }), { type: "range", min: 0.01, max: 0.97, step: 0.01, disabled: mixture.weights.length === 1 }),
        make("output", {}),
      ];
      const means = mixture.means[k].map((_, d) =>
        field(`Mean of component ${k + 1}${D > 1 ? `, feature ${d + 1}` : ""}`, () => String(Number(now.mixture.means[k][d].toPrecision(4))),
          (value) => send({ do: "mean", k, value: now.mixture.means[k].map((old, i) => (i === d ? value : old)) }), { type: "number", step: "any" }));
      const variances = free === "mirror" ? [] : (D > 1 ? [0, 2] : [0]).map((i, d) =>
        field(`Variance of component ${k + 1}${D > 1 ? `, feature ${d + 1}` : ""}`, () => String(Number(now.mixture.covs[k][i].toPrecision(4))),
          (value) => setVariance(k, i, value), { type: "number", min: 0, step: "any" }));
      return make("tr", {}, name, make("td", {}, ...weight), make("td", {}, ...means), make("td", {}, ...variances));
    });
    table.replaceChildren(make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head || make("span", { class: "unseen" }, "component"))))), make("tbody", {}, ...rows));
    if (type === "spherical" || free === "mirror") table.dataset.type = type;
  }

  // Another variance; the correlation stays.
  function setVariance(k, i, value) {
    const old = now.mixture.covs[k];
    if (!(value > 0) || old.length === 1) return send({ do: "cov", k, value: [value] });
    const share = Math.sqrt(value / old[i]);
    if (now.type === "spherical") return send({ do: "cov", k, value: [value, 0, value] });
    return send({ do: "cov", k, value: old.map((v, j) => (j === i ? value : j === 1 ? v * share : v)) });
  }

  function draw(state) {
    now = state;
    const wanted = `${state.mixture.weights.length}/${state.mixture.means[0].length}/${state.free}/${state.type}`;
    if (wanted !== built) build();
    built = wanted;
    for (const { input, read } of fields) {
      if (input !== document.activeElement || input.type === "range") input.value = read();
      if (input.type === "range") input.nextSibling.value = written(Number(read()), 2);
    }
  }
  return { table, draw };
}
