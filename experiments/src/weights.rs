//! Pictures of a first layer's weights, pixel for pixel.
//!
//! Units stand in a square grid of `ceil(sqrt(D))` cells a side, row by row; cells left over stay
//! empty. Every weight is a square of whole pixels, so nothing is interpolated.

use std::path::Path;

use crate::output::{Error, Result};
use crate::picture::Picture;

/// A cell's weights are magnified to about this many pixels a side.
const CELL: usize = 96;
/// Pixels between cells and around them.
const GAP: usize = 2;
/// Gaps and unused cells of gray pictures: a tint that no weight can have.
const EMPTY_GRAY: [u8; 3] = [200, 216, 234];
/// Gaps and unused cells of RGB pictures.
const EMPTY_RGB: [u8; 3] = [255; 3];

/// Writes the picture of [`draw`] as a PNG that carries `description`.
pub fn grid(
    weights: &[f32],
    shape: &[usize],
    image: [usize; 3],
    description: &str,
    path: &Path,
) -> Result<()> {
    draw(weights, shape, image)?.write(description, path)
}

/// Draws first-layer weights in PyTorch's layout: `[out, in]` with `in` in `(c, h, w)` order, or
/// `[out, in, kh, kw]`; `image` is the input's `[c, h, w]` with `c` 1 or 3.
///
/// Gray: black to white between half the smallest and half the largest weight. RGB: the smallest
/// weight of all is 0, the largest 1.
pub fn draw(weights: &[f32], shape: &[usize], image: [usize; 3]) -> Result<Picture> {
    let units = Units::new(shape, image)?;
    units.check(weights, shape)?;
    let scale = Scale::new(weights, units.cell[0]);
    Ok(units.paint(weights, &scale))
}

/// How many units there are and the `[c, h, w]` of each.
struct Units {
    count: usize,
    cell: [usize; 3],
}

impl Units {
    fn new(shape: &[usize], image: [usize; 3]) -> Result<Self> {
        let [c, h, w] = image;
        if !matches!(c, 1 | 3) {
            return Err(refuse(format!("input images have {c} channels, expected 1 or 3")));
        }
        match *shape {
            [count, inputs] if inputs == c * h * w => Ok(Self { count, cell: image }),
            [count, channels, kh, kw] if channels == c => Ok(Self { count, cell: [c, kh, kw] }),
            _ => Err(refuse(format!(
                "shape {shape:?} is no first layer on {c}x{h}x{w} images: expected [out, {}] or [out, {c}, kh, kw]",
                c * h * w
            ))),
        }
    }

    fn check(&self, weights: &[f32], shape: &[usize]) -> Result<()> {
        let expected = self.count * self.cell.iter().product::<usize>();
        if weights.len() != expected || expected == 0 {
            let found = weights.len();
            return Err(refuse(format!("shape {shape:?} means {expected} weights, got {found}")));
        }
        match weights.iter().position(|w| !w.is_finite()) {
            Some(i) => Err(refuse(format!("weight {i} is {}, expected a finite number", weights[i]))),
            None => Ok(()),
        }
    }

    fn paint(&self, weights: &[f32], scale: &Scale) -> Picture {
        let [c, h, w] = self.cell;
        let zoom = (CELL / h.max(w)).max(1);
        let side = side(self.count);
        let (step_x, step_y) = (w * zoom + GAP, h * zoom + GAP);
        let (width, height) = (side * step_x + GAP, side * step_y + GAP);
        let empty = if c == 1 { EMPTY_GRAY } else { EMPTY_RGB };
        let mut pixels = vec![empty; width * height];
        for (unit, values) in weights.chunks_exact(c * h * w).enumerate() {
            let (left, top) = (unit % side * step_x + GAP, unit / side * step_y + GAP);
            for y in 0..h * zoom {
                for x in 0..w * zoom {
                    let source = y / zoom * w + x / zoom;
                    let colour = [0, 1, 2].map(|channel| channel.min(c - 1) * h * w + source);
                    pixels[(top + y) * width + left + x] = colour.map(|i| scale.byte(values[i]));
                }
            }
        }
        Picture { width, height, pixels }
    }
}

/// The smallest square that holds `count` cells.
fn side(count: usize) -> usize {
    let root = count.isqrt();
    root + usize::from(root * root < count)
}

/// The weights that become black and white.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn new(weights: &[f32], channels: usize) -> Self {
        let factor = if channels == 1 { 0.5 } else { 1.0 };
        let low = weights.iter().copied().fold(f32::INFINITY, f32::min);
        let high = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Self { low: f64::from(low) * factor, high: f64::from(high) * factor }
    }

    fn byte(&self, weight: f32) -> u8 {
        if self.low == self.high {
            return 128;
        }
        let share = (f64::from(weight) - self.low) / (self.high - self.low);
        (share.clamp(0.0, 1.0) * 255.0).round() as u8
    }
}

fn refuse(reason: String) -> Error {
    Error::Picture { what: "weight picture".to_owned(), reason }
}
