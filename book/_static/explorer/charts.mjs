// Two charts: how log-likelihood and bound went from step to step, and both as curves over one
// parameter, where one sees the bound touch.

import { along, alongMean } from "./em.mjs";
import { numbers, written } from "./state.mjs";
import { handle, make, path, placeHandle, round125, scale, set, short, snap, ticks } from "./view.mjs";

const SHOWN = 60; // steps
const FAR = 3; // a bound that lies further below, in heights of the curve, gets an arrow

// The bound at one place, or an arrow at the floor if it lies below.
const boundMark = (x, y, floor, r) =>
  y > floor
    ? make("path", { class: "mark open", d: `M${x - r},${floor - 2 * r}h${2 * r}l${-r},${2 * r}z` })
    : make("circle", { class: "mark open", r, cx: x, cy: y });

// --- from step to step -----------------------------------------------------------------------------

export function makeTrace() {
  const svg = make("svg", { class: "chart", role: "img" });
  return { svg, draw: (history, width) => drawTrace(svg, history, width) };
}

function drawTrace(svg, history, width) {
  const height = 200;
  const first = Math.max(0, history.entries.length - SHOWN);
  const rows = history.entries.slice(first).map(({ state }, i) => ({ i: i + first, ...numbers(state) }));
  const values = rows.map((row) => row.logLikelihood);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const reach = high - low || 1; // of the log-likelihoods alone
  const bounds = rows.filter((row) => row.resp).map((row) => Math.max(row.bound, low - FAR * reach));
  const x = scale([first, Math.max(first + 4, history.entries.length - 1)], [58, width - 16]);
  const y = scale([Math.min(low, ...bounds) - 0.06 * reach, high + 0.06 * reach], [height - 26, 22]);
  const floor = height - 26;
  const marks = ticks([y.back(floor), y.back(22)], 4);
  const at = history.at;
  set(svg, { viewBox: `0 0 ${width} ${height}`, height, "aria-label": `Log-likelihood and bound over ${rows.length} steps, now ${written(numbers(history.entries[at].state).logLikelihood)}` });
  const gaps = rows.filter((row) => row.resp).map((row) => `M${x(row.i)},${y(row.logLikelihood).toFixed(1)}V${Math.min(floor, y(row.bound)).toFixed(1)}`);
  svg.replaceChildren(
    make("path", { class: "rule", d: `M58,14V${floor}H${width - 10}` + marks.map((v) => `M58,${y(v).toFixed(1)}h-5`).join("") }),
    ...marks.map((v) => make("text", { class: "tick end", x: 50, y: y(v) + 4 }, short(v))),
    make("text", { class: "tick", x: (58 + width) / 2, y: height - 6 }, "step"),
    make("text", { class: "note", x: 64, y: 12 }, "log-likelihood ●  bound ○  gap ┆"),
    make("path", { class: "gap", d: gaps.join("") }),
    make("path", { class: "line", d: path(rows.map((row) => [x(row.i), y(row.logLikelihood)])) }),
    ...rows.map((row) => make("circle", { class: "mark", r: row.i === at ? 5 : 3, cx: x(row.i), cy: y(row.logLikelihood) })),
    ...rows.filter((row) => row.resp).map((row) => boundMark(x(row.i), y(row.bound), floor, row.i === at ? 5.5 : 3.5)),
    make("path", { class: "now", d: `M${x(Math.max(at, first))},18V${floor}` }),
  );
}

// --- over one parameter -----------------------------------------------------------------------------

// In the plus-minus model over mu, with a second handle for where the responsibilities come from;
// else over the first feature of one component's mean, the others held.
export function makeBoundChart({ send, id }) {
  const svg = make("svg", { class: "chart", role: "group" });
  const clip = make("clipPath", { id: `${id}-bound` }, make("rect", {}));
  const [axis, curves, handles] = ["axis", "curves", "handles"].map((name) => make("g", { class: name }));
  set(curves, { "clip-path": `url(#${id}-bound)` });
  svg.append(clip, axis, curves, handles);
  let now = null;

  const grid = (value) => snap(Math.max(now.range[0], Math.min(now.range[1], value)), now.step / 10);
  const go = (value, key) => send({ do: "mean", k: now.k, value: [grid(value), ...now.mean.slice(1)], key });
  const touch = (value, key) => send({ do: "touch", value: grid(value), key });
  const here = handle(svg, {
    name: "here", label: "Parameter", shape: [make("circle", { r: 8, class: "ink knob" })],
    where: () => [now.x(now.value), 0],
    move: (px, _, key) => go(now.x.back(px), key),
    nudge: (dx, dy, key) => go(now.value + (dx + dy) * now.step, key),
  });
  const origin = handle(svg, {
    name: "touch", label: "Where the responsibilities come from", shape: [make("path", { d: "M0,-8L8,0L0,8L-8,0Z", class: "diamond knob" })],
    where: () => [now.x(now.from), 0],
    move: (px, _, key) => touch(now.x.back(px), key),
    nudge: (dx, dy, key) => touch(now.from + (dx + dy) * now.step, key),
  });
  handles.append(origin, here);

  function draw(state, k, width) {
    const height = 250;
    const mirror = state.free === "mirror";
    if (mirror) k = 1;
    const { resp, logLikelihood, bound } = numbers(state);
    const mean = state.mixture.means[k];
    const range = mirror ? [-2.8, 2.8] : state.window[0];
    const at = (t) => ({ ...state.mixture, means: [[-t], [t]] });
    const samples = state.points.length > 100 ? 36 : 90;
    const ts = Array.from({ length: samples + 1 }, (_, i) => range[0] + ((range[1] - range[0]) * i) / samples);
    const rows = mirror ? along(state.points, resp, at, ts) : alongMean(state.points, resp, state.mixture, k, ts);
    const heights = rows.map((row) => row.logLikelihood).sort((a, b) => a - b);
    const high = Math.max(heights[samples], logLikelihood);
    const low = mirror ? heights[0] : Math.min(heights[Math.floor(samples / 2)], logLikelihood);
    const reach = high - low || 1;
    const x = scale(range, [58, width - 16]);
    const y = scale([low - 0.15 * reach, high + 0.1 * reach], [height - 40, 24]);
    const floor = height - 40;
    const from = mirror && state.frozen ? state.frozen.means[1][0] : null;
    now = { x, range, k, mean, value: mean[0], from, step: round125((range[1] - range[0]) / 100) };
    const name = mirror ? "μ" : state.points[0].length > 1 ? `mean ${k + 1}, first feature` : `mean ${k + 1}`;
    const [across, up] = [ticks(range, width < 420 ? 5 : 8), ticks([y.back(floor), y.back(24)], 4)];
    const inside = (value) => Math.max(20, Math.min(floor, y(value)));
    set(svg, { viewBox: `0 0 ${width} ${height}`, height, "aria-label": `Log-likelihood and bound as functions of ${name}` });
    set(clip.firstChild, { x: 58, y: 16, width: width - 60, height: floor - 16 });
    axis.replaceChildren(
      make("path", { class: "rule", d: `M58,16V${floor}H${width - 10}` + up.map((v) => `M58,${y(v).toFixed(1)}h-5`).join("") + across.map((v) => `M${x(v).toFixed(1)},${floor}v5`).join("") }),
      ...up.map((v) => make("text", { class: "tick end", x: 50, y: y(v) + 4 }, short(v))),
      ...across.map((v) => make("text", { class: "tick", x: x(v), y: floor + 18 }, short(v))),
      make("text", { class: "tick", x: (58 + width) / 2, y: height - 4 }, name),
      make("text", { class: "note", x: 64, y: 12 }, resp ? "log-likelihood ━  bound ╌  gap ┆" : "log-likelihood ━"),
    );
    curves.replaceChildren(make("path", { class: "line thick", d: path(rows.map((row) => [x(row.t), y(row.logLikelihood)])) }));
    if (resp) {
      const top = rows.reduce((best, row) => (row.bound > best.bound ? row : best));
      const shape = path(rows.map((row) => [x(row.t), Math.min(y(row.bound), 4 * height)]));
      curves.append(
        make("path", { class: "line bound", d: shape }),
        make("path", { class: "gap", d: `M${x(mean[0])},${inside(logLikelihood)}V${inside(bound)}` }),
        make("path", { class: "line", d: `M${x(top.t) - 7},${y(top.bound) - 5}h14` }),
        boundMark(x(mean[0]), y(bound), floor, 4.5),
      );
    }
    set(here, { "aria-label": mirror ? "The parameter μ" : `Mean of component ${k + 1}, on the curve` });
    placeHandle(here, x(mean[0]), inside(logLikelihood), mean[0], `${name} = ${short(mean[0])}, log-likelihood ${written(logLikelihood)}`);
    if (from !== null)
      axis.append(
        make("path", { class: "now", d: `M${x(from)},${floor}V${y(along(state.points, null, at, [from])[0].logLikelihood).toFixed(1)}` }),
        make("text", x(from) + 120 < width
          ? { class: "note small", x: x(from) + 12, y: floor - 6 }
          : { class: "note small end", x: x(from) - 12, y: floor - 6 }, "shares taken here"),
      );
    origin.style.display = from === null ? "none" : "";
    if (from !== null) placeHandle(origin, x(from), floor, from, `responsibilities of μ = ${short(from)}`);
  }
  return { svg, draw };
}
