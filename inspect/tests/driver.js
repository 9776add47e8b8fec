// Put at the end of a copy of the page: does what a reader does, and says what came of it.
const lines = [];
const check = (what, holds) => lines.push((holds ? "ok " : "FAIL ") + what);
const key = (name, at = document.activeElement) => at.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const title = () => $("detail-title").textContent;
const numbers = () => [...document.querySelectorAll("#instructions tbody tr")].map((row) => Number(row.dataset.k));
const header = (name) => document.querySelector(`#instructions th[data-key=${name}] button`);
const find = (op) => program().findIndex((i) => i.op === op);
try {
  const root = document.documentElement;
  check(`the page is no wider than the window: ${root.scrollWidth} of ${innerWidth}`, root.scrollWidth <= innerWidth);
  check("every instruction has a row and a node", numbers().length === program().length && nodes().length === program().length);

  // A click on a node.
  const conv = find("conv2d");
  nodes()[conv].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  check("a click on a node opens it", title() === `${conv} conv2d`);
  const detail = $("detail").textContent;
  check("equation", detail.includes("y[n,o,i,j] = b[o] + Σ"));
  check("gradient rule", detail.includes("Conv2dWgrad(spec)"));
  check("definition", detail.includes("pub fn forward") && detail.includes("kernels/src/conv2d/reference.rs"));
  check("SIMD kernel", detail.includes("kernels/src/conv2d/cpu/"));
  check("its gradients", detail.includes("conv2d_wgrad") && document.querySelectorAll(".node.related").length > 0);
  const ptx = [...$("detail").querySelectorAll("details")].find((d) => d.firstChild.textContent.startsWith("PTX"));
  ptx.open = true;
  ptx.dispatchEvent(new Event("toggle"));
  check("PTX", ptx.textContent.includes(".visible .entry") && ptx.textContent.includes("blocks of"));
  const pictures = [...$("detail").querySelectorAll("canvas")];
  check("pictures of values, weights and biases", pictures.length >= 3 && pictures.every((c) => c.getAttribute("aria-label")));
  const painted = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = (canvas) => new Set(new Uint32Array(painted(canvas).buffer)).size;
  check("the picture shows something", colours(pictures[0]) > 8);

  // The slider.
  const before = [painted(pictures[0]).join(), $("norms").textContent, $("results").textContent, $("detail").textContent];
  $("slider").value = of.steps.length - 1;
  $("slider").dispatchEvent(new Event("input"));
  const after = [painted($("detail").querySelector("canvas")).join(), $("norms").textContent, $("results").textContent, $("detail").textContent];
  check("the slider changes pictures", before[0] !== after[0]);
  check("the slider changes gradient norms, results and ranges", before.slice(1).every((text, k) => text !== after[k + 1]));
  check("the slider says where it is", $("step-number").textContent.includes(of.steps.at(-1).number) && $("slider").getAttribute("aria-valuetext").includes("updates"));

  // Sorting.
  header("time").focus();
  header("time").click();
  const times = () => numbers().map((k) => program()[k].ns);
  check("slowest first", times().every((ns, n, all) => n === 0 || all[n - 1] >= ns) && header("time").parentElement.getAttribute("aria-sort") === "descending");
  header("time").click();
  check("fastest first", times().every((ns, n, all) => n === 0 || all[n - 1] <= ns) && times()[0] < times().at(-1));
  check("the button keeps the focus", document.activeElement === header("time"));
  header("number").click();

  // The keyboard.
  document.activeElement.blur();
  key("/", document.body);
  check("/ goes to the filter", document.activeElement === $("filter"));
  $("filter").value = "backward wgrad";
  $("filter").dispatchEvent(new Event("input"));
  check("the filter filters", numbers().length > 0 && numbers().every((k) => program()[k].op.includes("wgrad")) && $("shown").textContent.includes(" of "));
  key("ArrowDown");
  check("down goes to the first row", document.activeElement.dataset.k === String(numbers()[0]) && view.chosen === numbers()[0]);
  key("ArrowDown");
  check("down goes on", view.chosen === numbers()[1] && title().includes("wgrad"));
  key("ArrowUp");
  check("up goes back", view.chosen === numbers()[0]);
  key("Enter");
  check("Enter opens", document.activeElement === $("detail-title"));
  key("Escape");
  check("Escape empties the filter", numbers().length === program().length && $("filter").value === "");
  nodes()[conv].focus();
  key("ArrowRight");
  check("the arrows go through the graph", view.chosen !== numbers()[0] && document.activeElement === nodes()[view.chosen] && program()[view.chosen].phase === "forward");
  const right = view.chosen;
  key("ArrowDown");
  check("down goes to the backward half", program()[view.chosen].phase === "backward" && view.chosen !== right);
  check("one tab stop in graph and table", document.querySelectorAll("svg.graph:not([hidden]) [tabindex='0']").length === 1 && document.querySelectorAll("#instructions tbody [tabindex='0']").length === 1);

  // The planner.
  const made = `${find("conv2d")} conv2d, ${find("relu")} relu`;
  choose(find("relu"), "table");
  document.querySelector("input[value=planned]").click();
  check("the planned listing, at what the chosen one has become", title().includes("conv2d_relu") && numbers().length === of.planned.instructions.length);
  check("what it is made of", $("detail").textContent.includes(made));
  for (let k = 0; k < program().length; k++) choose(k, "table");
  document.querySelector("input[value=recorded]").click();
  for (let k = 0; k < program().length; k++) choose(k, "graph");
  check("every instruction can be opened", true);
  check("every control has a name", [...document.querySelectorAll("input, button, [role=button], summary, canvas")].every((e) => e.ariaLabel || e.labels?.length || e.textContent.trim()));
  check(`still no wider: ${root.scrollWidth} of ${innerWidth}`, root.scrollWidth <= innerWidth);
} catch (error) {
  lines.push("FAIL " + error.stack);
}
const told = document.createElement("pre");
told.id = "told";
told.textContent = lines.join("\n");
document.body.append(told);
