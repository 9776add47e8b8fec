//! Weights in the order in which the tiles read them.
use crate::simd::{LANES, Simd, copy_partial, tile};

/// How output channels fill the sixteen lanes of a vector.
pub(super) trait Form: Copy + Send + Sync {
    /// Output channels of a vector, and so of a panel.
    const CHANNELS: usize;
    /// Vectors that `len` terms of a sum take.
    fn steps(len: usize) -> usize;
    /// Vector and lane of the weight of term `k` and channel `c`.
    fn place(k: usize, c: usize) -> (usize, usize);
    /// Adds the terms of `rows` to the sums.
    fn accumulate<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        rows: [&[f32]; M],
        b: &[[f32; LANES]],
    ) -> [S::V; M];
    /// [`Self::accumulate`] of rows of `len` terms, each `stride` after the one before.
    fn accumulate_near<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        a: (&[f32], usize),
        b: &[[f32; LANES]],
        len: usize,
    ) -> [S::V; M];
    /// Writes the first `y.len()` channels.
    fn finish<S: Simd>(s: S, acc: S::V, y: &mut [f32]);
}

/// Sixteen channels.
#[derive(Copy, Clone)]
pub(super) struct Wide;

/// Eight channels, each with two partial sums: over the even and over the odd terms.
#[derive(Copy, Clone)]
pub(super) struct Paired;

impl Form for Wide {
    const CHANNELS: usize = LANES;
    fn steps(len: usize) -> usize {
        len
    }
    fn place(k: usize, c: usize) -> (usize, usize) {
        (k, c)
    }
    #[inline(always)]
    fn accumulate<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        rows: [&[f32]; M],
        b: &[[f32; LANES]],
    ) -> [S::V; M] {
        tile::dot(s, acc, rows, (b.as_flattened(), LANES))
    }
    #[inline(always)]
    fn accumulate_near<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        a: (&[f32], usize),
        b: &[[f32; LANES]],
        _len: usize,
    ) -> [S::V; M] {
        tile::dot_near(s, acc, a, b)
    }
    #[inline(always)]
    fn finish<S: Simd>(s: S, acc: S::V, y: &mut [f32]) {
        s.store_some(acc, y);
    }
}

impl Form for Paired {
    const CHANNELS: usize = LANES / 2;
    fn steps(len: usize) -> usize {
        len.div_ceil(2)
    }
    fn place(k: usize, c: usize) -> (usize, usize) {
        (k / 2, 2 * c + k % 2)
    }
    #[inline(always)]
    fn accumulate<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        rows: [&[f32]; M],
        b: &[[f32; LANES]],
    ) -> [S::V; M] {
        tile::dot_pairs(s, acc, rows, b)
    }
    #[inline(always)]
    fn accumulate_near<S: Simd, const M: usize>(
        s: S,
        acc: [S::V; M],
        a: (&[f32], usize),
        b: &[[f32; LANES]],
        len: usize,
    ) -> [S::V; M] {
        tile::dot_pairs_near(s, acc, a, b, len)
    }
    #[inline(always)]
    fn finish<S: Simd>(s: S, acc: S::V, y: &mut [f32]) {
        let sums = s.pair_sum(acc);
        match y.first_chunk_mut::<{ LANES / 2 }>() {
            Some(all) => *all = sums,
            None => copy_partial(&sums, y),
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
    /// is `w[from(r) + k · k_step + c · c_step]`.
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
            for (r, run) in panel[1..].chunks_exact_mut(F::steps(self.len)).enumerate() {
                let w = &w[from(r) + first * c_step..];
                for k in 0..self.len {
                    for c in 0..count {
                        let (vector, lane) = F::place(k, c);
                        run[vector][lane] = w[k * k_step + c * c_step];
                    }
                }
            }
        }
    }
}
