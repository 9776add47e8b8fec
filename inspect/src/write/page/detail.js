// All that is known of the chosen instruction.
const link = (k) => make("button", { onclick: () => choose(k, "detail") }, `${k} ${program()[k].op}`);

function links(numbers) {
  return make("span", {}, ...numbers.flatMap((k, n) => (n ? [", ", link(k)] : [link(k)])));
}

function fact(list, name, ...value) {
  if (value.every((v) => v !== null && v !== "")) list.append(make("dt", {}, name), make("dd", {}, ...value));
}

function facts(k, i) {
  const list = make("dl");
  const saved = savedFor(k), belongs = related(k);
  fact(list, "type", i.y.map((id) => slot(id).ty).join(", "));
  fact(list, "work", i.flops ? scaled(i.flops, "FLOP") : "");
  fact(list, "traffic", scaled(i.bytes, "B") + (i.flops ? `, ${(i.flops / i.bytes).toFixed(1)} FLOP a byte` : ""));
  const rates = [[gflops(i), "GFLOP/s"], [bandwidth(i), "GB/s"], [ofPeak(i), "% of peak"], [ofBound(i), `% of its bound (${bound(i)?.[1]})`]];
  fact(list, "time", i.ns === null ? "" : [time(i.ns), ...rates.flatMap(([x, unit]) => (x === null ? [] : [`${tenth(x)} ${unit}`]))].join(", "));
  fact(list, "kernel", i.kernel);
  fact(list, "module", i.module ?? "");
  fact(list, "line", `${i.file}:${i.line}`, i.text ? make("div", {}, make("code", {}, i.text)) : " ");
  if (i.gradient_of !== null && belongs.length) fact(list, "gradient of", links(belongs));
  else if (belongs.length) fact(list, "its gradients", links(belongs));
  if (saved.length) fact(list, "saved for", links(saved));
  if (i.saved.length) fact(list, "reads of forward", i.saved.map((id) => slot(id).name).join(", "));
  fact(list, view.listing === "recorded" ? "planned" : "made of", fate(k, i));
  return list;
}

// What became of a recorded instruction, or what a planned one is made of.
function fate(k, i) {
  if (view.listing === "planned") return i.recorded.map((n) => `${n} ${of.recorded.instructions[n].op}`).join(", ");
  const what = of.fates[k];
  if (typeof what === "string") return { constant: "a constant, written once", fed: "fed as it is", dropped: "dropped: nobody reads it" }[what];
  const by = of.planned.instructions[what.done];
  const others = by.recorded.filter((n) => n !== k).map((n) => `${n} ${of.recorded.instructions[n].op}`);
  return `as ${what.done} ${by.op}` + (others.length ? `, together with ${others.join(", ")}` : "");
}

function value(id) {
  const v = seen(id)?.values, box = make("div", { class: "value" }, make("h3", {}, `${slot(id).name}: ${slot(id).ty}`));
  if (!v) return box;
  const bad = v.nan + v.infinite;
  box.append(
    make("p", {}, `${short(v.min)} to ${short(v.max)}, mean ${short(v.mean)}, norm ${short(v.norm)}, ${Math.round((100 * v.zeros) / v.len)} % zeros`,
      bad ? make("span", { class: "bad" }, `, ${v.nan} NaN, ${v.infinite} infinite`) : null),
  );
  const picture = pictureOf(id);
  if (picture) box.append(picture);
  return box;
}

function source(title, excerpts, open) {
  if (!excerpts.length) return null;
  const where = `${excerpts[0].path}:${excerpts[0].line}`;
  const box = make("details", open ? { open: "" } : {}, make("summary", {}, title + " ", make("span", { class: "where" }, where)));
  for (const e of excerpts) box.append(make("pre", { tabindex: 0, "aria-label": `${e.path}, line ${e.line}` }, `// ${e.path}:${e.line}\n${e.text}`));
  return box;
}

// A file or module is put in when it is opened: there may be thousands of lines.
function lazily(title, where, text) {
  const box = make("details", {}, make("summary", {}, title + " ", make("span", { class: "where" }, where)));
  box.addEventListener("toggle", () => { if (box.open && box.children.length === 1) box.append(make("pre", { tabindex: 0, "aria-label": where }, text)); });
  return box;
}

const writtenOf = (i) => written[`${i.type_name} ${i.op}`];
const rules = (all) => all.flatMap((i) => writtenOf(i)?.vjp ?? []);

function sources(i) {
  const own = writtenOf(i), boxes = [];
  const forward = i.gradient_of === null ? null : of.recorded.instructions[i.gradient_of];
  if (own?.vjp) boxes.push(source("Gradient rule", [own.vjp], true));
  else if (forward) boxes.push(source(`The rule that appended it, of ${forward.op}`, rules([forward]), true));
  else if (view.listing === "planned") boxes.push(source("Gradient rules of what it is made of", rules(i.recorded.map((n) => of.recorded.instructions[n])), true));
  if (own) {
    boxes.push(source("Definition", own.definition, false), source("SIMD kernel", own.simd, false), source("GPU: what launches the kernels", own.gpu, false));
  } else boxes.push(make("p", {}, "Not one of Ferrotape's operations: its source is not in this page."));
  for (const number of new Set(i.launches.map((launch) => launch.kernel))) {
    const module = of.kernels[number], runs = i.launches.filter((launch) => launch.kernel === number);
    const how = runs.map((l) => `${l.entry}: ${l.grid.join("×")} blocks of ${l.block.join("×")} threads`).join("\n// ");
    boxes.push(lazily("PTX", module.name, `// ${how}\n${module.text}`));
  }
  if (!i.launches.length) boxes.push(make("p", { class: "hint" }, "No kernel for a GPU."));
  if (own) boxes.push(make("h3", {}, "Whole files"), ...own.files.map((path) => lazily("", path, files[path])));
  return boxes.filter((box) => box !== null);
}

function showDetail() {
  const k = view.chosen, i = program()[k], box = $("detail");
  if (!i) return box.replaceChildren();
  const open = [...box.querySelectorAll("details[open] > summary")].map((s) => s.firstChild.textContent);
  const own = writtenOf(i);
  box.replaceChildren(
    make("h2", { id: "detail-title", tabindex: -1 }, `${k} ${i.op}`),
    make("p", {}, make("code", {}, call(i))),
    own ? make("p", { class: "equation", role: "math" }, own.doc.replaceAll("`", "").replace(/\[([^\]]*)\]\((super|crate)[^)]*\)/g, "$1").replace(/\[([A-Z]\w+)\]/g, "$1")) : "",
    facts(k, i),
    ...i.y.map(value),
    ...i.x.filter((id) => slot(id).origin === "parameter").slice(0, 4).map(value),
    ...sources(i),
  );
  for (const summary of box.querySelectorAll("details > summary")) if (open.includes(summary.firstChild.textContent) && summary.firstChild.textContent.trim()) summary.parentElement.open = true;
}
