// What all drawings share: elements, scales, handles, textures, the way numbers are written.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = "svg g path circle rect line text defs pattern clipPath title".split(" ");

// Make an element: attributes by name, listeners by on..., then children.
export function make(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export const scale = ([low, high], [from, to]) => {
  const factor = (to - from) / (high - low);
  const to_ = (value) => from + (value - low) * factor;
  to_.back = (pixel) => low + (pixel - from) / factor;
  return to_;
};

// 1, 2 or 5 times a power of ten, at most the given value.
export function round125(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = value / power;
  return (digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power;
}

export function ticks([low, high], about = 6) {
  let step = round125((high - low) / about);
  while (high - low > 1.5 * about * step) step = round125(2.5 * step);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(Number((i * step).toPrecision(12)));
  return found;
}

export const short = (value) => String(Number(value.toPrecision(6))).replace("-", "−");

// Rounds to a multiple of a step, without binary dust.
export const snap = (value, step) => Number((Math.round(value / step) * step).toPrecision(12));

export const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)},${y.toFixed(2)}`).join("");

// One path for many dots, drawn by round caps.
export const dots = (points) => points.map(([x, y]) => `M${x.toFixed(1)},${y.toFixed(1)}h0`).join("");

export const box = (x, y, w, h) => `M${x.toFixed(2)},${y.toFixed(2)}h${w.toFixed(2)}v${h.toFixed(2)}h${(-w).toFixed(2)}z`;

// Textures of the bars, so that they are told apart without colour.
const TEXTURES = ["", "M0,2h6", "M3,3h0", "M3,0v6", "M0,0h0M3,3h0M6,6h0M6,0h0M0,6h0"];
export function patterns(id) {
  return make("defs", {}, ...TEXTURES.map((marks, k) =>
    make("pattern", { id: `${id}-t${k}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      make("rect", { width: 6, height: 6, class: `c${k + 1} filled` }),
      make("path", { d: marks, class: "texture" }))));
}

// A handle that is moved by pointer, touch and arrow keys. `where` returns its place in pixels,
// `move(x, y, key)` takes a wanted place in pixels, `nudge(dx, dy, key)` a number of steps.
export function handle(svg, { name, label, shape, move, nudge, where }) {
  const node = make("g", { class: "handle", tabindex: 0, role: "slider", "aria-label": label, "data-handle": name },
    make("circle", { r: 19, class: "reach" }), ...shape);
  let grip = null;
  const place = (event) => {
    const frame = svg.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    event.stopPropagation();
    node.focus({ preventScroll: true });
    node.setPointerCapture(event.pointerId);
    const [x, y] = place(event);
    const [hx, hy] = where();
    grip = { dx: hx - x, dy: hy - y, key: `${name}:${event.timeStamp}` };
  });
  node.addEventListener("pointermove", (event) => {
    if (!grip) return;
    event.stopPropagation();
    const [x, y] = place(event);
    move(x + grip.dx, y + grip.dy, grip.key);
  });
  const release = () => { grip = null; };
  node.addEventListener("pointerup", release);
  node.addEventListener("pointercancel", release);
  node.addEventListener("lostpointercapture", release);
  node.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const times = event.shiftKey ? 10 : 1;
    nudge(step[0] * times, step[1] * times, `${name}:keys`);
  });
  return node;
}

export function placeHandle(node, x, y, value, text) {
  set(node, {
    transform: `translate(${x.toFixed(2)},${y.toFixed(2)})`,
    "aria-valuenow": value, "aria-valuetext": text,
  });
}

export const meanShape = (k) => [
  make("circle", { r: 9.5, class: `c${k + 1} filled knob` }),
  make("text", { class: `on-${k + 1} number`, dy: "0.36em" }, String(k + 1)),
];
export const spreadShape = (k) => [make("rect", { x: -5, y: -5, width: 10, height: 10, class: `c${k + 1} hollow knob` })];

// Numbers as a hand table writes them: four significant digits.
export function byHand(value) {
  const size = Math.abs(value);
  const text = value.toPrecision(4);
  if (size === 0 || Number(text) === value) return short(value);
  if (size >= 1e-5 && size < 1e5) return text.replace("-", "−");
  const [digits, power] = value.toExponential(2).split("e");
  return `${digits}·10${[...String(Number(power))].map((c) => RAISED[c]).join("")}`.replace("-", "−");
}
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
