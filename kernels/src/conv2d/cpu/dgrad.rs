//! Input gradient: tiles whose rows are images.
use super::panel::{Form, Packing};
use crate::{
    conv2d::Conv2d,
    simd::{Kernel, LANES, Simd, tile},
};
use std::{array::from_fn, marker::PhantomData};

/// A group of images: `dx[n,r,t,c] = Σ dy[n,i,j,o] · w[p,q,c,o]` over the taps with `r = i·stride + p - padding` and
/// `t = j·stride + q - padding`.
///
/// Which taps there are depends on the pixel alone, and for one `i` the `(j, o)` of all taps are one run of `dy`. With
/// images as the rows of a tile, exactly the taps that exist are computed: no padding with zeros, any stride.
pub(super) struct Images<'a, F> {
    pub s: Conv2d,
    /// (images, oh, ow, C_out)
    pub dy: &'a [f32],
    /// Weights.
    pub panels: &'a [[f32; LANES]],
    /// (images, H, W, C_in)
    pub dx: &'a mut [f32],
    pub form: PhantomData<F>,
}

/// How the weights are packed for [`Images`]: a run a tap, kernel rows and columns in the order of [`Axis`].
pub(super) fn packing(s: &Conv2d) -> Packing {
    Packing { runs: s.kh * s.kw, len: s.co, channels: s.ci }
}

/// Fills `panels` with the weights (kh, kw, C_in, C_out).
pub(super) fn pack<F: Form>(s: &Conv2d, w: &[f32], panels: &mut [[f32; LANES]]) {
    let [rows, columns] = Axis::both(s);
    let tap = |r: usize| rows.position(r / s.kw) * s.kw + columns.position(r % s.kw);
    packing(s).pack::<F>(panels, None, w, |r| tap(r) * s.ci * s.co, [1, s.co]);
}

/// The taps of one input coordinate: `len` outputs from `from` on, met by kernel positions from `at` on in packed
/// order.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: usize,
    pub at: usize,
    pub len: usize,
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
            return Span { from: 0, at: 0, len: 0 };
        }
        let last = end - 1;
        Span { from: high - last, at: self.place(last * self.stride + r), len: end - first }
    }
}

impl<F: Form> Kernel for Images<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let images = self.dx.len() / (self.s.h * self.s.w * self.s.ci);
        tile::with_height(s, tile::height_for(images), self);
    }
}

impl<F: Form> tile::Tiled for Images<'_, F> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, simd: S) {
        let Self { s, dy, panels, dx, .. } = self;
        let (packing, [rows, columns]) = (packing(&s), Axis::both(&s));
        let (to, from) = (s.h * s.w * s.ci, rows.out * columns.out * s.co);
        let images = dx.len() / to;
        let tap = F::steps(s.co);
        for (p, panel) in panels.chunks_exact(packing.panel::<F>()).enumerate() {
            let channels = p * F::CHANNELS..s.ci.min((p + 1) * F::CHANNELS);
            for pixel in 0..s.h * s.w {
                let (v, h) = (rows.span(pixel / s.w), columns.span(pixel % s.w));
                let mut acc = [simd.load(&panel[0]); M];
                for u in 0..v.len {
                    let at = ((v.from + u) * columns.out + h.from) * s.co;
                    let b = &panel[1 + ((v.at + u) * s.kw + h.at) * tap..][..h.len * tap];
                    // Rows without an image repeat the last one, and are dropped.
                    let a = from_fn(|m| &dy[m.min(images - 1) * from + at..][..h.len * s.co]);
                    acc = F::accumulate(simd, acc, a, b);
                }
                for (acc, dx) in acc.into_iter().zip(dx.chunks_exact_mut(to)) {
                    F::finish(simd, acc, &mut dx[pixel * s.ci..][..s.ci][channels.clone()]);
                }
            }
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
