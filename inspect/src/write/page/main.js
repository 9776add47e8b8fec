// What the reader does.
function showStep() {
  const at = step();
  $("step").hidden = !at;
  if (!at) return;
  $("step-number").textContent = `${view.step + 1} of ${of.steps.length}, after ${at.number} update${at.number === 1 ? "" : "s"}`;
  $("results").textContent = at.results.map(([id, value]) => `${slot(id).name} ${(of.recorded.instructions.find((i) => i.y.includes(id)) ?? { op: "" }).op} = ${short(value)}`).join(", ");
}

function show() {
  showStep();
  showGraph();
  showTable();
  showDetail();
  showNorms();
}

// Chooses instruction k; `where` the reader did says where the keyboard goes on.
function choose(k, where) {
  view.chosen = k;
  showGraph();
  showTable();
  showDetail();
  reveal();
  const narrow = matchMedia("(max-width: 69.99rem)").matches;
  if (where === "graph") nodes()[k].focus({ preventScroll: true });
  if (where === "table" || where === "keys") document.querySelector(`#instructions tr[data-k="${k}"]`)?.focus({ preventScroll: where === "table" && narrow });
  if (where === "detail" || where === "enter") $("detail-title").focus({ preventScroll: true });
  $("detail").scrollTop = 0;
  if (where === "enter" || where === "detail" || (where === "table" && narrow)) $("detail").scrollIntoView({ block: "nearest" });
  if ((where === "table" || where === "enter") && narrow) $("detail").scrollIntoView({ block: "start" });
}

// The other listing, at the instruction that does the work of the chosen one.
function switchTo(listing) {
  const before = program()[view.chosen];
  view.listing = listing;
  const same = program().findIndex((i) => before?.recorded.some((n) => i.recorded.includes(n)));
  view.chosen = Math.max(0, same);
  show();
  reveal();
}

for (const radio of document.querySelectorAll("input[name=listing]")) radio.addEventListener("change", () => switchTo(radio.value));
$("slider").max = Math.max(0, of.steps.length - 1);
$("slider").addEventListener("input", () => {
  view.step = Number($("slider").value);
  $("slider").setAttribute("aria-valuetext", `after ${step().number} updates`);
  showStep();
  showTable();
  showDetail();
  showNorms();
});
$("filter").addEventListener("input", () => {
  view.filter = $("filter").value;
  showTable();
});
for (const svg of document.querySelectorAll("svg.graph")) {
  svg.addEventListener("click", (event) => {
    const node = event.target.closest(".node");
    if (node) choose(Number(node.dataset.k), "graph");
  });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = document.activeElement, filter = $("filter"), typing = at.matches("input, textarea, select");
  const handled = () => event.preventDefault();
  if (event.key === "/" && !typing) return handled(), filter.focus();
  if (event.key === "Escape") {
    if (view.filter) {
      filter.value = view.filter = "";
      showTable();
    } else if (at === filter || at.closest("#detail")) document.querySelector("#instructions tr[tabindex='0']")?.focus();
    return;
  }
  const arrow = event.key.startsWith("Arrow"), shown = rows();
  if (at === filter && (event.key === "Enter" || event.key === "ArrowDown")) {
    if (shown.length) handled(), choose(shown[0], "keys");
    return;
  }
  if (typing || at.matches("pre, summary")) return;
  if (at.closest("svg.graph") && arrow) {
    const next = neighbour(Number(at.dataset.k), event.key);
    handled();
    return next === null ? undefined : choose(next, "graph");
  }
  if (at.closest("#instructions tbody") || at === document.body) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key], now = shown.indexOf(view.chosen);
    if (move && shown.length) handled(), choose(shown[Math.min(shown.length - 1, Math.max(0, now + move))], "keys");
  }
  if ((event.key === "Enter" || event.key === " ") && (at.closest("#instructions tbody") || at.closest("svg.graph"))) {
    handled();
    choose(Number(at.dataset.k), "enter");
  }
});
show();
