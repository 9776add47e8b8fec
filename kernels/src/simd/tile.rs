//! Register tiles: the innermost loops of convolution and matrix product.
//!
//! A tile is M accumulators of sixteen numbers, held in registers over a sum. A step of the sum loads one vector of
//! `b` and multiplies it with M single numbers of `a`: M multiply-adds for M + 1 loads. Whatever M is, one element is
//! the same sum in the same order, so tiles may overlap, and the choice of M never changes a bit.
use super::{Kernel, LANES, Simd};
use std::array::from_fn;

/// The heights M that are compiled.
pub(crate) const HEIGHTS: [usize; 14] = [15, 14, 13, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/// The most rows of a tile that are reached by a pointer each: there are no registers for more.
pub(crate) const POINTERS: usize = 10;

/// The height of at most `max` whose tiles cover `extent` rows with the fewest loads; the last tile may overlap the
/// one before.
pub(crate) fn height(extent: usize, max: usize) -> usize {
    group(extent, 1, max, 1)
}

/// The smallest height of at least `rows`.
pub(crate) fn height_for(rows: usize) -> usize {
    HEIGHTS.into_iter().rev().find(|&m| m >= rows).expect("rows of a group")
}

/// The best size of groups of rows, one group a tile, shared out among `threads`; `max` is the tallest tile. A step
/// costs as much as its rows and `beside` more.
pub(crate) fn group(rows: usize, threads: usize, max: usize, beside: usize) -> usize {
    let fits = HEIGHTS.into_iter().filter(|&m| m <= max.min(rows));
    fits.min_by_key(|m| rows.div_ceil(*m).div_ceil(threads) * (m + beside)).unwrap_or(1)
}

/// Where the tiles of height `m` begin that cover `extent` rows.
pub(crate) fn starts(extent: usize, m: usize) -> impl Iterator<Item = usize> {
    (0..extent.div_ceil(m)).map(move |i| (i * m).min(extent - m))
}

/// A loop nest around tiles of M rows.
pub(crate) trait Tiled {
    /// The loops. Implementations are `#[inline(always)]`.
    fn run<S: Simd, const M: usize>(self, s: S);
}

/// Runs `nest` with tiles of `height` rows, one of [`HEIGHTS`]; each is compiled as a function of its own, which the
/// register allocator thanks us for.
#[inline(always)]
pub(crate) fn with_height<S: Simd>(s: S, height: usize, nest: impl Tiled) {
    macro_rules! choose {
        ($($m:literal)*) => {
            match height {
                // The condition is a constant: heights beyond the registers are not compiled.
                $($m if const { S::ROWS >= $m } => s.vectorize(Fixed::<_, $m>(nest)),)*
                _ => unreachable!("no tile of height {height}"),
            }
        };
    }
    choose!(1 2 3 4 5 6 7 8 9 10 12 13 14 15)
}

/// A nest whose height is chosen.
struct Fixed<T, const M: usize>(T);

impl<T: Tiled, const M: usize> Kernel for Fixed<T, M> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        self.0.run::<S, M>(s);
    }
}

/// Terms of a sum that are checked against the bounds of the rows at once.
const BLOCK: usize = 8;

/// `acc[m] += Σ_k rows[m][k] · b[k · step ..][..16]`
#[inline(always)]
pub(crate) fn dot<S: Simd, const M: usize>(
    s: S,
    mut acc: [S::V; M],
    rows: [&[f32]; M],
    (b, step): (&[f32], usize),
) -> [S::V; M] {
    let len = rows[0].len();
    let blocks = len / BLOCK * BLOCK;
    for from in (0..blocks).step_by(BLOCK) {
        let block: [&[f32; BLOCK]; M] = from_fn(|m| rows[m][from..].first_chunk().expect("a block"));
        for k in 0..BLOCK {
            let b = s.load_some(&b[(from + k) * step..]);
            for m in 0..M {
                acc[m] = s.fma(s.splat(block[m][k]), b, acc[m]);
            }
        }
    }
    for k in blocks..len {
        let b = s.load_some(&b[k * step..]);
        for m in 0..M {
            acc[m] = s.fma(s.splat(rows[m][k]), b, acc[m]);
        }
    }
    acc
}

/// Two terms of the sum at once, for T right operands: `acc[t][m][2c + e] += Σ_k rows[m][2k + e] · b[t][k][2c + e]`; a
/// last single term has zeros beside it in `b`. Eight channels fill sixteen lanes this way.
///
/// A pair takes an instruction of its own to broadcast, where a single number comes with the multiply-add. Zen 4 has
/// three multiply-adds in the time of two where each waits for one pair, and loses nothing where two share it.
#[inline(always)]
pub(crate) fn dot_pairs<S: Simd, const M: usize, const T: usize>(
    s: S,
    mut acc: [[S::V; M]; T],
    rows: [&[f32]; M],
    b: [&[[f32; LANES]]; T],
) -> [[S::V; M]; T] {
    let len = rows[0].len();
    let b = b.map(|b| &b[..len.div_ceil(2)]);
    let blocks = len / BLOCK * BLOCK;
    for from in (0..blocks).step_by(BLOCK) {
        let block: [&[f32; BLOCK]; M] = from_fn(|m| rows[m][from..].first_chunk().expect("a block"));
        let pairs = block.map(|row| row.as_chunks::<2>().0);
        for k in 0..BLOCK / 2 {
            let b = b.map(|b| s.load(&b[from / 2 + k]));
            for m in 0..M {
                let pair = s.splat_pair(&pairs[m][k]);
                for t in 0..T {
                    acc[t][m] = s.fma(b[t], pair, acc[t][m]);
                }
            }
        }
    }
    for k in (blocks..len).step_by(2) {
        let b = b.map(|b| s.load(&b[k / 2]));
        for m in 0..M {
            let odd = rows[m].get(k + 1).copied().unwrap_or(0.0);
            let pair = s.splat_pair(&[rows[m][k], odd]);
            for t in 0..T {
                acc[t][m] = s.fma(b[t], pair, acc[t][m]);
            }
        }
    }
    acc
}

/// [`dot`] with `rows[m] = a[m · stride ..]`: overlapping rows, reached by constant offsets from one pointer where
/// `stride` is a constant.
#[inline(always)]
pub(crate) fn dot_near<S: Simd, const M: usize>(
    s: S,
    mut acc: [S::V; M],
    (a, stride): (&[f32], usize),
    b: &[[f32; LANES]],
) -> [S::V; M] {
    for (a, b) in a.windows((M - 1) * stride + 1).zip(b) {
        let b = s.load(b);
        for m in 0..M {
            acc[m] = s.fma(s.splat(a[m * stride]), b, acc[m]);
        }
    }
    acc
}

/// [`dot_pairs`] of `len` terms with `rows[m] = a[m · stride ..]`.
#[inline(always)]
pub(crate) fn dot_pairs_near<S: Simd, const M: usize, const T: usize>(
    s: S,
    mut acc: [[S::V; M]; T],
    (a, stride): (&[f32], usize),
    b: [&[[f32; LANES]]; T],
    len: usize,
) -> [[S::V; M]; T] {
    let pairs = b.map(|b| &b[..len / 2]);
    for k in 0..len / 2 {
        let a = &a[2 * k..][..(M - 1) * stride + 2];
        let b = pairs.map(|b| s.load(&b[k]));
        for m in 0..M {
            let pair = s.splat_pair(a[m * stride..].first_chunk().expect("a pair"));
            for t in 0..T {
                acc[t][m] = s.fma(b[t], pair, acc[t][m]);
            }
        }
    }
    if len % 2 == 1 {
        let a = &a[len - 1..][..(M - 1) * stride + 1];
        let b = b.map(|b| s.load(&b[len / 2]));
        for m in 0..M {
            // Nothing of `a` meets the zeros of the other half: ∞ · 0 is no number.
            let single = s.splat_pair(&[a[m * stride], 0.0]);
            for t in 0..T {
                acc[t][m] = s.fma(b[t], single, acc[t][m]);
            }
        }
    }
    acc
}

/// `acc[m] += Σ_{k < count} a[k · a_step + m] · b[k · b_step ..][..16]`; lanes beyond the end of `b` get 0.
#[inline(always)]
pub(crate) fn outer<S: Simd, const M: usize>(
    s: S,
    mut acc: [S::V; M],
    count: usize,
    (a, a_step): (&[f32], usize),
    (b, b_step): (&[f32], usize),
) -> [S::V; M] {
    for k in 0..count {
        let a = &a[k * a_step..][..M];
        let b = s.load_some(&b[k * b_step..]);
        for m in 0..M {
            acc[m] = s.fma(s.splat(a[m]), b, acc[m]);
        }
    }
    acc
}
