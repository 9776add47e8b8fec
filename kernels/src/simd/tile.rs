//! Register tiles: the innermost loops of convolution and matrix product.
//!
//! A tile is M accumulators of sixteen numbers, held in registers over a sum. A step of the sum loads one vector of
//! `b` and multiplies it with M single numbers of `a`: M multiply-adds for M + 1 loads. Whatever M is, one element is
//! the same sum in the same order, so tiles may overlap, and the choice of M never changes a bit.
use super::{LANES, Simd};

/// The heights M that are compiled.
pub(crate) const HEIGHTS: [usize; 14] = [15, 14, 13, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/// The height whose tiles cover `extent` rows with the fewest loads; the last tile may overlap the one before.
pub(crate) fn height<S: Simd>(extent: usize) -> usize {
    let fits = HEIGHTS.into_iter().filter(|&m| m <= S::ROWS.min(extent));
    fits.min_by_key(|m| extent.div_ceil(*m) * (m + 1)).unwrap_or(1)
}

/// The smallest height of at least `rows`.
pub(crate) fn height_for(rows: usize) -> usize {
    HEIGHTS.into_iter().rev().find(|&m| m >= rows).expect("rows of a group")
}

/// The best size of groups of rows, one group a tile, shared out among `threads`; `max` is the tallest tile.
pub(crate) fn group(rows: usize, threads: usize, max: usize) -> usize {
    let fits = HEIGHTS.into_iter().filter(|&m| m <= max.min(rows));
    fits.min_by_key(|m| rows.div_ceil(*m).div_ceil(threads) * (m + 1)).unwrap_or(1)
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

/// Runs `nest` with tiles of `height` rows, one of [`HEIGHTS`].
#[inline(always)]
pub(crate) fn with_height<S: Simd>(s: S, height: usize, nest: impl Tiled) {
    macro_rules! choose {
        ($($m:literal)*) => {
            match height {
                // The first condition is a constant: heights beyond the registers are not compiled.
                $($m if const { S::ROWS >= $m } => nest.run::<S, $m>(s),)*
                _ => unreachable!("no tile of height {height}"),
            }
        };
    }
    choose!(1 2 3 4 5 6 7 8 9 10 12 13 14 15)
}

/// `acc[m] += Σ_k rows[m][k] · b[k · step ..][..16]`
#[inline(always)]
pub(crate) fn dot<S: Simd, const M: usize>(
    s: S,
    mut acc: [S::V; M],
    rows: [&[f32]; M],
    b: &[f32],
    step: usize,
) -> [S::V; M] {
    let len = rows[0].len();
    let rows = rows.map(|row| &row[..len]);
    for k in 0..len {
        let b = s.load_some(&b[k * step..]);
        for m in 0..M {
            acc[m] = s.fma(s.splat(rows[m][k]), b, acc[m]);
        }
    }
    acc
}

/// Two terms of the sum at once: `acc[m][2c + e] += Σ_k rows[m][2k + e] · b[k][2c + e]`; a last single term has
/// zeros beside it in `b`. Eight channels fill sixteen lanes this way.
#[inline(always)]
pub(crate) fn dot_pairs<S: Simd, const M: usize>(
    s: S,
    mut acc: [S::V; M],
    rows: [&[f32]; M],
    b: &[[f32; LANES]],
) -> [S::V; M] {
    let len = rows[0].len();
    let pairs = rows.map(|row| &row[..len].as_chunks::<2>().0[..len / 2]);
    let (even, odd) = b.split_at(len / 2);
    for (k, b) in even.iter().enumerate() {
        let b = s.load(b);
        for m in 0..M {
            acc[m] = s.fma(s.splat_pair(&pairs[m][k]), b, acc[m]);
        }
    }
    if len % 2 == 1 {
        let b = s.load(&odd[0]);
        for m in 0..M {
            acc[m] = s.fma(s.splat(rows[m][len - 1]), b, acc[m]);
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
