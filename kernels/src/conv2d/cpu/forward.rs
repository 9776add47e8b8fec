//! Forward: tiles whose rows are neighbouring output pixels.
use super::{
    panel::{Form, Packing, tallest, two_targets},
    sums::{Runs, Span, sums},
};
use crate::{
    conv2d::{Conv2d, Epilogue},
    max_pool2d::cpu::Windows,
    simd::{Kernel, LANES, Simd, Token, tile},
};
use std::{array::from_fn, marker::PhantomData, ops::Range};

/// One image, without padding:
/// `y[i,j,o] = b[o] + Σ_p Σ_{t < kw·C_in} x[i·stride + p, (j·stride)·C_in + t] · w[p,t,o]`, then the epilogue.
pub(super) struct Image<'a> {
    /// Sizes; its padding is 0.
    pub s: &'a Conv2d,
    pub epilogue: &'a Epilogue,
    /// (H, W, C_in)
    pub x: &'a [f32],
    /// Weights and bias.
    pub panels: &'a [[f32; LANES]],
    /// Room for [`band`] numbers.
    pub band: &'a mut [f32],
    /// (oh, ow, C_out), pooled if the epilogue says so.
    pub y: &'a mut [f32],
    /// Like a pooled `y`, or empty.
    pub winner: &'a mut [u32],
}

/// How the weights are packed.
pub(super) fn packing(s: &Conv2d) -> Packing {
    Packing { runs: s.kh, len: s.kw * s.ci, channels: s.co }
}

/// Numbers of the rows under one row of pooling windows: they are computed and pooled before the next ones.
pub(super) fn band(s: &Conv2d, epilogue: &Epilogue) -> usize {
    epilogue.pool.map_or(0, |pool| pool.kernel * s.ow() * s.co)
}

/// Computes one image.
pub(super) fn image<F: Form>(token: Token, image: Image) {
    macro_rules! run {
        ($step:literal) => {
            token.run(Rows::<F, $step> { image, form: PhantomData })
        };
    }
    match image.s.stride * image.s.ci {
        1 => run!(1),
        3 => run!(3),
        8 => run!(8),
        16 => run!(16),
        _ => run!(0),
    }
}

/// In NHWC the window of a kernel row is one run of `kw · C_in` numbers, and the window of the next output pixel is
/// the same run `stride · C_in` further: a matrix product whose left operand has overlapping rows. Nothing is copied.
/// Where that distance is a constant, `STEP` and not 0, the rows of a tile are one pointer and M offsets.
struct Rows<'a, F, const STEP: usize> {
    image: Image<'a>,
    form: PhantomData<F>,
}

impl<F: Form, const STEP: usize> Kernel for Rows<'_, F, STEP> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let max = tallest::<F>(S::ROWS).min(if STEP > 0 { usize::MAX } else { tile::POINTERS });
        tile::with_height(s, tile::height(self.image.s.ow(), max), self);
    }
}

impl<F: Form, const STEP: usize> tile::Tiled for Rows<'_, F, STEP> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, simd: S) {
        let Image { s, epilogue, x, panels, band, y, winner } = self.image;
        let (bands, height, distance) = match &epilogue.pool {
            None => (1, s.oh(), 0),
            Some(pool) => (pool.oh(), pool.kernel, pool.stride),
        };
        for i in 0..bands {
            let to = if epilogue.pool.is_some() { &mut *band } else { &mut *y };
            let rows = i * distance..i * distance + height;
            if const { two_targets::<S, F>() } {
                if const { M <= tallest::<F>(S::ROWS) } {
                    tiles::<S, F, M, 2, STEP>(simd, s, epilogue.relu, rows, x, panels, to);
                }
            } else {
                tiles::<S, F, M, 1, STEP>(simd, s, epilogue.relu, rows, x, panels, to);
            }
            if let Some(pool) = &epilogue.pool {
                let row = pool.ow() * pool.c;
                let (y, winner) = (&mut y[i * row..][..row], winner.get_mut(i * row..(i + 1) * row));
                simd.vectorize(Windows { s: pool, i, rows: band, y, winner });
            }
        }
    }
}

/// Some rows of the output, which `y` has alone.
#[inline(always)]
fn tiles<S: Simd, F: Form, const M: usize, const T: usize, const STEP: usize>(
    simd: S,
    s: &Conv2d,
    relu: bool,
    rows: Range<usize>,
    x: &[f32],
    panels: &[[f32; LANES]],
    y: &mut [f32],
) {
    let Packing { len, .. } = packing(s);
    let (ow, row, step) = (s.ow(), s.w * s.ci, s.stride * s.ci);
    // Below the smallest positive number are the negative ones and both zeros, but no NaN.
    let floor = if relu { f32::from_bits(1) } else { f32::NEG_INFINITY };
    for (p, panel) in panels.chunks_exact(packing(s).panel::<F>()).enumerate() {
        let first = p * F::CHANNELS;
        let channels = F::CHANNELS.min(s.co - first);
        let weights = |ky: usize| &panel[1 + ky * F::steps(len)..][..F::steps(len)];
        let height = T.min(rows.len());
        for i in tile::starts(rows.len(), height) {
            let span = |t| Span {
                from: (rows.start + i + t) * s.stride,
                at: 0,
                len: if t < height { s.kh } else { 0 },
            };
            for j in tile::starts(ow, M) {
                let source = |r| Runs { a: &x[r * row + j * step..], count: 1, gap: 0, len, step };
                let start = simd.load(&panel[0]);
                let acc = sums::<S, F, M, T, STEP>(simd, start, from_fn(span), source, weights);
                let at = (i * ow + j) * s.co + first;
                F::finish(simd, acc[0], floor, &mut y[at..], [channels, s.co]);
                // Not a loop: an index that is not a constant would keep all sums in memory.
                if height > 1 {
                    F::finish(simd, acc[T - 1], floor, &mut y[at + ow * s.co..], [channels, s.co]);
                }
            }
        }
    }
}
