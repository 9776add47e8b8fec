//! The outputs as one picture: a row a sample, a column a kernel.
use crate::{
    npy::Array,
    output::Result,
    picture::{Range, grid},
};

/// Pixels between maps and around them.
const GAP: usize = 2;
/// Pixels a side that a picture keeps to by showing fewer samples and kernels, as long as one fits.
const SIDE: usize = 4096;

/// How many samples and kernels of an output (N, O, H, W) its picture shows: the first ones.
pub(super) fn shown(shape: &[usize]) -> [usize; 2] {
    let fitting = |count: usize, size: usize| count.min(((SIDE - GAP) / (size + GAP)).max(1));
    [fitting(shape[0], shape[2]), fitting(shape[1], shape[3])]
}

/// A PNG of `out` (N, O, H, W).
pub(super) fn png(out: &Array, description: &str, range: Range) -> Result<Vec<u8>> {
    let &[_, kernels, h, w] = out.shape.first_chunk().expect("four axes");
    let [rows, columns] = shown(&out.shape);
    let samples = out.values.chunks(kernels * h * w).take(rows);
    let values: Vec<f64> = samples.flat_map(|maps| &maps[..columns * h * w]).copied().collect();
    grid(&values, [rows, columns], [h, w], range)?.png(description)
}
