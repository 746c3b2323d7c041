// Python beside the page: loads Pyodide and runs cells, one after the other. live.js talks to it.
//
// In:  {load: {root, packages, version}}, then {run: number, source, name, packages}
// Out: {progress: {what, share}}, {ready}, {shown: {run, kind, text, more}}, {done: {run, ok}},
//      {broken: why}

const NAMES = {
  "pyodide.asm.wasm": "Python", "pyodide.asm.js": "Python", "python_stdlib.zip": "Python",
  numpy: "NumPy", scipy: "SciPy", openblas: "SciPy", matplotlib: "Matplotlib",
  scikit_learn: "scikit-learn", gmmtutor: "gmmtutor",
};
let python, root, lock, current;

// Counts what arrives, so that progress has a name and a percentage.
let sizes = {}, total = 0, arrived = 0, said = 0;
const plain = self.fetch.bind(self);
self.fetch = async (address, options) => {
  const answer = await plain(address, options);
  const file = new URL(answer.url).pathname.split("/").pop();
  const what = NAMES[file] || NAMES[file.split("-")[0]] || "what Matplotlib needs";
  if (!sizes[file] || !answer.body) return answer;
  const counter = new TransformStream({
    transform(chunk, out) {
      arrived += chunk.byteLength;
      if (Date.now() - said > 100) {
        said = Date.now();
        postMessage({ progress: { what, share: Math.min(arrived / total, 1) } });
      }
      out.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(counter), { status, statusText, headers });
};

// Says what is to come: the files of packages and of all that they depend on.
function expect(packages, files = []) {
  const found = new Set(files);
  const add = (name) => {
    if (!python?.loadedPackages[name]) found.add(lock.packages[name].file_name);
    lock.packages[name].depends.forEach(add);
  };
  packages.forEach(add);
  arrived = 0;
  total = [...found].reduce((sum, name) => sum + (sizes[name] || 0), 0);
}

async function get(address, options) {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  return answer;
}

async function load({ root: at, packages, version }) {
  root = at;
  const manifest = await (await get(root + "manifest.json", { cache: "no-cache" })).json();
  lock = await (await get(root + "pyodide-lock.json", { cache: "no-cache" })).json();
  sizes = manifest.sizes;
  expect(packages, ["pyodide.asm.wasm", "python_stdlib.zip", manifest.wheel]);
  const [{ loadPyodide }, wheel, cells] = await Promise.all([
    import(root + "pyodide.mjs"),
    get(`${root}${manifest.wheel}?${manifest.digest}`).then((answer) => answer.arrayBuffer()),
    get(`${root}cells.py?${version}`).then((answer) => answer.text()),
  ]);
  const quiet = { stdout: () => {}, stderr: (line) => console.warn(line) };
  python = await loadPyodide({ indexURL: root, packages, ...quiet });
  postMessage({ progress: { what: "gmmtutor", share: 1 } });
  python.unpackArchive(wheel, "wheel");
  const module = python.runPython("import types; types.ModuleType('cells')");
  python.globals.set("cells", module);
  python.globals.set("text_of_cells", cells);
  python.runPython("exec(compile(text_of_cells, 'cells.py', 'exec'), cells.__dict__)");
  module.send = (kind, text, more) => postMessage({ shown: { run: current, kind, text, more } });
  postMessage({ ready: true });
  return module;
}

// Loads packages that are not there yet; returns whether there were any.
async function bring(packages) {
  const missing = packages.filter((name) => !python.loadedPackages[name]);
  if (!missing.length) return false;
  expect(missing);
  await python.loadPackage(missing, { messageCallback() {} });
  return true;
}

// The package that brings a module, which an edited cell may import.
const bringer = (name) =>
  Object.keys(lock.packages).filter((part) => lock.packages[part].imports.includes(name));

let module;
onmessage = async ({ data }) => {
  if (data.load) {
    module = load(data.load);
    module.catch((error) => postMessage({ broken: String(error.message || error) }));
    return;
  }
  const { run, source, name, packages } = data;
  try {
    const cells = await module;
    await bring(packages);
    current = run;
    let outcome = cells.run(source, name);
    if (outcome && outcome !== "failed" && (await bring(bringer(outcome)))) {
      postMessage({ shown: { run, kind: "clear" } });
      outcome = cells.run(source, name);
    }
    postMessage({ done: { run, ok: !outcome } });
  } catch (error) {
    postMessage({ broken: String(error.message || error) });
  }
};
