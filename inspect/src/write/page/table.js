// The table: filtered, sorted, and what the arrow keys go through.
const columns = [
  { key: "number", name: "#", of: (i, k) => k },
  { key: "op", name: "instruction", text: true, of: (i) => i.op },
  { key: "module", name: "module", text: true, wide: true, of: (i) => i.module ?? "" },
  { key: "type", name: "type", text: true, wide: true, of: (i) => (i.y.length ? slot(i.y[0]).ty : `${i.x.length} gradients`) },
  { key: "time", name: "time", of: (i) => i.ns, show: time },
  { key: "flops", name: "work", wide: true, of: (i) => i.flops, show: (v) => (v ? scaled(v, "FLOP") : "") },
  { key: "norm", name: "norm", of: (i) => (i.y.length ? (seen(i.y[0])?.values.norm ?? null) : null), show: (v) => (v === null ? "" : short(v)) },
  { key: "peak", name: "% peak", of: ofPeak, show: tenth },
  { key: "bound", name: "% bound", wide: true, of: ofBound, show: tenth },
  { key: "rate", name: "GFLOP/s", wide: true, of: gflops, show: tenth },
  { key: "bytes", name: "traffic", wide: true, of: (i) => i.bytes, show: (v) => scaled(v, "B") },
];

function matches(i, k) {
  const words = view.filter.toLowerCase().split(/\s+/).filter((w) => w);
  const names = [...i.x, ...i.y].map((id) => slot(id).name);
  const text = [k, i.op, i.phase, i.kernel, i.module ?? "", `${i.file}:${i.line}`, ...i.y.map((id) => slot(id).ty), ...names, ...i.updates].join(" ").toLowerCase();
  return words.every((w) => text.includes(w));
}

// Numbers of the instructions in the table, from top to bottom.
function rows() {
  const { key, up } = view.sort, column = columns.find((c) => c.key === key), all = program();
  const value = (k) => column.of(all[k], k);
  const order = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  return all.map((_, k) => k).filter((k) => matches(all[k], k)).sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    // Those without a number come last, whichever way.
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    return (up ? 1 : -1) * order(x, y) || a - b;
  });
}

function sortBy(key) {
  const { sort } = view, text = columns.find((c) => c.key === key).text || key === "number";
  view.sort = sort.key === key ? { key, up: !sort.up } : { key, up: !!text };
  showTable();
}

function showTable() {
  const all = program(), shown = rows(), table = $("instructions");
  const head = columns.map((c) => {
    const sort = view.sort.key === c.key ? (view.sort.up ? "ascending" : "descending") : null;
    const classes = [c.text && "text", c.wide && "wide"].filter(Boolean).join(" ") || null;
    return make("th", { scope: "col", "aria-sort": sort, class: classes, "data-key": c.key }, make("button", { type: "button", onclick: () => sortBy(c.key) }, c.name));
  });
  const focused = document.activeElement?.closest("#instructions th")?.dataset.key;
  table.tHead.replaceChildren(make("tr", {}, ...head));
  if (focused) table.querySelector(`th[data-key=${focused}] button`).focus();
  table.tBodies[0].replaceChildren(
    ...shown.map((k) => {
      const i = all[k], bad = i.y.some((id) => { const v = seen(id)?.values; return v && v.nan + v.infinite > 0; });
      const cells = columns.map((c) => {
        const v = c.of(i, k), classes = [c.text && "text", c.wide && "wide", bad && c.key === "norm" && "bad"].filter(Boolean).join(" ") || null;
        const dot = c.key === "op" ? make("span", { class: `dot ${i.phase}` }) : null;
        return make("td", { class: classes }, dot, bad && c.key === "norm" ? "not finite" : c.show ? c.show(v) : String(v));
      });
      const row = make("tr", { "data-k": k, tabindex: k === view.chosen ? 0 : -1, class: k === view.chosen ? "chosen" : null, "aria-current": k === view.chosen ? "true" : null, onclick: () => choose(k, "table") }, ...cells);
      return row;
    }),
  );
  // If the chosen one is filtered away, the keyboard enters at the first.
  if (!shown.includes(view.chosen)) table.tBodies[0].rows[0]?.setAttribute("tabindex", 0);
  $("shown").textContent = view.filter ? `${shown.length} of ${all.length}` : `${all.length} instructions`;
  for (const node of document.querySelectorAll(`svg.graph[data-listing=${view.listing}] .node`)) node.classList.toggle("faint", !shown.includes(Number(node.dataset.k)));
}

function showNorms() {
  const all = step()?.gradients ?? [];
  $("gradients").hidden = !all.length;
  const logs = all.flatMap((n) => (n.gradient > 0 ? [Math.log10(n.gradient)] : []));
  const low = Math.floor(Math.min(...logs) - 0.5), high = Math.ceil(Math.max(...logs));
  const row = (n) => {
    const long = n.gradient > 0 ? (100 * (Math.log10(n.gradient) - low)) / (high - low) : 0;
    return make("tr", {}, make("th", { scope: "row", class: "text" }, n.param), make("td", { class: n.gradient === null ? "bad" : null }, n.gradient === null ? "not finite" : short(n.gradient)),
      make("td", { class: "wide" }, short(n.value)), make("td", { class: "long" }, make("span", { class: "meter", style: `width:${long.toFixed(1)}%` })));
  };
  const head = [["text", "parameter"], [null, "gradient"], ["wide", "itself"], ["long", logs.length ? `1e${low} to 1e${high}` : ""]];
  $("norms").replaceChildren(make("thead", {}, make("tr", {}, ...head.map(([c, t]) => make("th", { scope: "col", class: c }, t)))), make("tbody", {}, ...all.map(row)));
}
