//! Matrix product with SIMD and threads.
//!
//! A tile is M rows of y by sixteen columns, summed over all of k in registers. Where A is not transposed its rows
//! are read as they are, where it is, M neighbours of a column are. B is read as it is if its rows are short, else it
//! is copied, sixteen columns at a time. Where all is large, copying A too pays (`packed.rs`).
use super::{Matmul, pack::Pack, packed};
use crate::{
    Cpu,
    simd::{Kernel, LANES, Simd, tile},
};
use std::array::from_fn;

/// Below this many floating-point operations one thread computes all.
const SERIAL: u64 = 500_000;
/// Rows of B up to this long are read in place.
const SHORT: usize = 64;
/// Tiles of a task at most, where each task packs.
const TILES: usize = 26;
/// From so many rows and terms on, A is packed.
const LARGE: usize = 128;

/// `y[i,j] = Σ_k a[i,k] · b[k,j]`, with `a[k,i]` where `ta` and `b[j,k]` where `tb`. All row-major.
pub fn matmul(s: &Matmul, a: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    product(s, a, b, None, y, cpu);
}

/// [`matmul`] with sums that start at `bias[j]`.
pub(crate) fn product(s: &Matmul, a: &[f32], b: &[f32], bias: Option<&[f32]>, y: &mut [f32], cpu: &Cpu) {
    assert_eq!([a.len(), b.len(), y.len()], [s.m * s.k, s.k * s.n, s.m * s.n]);
    if y.is_empty() {
        return;
    }
    if s.n > SHORT && s.m >= LARGE && s.k >= LARGE {
        return packed::product(s, a, b, bias, y, cpu);
    }
    let (token, workers) = (cpu.token(), cpu.workers(s.flops() > SERIAL));
    let tile = tile::group(s.m, workers.threads(), tile::POINTERS.min(token.rows()), 1);
    let from = |first: usize| if s.ta { &a[first.min(a.len())..] } else { &a[first * s.k..] };
    if !s.tb && (s.n <= SHORT || s.m <= tile::POINTERS) {
        let rows = tile * (s.m / (64 * workers.threads())).clamp(1, 6);
        return workers.for_each_chunk(y, rows * s.n, |block, y| {
            token.run(Block { s, a: from(block * rows), b, panel: &mut [], bias, y });
        });
    }
    // Each task packs for itself: a panel in the nearest cache costs less than one that another core wrote.
    let rows = tile * s.m.div_ceil(tile).div_ceil(workers.threads()).min(TILES);
    let panel = (s.k * LANES).max(1);
    cpu.scratch(s.m.div_ceil(rows) * panel, |panels| {
        workers.for_each_chunk2((y, rows * s.n), (panels, panel), |block, y, panel| {
            token.run(Block { s, a: from(block * rows), b, panel: panel.as_chunks_mut().0, bias, y });
        });
    });
}

/// Some rows of y.
struct Block<'a> {
    s: &'a Matmul,
    /// A from the first of them on.
    a: &'a [f32],
    b: &'a [f32],
    /// Room for sixteen columns of op(B), or none if they are read in place.
    panel: &'a mut [[f32; LANES]],
    bias: Option<&'a [f32]>,
    y: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let rows = self.y.len() / self.s.n;
        tile::with_height(s, tile::height(rows, S::ROWS.min(tile::POINTERS)), self);
    }
}

impl tile::Tiled for Block<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, simd: S) {
        let Self { s, a, b, panel, bias, y } = self;
        let rows = y.len() / s.n;
        for first in (0..s.n).step_by(LANES) {
            if !panel.is_empty() {
                Pack { x: b, size: s.n, first, contiguous: !s.tb, to: &mut *panel }.run(simd);
            }
            let b = if panel.is_empty() {
                (b.get(first..).unwrap_or(&[]), s.n)
            } else {
                (panel.as_flattened(), LANES)
            };
            let start = bias.map_or(simd.splat(0.0), |bias| simd.load_some(&bias[first..]));
            for i in tile::starts(rows, M) {
                let acc = [start; M];
                let acc = if s.ta {
                    tile::outer(simd, acc, s.k, (a.get(i..).unwrap_or(&[]), s.m), b)
                } else {
                    tile::dot(simd, acc, from_fn(|m| &a[(i + m) * s.k..][..s.k]), b)
                };
                for (m, acc) in acc.into_iter().enumerate() {
                    let y = &mut y[(i + m) * s.n..][..s.n];
                    simd.store_some(acc, &mut y[first..]);
                }
            }
        }
    }
}
