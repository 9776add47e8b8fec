//! Max-pooling of rows that are still in the cache: what `max_pool2d` gives, bit for bit.
use crate::{
    max_pool2d::MaxPool2d,
    simd::{LANES, Simd},
};

/// Row `i` of the pooled output (ow, C), and of the winners unless that is empty, from the `kernel` rows (W, C) under
/// its windows.
#[inline(always)]
pub(super) fn row<S: Simd>(
    simd: S,
    s: &MaxPool2d,
    i: usize,
    rows: &[f32],
    y: &mut [f32],
    winner: &mut [u32],
) {
    for (j, y) in y.chunks_exact_mut(s.c).enumerate() {
        for (v, y) in y.chunks_mut(LANES).enumerate() {
            let first = j * s.c + v * LANES;
            let pixel = |place: usize| &rows[place * s.c + v * LANES..][..y.len()];
            // Places are carried as bits: they are only moved.
            let place =
                |p: usize, q: usize| f32::from_bits(((i * s.stride + p) * s.w + j * s.stride + q) as u32);
            let (mut max, mut best) = (simd.load_some(pixel(j * s.stride)), simd.splat(place(0, 0)));
            for p in 0..s.kernel {
                for q in 0..s.kernel {
                    let x = simd.load_some(pixel(p * s.w + j * s.stride + q));
                    best = simd.select_over(x, max, simd.splat(place(p, q)), best);
                    max = simd.select_over(x, max, x, max);
                }
            }
            simd.store_some(max, y);
            if !winner.is_empty() {
                for (winner, best) in winner[first..][..y.len()].iter_mut().zip(simd.lanes(best)) {
                    *winner = best.to_bits();
                }
            }
        }
    }
}
