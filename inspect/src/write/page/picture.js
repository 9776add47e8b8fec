// Pictures of values: a byte a number; 0 is none that is finite.
function palette(low, high) {
  const mix = (a, b, t) => a.map((v, c) => v + (b[c] - v) * t);
  const blue = [33, 102, 172], white = [247, 247, 247], red = [178, 24, 43];
  const dark = [38, 26, 80], middle = [42, 140, 130], bright = [250, 226, 90];
  const signed = low < 0 && high > 0;
  return Array.from({ length: 256 }, (_, byte) => {
    if (byte === 0) return [255, 0, 255];
    const t = (byte - 1) / 254;
    if (signed) return t < 0.5 ? mix(blue, white, t * 2) : mix(white, red, t * 2 - 1);
    return t < 0.5 ? mix(dark, middle, t * 2) : mix(middle, bright, t * 2 - 1);
  });
}

function canvasOf(wide, high, label, draw) {
  const canvas = make("canvas", { width: wide, height: high, role: "img", "aria-label": label });
  draw(canvas.getContext("2d"));
  return canvas;
}

function bars(p, bytes, label) {
  const n = bytes.length, wide = Math.min(640, Math.max(n * Math.max(1, Math.min(24, Math.floor(480 / n))), 60)), high = 96;
  const canvas = canvasOf(wide, high, label, (context) => {
    const style = getComputedStyle(document.documentElement), at = (v) => high - 2 - ((v - p.low) / (p.high - p.low || 1)) * (high - 4);
    const zero = at(Math.min(Math.max(0, p.low), p.high));
    context.fillStyle = style.getPropertyValue("--bar");
    for (let k = 0; k < wide; k++) {
      // The largest of those that fall on this pixel.
      const from = Math.floor((k / wide) * n), to = Math.max(from + 1, Math.floor(((k + 1) / wide) * n));
      let value = 0;
      for (let j = from; j < to; j++) {
        const v = p.low + ((bytes[j] - 1) / 254) * (p.high - p.low);
        if (bytes[j] && Math.abs(v) > Math.abs(value)) value = v;
      }
      context.fillRect(k, Math.min(zero, at(value)), 1, Math.max(1, Math.abs(at(value) - zero)));
    }
    context.fillStyle = style.getPropertyValue("--ink");
    context.fillRect(0, zero, wide, 1);
  });
  canvas.style.imageRendering = "auto";
  return canvas;
}

// Tiles in a grid with a pixel between them, enlarged by a whole number.
function tiles(p, bytes, label) {
  const colours = palette(p.low, p.high), colour = p.form === "colour", count = p.tiles + (colour ? 1 : 0);
  const columns = colour ? Math.min(4, count) : p.columns, rows = Math.ceil(count / columns), size = p.height * p.width;
  const wide = columns * (p.width + 1) - 1, high = rows * (p.height + 1) - 1;
  const canvas = canvasOf(wide, high, label, (context) => {
    const image = context.createImageData(wide, high);
    for (let tile = 0; tile < count; tile++) {
      const left = (tile % columns) * (p.width + 1), top = Math.floor(tile / columns) * (p.height + 1);
      for (let k = 0; k < size; k++) {
        const at = 4 * ((top + Math.floor(k / p.width)) * wide + left + (k % p.width));
        const rgb = colour && tile === 0 ? [0, 1, 2].map((c) => bytes[c * size + k]) : colours[bytes[(tile - (colour ? 1 : 0)) * size + k]];
        image.data.set([...rgb, 255], at);
      }
    }
    context.putImageData(image, 0, 0);
  });
  const factor = Math.max(1, Math.min(16, Math.floor(560 / wide), Math.ceil(320 / high)));
  canvas.style.width = wide * factor + "px";
  return canvas;
}

// The picture of a value at this step, or at the last step before it that has one.
function pictureOf(id) {
  let at = view.step;
  while (at > 0 && !of.steps[at].seen[id]?.picture) at--;
  const p = of.steps[at]?.seen[id]?.picture;
  if (!p) return null;
  const bytes = Uint8Array.from(atob(p.cells), (c) => c.charCodeAt(0));
  const label = `${slot(id).name}, ${p.what}, from ${short(p.low)} to ${short(p.high)}`;
  const then = at === view.step ? "" : `; after ${of.steps[at].number} updates`;
  const caption = make("figcaption", {}, `${p.what}; ${short(p.low)} to ${short(p.high)}${then}`);
  return make("figure", {}, (p.form === "bars" ? bars : tiles)(p, bytes, label), caption);
}
