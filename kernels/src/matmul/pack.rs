//! Copies of an operand in the order in which tiles read it.
use crate::simd::{Kernel, LANES, Simd};

/// Columns `first ..` of a matrix with `size` of them, `W` side by side: `to[k][w] = x[k, first + w]`, 0 beyond the last.
pub(super) struct Pack<'a, const W: usize> {
    pub x: &'a [f32],
    /// Its columns.
    pub size: usize,
    pub first: usize,
    /// Whether neighbours of a row lie side by side, rather than those of a column.
    pub contiguous: bool,
    pub to: &'a mut [[f32; W]],
}

impl<const W: usize> Kernel for Pack<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { x, size, first, contiguous, to } = self;
        let (count, k) = (W.min(size - first), to.len());
        match (contiguous, count == W) {
            (true, true) => {
                for (to, x) in to.iter_mut().zip(x.chunks_exact(size)) {
                    *to = *x[first..].first_chunk().expect("a row");
                }
            }
            (true, false) => {
                for (to, x) in to.iter_mut().zip(x.chunks_exact(size)) {
                    *to = [0.0; W];
                    to[..count].copy_from_slice(&x[first..]);
                }
            }
            (false, _) => {
                for from in (0..W).step_by(LANES) {
                    for (l, to) in to.chunks_mut(LANES).enumerate() {
                        let mut rows = [s.splat(0.0); LANES];
                        for (w, row) in rows.iter_mut().enumerate().take(count.saturating_sub(from)) {
                            *row = s.load_some(&x[(first + from + w) * k + l * LANES..][..to.len()]);
                        }
                        for (to, column) in to.iter_mut().zip(s.transpose(rows)) {
                            s.store_some(column, &mut to[from..W.min(from + LANES)]);
                        }
                    }
                }
            }
        }
    }
}
