// What the page is about. `view` is what the reader looks at.
const { of, written, files } = JSON.parse(document.getElementById("data").textContent);
const view = { listing: "recorded", step: 0, chosen: 0, sort: { key: "number", up: true }, filter: "" };
const $ = (id) => document.getElementById(id);
const program = () => of[view.listing].instructions;
const slot = (id) => of.slots[id];
const step = () => of.steps[view.step];
const seen = (id) => step()?.seen[id] ?? null;

// An element: make("td", { class: "text" }, "a", child).
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value);
    else if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function scaled(x, unit) {
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (x >= size) return (x / size).toFixed(1) + " " + letter + unit;
  return x.toFixed(0) + " " + unit;
}
const time = (ns) => (ns === null ? "" : ns < 1e3 ? ns.toFixed(0) + " ns" : ns < 1e6 ? (ns / 1e3).toFixed(1) + " µs" : (ns / 1e6).toFixed(2) + " ms");
function short(x) {
  if (x === null || x === undefined) return "–";
  if (x === 0) return "0";
  return Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3 ? x.toExponential(2) : x.toFixed(3);
}
const gflops = (i) => (i.ns && i.flops ? i.flops / i.ns : null);
const bandwidth = (i) => (i.ns ? i.bytes / i.ns : null);
const ofPeak = (i) => (of.roof && gflops(i) !== null ? (100 * gflops(i)) / of.roof.peak : null);

// Nanoseconds at least, and what sets them; as `Roof::bound`.
function bound(i) {
  const level = of.roof?.levels.find((l) => i.bytes <= l.capacity) ?? of.roof?.levels.at(-1);
  if (!level) return null;
  const [compute, memory] = [i.flops / of.roof.peak, i.bytes / level.bandwidth];
  return compute > memory ? [compute, "FMA"] : [memory, level.name];
}
const ofBound = (i) => (i.ns && bound(i) ? (100 * bound(i)[0]) / i.ns : null);
const tenth = (x) => (x === null ? "" : x.toFixed(1));

function call(i) {
  const names = (ids) => ids.map((id) => slot(id).name).join(", ");
  if (i.y.length) return `${names(i.y)} = ${i.op}(${names(i.x)})`;
  const all = i.updates;
  return all.length > 2 ? `${i.op}(${all[0]}, … ${all.at(-1)}: ${all.length} parameters)` : `${i.op}(${all.join(", ")})`;
}

// Numbers of the instructions of the listing shown that belong to instruction k: its gradients, or what it is the gradient of.
function related(k) {
  const all = program(), own = all[k];
  const is = (i, numbers) => numbers.some((n) => i.recorded.includes(n));
  const forward = own.gradient_of === null ? [] : [own.gradient_of];
  return all.flatMap((i, n) => (n !== k && (is(i, forward) || (own.phase === "forward" && own.recorded.includes(i.gradient_of))) ? [n] : []));
}
const makerOf = (id) => program().findIndex((i) => i.y.includes(id));
const savedFor = (k) => program().flatMap((i, n) => (i.saved.some((id) => program()[k].y.includes(id)) ? [n] : []));
