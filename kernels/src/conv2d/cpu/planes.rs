//! Forward of first layers: tiles whose lanes are neighbouring output pixels.
//!
//! With eight output channels a vector of channels is half empty, and pairs of terms do not fill it where their number
//! is odd: nine of one kernel row and three channels take five steps. So the lanes are pixels here. Each input row is
//! taken apart into a plane a channel once; every term of the sum is then one vector of a plane, wherever it begins,
//! times one weight. What it costs is turning sums back into pixels of eight channels.
use super::forward::{Band, Image};
use crate::{
    Isa,
    conv2d::Conv2d,
    simd::{Kernel, LANES, Simd},
};
use std::ops::Range;

/// Output channels.
pub(super) const CHANNELS: usize = 8;

/// Output pixels of a tile: two vectors share each weight.
const PIXELS: usize = 2 * LANES;

/// Whether the kernel computes `s` faster than tiles whose lanes are channels: there must be registers for sixteen sums,
/// and at least three quarters of the lanes in use.
pub(super) fn fit(s: &Conv2d, isa: Isa) -> bool {
    let tiles = s.ow().div_ceil(PIXELS);
    isa == Isa::Avx512
        && s.co == CHANNELS
        && s.stride == 1
        && [1, 3].contains(&s.ci)
        && 4 * s.ow() >= 3 * PIXELS * tiles
}

/// Numbers of the planes that one output row is computed from; a single channel is a plane as it lies.
pub(super) fn ring(s: &Conv2d) -> usize {
    if s.ci > 1 { s.kh * s.ci * s.w } else { 0 }
}

/// One image, without padding, of `CI` channels, 1 or 3:
/// `y[i,j,o] = b[o] + Σ_p Σ_q Σ_c x[i + p, j + q, c] · w[p,q,c,o]`, then the epilogue.
pub(super) struct Planes<'a, const CI: usize> {
    pub image: Image<'a>,
    /// (kh, kw, C_in) of output channels.
    pub w: &'a [[f32; CHANNELS]],
    pub b: &'a [f32; CHANNELS],
    /// Room for [`ring`] numbers.
    pub ring: &'a mut [f32],
}

impl<const CI: usize> Kernel for Planes<'_, CI> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { image, w, b, ring } = self;
        let Image { s, epilogue, x, .. } = image;
        image.bands(simd, Tiles::<CI> { s, floor: epilogue.floor(), x, w, b, ring, next: 0 });
    }
}

/// The loops around the tiles.
struct Tiles<'a, const CI: usize> {
    s: &'a Conv2d,
    floor: f32,
    x: &'a [f32],
    w: &'a [[f32; CHANNELS]],
    b: &'a [f32; CHANNELS],
    /// Input row `r` lies in slot `r % kh`, (C_in, W).
    ring: &'a mut [f32],
    /// Behind the last input row that was taken into the ring.
    next: usize,
}

impl<const CI: usize> Band for Tiles<'_, CI> {
    #[inline(always)]
    fn rows<S: Simd>(&mut self, simd: S, rows: Range<usize>, y: &mut [f32]) {
        let ow = self.s.ow();
        for (i, y) in rows.zip(y.as_chunks_mut::<CHANNELS>().0.chunks_exact_mut(ow)) {
            self.take_rows(simd, i);
            for j in (0..ow).step_by(PIXELS) {
                // The last vectors are moved left: what they have in common with others is computed twice.
                let at = [j, j + LANES].map(|j| j.min(ow - LANES));
                let acc = self.sums(simd, i, at);
                self.finish(simd, acc[0], &mut y[at[0]..]);
                self.finish(simd, acc[1], &mut y[at[1]..]);
            }
        }
    }
}

impl<const CI: usize> Tiles<'_, CI> {
    /// Takes the input rows of output row `i` into the ring.
    #[inline(always)]
    fn take_rows<S: Simd>(&mut self, simd: S, i: usize) {
        if CI == 1 {
            return;
        }
        let Conv2d { w, kh, .. } = *self.s;
        for r in self.next.max(i)..i + kh {
            let from = &self.x[r * CI * w..][..CI * w];
            let to = &mut self.ring[r % kh * CI * w..][..CI * w];
            for at in (0..w).step_by(LANES).map(|at| at.min(w - LANES)) {
                let planes = simd.thirds(from[CI * at..].first_chunk().expect("sixteen pixels"));
                for c in 0..CI {
                    simd.store(planes[c], to[c * w + at..].first_chunk_mut().expect("sixteen pixels"));
                }
            }
        }
        self.next = i + kh;
    }

    /// The sums of sixteen pixels of output row `i` from each of `at` on: a vector a channel.
    #[inline(always)]
    fn sums<S: Simd>(&self, simd: S, i: usize, at: [usize; 2]) -> [[S::V; CHANNELS]; 2] {
        let Conv2d { kh, kw, w: width, .. } = *self.s;
        let mut start = [simd.splat(0.0); CHANNELS];
        for (start, &b) in start.iter_mut().zip(self.b) {
            *start = simd.splat(b);
        }
        let mut acc = [start; 2];
        let mut slot = i % kh;
        for (p, weights) in self.w.chunks_exact(kw * CI).enumerate() {
            let planes = match CI {
                1 => &self.x[(i + p) * width..],
                _ => &self.ring[slot * CI * width..],
            };
            slot = if slot + 1 < kh { slot + 1 } else { 0 };
            let planes = &planes[..CI * width];
            for (q, weights) in weights.as_chunks::<CI>().0.iter().enumerate() {
                for c in 0..CI {
                    let plane = &planes[c * width..][..width];
                    let a = simd.load(plane[at[0] + q..].first_chunk().expect("sixteen pixels"));
                    let b = simd.load(plane[at[1] + q..].first_chunk().expect("sixteen pixels"));
                    for o in 0..CHANNELS {
                        let weight = simd.splat(weights[c][o]);
                        acc[0][o] = simd.fma(a, weight, acc[0][o]);
                        acc[1][o] = simd.fma(b, weight, acc[1][o]);
                    }
                }
            }
        }
        acc
    }

    /// Writes sixteen pixels.
    #[inline(always)]
    fn finish<S: Simd>(&self, simd: S, mut acc: [S::V; CHANNELS], y: &mut [[f32; CHANNELS]]) {
        if self.floor > f32::NEG_INFINITY {
            let (floor, zero) = (simd.splat(self.floor), simd.splat(0.0));
            for acc in &mut acc {
                *acc = simd.select_lt(*acc, floor, zero, *acc);
            }
        }
        let pixels = simd.interleave(acc);
        let y = y[..LANES].as_flattened_mut().as_chunks_mut().0;
        for k in 0..CHANNELS {
            simd.store(pixels[k], &mut y[k]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conv2d::Epilogue, philox, simd::Token};

    fn numbers(key: u32, len: usize) -> Vec<f32> {
        let number = |i| philox::block([i, 0, 0, 0], [key, 0])[0] as i32 as f32 / (1u32 << 31) as f32;
        (0..len as u32).map(number).collect()
    }

    /// The kernel runs on every instruction set, though it is chosen for one: the sum of the definition, term by term.
    fn check<const CI: usize>(w: usize, [kh, kw]: [usize; 2]) {
        let s = Conv2d { n: 1, ci: CI, h: kh + 4, w, co: CHANNELS, kh, kw, stride: 1, padding: 0 };
        let (x, weight, b) = (numbers(1, s.x().len()), numbers(2, s.weight().len()), numbers(3, CHANNELS));
        for isa in Isa::available() {
            let add = |a: f32, b: f32, c: f32| if isa == Isa::Scalar { a * b + c } else { a.mul_add(b, c) };
            let (mut y, mut ring) = (vec![f32::NAN; s.y().len()], vec![f32::NAN; ring(&s)]);
            let epilogue = &Epilogue::default();
            let image = Image { s: &s, epilogue, x: &x, band: &mut [], y: &mut y, winner: &mut [] };
            let (w8, b8) = (weight.as_chunks().0, b.first_chunk().unwrap());
            Token::new(isa).unwrap().run(Planes::<CI> { image, w: w8, b: b8, ring: &mut ring });
            for (at, y) in y.iter().enumerate() {
                let (i, j, o) = (at / CHANNELS / s.ow(), at / CHANNELS % s.ow(), at % CHANNELS);
                let mut sum = b[o];
                for t in 0..kh * kw * CI {
                    let (p, rest) = (t / (kw * CI), t % (kw * CI));
                    sum = add(x[((i + p) * w + j) * CI + rest], weight[t * CHANNELS + o], sum);
                }
                assert_eq!(y.to_bits(), sum.to_bits(), "{isa}: {s:?} at {i}, {j}, {o}");
            }
        }
    }

    #[test]
    fn sums_term_by_term() {
        for (w, k) in [(32, [3, 3]), (18, [1, 3]), (33, [2, 2]), (34, [3, 2]), (51, [3, 5]), (67, [1, 1])] {
            check::<1>(w, k);
            check::<3>(w, k);
        }
    }
}
