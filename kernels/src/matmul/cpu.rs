//! Matrix product with SIMD and threads.
//!
//! A tile is M rows of y by sixteen columns, summed over all of k in registers. Where A is not transposed its rows
//! are read as they are, where it is, M neighbours of a column are. B is read as it is if its rows are short, else it
//! is copied into panels of sixteen columns first. Where all is large, copying A too pays ([`super::packed`]).
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
    if !s.tb && (s.n <= SHORT || s.m <= tile::POINTERS) {
        return by_rows(s, a, Panels { data: b, step: s.n, panel: LANES }, bias, y, cpu);
    }
    let token = cpu.token();
    cpu.scratch(s.n.div_ceil(LANES) * s.k * LANES, |panels| {
        let panel = s.k * LANES;
        cpu.workers(s.flops() > SERIAL).for_each_chunk(panels, panel.max(1), |p, panel| {
            let (size, first, to) = (s.n, p * LANES, panel.as_chunks_mut().0);
            token.run(Pack::<LANES> { x: b, size, first, contiguous: !s.tb, to });
        });
        by_rows(s, a, Panels { data: panels, step: LANES, panel }, bias, y, cpu);
    });
}

/// Splits y into blocks of rows.
fn by_rows(s: &Matmul, a: &[f32], b: Panels, bias: Option<&[f32]>, y: &mut [f32], cpu: &Cpu) {
    let token = cpu.token();
    let tile = tile::group(s.m, cpu.threads(), tile::POINTERS.min(token.rows()));
    let rows = tile * (s.m / (64 * cpu.threads())).clamp(1, 6);
    cpu.workers(s.flops() > SERIAL).for_each_chunk(y, rows * s.n, |block, y| {
        let first = block * rows;
        let a = if s.ta { &a[first.min(a.len())..] } else { &a[first * s.k..] };
        token.run(Block { s, a, b, bias, y });
    });
}

/// op(B) in panels of sixteen columns: row `k` of panel `p` begins at `p · panel + k · step`.
#[derive(Copy, Clone)]
struct Panels<'a> {
    data: &'a [f32],
    step: usize,
    panel: usize,
}

/// Some rows of y.
struct Block<'a> {
    s: &'a Matmul,
    /// A from the first of them on.
    a: &'a [f32],
    b: Panels<'a>,
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
        let Self { s, a, b, bias, y } = self;
        let rows = y.len() / s.n;
        for first in (0..s.n).step_by(LANES) {
            let b = (&b.data[first / LANES * b.panel..], b.step);
            let start = bias.map_or(simd.splat(0.0), |bias| simd.load_some(&bias[first..]));
            for i in tile::starts(rows, M) {
                let acc = [start; M];
                let acc = if s.ta {
                    tile::outer(simd, acc, s.k, (&a[i..], s.m), b)
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
