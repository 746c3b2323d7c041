// Live cells: Run and Edit at each code cell of a page. Python is loaded on the first Run only,
// in a worker (worker.js), from this site. What runs where is written by book/_ext/live.py.

// A classic script: opened from a disk, a page may load no module.
(() => {
"use strict";

const script = document.querySelector("script[data-live-page]");
const root = new URL(document.documentElement.dataset.content_root || "./", location.href);
const version = script.dataset.liveVersion;

const make = (tag, options = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), options);
  node.append(...children);
  return node;
};

// --- colours of the code, in the classes that the page's style sheet knows ------------------

const KEYWORDS = /^(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;
const CONSTANTS = /^(?:None|True|False)$/;
const BUILTINS = /^(?:abs|all|any|bool|dict|display|enumerate|filter|float|int|isinstance|iter|len|list|map|max|min|next|print|range|repr|reversed|round|set|sorted|str|sum|super|tuple|type|zip)$/;
const TOKEN = /(#.*)|([rbfuRBFU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?j?)|\.\d+(?:e[+-]?\d+)?)|([\p{L}_][\p{L}\d_]*)|([-+*/%@&|^~<>=!]+)/giu;

function paint(code) {
  const html = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  let out = "";
  let at = 0;
  for (const [text, comment, string, number, word, operator] of code.matchAll(TOKEN)) {
    const start = code.indexOf(text, at);
    const kind = comment ? "c1" : string ? "s2" : number ? "mi" : operator ? "o"
      : KEYWORDS.test(word) ? (/^(?:and|or|not|in|is)$/.test(word) ? "ow" : "k")
      : CONSTANTS.test(word) ? "kc" : BUILTINS.test(word) ? "nb" : "n";
    out += `${html(code.slice(at, start))}<span class="${kind}">${html(text)}</span>`;
    at = start + text.length;
  }
  return out + html(code.slice(at));
}

// --- the editor: a text field over its coloured text ------------------------------------------

function indent(field, event) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const line = value.lastIndexOf("\n", from - 1) + 1;
  const write = (text) => document.execCommand("insertText", false, text); // can be undone
  if (event.key === "Enter") {
    const before = value.slice(line, from);
    write("\n" + before.match(/^ */)[0] + (/:\s*(?:#.*)?$/.test(before) ? "    " : ""));
  } else if (event.shiftKey || value.slice(from, to).includes("\n")) {
    const rows = value.slice(line, to).split("\n");
    const moved = rows.map((row) => (event.shiftKey ? row.replace(/^ {1,4}/, "")
      : row ? "    " + row : row)).join("\n");
    field.setSelectionRange(line, to);
    write(moved);
    if (rows.length > 1) field.setSelectionRange(line, line + moved.length);
    else field.setSelectionRange(...Array(2).fill(Math.max(line, from + moved.length - rows[0].length)));
  } else {
    write(" ".repeat(4 - ((from - line) % 4)));
  }
  event.preventDefault();
}

function openEditor(cell) {
  if (cell.field) return cell.field.focus();
  const colours = make("pre", { ariaHidden: "true" });
  const field = make("textarea", {
    value: cell.source, spellcheck: false, autocapitalize: "off", wrap: "off",
    ariaLabel: `Code of cell ${cell.number}`,
  });
  field.setAttribute("autocorrect", "off");
  field.setAttribute("aria-describedby", "live-keys");
  const draw = () => {
    colours.innerHTML = paint(field.value) + "\n";
    cell.source = field.value;
    const edited = cell.source !== cell.original;
    cell.reset.hidden = !edited;
    if (cell.ran !== null && cell.ran !== cell.source) cell.stale = true;
  };
  field.addEventListener("input", draw);
  field.addEventListener("scroll", () => { colours.scrollLeft = field.scrollLeft; });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cell.button.focus();
    else if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      press(cell, true);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey
      && (event.key === "Tab" || event.key === "Enter")) indent(field, event);
  });
  cell.field = field;
  cell.editor = make("div", { className: "live-editor" }, colours, field);
  cell.pre.hidden = true;
  cell.pre.after(cell.editor);
  draw();
  field.focus();
  field.setSelectionRange(0, 0);
}

function reset(cell) {
  cell.source = cell.original;
  cell.editor?.remove();
  cell.editor = cell.field = null;
  cell.pre.hidden = false;
  cell.reset.hidden = true;
  cell.button.focus();
  if (cell.committed) cell.output.replaceChildren(...cell.committed);
  say(cell, "as in the book");
}

// --- what a cell shows ------------------------------------------------------------------------

function block(kind, text) {
  const pre = make("pre", { textContent: text });
  if (text.length > 2000 || kind === "error") pre.tabIndex = 0;
  const inner = make("div", { className: "highlight" }, pre);
  const stream = kind === "text" ? "text_plain" : kind === "stdout" ? "stream" : "stderr";
  return make("div", { className: `output ${stream} highlight-myst-ansi notranslate live-${kind}` }, inner);
}

// Of Markdown, what cells of this book show: paragraphs, and code between fences.
function markdown(text) {
  const parts = text.split(/^```.*$/m).map((part, i) => {
    const pre = make("pre");
    if (i % 2) pre.innerHTML = paint(part.trim());
    return i % 2 ? make("div", { className: "highlight" }, pre) : make("p", { textContent: part.trim() });
  });
  return make("div", {}, ...parts.filter((part) => part.textContent));
}

// A figure takes the place of the book's, whose caption and text for those who do not see it stay.
function picture(cell, data, size) {
  const [width, height] = size.split("x");
  const image = make("img", { src: `data:image/png;base64,${data}`, width, height });
  const book = cell.committed.find((node) => node.matches?.("figure"));
  const words = book?.querySelector("img")?.alt;
  if (cell.source === cell.original && words) image.alt = words;
  else image.alt = `Figure drawn by the edited cell ${cell.number}.${words ? " The book's shows: " + words : ""}`;
  const caption = book?.querySelector("figcaption");
  const figure = make("figure", { className: "align-default" }, image);
  if (cell.shown.some((node) => node.matches?.("figure")) || !book) return figure;
  figure.id = book.id;
  if (caption && cell.source === cell.original) figure.append(caption.cloneNode(true));
  return figure;
}

function show(cell, { kind, text, more }) {
  const last = cell.shown.at(-1);
  if (kind === "clear") cell.shown = [];
  else if (kind === "stdout" || kind === "stderr") {
    if (last?.classList.contains(`live-${kind}`)) last.querySelector("pre").append(text);
    else cell.shown.push(block(kind, text));
  } else if (kind === "html") {
    cell.shown.push(make("div", { className: "output text_html", innerHTML: text }));
  } else if (kind === "markdown") cell.shown.push(markdown(text));
  else if (kind === "png") cell.shown.push(picture(cell, text, more));
  else cell.shown.push(block(kind, text));
  if (cell.shown.length) cell.output.replaceChildren(...cell.shown);
}

// --- Python -----------------------------------------------------------------------------------

let page, worker, broken, running, queue = [], ready = false;

function start(packages) {
  worker = new Worker(new URL(`worker.js?${version}`, script.src), { type: "module" });
  const mine = worker;
  ready = false;
  worker.onerror = (event) => mine === worker && fail(event.message || "the worker does not start");
  worker.onmessage = ({ data }) => {
    if (mine !== worker) return;
    if (data.progress && running) progress(running.asked, data.progress);
    if (data.ready) {
      ready = true;
      if (running) say(running.asked, running.note);
    }
    if (data.shown && running) show(running.cell, data.shown);
    if (data.done && running) running.finish(data.done.ok);
    if (data.broken) fail(data.broken);
  };
  const at = new URL("live/", root).href;
  worker.postMessage({ load: { root: at, packages, version } });
}

// Ends Python, whatever it does; names are lost, so that earlier cells will run again.
function end() {
  worker?.terminate();
  worker = null;
  queue = [];
  for (const cell of cells) cell.ran = null;
  const stopped = running;
  running = null;
  return stopped;
}

function fail(why) {
  const stopped = end();
  if (!stopped) return;
  free(stopped.asked);
  say(stopped.asked, `Python could not go on: ${why}. Run starts it anew.`);
}

function stop(cell) {
  const stopped = end();
  if (stopped && stopped.cell.shown.length === 0) stopped.cell.output.replaceChildren();
  free(cell);
  say(cell, "stopped; earlier cells run again with the next Run");
  start(["numpy"]); // so that it is there when it is needed
}

function runOne(cell, asked) {
  const note = cell === asked ? "running"
    : `running ${cell.number ? `cell ${cell.number}` : "what the page hides"} first`;
  if (ready) say(asked, note);
  return new Promise((resolve) => {
    const source = cell.source;
    cell.shown = [];
    const finish = (ok) => {
      running = null;
      cell.ran = ok ? source : null;
      if (!cell.shown.length) cell.output.replaceChildren();
      resolve(ok);
    };
    running = { cell, asked, finish, note };
    const { place, packages } = cell;
    worker.postMessage({ run: place, source, name: `cell ${cell.number}`, packages });
  });
}

async function run(cell) {
  page ||= await (await fetch(new URL(`live/cells/${script.dataset.livePage}.json`, root))).json();
  settle();
  const turns = cells.slice(0, cells.indexOf(cell) + 1).filter((one) => !one.skip);
  if (!worker) start([...new Set(turns.flatMap((one) => one.packages))]);
  if (!ready) progress(cell, { what: "Python", share: 0 });
  const began = performance.now();
  for (const earlier of turns.slice(0, -1)) {
    if (earlier.ran === earlier.source) continue;
    if (!(await runOne(earlier, cell))) {
      free(cell);
      return say(cell, `cell ${earlier.number}, which comes before, raised an error`);
    }
  }
  const own = performance.now();
  const ok = await runOne(cell, cell);
  free(cell);
  const seconds = ((performance.now() - own) / 1000).toFixed(2);
  say(cell, ok ? `ran in ${seconds} s` : "raised an error");
  cell.bar.dataset.total = Math.round(performance.now() - began);
}

// Run, or Stop while it runs. Other cells wait for their turn.
function press(cell) {
  if (cell.busy && running?.asked === cell) return stop(cell);
  if (cell.busy) return;
  cell.busy = true;
  label(cell);
  if (queue.push(cell) > 1) return say(cell, "waits for its turn");
  next();
}

async function next() {
  const turn = queue[0];
  try {
    await run(turn);
  } catch (error) {
    free(turn);
    say(turn, `Python could not be loaded: ${error.message}`);
  }
  if (queue[0] !== turn) return; // stopped
  queue.shift();
  if (queue.length) next();
}

// --- the page ---------------------------------------------------------------------------------

function label(cell) {
  cell.button.textContent = cell.busy ? "Stop" : "Run";
  cell.button.setAttribute("aria-label", `${cell.busy ? "Stop" : "Run"} cell ${cell.number}`);
  cell.bar.classList.toggle("live-busy", Boolean(cell.busy));
}

function free(cell) {
  for (const one of cells) if (one.busy && (one === cell || !queue.includes(one))) {
    one.busy = false;
    label(one);
    one.meter.hidden = true;
  }
}

function say(cell, text) {
  if (cell.status.textContent !== text) cell.status.textContent = text;
  if (cell.meter) cell.meter.hidden = true;
  if (cell.percent) cell.percent.textContent = "";
}

function progress(cell, { what, share }) {
  say(cell, share < 1 ? `loading ${what}` : `starting ${what}`);
  cell.meter.hidden = false;
  cell.meter.value = share;
  cell.percent.textContent = `${Math.floor(100 * share)} %`;
}

// Cells of the page, in order; those without a place on it are added by settle().
let cells = [...document.querySelectorAll(".bd-article div.cell")].flatMap((box) => {
  const place = Number([...box.classList].find((name) => /^live-\d+$/.test(name))?.slice(5));
  const pre = box.querySelector(".cell_input pre");
  return pre && Number.isInteger(place) ? [{ place, box, pre }] : [];
});

// Adds what the page does not show, and tells which cells cannot run here.
function settle() {
  if (cells.settled) return;
  const known = new Map(cells.map((cell) => [cell.place, cell]));
  cells = page.map(({ place, source, skip, packages }) => {
    const hidden = { number: 0, output: make("div"), shown: [], committed: [], ran: null, place };
    const cell = known.get(place) || Object.assign(hidden, { source, original: source });
    return Object.assign(cell, { skip, packages });
  });
  cells.settled = true;
}

function dress(cell, index) {
  const { box, pre } = cell;
  const output = box.querySelector(":scope > .cell_output")
    || make("div", { className: "cell_output docutils container" });
  const button = make("button", { type: "button", className: "live-button live-run" });
  const edit = make("button", { type: "button", className: "live-button", textContent: "Edit" });
  const undo = make("button", { type: "button", className: "live-button", textContent: "Reset" });
  const status = make("span", { className: "live-status" });
  const percent = make("span", { className: "live-percent", ariaHidden: "true" });
  const meter = make("progress", { max: 1, value: 0, hidden: true, ariaLabel: "Loading Python" });
  const bar = make("div", { className: "live-bar d-print-none" }, button, edit, undo, meter, percent, status);
  const source = pre.textContent.replace(/\n$/, "");
  Object.assign(cell, {
    number: index + 1, source, original: source, output, button, reset: undo, status, percent,
    meter, bar, shown: [], committed: [...output.childNodes], ran: null, busy: false,
  });
  status.setAttribute("role", "status");
  edit.setAttribute("aria-label", `Edit cell ${cell.number}`);
  undo.setAttribute("aria-label", `Reset cell ${cell.number}`);
  undo.hidden = true;
  button.addEventListener("click", () => press(cell));
  edit.addEventListener("click", () => openEditor(cell));
  undo.addEventListener("click", () => reset(cell));
  label(cell);
  box.querySelector(".cell_input").append(bar);
  if (!output.parentNode) box.append(output);
}

if (location.protocol !== "file:") {
  cells.forEach((cell, index) => {
    const why = cell.box.querySelector(".live-not");
    if (!why) return dress(cell, index);
    cell.number = index + 1;
    why.hidden = false;
  });
  document.body.append(make("p", {
    id: "live-keys", hidden: true,
    textContent: "Shift and Enter runs the cell, Tab indents, Escape leaves the editor.",
  }));
  document.documentElement.classList.add("live");
}
})();
