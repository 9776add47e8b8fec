//! Forward: tiles whose rows are neighbouring output pixels.
use super::panel::{Form, Packing};
use crate::{
    conv2d::Conv2d,
    simd::{Kernel, LANES, Simd, Token, tile},
};
use std::{array::from_fn, marker::PhantomData};

/// One image, without padding:
/// `y[i,j,o] = b[o] + Σ_p Σ_{t < kw·C_in} x[i·stride + p, (j·stride)·C_in + t] · w[p,t,o]`
///
/// In NHWC the window of a kernel row is one run of `kw · C_in` numbers, and the window of the next output pixel is
/// the same run `stride · C_in` further: a matrix product whose left operand has overlapping rows. Nothing is copied.
/// Where that distance is a constant, `PIXEL` and not 0, the rows of a tile are one pointer and M offsets.
struct Rows<'a, F, const PIXEL: usize> {
    /// Sizes; its padding is 0.
    s: &'a Conv2d,
    /// (H, W, C_in)
    x: &'a [f32],
    /// Weights and bias.
    panels: &'a [[f32; LANES]],
    /// (oh, ow, C_out)
    y: &'a mut [f32],
    form: PhantomData<F>,
}

/// How the weights are packed.
pub(super) fn packing(s: &Conv2d) -> Packing {
    Packing { runs: s.kh, len: s.kw * s.ci, channels: s.co }
}

/// Computes one image y (oh, ow, C_out) from x (H, W, C_in), without padding.
pub(super) fn image<F: Form>(token: Token, s: &Conv2d, x: &[f32], panels: &[[f32; LANES]], y: &mut [f32]) {
    macro_rules! run {
        ($pixel:literal) => {
            token.run(Rows::<F, $pixel> { s, x, panels, y, form: PhantomData })
        };
    }
    match s.stride * s.ci {
        1 => run!(1),
        3 => run!(3),
        8 => run!(8),
        16 => run!(16),
        _ => run!(0),
    }
}

impl<F: Form, const PIXEL: usize> Kernel for Rows<'_, F, PIXEL> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let max = if PIXEL > 0 { S::ROWS } else { S::ROWS.min(tile::POINTERS) };
        tile::with_height(s, tile::height(self.s.ow(), max), self);
    }
}

impl<F: Form, const PIXEL: usize> tile::Tiled for Rows<'_, F, PIXEL> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, simd: S) {
        let Self { s, x, panels, y, .. } = self;
        let packing = packing(s);
        let (oh, ow, run, pixel) = (s.oh(), s.ow(), packing.len, s.stride * s.ci);
        for (p, panel) in panels.chunks_exact(packing.panel::<F>()).enumerate() {
            let channels = p * F::CHANNELS..s.co.min((p + 1) * F::CHANNELS);
            let (bias, weights) = (&panel[0], &panel[1..]);
            for i in 0..oh {
                for j in tile::starts(ow, M) {
                    let mut acc = [simd.load(bias); M];
                    for (ky, b) in weights.chunks_exact(F::steps(run)).enumerate() {
                        let x = &x[((i * s.stride + ky) * s.w * s.ci + j * pixel)..];
                        acc = if PIXEL > 0 {
                            let x = &x[..(M - 1) * PIXEL + run];
                            F::accumulate_near(simd, acc, (x, PIXEL), b, run)
                        } else {
                            F::accumulate(simd, acc, from_fn(|m| &x[m * pixel..][..run]), b)
                        };
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
