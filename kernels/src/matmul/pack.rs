//! Copies of an operand in the order in which tiles read it.
use crate::simd::{Kernel, Simd};
use std::array::from_fn;

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
    fn run<S: Simd>(self, _: S) {
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
                for (l, to) in to.chunks_mut(LINES).enumerate() {
                    for from in (0..count).step_by(8) {
                        // Beyond the last one, any that is there to be read, and then zeros.
                        let row =
                            |w: usize| &x[(first + (from + w).min(count - 1)) * k + l * LINES..][..to.len()];
                        transpose(from_fn(row), from, to);
                    }
                    to.iter_mut().for_each(|to| to[count..].fill(0.0));
                }
            }
        }
    }
}

/// Terms that are transposed at once.
const LINES: usize = 64;

/// `to[i][from + w] = rows[w][i]` for `w < 8`, as far as there are columns. Eight at a time, side by side, is what the
/// compiler has shuffles for.
#[inline(always)]
fn transpose<const W: usize>(rows: [&[f32]; 8], from: usize, to: &mut [[f32; W]]) {
    let mut lines = [[0.0; 8]; LINES];
    for (i, line) in lines[..to.len()].iter_mut().enumerate() {
        *line = from_fn(|w| rows[w][i]);
    }
    for (to, line) in to.iter_mut().zip(&lines) {
        match to[from..].first_chunk_mut() {
            Some(to) => *to = *line,
            None => to[const { W / 8 * 8 }..].copy_from_slice(&line[..const { W % 8 }]),
        }
    }
}
