// The graph: its nodes are buttons, of which the tab key reaches the chosen one.
const nodes = () => [...document.querySelectorAll(`svg.graph[data-listing=${view.listing}] .node`)];

function showGraph() {
  for (const svg of document.querySelectorAll("svg.graph")) svg.toggleAttribute("hidden", svg.dataset.listing !== view.listing);
  const near = related(view.chosen);
  for (const node of nodes()) {
    const k = Number(node.dataset.k), chosen = k === view.chosen;
    node.classList.toggle("chosen", chosen);
    node.classList.toggle("related", near.includes(k));
    node.setAttribute("aria-pressed", chosen);
    node.setAttribute("tabindex", chosen ? 0 : -1);
  }
  for (const edge of document.querySelectorAll(`svg.graph[data-listing=${view.listing}] .edge`)) {
    edge.classList.toggle("near", [edge.dataset.from, edge.dataset.to].includes(String(view.chosen)));
  }
}

// Moves the frame, not the page, so that the chosen node is in it.
function reveal() {
  const frame = $("graphs"), node = nodes()[view.chosen];
  if (!node) return;
  const a = frame.getBoundingClientRect(), b = node.getBoundingClientRect();
  if (b.left < a.left || b.right > a.right) frame.scrollLeft += b.left - a.left - a.width / 2 + b.width / 2;
}

// The node that is nearest to node k in a direction; straight ahead is nearer than aside.
function neighbour(k, key) {
  const box = (node) => { const r = node.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; };
  const all = nodes(), [x, y] = box(all[k]);
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null, least = Infinity;
  for (const node of all) {
    const [a, b] = box(node), ahead = (a - x) * dx + (b - y) * dy, aside = Math.abs((a - x) * dy) + Math.abs((b - y) * dx);
    if (ahead > 4 && ahead + 3 * aside < least) [best, least] = [Number(node.dataset.k), ahead + 3 * aside];
  }
  return best;
}
