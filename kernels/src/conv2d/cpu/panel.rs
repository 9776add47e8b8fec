//! Weights in the order in which the tiles read them.
use crate::simd::{LANES, Simd, copy_partial, tile};

/// How output channels fill the sixteen lanes of a vector.
///
/// No vector passes through a closure here: one that is not inlined would cost more than all else.
pub(super) trait Form: Copy + Send + Sync {
    /// Output channels of a vector, and so of a panel.
    const CHANNELS: usize;
    /// What a step of an input gradient's tile costs beside its rows, in rows, about.
    const BESIDE: usize;
    /// Vectors that `len` terms of a sum take.
    fn steps(len: usize) -> usize;
    /// Vector and lane of the weight of term `k` and channel `c`.
    fn place(k: usize, c: usize) -> (usize, usize);
    /// Adds the terms of `rows` to the sums, with the weights of each target.
    fn accumulate<S: Simd, const M: usize, const T: usize>(
        s: S,
        acc: [[S::V; M]; T],
        rows: [&[f32]; M],
        b: [&[[f32; LANES]]; T],
    ) -> [[S::V; M]; T];
    /// [`Self::accumulate`] of rows of `len` terms, each `stride` after the one before.
    fn accumulate_near<S: Simd, const M: usize, const T: usize>(
        s: S,
        acc: [[S::V; M]; T],
        a: (&[f32], usize),
        b: [&[[f32; LANES]]; T],
        len: usize,
    ) -> [[S::V; M]; T];
    /// Writes each row's sums, 0 for those below `floor`: `channels` numbers every `distance`, for as many rows as `y`
    /// has.
    fn finish<S: Simd, const M: usize>(s: S, acc: [S::V; M], floor: f32, y: &mut [f32], sizes: [usize; 2]);
}

/// Whether a tile computes two target rows: where a broadcast is an instruction of its own and there are registers.
pub(super) const fn two_targets<S: Simd, F: Form>() -> bool {
    F::CHANNELS < LANES && S::ROWS > MANY
}

/// The most sums of one target row, for a token with `rows` accumulators.
pub(super) const fn tallest<F: Form>(rows: usize) -> usize {
    // Two targets need two vectors of weights and one of broadcasts beside the sums.
    if F::CHANNELS < LANES && rows > MANY { rows - 1 } else { rows }
}

/// Tokens with more accumulators have 32 registers of sixteen.
const MANY: usize = 8;

/// Sixteen channels.
#[derive(Copy, Clone)]
pub(super) struct Wide;

/// Eight channels, each with two partial sums: over the even and over the odd terms.
#[derive(Copy, Clone)]
pub(super) struct Paired;

impl Form for Wide {
    const CHANNELS: usize = LANES;
    const BESIDE: usize = 1;
    fn steps(len: usize) -> usize {
        len
    }
    fn place(k: usize, c: usize) -> (usize, usize) {
        (k, c)
    }
    #[inline(always)]
    fn accumulate<S: Simd, const M: usize, const T: usize>(
        s: S,
        mut acc: [[S::V; M]; T],
        rows: [&[f32]; M],
        b: [&[[f32; LANES]]; T],
    ) -> [[S::V; M]; T] {
        for t in 0..T {
            acc[t] = tile::dot(s, acc[t], rows, (b[t].as_flattened(), LANES));
        }
        acc
    }
    #[inline(always)]
    fn accumulate_near<S: Simd, const M: usize, const T: usize>(
        s: S,
        mut acc: [[S::V; M]; T],
        a: (&[f32], usize),
        b: [&[[f32; LANES]]; T],
        _len: usize,
    ) -> [[S::V; M]; T] {
        for t in 0..T {
            acc[t] = tile::dot_near(s, acc[t], a, b[t]);
        }
        acc
    }
    #[inline(always)]
    fn finish<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        floor: f32,
        y: &mut [f32],
        [channels, distance]: [usize; 2],
    ) {
        let (floor, zero) = (s.splat(floor), s.splat(0.0));
        if [channels, distance] == [LANES; 2] && y.len() >= M * LANES {
            let y = &mut y.as_chunks_mut().0[..M];
            for m in 0..M {
                s.store(s.select_lt(acc[m], floor, zero, acc[m]), &mut y[m]);
            }
        } else {
            for (y, acc) in y.chunks_mut(distance).zip(acc) {
                s.store_some(s.select_lt(acc, floor, zero, acc), &mut y[..channels]);
            }
        }
    }
}

impl Form for Paired {
    const CHANNELS: usize = LANES / 2;
    const BESIDE: usize = 3;
    fn steps(len: usize) -> usize {
        len.div_ceil(2)
    }
    fn place(k: usize, c: usize) -> (usize, usize) {
        (k / 2, 2 * c + k % 2)
    }
    #[inline(always)]
    fn accumulate<S: Simd, const M: usize, const T: usize>(
        s: S,
        acc: [[S::V; M]; T],
        rows: [&[f32]; M],
        b: [&[[f32; LANES]]; T],
    ) -> [[S::V; M]; T] {
        tile::dot_pairs(s, acc, rows, b)
    }
    #[inline(always)]
    fn accumulate_near<S: Simd, const M: usize, const T: usize>(
        s: S,
        acc: [[S::V; M]; T],
        a: (&[f32], usize),
        b: [&[[f32; LANES]]; T],
        len: usize,
    ) -> [[S::V; M]; T] {
        tile::dot_pairs_near(s, acc, a, b, len)
    }
    #[inline(always)]
    fn finish<S: Simd, const M: usize>(
        s: S,
        mut acc: [S::V; M],
        floor: f32,
        y: &mut [f32],
        [channels, distance]: [usize; 2],
    ) {
        const HALF: usize = LANES / 2;
        let (floor, zero) = (s.splat(floor), s.splat(0.0));
        // Two rows of eight channels fill a vector again.
        for m in 0..M.div_ceil(2) {
            let sums = s.pair_sums(acc[2 * m], acc[(2 * m + 1).min(M - 1)]);
            acc[m] = s.select_lt(sums, floor, zero, sums);
        }
        if [channels, distance] == [HALF; 2] && y.len() >= M * HALF {
            let (full, rest) = y[..M * HALF].as_chunks_mut();
            for m in 0..M / 2 {
                s.store(acc[m], &mut full[m]);
            }
            if M % 2 == 1 {
                s.store_partial(acc[M / 2], rest);
            }
        } else {
            for (m, y) in (0..M).step_by(2).zip(y.chunks_mut(2 * distance)) {
                let lanes = s.lanes(acc[m / 2]);
                let halves = lanes.as_chunks::<HALF>().0;
                for (y, sums) in y.chunks_mut(distance).zip(halves).take(M - m) {
                    match y[..channels].first_chunk_mut() {
                        Some(all) => *all = *sums,
                        None => copy_partial(sums, &mut y[..channels]),
                    }
                }
            }
        }
    }
}

/// Sizes of packed weights: for each panel of channels one vector that the sums start with, then `runs` runs of
/// `len` terms, each run beginning with a vector.
#[derive(Copy, Clone)]
pub(super) struct Packing {
    pub runs: usize,
    pub len: usize,
    pub channels: usize,
}

impl Packing {
    /// Vectors of one panel.
    pub fn panel<F: Form>(&self) -> usize {
        1 + self.runs * F::steps(self.len)
    }

    /// Numbers of all panels.
    pub fn size<F: Form>(&self) -> usize {
        self.channels.div_ceil(F::CHANNELS) * self.panel::<F>() * LANES
    }

    /// Fills `panels`: channel `c` starts at `bias[c]` (0 if there is none), and its weight for term `k` of run `r`
    /// is `w[from(r) + k · k_step + c · c_step]`; one of the two steps is 1.
    pub fn pack<F: Form>(
        &self,
        panels: &mut [[f32; LANES]],
        bias: Option<&[f32]>,
        w: &[f32],
        from: impl Fn(usize) -> usize,
        [k_step, c_step]: [usize; 2],
    ) {
        panels.as_flattened_mut().fill(0.0);
        for (p, panel) in panels.chunks_exact_mut(self.panel::<F>()).enumerate() {
            let first = p * F::CHANNELS;
            let count = F::CHANNELS.min(self.channels - first);
            for c in 0..count {
                panel[0][F::place(0, c).1] = bias.map_or(0.0, |b| b[first + c]);
            }
            for (r, run) in panel[1..].chunks_exact_mut(F::steps(self.len).max(1)).enumerate() {
                let w = &w[from(r) + first * c_step..];
                let mut put = |k, c, w| {
                    let (vector, lane) = F::place(k, c);
                    run[vector][lane] = w;
                };
                // Along w in the order in which it lies.
                if k_step == 1 {
                    for c in 0..count {
                        (0..self.len).zip(&w[c * c_step..]).for_each(|(k, &w)| put(k, c, w));
                    }
                } else {
                    for k in 0..self.len {
                        (0..count).zip(&w[k * k_step..]).for_each(|(c, &w)| put(k, c, w));
                    }
                }
            }
        }
    }
}
