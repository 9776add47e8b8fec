// Charts: built when they come into view, of the JSON beside them.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // The homework's colours; on dark ground the same hues, lighter.
  const NETWORKS = {
    light: ["#0000ff", "#ff0000", "#d2691e", "#ff00ff", "#00c400"],
    dark: ["#7d9bff", "#ff6b6b", "#e0985c", "#ff7dff", "#4dff4d"],
  };
  const CLASSES = {
    light: ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#a2a300", "#17a5b5"],
    dark: ["#5aa9e6", "#ffa04d", "#5fd15f", "#ff6b6b", "#b99be0", "#c08a7e", "#f0a0d8", "#b0b0b0", "#d6d64a", "#4fd6e4"],
  };
  const short = (value) => (value == null ? "–" : String(Number(value.toPrecision(4))));
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function options(chart, width, ink) {
    const mode = dark.matches ? "dark" : "light";
    const colours = (chart.classes ? CLASSES : NETWORKS)[mode];
    const font = "12px system-ui, sans-serif";
    const axis = { stroke: ink.soft, font, labelFont: font, grid: { stroke: ink.line, width: 1 }, ticks: { stroke: ink.line, width: 1 } };
    const series = chart.series.map((s) => {
      const colour = colours[s.colour % colours.length];
      return {
        label: s.label,
        stroke: s.raw ? colour + "30" : colour,
        width: s.raw ? 1 : 2,
        dash: s.dashed && !s.raw ? [7, 4] : undefined,
        class: s.raw ? "raw" : "bold",
        points: { show: !s.raw && chart.x.length < 4 },
        value: (_, value) => short(value),
      };
    });
    return {
      width,
      height: width < 500 ? 250 : 300,
      series: [{ label: chart.x_label, value: (_, value) => short(value) }, ...series],
      scales: { x: { time: false }, y: chart.log ? { distr: 3 } : { range: (_, min, max) => (min == null ? [0, 1] : room(min, max)) } },
      axes: [
        { ...axis, label: chart.x_label, labelSize: 20, size: 34 },
        { ...axis, filter: chart.log ? powers : undefined, label: chart.y_label, labelSize: 20, size: chart.log ? 58 : 48,
          values: (_, ticks) => ticks.map((tick) => (tick == null ? "" : chart.log ? power(tick) : short(tick))) },
      ],
      cursor: { drag: { x: true, y: true, uni: 30 }, points: { size: 6 } },
      legend: { markers: { width: 2, fill: () => "transparent", dash: (u, i) => (u.series[i].dash ? "dashed" : "solid") } },
      hooks: {
        draw: [(u) => marks(u, chart.marks, ink)],
        setSeries: [(u, index, change) => twin(u, index, change)],
      },
    };
  }

  // A little room above and below, none below zero for what is never negative.
  function room(min, max) {
    const pad = 0.04 * (max - min) || 1;
    return [min >= 0 ? Math.max(0, min - pad) : min - pad, max + pad];
  }

  // Of a logarithmic axis only powers of ten, where there are two.
  function powers(_, ticks) {
    const whole = ticks.map((tick) => (power(tick) === "" ? null : tick));
    return whole.filter((tick) => tick != null).length > 1 ? whole : ticks;
  }

  // Powers of ten as such, what lies between unnamed.
  function power(tick) {
    const exponent = Math.log10(tick);
    if (Math.abs(exponent - Math.round(exponent)) > 1e-6) return "";
    return tick >= 0.001 && tick <= 1000 ? String(Number(tick.toPrecision(1))) : "1e" + Math.round(exponent);
  }

  // Vertical lines with words.
  function marks(u, list, ink) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = ink.soft;
    ctx.setLineDash([4, 4]);
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    for (const [x, words] of list) {
      const at = u.valToPos(x, "x", true);
      if (at < bbox.left || at > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillText(words, at + 4 * devicePixelRatio, bbox.top + bbox.height - 8 * devicePixelRatio);
    }
    ctx.restore();
  }

  // A curve's pale records come and go with it.
  function twin(u, index, change) {
    if (index == null || change.show == null) return;
    const name = u.series[index].label + ", each record";
    const other = u.series.findIndex((s) => s.label === name);
    if (other > 0 && u.series[other].show !== change.show) u.setSeries(other, { show: change.show });
  }

  // Two fingers zoom along the abscissa; a double tap goes back.
  function pinch(u) {
    let start = null;
    const spread = (touches) => touches.map((t) => t.clientX).sort((a, b) => a - b);
    const positions = (event) => spread([...event.touches]);
    u.over.addEventListener("touchstart", (event) => {
      if (event.touches.length !== 2) return;
      const left = u.over.getBoundingClientRect().left;
      start = positions(event).map((x) => u.posToVal(x - left, "x"));
    }, { passive: true });
    u.over.addEventListener("touchmove", (event) => {
      if (event.touches.length !== 2 || !start) return;
      event.preventDefault();
      const left = u.over.getBoundingClientRect().left;
      const [a, b] = positions(event).map((x) => (x - left) / u.over.clientWidth);
      if (b - a < 0.05) return;
      const span = (start[1] - start[0]) / (b - a);
      const all = u.data[0];
      const min = Math.max(all[0], start[0] - a * span);
      u.setScale("x", { min, max: Math.min(all[all.length - 1], min + span) });
    }, { passive: false });
    u.over.addEventListener("touchend", () => { start = null; }, { passive: true });
  }

  function build(box) {
    if (box.uplot || box.clientWidth === 0) return;
    box.chart ??= JSON.parse(box.querySelector("script").textContent);
    const ink = { soft: style("--soft"), line: style("--line") };
    const data = [box.chart.x, ...box.chart.series.map((s) => s.y)];
    box.uplot = new uPlot(options(box.chart, box.clientWidth, ink), data, box);
    pinch(box.uplot);
  }

  const boxes = [...document.querySelectorAll(".chart")];
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) build(entry.target);
  }, { rootMargin: "800px" });
  const sized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const { uplot, clientWidth } = target;
      if (uplot && clientWidth > 0 && clientWidth !== uplot.width) uplot.setSize({ width: clientWidth, height: uplot.height });
    }
  });
  // The others follow while nothing else is to be done.
  function next() {
    const box = boxes.find((b) => !b.uplot && b.clientWidth > 0);
    if (!box) return;
    build(box);
    setTimeout(next, 20);
  }
  addEventListener("load", next);
  for (const box of boxes) {
    near.observe(box);
    sized.observe(box);
  }
  dark.addEventListener("change", () => {
    for (const box of boxes) {
      if (!box.uplot) continue;
      box.uplot.destroy();
      box.uplot = null;
      build(box);
    }
  });
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    boxes.forEach(build);
  });
  if (innerWidth < 1344) document.querySelector(".toc").open = innerWidth >= 700;
})();
