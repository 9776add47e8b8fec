//! Input gradient: tiles whose rows are images.
use super::{
    panel::{self, Form, Packing, two_targets},
    sums::{Runs, Span, sums},
};
use crate::{
    conv2d::Conv2d,
    simd::{Kernel, LANES, Simd, Token, tile},
};
use std::{array::from_fn, marker::PhantomData};

/// A group of images: `dx[n,r,t,c] = Σ dy[n,i,j,o] · w[p,q,c,o]` over the taps with `r = i·stride + p - padding` and
/// `t = j·stride + q - padding`.
///
/// Which taps there are depends on the pixel alone. With images as the rows of a tile, exactly the taps that exist are
/// computed: no padding with zeros, any stride. The tiles read a copy of dy in the order (oh, ow, image, C_out), of
/// which only the rows that are needed next exist at a time.
pub(super) struct Group<'a> {
    pub s: &'a Conv2d,
    /// (images, oh, ow, C_out)
    pub dy: &'a [f32],
    /// Weights.
    pub panels: &'a [[f32; LANES]],
    /// Room for [`ring`] numbers.
    pub ring: &'a mut [f32],
    /// (images, H, W, C_in)
    pub dx: &'a mut [f32],
}

/// The most images of a group, for a token with `rows` accumulators.
pub(super) fn tallest<F: Form>(s: &Conv2d, rows: usize) -> usize {
    panel::tallest::<F>(rows).min(if matches!(s.co, 8 | 16) { usize::MAX } else { tile::POINTERS })
}

/// Rows of dy that a row of tiles reads.
fn ring_rows(s: &Conv2d) -> usize {
    s.kh.div_ceil(s.stride) + 1
}

/// Numbers of these rows, for `images` images.
pub(super) fn ring(s: &Conv2d, images: usize) -> usize {
    ring_rows(s) * s.ow() * tile::height_for(images) * s.co
}

/// Computes one group.
pub(super) fn group<F: Form>(token: Token, group: Group) {
    macro_rules! run {
        ($step:literal) => {
            token.run(Images::<F, $step> { group, form: PhantomData })
        };
    }
    match group.s.co {
        8 => run!(8),
        16 => run!(16),
        _ => run!(0),
    }
}

/// `STEP` is C_out where that is a constant, else 0.
struct Images<'a, F, const STEP: usize> {
    group: Group<'a>,
    form: PhantomData<F>,
}

/// How the weights are packed for [`Group`]: a run a tap, kernel rows and columns in the order of [`Axis`].
pub(super) fn packing(s: &Conv2d) -> Packing {
    Packing { runs: s.kh * s.kw, len: s.co, channels: s.ci }
}

/// Fills `panels` with the weights (kh, kw, C_in, C_out).
pub(super) fn pack<F: Form>(s: &Conv2d, w: &[f32], panels: &mut [[f32; LANES]]) {
    let [rows, columns] = Axis::both(s);
    let tap = |r: usize| rows.position(r / s.kw) * s.kw + columns.position(r % s.kw);
    packing(s).pack::<F>(panels, None, w, |r| tap(r) * s.ci * s.co, [1, s.co]);
}

/// One dimension of a convolution, seen from its input.
///
/// Input `t` meets output `j` at kernel position `q = t + padding - j·stride`: as `j` grows, `q` falls by `stride`. In
/// packed order the positions come by remainder modulo stride, falling within a remainder, so that those of one input
/// are neighbours.
#[derive(Copy, Clone)]
pub(super) struct Axis {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
    /// Outputs.
    pub out: usize,
}

impl Axis {
    /// Both dimensions of `s`.
    pub fn both(s: &Conv2d) -> [Self; 2] {
        let axis = |kernel, out| Self { kernel, stride: s.stride, padding: s.padding, out };
        [axis(s.kh, s.oh()), axis(s.kw, s.ow())]
    }

    /// Kernel positions with remainder `r`.
    fn class(&self, r: usize) -> usize {
        (self.kernel + self.stride - 1 - r) / self.stride
    }

    /// Where `position` comes in packed order.
    pub fn place(&self, position: usize) -> usize {
        let r = position % self.stride;
        let before: usize = (0..r).map(|r| self.class(r)).sum();
        before + self.class(r) - 1 - position / self.stride
    }

    /// Which position comes at `place` in packed order.
    fn position(&self, place: usize) -> usize {
        (0..self.kernel).find(|&position| self.place(position) == place).expect("a place in the kernel")
    }

    /// The taps of input `t`.
    pub fn span(&self, t: usize) -> Span {
        let (r, high) = ((t + self.padding) % self.stride, (t + self.padding) / self.stride);
        // Output `high - q` meets the position `q · stride + r`.
        let first = (high + 1).saturating_sub(self.out);
        let end = self.class(r).min(high + 1);
        if first >= end {
            return Span::default();
        }
        let last = end - 1;
        Span { from: high - last, at: self.place(last * self.stride + r), len: end - first }
    }
}

impl<F: Form, const STEP: usize> Kernel for Images<'_, F, STEP> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Group { s: spec, ref dx, .. } = self.group;
        let images = dx.len() / (spec.h * spec.w * spec.ci);
        tile::with_height(s, tile::height_for(images), self);
    }
}

impl<F: Form, const STEP: usize> tile::Tiled for Images<'_, F, STEP> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, simd: S) {
        if const { two_targets::<S, F>() } {
            if const { M <= panel::tallest::<F>(S::ROWS) } {
                self.tiles::<S, M, 2>(simd);
            }
        } else {
            self.tiles::<S, M, 1>(simd);
        }
    }
}

impl<F: Form, const STEP: usize> Images<'_, F, STEP> {
    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const T: usize>(self, simd: S) {
        let Group { s, dy, panels, ring, dx } = self.group;
        let (packing, [rows, columns]) = (packing(s), Axis::both(s));
        let (tap, height, width) = (F::steps(s.co), ring_rows(s), s.ow() * M * s.co);
        let mut copied = 0;
        // Input rows that lie `stride` apart meet the same kernel rows, and most of the same rows of dy.
        for r in (0..s.h).filter(|r| r / s.stride % T == 0) {
            let target = |r| if r < s.h { rows.span(r) } else { Span::default() };
            let v: [Span; T] = from_fn(|t| target(r + t * s.stride));
            for i in copied.max(v[0].from)..v[0].end().max(v[T - 1].end()) {
                interleave::<M, STEP>(s, dy, i, &mut ring[i % height * width..][..width]);
                copied = i + 1;
            }
            for (p, panel) in panels.chunks_exact(packing.panel::<F>()).enumerate() {
                let first = p * F::CHANNELS;
                let channels = F::CHANNELS.min(s.ci - first);
                for t in 0..s.w {
                    let h = columns.span(t);
                    let runs = |i: usize| Runs {
                        a: &ring[i % height * width + h.from * M * s.co..],
                        count: h.len,
                        gap: M * s.co,
                        len: s.co,
                        step: s.co,
                    };
                    let weights = |p: usize| &panel[1 + (p * s.kw + h.at) * tap..][..h.len * tap];
                    let acc = sums::<S, F, M, T, STEP>(simd, simd.load(&panel[0]), v, runs, weights);
                    let (at, sizes) = ((r * s.w + t) * s.ci + first, [channels, s.h * s.w * s.ci]);
                    F::finish(simd, acc[0], f32::NEG_INFINITY, &mut dx[at..], sizes);
                    if T > 1 && r + s.stride < s.h {
                        let at = at + s.stride * s.w * s.ci;
                        F::finish(simd, acc[T - 1], f32::NEG_INFINITY, &mut dx[at..], sizes);
                    }
                }
            }
        }
    }
}

/// Row `i` of dy (images, oh, ow, C_out) in the order (ow, M, C_out). Rows without an image repeat the last one; what
/// they give is dropped.
#[inline(always)]
fn interleave<const M: usize, const STEP: usize>(s: &Conv2d, dy: &[f32], i: usize, to: &mut [f32]) {
    let (co, row) = (if STEP > 0 { STEP } else { s.co }, s.ow() * s.co);
    let images = dy.len() / (s.oh() * row).max(1);
    for m in 0..M {
        let from = &dy[(m.min(images - 1) * s.oh() + i) * row..][..row];
        for (to, from) in to[m * co..].chunks_mut(M * co).zip(from.chunks_exact(co)) {
            to[..co].copy_from_slice(from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the definition, over all small cases: the taps of `t` are the `(j, q)` with `t + padding = j·stride + q`.
    #[test]
    fn spans_are_the_taps() {
        for [kernel, stride, padding, out] in crate::indices([6, 4, 4, 7]) {
            let axis = Axis { kernel: kernel + 1, stride: stride + 1, padding, out: out + 1 };
            for t in 0..20 {
                let meets =
                    |j: usize| (t + padding).checked_sub(j * axis.stride).filter(|&q| q < axis.kernel);
                let taps = (0..axis.out).filter_map(|j| meets(j).map(|q| (j, axis.place(q))));
                let Span { from, at, len } = axis.span(t);
                assert!(taps.eq((0..len).map(|u| (from + u, at + u))), "{t} of {kernel} {stride} {padding}");
            }
        }
    }
}
