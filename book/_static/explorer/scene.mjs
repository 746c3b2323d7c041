// The scene: points, their bars, and the components with their handles, on a line or in a plane.

import { eigen, eStep, weightedLogProb } from "./em.mjs";
import { box, dots, handle, make, meanShape, path, patterns, placeHandle, round125, scale, set, short, snap, spreadShape, ticks } from "./view.mjs";
import { DATA, dataName } from "./data.mjs";

const SIDE = 14;
const FEW = 40; // up to so many points each carries its own bar, in the plane

// Everything that the scene needs of its explorer: send(action), look(probe), adding(), id.
export function makeScene(explorer, D) {
  const svg = make("svg", { class: "scene", role: "group" });
  const scene = D === 1 ? lineScene(svg, explorer) : planeScene(svg, explorer);
  const place = (event) => {
    const frame = svg.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && !event.buttons) explorer.hover(scene.point(...place(event)));
  });
  svg.addEventListener("pointerleave", () => explorer.hover(null));
  svg.addEventListener("click", (event) => {
    if (event.target.closest(".handle")) return;
    if (explorer.adding()) explorer.send({ do: "add", point: scene.value(...place(event)) });
    else {
      const found = scene.point(...place(event));
      if (found) explorer.look(found);
    }
  });
  return { svg, draw: scene.draw };
}

// The shares that an E-step would give.
function sharesInWords(probe, state) {
  const { resp } = eStep([probe], state.mixture);
  return `shares ${resp[0].map((r) => r.toFixed(3)).join(", ")}`;
}

// Makes handles anew when the number of components changes, and keeps the focus.
function handlesFor(layer, wanted, build) {
  if (layer.dataset.wanted === wanted) return;
  const focused = layer.contains(document.activeElement) && document.activeElement.dataset.handle;
  layer.dataset.wanted = wanted;
  layer.replaceChildren(...build());
  if (focused) layer.querySelector(`[data-handle="${focused}"]`)?.focus();
}

const steps = ([low, high]) => round125((high - low) / 100);
const limited = (value, [low, high]) => Math.max(low, Math.min(high, value));

// --- on a line -----------------------------------------------------------------------------------

const TOP = 16;
const BELOW = 92; // bars and labels
const BAR = 34;

function lineScene(svg, { send, look, id }) {
  const clip = make("clipPath", { id: `${id}-clip` }, make("rect", {}));
  const layers = {};
  for (const name of ["axis", "trails", "curves", "bars", "points", "probe", "handles"])
    layers[name] = make("g", { class: name });
  set(layers.curves, { "clip-path": `url(#${id}-clip)` });
  svg.append(patterns(id), clip, ...Object.values(layers));
  let now = null; // the state and the scales of the last drawing

  const probeNode = handle(svg, {
    name: "probe",
    label: "The place looked at; page up and down go from point to point",
    shape: [make("path", { d: "M0,-7L7,5H-7Z", class: "probe-mark knob" })],
    where: () => [now.x(now.probe[0]), now.base],
    move: (px) => look([snap(limited(now.x.back(px), now.state.window[0]), now.step / 10)]),
    nudge: (dx) => look([snap(limited(now.probe[0] + dx * now.step, now.state.window[0]), now.step / 10)]),
  });
  probeNode.addEventListener("keydown", (event) => {
    const places = [...new Set(now.state.points.map(([v]) => v))].sort((a, b) => a - b);
    let next;
    if (event.key === "PageUp") next = places.find((v) => v > now.probe[0]);
    else if (event.key === "PageDown") next = places.reverse().find((v) => v < now.probe[0]);
    else return;
    event.preventDefault();
    if (next !== undefined) look([next]);
  });
  layers.probe.append(make("line", { class: "probe-line" }), probeNode);

  const meanOf = (k) => now.state.mixture.means[k][0];
  const sdOf = (k) => Math.sqrt(now.state.mixture.covs[k][0]);
  const setMean = (k, value, key) => send({ do: "mean", k, value: [snap(limited(value, now.state.window[0]), now.step / 10)], key });
  const setSd = (k, sd, key) => send({ do: "cov", k, value: [snap(Math.max(sd, now.step / 10), now.step / 10) ** 2], key });

  function build(K, mirror) {
    const made = [];
    for (let k = 0; k < K; k++) {
      if (!mirror)
        made.push(handle(svg, {
          name: `sd-${k}`, label: `Standard deviation of component ${k + 1}`, shape: spreadShape(k),
          where: () => [now.x(meanOf(k) + sdOf(k)), 0],
          move: (px, _, key) => setSd(k, now.x.back(px) - meanOf(k), key),
          nudge: (dx, dy, key) => setSd(k, sdOf(k) + (dx + dy) * now.step, key),
        }));
      made.push(handle(svg, {
        name: `mean-${k}`, label: `Mean of component ${k + 1}`, shape: meanShape(k),
        where: () => [now.x(meanOf(k)), 0],
        move: (px, _, key) => setMean(k, now.x.back(px), key),
        nudge: (dx, dy, key) => setMean(k, meanOf(k) + (dx + dy) * now.step, key),
      }));
    }
    return made;
  }

  function draw(state, shown, { width, probe, hover, looking, trails }) {
    const height = width < 500 ? 290 : 330;
    const base = height - BELOW;
    const x = scale(state.window[0], [SIDE, width - SIDE]);
    const { mixture, resp } = shown;
    const K = mixture.weights.length;
    const places = curvePlaces(state.window[0], mixture);
    const density = weightedLogProb(places.map((v) => [v]), mixture).map((row) => row.map(Math.exp));
    const peaks = mixture.weights.map((w, k) => w / Math.sqrt(2 * Math.PI * mixture.covs[k][0]));
    const total = density.map((row) => row.reduce((a, b) => a + b, 0));
    const top = above(Math.min(Math.max(...total, ...peaks), 1.2));
    const y = scale([0, top], [base, TOP]);
    now = { state, x, base, probe, step: steps(state.window[0]) };

    set(svg, { viewBox: `0 0 ${width} ${height}`, height, "aria-label": "Points on a line, the curves of the components, and handles to move them" });
    set(clip.firstChild, { x: 0, y: TOP - 4, width, height: base - TOP + 5 });
    const marks = ticks(state.window[0], width < 500 ? 6 : 10);
    layers.axis.replaceChildren(
      make("path", { d: `M${SIDE},${base}H${width - SIDE}` + marks.map((v) => `M${x(v).toFixed(1)},${base}v5`).join(""), class: "rule" }),
      ...marks.map((v) => make("text", { x: x(v), y: height - 8, class: "tick" }, short(v))),
      make("text", { x: SIDE - 8, y: 11, class: "note" }, `density, up to ${short(top)}`),
    );
    layers.curves.replaceChildren(
      make("path", { class: "curve total", d: path(places.map((v, i) => [x(v), y(total[i])])) }),
      ...mixture.weights.map((_, k) => make("path", { class: `curve c${k + 1} s${k + 1}`, d: path(places.map((v, i) => [x(v), y(density[i][k])])) })),
    );
    layers.trails.replaceChildren(...trails.map((places_, k) =>
      make("path", { class: `trail c${k + 1}`, d: places_.map(([v]) => `M${x(v).toFixed(1)},${base}v-7`).join("") })));
    drawBars(state, resp, x, base);
    const seen = hover || probe;
    layers.probe.style.display = looking ? "" : "none";
    set(layers.probe.firstChild, { x1: x(seen[0]), x2: x(seen[0]), y1: TOP, y2: base + 8 + BAR });
    placeHandle(probeNode, x(probe[0]), base + 14 + BAR, probe[0], `x = ${short(probe[0])}, ${sharesInWords(probe, state)}`);
    const mirror = state.free === "mirror";
    handlesFor(layers.handles, `${K}${mirror}`, () => build(K, mirror));
    for (const node of layers.handles.children) {
      const [kind, k] = node.dataset.handle.split("-");
      const mean = mixture.means[k][0];
      const sd = Math.sqrt(mixture.covs[k][0]);
      if (kind === "mean") placeHandle(node, x(mean), Math.max(TOP, y(peaks[k])), mean, `mean ${short(mean)}`);
      else placeHandle(node, x(mean + sd), Math.max(TOP + 24, y(peaks[k] * Math.exp(-0.5))), sd, `standard deviation ${short(sd)}`);
    }
  }

  function drawBars(state, resp, x, base) {
    const room = (x(state.window[0][1]) - x(state.window[0][0])) / state.points.length;
    const wide = Math.max(1.5, Math.min(12, room * 0.5));
    const places = state.points.map(([v]) => x(v));
    layers.points.replaceChildren(make("path", { class: "dots", d: dots(places.map((px) => [px, base])), "stroke-width": state.points.length > 60 ? 4 : 8 }));
    const frames = make("path", { class: "bar-frame", d: places.map((px) => box(px - wide / 2, base + 10, wide, BAR)).join("") });
    if (!resp) return layers.bars.replaceChildren(frames);
    const parts = resp[0].map((_, k) => {
      const d = places.map((px, n) => {
        let from = 0;
        for (let j = 0; j < k; j++) from += resp[n][j];
        const tall = resp[n][k] * BAR;
        return tall > 0.05 ? box(px - wide / 2, base + 10 + from * BAR, wide, tall) : "";
      }).join("");
      return make("path", { class: `bar c${k + 1}`, d, fill: wide < 5 ? null : `url(#${id}-t${k})` });
    });
    return layers.bars.replaceChildren(...parts, frames);
  }

  const value = (px) => [snap(limited(now.x.back(px), now.state.window[0]), now.step / 10)];
  function point(px) {
    const near = now.state.points.find(([v]) => Math.abs(now.x(v) - px) < 7);
    return near ? [near[0]] : value(px);
  }
  return { draw, point, value };
}

// Where the curves are computed: evenly, and closer around narrow components.
function curvePlaces([low, high], mixture) {
  const places = [];
  for (let i = 0; i <= 140; i++) places.push(low + ((high - low) * i) / 140);
  mixture.means.forEach(([mean], k) => {
    const sd = Math.sqrt(mixture.covs[k][0]);
    if (sd < (high - low) / 12) for (let i = -20; i <= 20; i++) places.push(mean + (sd * i) / 5);
  });
  return places.filter((v) => v >= low && v <= high).sort((a, b) => a - b);
}

// The next of a few round values, so that the vertical scale does not tremble.
function above(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1.2, 1.6, 2, 3, 4, 6, 8, 12].find((step) => step * power >= value * 1.04);
}

// --- in a plane ----------------------------------------------------------------------------------

function planeScene(svg, { send, look, id }) {
  const layers = {};
  for (const name of ["axis", "points", "bars", "trails", "curves", "probe", "handles"]) layers[name] = make("g", { class: name });
  const clip = make("clipPath", { id: `${id}-clip` }, make("rect", {}));
  svg.append(patterns(id), clip, ...Object.values(layers));
  set(layers.curves, { "clip-path": `url(#${id}-clip)` });
  let now = null;
  let coloured = null;

  const probeNode = handle(svg, {
    name: "probe", label: "The point looked at; arrow keys go to its neighbours",
    shape: [make("circle", { r: 8, class: "ring" })],
    where: () => now.at(now.probe),
    move(px, py) {
      const found = point(px, py);
      if (found) look(found);
    },
    nudge: (dx, dy) => step(dx, dy),
  });
  layers.probe.append(probeNode);

  const grid = (value, d) => snap(limited(value, now.state.window[d]), now.step[d] / 10);
  const value = (px, py) => [grid(now.x.back(px), 0), grid(now.y.back(py), 1)];

  function point(px, py) {
    let best = null;
    let least = Infinity;
    for (const x of now.state.points) {
      const [qx, qy] = now.at(x);
      const far = Math.hypot(qx - px, qy - py);
      if (far < least) [best, least] = [x, far];
    }
    return least < 60 ? best : null;
  }

  // The nearest point that lies in the direction of the arrow.
  function step(dx, dy) {
    const [px, py] = now.at(now.probe);
    let best = null;
    let least = Infinity;
    for (const x of now.state.points) {
      const [qx, qy] = now.at(x);
      const ahead = (qx - px) * Math.sign(dx) - (qy - py) * Math.sign(dy);
      const aside = dx ? Math.abs(qy - py) : Math.abs(qx - px);
      if (ahead > 0.5 && ahead + 2 * aside < least) [best, least] = [x, ahead + 2 * aside];
    }
    if (best) look(best);
  }

  const mean = (k) => now.state.mixture.means[k];
  const axesOf = (k) => {
    const cov = now.state.mixture.covs[k];
    if (now.state.type === "diag") return [[Math.sqrt(cov[0]), 0], [0, Math.sqrt(cov[2])]];
    const { values, vectors } = eigen(cov);
    return vectors.map((v, i) => v.map((part) => part * Math.sqrt(values[i])));
  };

  // One axis of the ellipse becomes u; the other keeps its length and stays perpendicular.
  function setAxis(k, i, u, key) {
    const [least, type] = [now.step[0] / 10, now.state.type];
    const axes = axesOf(k);
    const other = axes[1 - i];
    const long = Math.max(Math.hypot(...u), least);
    if (type === "spherical") return send({ do: "cov", k, value: [long ** 2, 0, long ** 2], key });
    if (type === "diag") {
      const sd = Math.max(Math.abs(u[i]), now.step[i] / 10);
      const old = now.state.mixture.covs[k];
      return send({ do: "cov", k, value: i === 0 ? [sd ** 2, 0, old[2]] : [old[0], 0, sd ** 2], key });
    }
    const n = [-u[1] / long, u[0] / long].map((part) => part * Math.hypot(...other));
    const cov = [u[0] ** 2 + n[0] ** 2, u[0] * u[1] + n[0] * n[1], u[1] ** 2 + n[1] ** 2];
    return send({ do: "cov", k, value: cov.map((v) => Number(v.toPrecision(6))), key });
  }

  function build(K, type) {
    const made = [];
    for (let k = 0; k < K; k++) {
      for (let i = 0; i < (type === "spherical" ? 1 : 2); i++)
        made.push(handle(svg, {
          name: `axis${i}-${k}`, label: `${i ? "Second" : "First"} axis of component ${k + 1}`, shape: spreadShape(k),
          where: () => now.at(axesOf(k)[i].map((part, d) => mean(k)[d] + part)),
          move: (px, py, key) => setAxis(k, i, [now.x.back(px) - mean(k)[0], now.y.back(py) - mean(k)[1]], key),
          nudge: (dx, dy, key) => setAxis(k, i, axesOf(k)[i].map((part, d) => part + [dx, dy][d] * now.step[d]), key),
        }));
      made.push(handle(svg, {
        name: `mean-${k}`, label: `Mean of component ${k + 1}`, shape: meanShape(k),
        where: () => now.at(mean(k)),
        move: (px, py, key) => send({ do: "mean", k, value: value(px, py), key }),
        nudge: (dx, dy, key) => send({ do: "mean", k, value: [grid(mean(k)[0] + dx * now.step[0], 0), grid(mean(k)[1] + dy * now.step[1], 1)], key }),
      }));
    }
    return made;
  }

  function draw(state, shown, { width, probe, hover, looking, trails }) {
    const height = Math.round(Math.max(300, Math.min(440, width * 0.62)));
    const x = scale(state.window[0], [46, width - SIDE]);
    const y = scale(state.window[1], [height - 42, 12]);
    const at = ([a, b]) => [x(a), y(b)];
    now = { state, x, y, at, probe, step: state.window.map(steps) };
    const { mixture, resp } = shown;
    set(svg, { viewBox: `0 0 ${width} ${height}`, height, "aria-label": "Points in a plane, the ellipses of the components, and handles to move them" });
    set(clip.firstChild, { x: 40, y: 4, width: width - 40, height: height - 44 });
    if (coloured?.width !== width || coloured.window !== state.window || coloured.points !== state.points) drawAxes(state, width, height);
    if (coloured?.resp !== resp || coloured.points !== state.points || coloured.width !== width || coloured.window !== state.window)
      drawPoints(state, resp);
    coloured = { resp, points: state.points, width, window: state.window };
    layers.curves.replaceChildren(...mixture.means.flatMap((centre, k) => {
      const { values, vectors } = eigen(mixture.covs[k]);
      return [1, 2].map((times) => make("path", { class: `curve c${k + 1} s${k + 1} sd${times}`, d: `${path(round(centre, values, vectors, times).map(at))}Z` }));
    }));
    layers.trails.replaceChildren(...trails.map((places, k) => make("path", { class: `trail c${k + 1}`, d: path(places.map(at)) })));
    const K = mixture.weights.length;
    handlesFor(layers.handles, `${K}${state.type}`, () => build(K, state.type));
    for (const node of layers.handles.children) {
      const [kind, k] = node.dataset.handle.split("-");
      const centre = mixture.means[k];
      if (kind === "mean") placeHandle(node, ...at(centre), centre[0], `mean ${centre.map(short).join(", ")}`);
      else {
        const u = axesOf(k)[Number(kind.slice(4))];
        placeHandle(node, ...at([mean(k)[0] + u[0], mean(k)[1] + u[1]]), Math.hypot(...u), `standard deviation ${short(Math.hypot(...u))}`);
      }
    }
    layers.probe.style.display = looking ? "" : "none";
    placeHandle(probeNode, ...at(hover || probe), probe[0], `point ${probe.map(short).join(", ")}; ${sharesInWords(probe, state)}`);
  }

  function drawAxes(state, width, height) {
    const [across, up] = [ticks(state.window[0], width < 500 ? 5 : 8), ticks(state.window[1], 6)];
    const names = DATA[dataName(state.points)]?.axes || ["x1", "x2"];
    layers.axis.replaceChildren(
      make("path", { class: "rule", d: `M46,8V${height - 38}H${width - SIDE}` + across.map((v) => `M${now.x(v).toFixed(1)},${height - 38}v5`).join("") + up.map((v) => `M46,${now.y(v).toFixed(1)}h-5`).join("") }),
      ...across.map((v) => make("text", { x: now.x(v), y: height - 20, class: "tick" }, short(v))),
      ...up.map((v) => make("text", { x: 38, y: now.y(v) + 4, class: "tick end" }, short(v))),
      make("text", { x: (width + 40) / 2, y: height - 4, class: "tick" }, names[0]),
      make("text", { class: "tick", transform: `translate(11,${(height - 40) / 2}) rotate(-90)` }, names[1]),
    );
  }

  function drawPoints(state, resp) {
    const { points } = state;
    // Points of nearly one colour make one path: a few dozen elements instead of hundreds.
    const groups = new Map();
    points.forEach((x, n) => {
      const key = resp ? resp[n].map((r) => Math.round(r * 8)).join() : "";
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(now.at(x));
    });
    const radius = points.length > 150 ? 5 : 8;
    layers.points.replaceChildren(...[...groups].map(([key, places]) =>
      make("path", { class: "dots", d: dots(places), "stroke-width": radius, style: key ? `stroke:${blend(key.split(",").map(Number))}` : null })));
    const bars = resp && points.length <= FEW ? resp[0].map((_, k) => make("path", {
      class: `bar c${k + 1}`, fill: `url(#${id}-t${k})`,
      d: points.map((x, n) => {
        const [px, py] = now.at(x);
        const from = resp[n].slice(0, k).reduce((a, b) => a + b, 0);
        return box(px - 12 + 24 * from, py + 7, 24 * resp[n][k], 6);
      }).join(""),
    })) : [];
    layers.bars.replaceChildren(...bars);
  }

  return { draw, point, value };
}

// The components' colours, mixed in proportion to the shares.
const PALETTE = [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0]];
export function blend(shares) {
  const total = shares.reduce((a, b) => a + b, 0) || 1;
  const mixed = [0, 1, 2].map((i) => Math.round(shares.reduce((sum, r, k) => sum + (r / total) * PALETTE[k][i], 0)));
  return `rgb(${mixed.join()})`;
}

function round(centre, values, vectors, times) {
  const points = [];
  for (let i = 0; i < 60; i++) {
    const [c, s] = [Math.cos((i * Math.PI) / 30), Math.sin((i * Math.PI) / 30)].map((v) => v * times);
    points.push(centre.map((v, d) => v + c * Math.sqrt(values[0]) * vectors[0][d] + s * Math.sqrt(values[1]) * vectors[1][d]));
  }
  return points;
}
