//! Forward: tiles whose rows are neighbouring output pixels.
use super::panel::{Form, Packing};
use crate::{
    conv2d::Conv2d,
    simd::{Kernel, LANES, Simd, tile},
};
use std::{array::from_fn, marker::PhantomData};

/// One image, without padding: `y[i,j,o] = b[o] + Σ_{p} Σ_{t < kw·C_in} x[i·stride + p, (j·stride)·C_in + t] · w[p,t,o]`
///
/// In NHWC the window of a kernel row is one run of `kw · C_in` numbers, and the window of the next output pixel is
/// the same run `stride · C_in` further: a matrix product whose left operand has overlapping rows. Nothing is copied.
pub(super) struct Rows<'a, F> {
    /// Sizes; its padding is 0.
    pub s: Conv2d,
    /// (H, W, C_in)
    pub x: &'a [f32],
    /// Weights and bias.
    pub panels: &'a [[f32; LANES]],
    /// (oh, ow, C_out)
    pub y: &'a mut [f32],
    pub form: PhantomData<F>,
}

/// How the weights are packed for [`Rows`].
pub(super) fn packing(s: &Conv2d) -> Packing {
    Packing { runs: s.kh, len: s.kw * s.ci, channels: s.co }
}

impl<F: Form> Kernel for Rows<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        tile::with_height(s, tile::height::<S>(self.s.ow()), self);
    }
}

impl<F: Form> tile::Tiled for Rows<'_, F> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, simd: S) {
        let Self { s, x, panels, y, .. } = self;
        let packing = packing(&s);
        let (oh, ow, run, pixel) = (s.oh(), s.ow(), packing.len, s.stride * s.ci);
        for (p, panel) in panels.chunks_exact(packing.panel::<F>()).enumerate() {
            let channels = p * F::CHANNELS..s.co.min((p + 1) * F::CHANNELS);
            let (bias, weights) = (&panel[0], &panel[1..]);
            for i in 0..oh {
                for j in tile::starts(ow, M) {
                    let mut acc = [simd.load(bias); M];
                    for (ky, b) in weights.chunks_exact(F::steps(run)).enumerate() {
                        let from = (i * s.stride + ky) * s.w * s.ci + j * pixel;
                        let rows = from_fn(|m| &x[from + m * pixel..][..run]);
                        acc = F::accumulate(simd, acc, rows, b);
                    }
                    for (m, acc) in acc.into_iter().enumerate() {
                        let y = &mut y[(i * ow + j + m) * s.co..][..s.co];
                        F::finish(simd, acc, &mut y[channels.clone()]);
                    }
                }
            }
        }
    }
}
