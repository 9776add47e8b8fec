//! Forward: tiles whose rows are neighbouring output pixels.
use super::{
    SERIAL,
    panel::{Form, Packing, tallest, two_targets},
    sums::{Runs, Span, sums},
};
use crate::{
    Cpu,
    activation::cpu::InPlace,
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
    /// Room for [`band`] numbers.
    pub band: &'a mut [f32],
    /// (oh, ow, C_out), pooled if the epilogue says so.
    pub y: &'a mut [f32],
    /// Like a pooled `y`, or empty.
    pub winner: &'a mut [u32],
}

/// Computes some rows of the convolution, which `y` has alone. Called for ascending rows.
pub(super) trait Band {
    fn rows<S: Simd>(&mut self, simd: S, rows: Range<usize>, y: &mut [f32]);
}

impl Image<'_> {
    /// The rows of the convolution and what follows them: all at once, or as many at a time as an activation or a row of
    /// pooling windows takes.
    #[inline(always)]
    pub(super) fn bands<S: Simd>(self, simd: S, mut kernel: impl Band) {
        let Self { s, epilogue, band, y, winner, .. } = self;
        let row = s.ow() * s.co;
        let (bands, height, distance) = match (&epilogue.pool, epilogue.above_floor()) {
            (Some(pool), _) => (pool.oh(), pool.kernel, pool.stride),
            (None, Some(_)) => (s.oh().div_ceil(NEAR), NEAR, NEAR),
            (None, None) => (1, s.oh(), 0),
        };
        for i in 0..bands {
            let rows = i * distance..s.oh().min(i * distance + height);
            let to = match epilogue.pool {
                Some(_) => &mut *band,
                None => &mut y[rows.start * row..rows.end * row],
            };
            kernel.rows(simd, rows, to);
            if let Some(f) = epilogue.above_floor() {
                simd.vectorize(InPlace { f, y: to });
            }
            if let Some(pool) = &epilogue.pool {
                let row = pool.ow() * pool.c;
                let (y, winner) = (&mut y[i * row..][..row], winner.get_mut(i * row..(i + 1) * row));
                simd.vectorize(Windows { s: pool, i, rows: band, y, winner });
            }
        }
    }
}

/// How the weights are packed.
pub(super) fn packing(s: &Conv2d) -> Packing {
    Packing { runs: s.kh, len: s.kw * s.ci, channels: s.co }
}

/// Numbers of the rows under one row of pooling windows: they are computed and pooled before the next ones.
pub(super) fn band(s: &Conv2d, epilogue: &Epilogue) -> usize {
    epilogue.pool.map_or(0, |pool| pool.kernel * s.ow() * s.co)
}

/// Rows of the output that an activation finds in the nearest cache: not too few either, since whatever it is
/// has to get going first. An even number.
const NEAR: usize = 8;

/// Calls `kernel` for every image, with its share of the outputs and `room` numbers of scratch memory.
#[expect(clippy::too_many_arguments, reason = "the operands of three operations")]
pub(super) fn images(
    s: &Conv2d,
    epilogue: &Epilogue,
    x: &[f32],
    y: &mut [f32],
    winner: &mut [u32],
    room: usize,
    cpu: &Cpu,
    kernel: impl Fn(Image, &mut [f32]) + Sync,
) {
    let (from, to) = (s.h * s.w * s.ci, y.len() / s.n);
    let scratch = room + band(s, epilogue);
    cpu.scratch(s.n * scratch, |all| {
        let image = |n: usize, y: &mut [f32], scratch: &mut [f32], winner: &mut [u32]| {
            let (room, band) = scratch.split_at_mut(room);
            kernel(Image { s, epilogue, x: &x[n * from..][..from], band, y, winner }, room);
        };
        let workers = cpu.workers(s.flops() > SERIAL);
        match (scratch, winner.is_empty()) {
            (0, _) => workers.for_each_chunk(y, to, |n, y| image(n, y, &mut [], &mut [])),
            (_, true) => {
                workers.for_each_chunk2((y, to), (all, scratch), |n, y, band| image(n, y, band, &mut []))
            }
            (_, false) => workers.for_each_chunk3((y, to), (all, scratch), (winner, to), image),
        }
    });
}

/// Computes one image.
pub(super) fn image<F: Form>(token: Token, image: Image, panels: &[[f32; LANES]]) {
    macro_rules! run {
        ($step:literal) => {
            token.run(Rows::<F, $step> { image, panels, form: PhantomData })
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
    /// Weights and bias.
    panels: &'a [[f32; LANES]],
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
        let Self { image, panels, .. } = self;
        let Image { s, epilogue, x, .. } = image;
        image.bands(simd, Tiles::<F, M, STEP> { s, floor: epilogue.floor(), x, panels, form: PhantomData });
    }
}

/// The operands of [`tiles`].
struct Tiles<'a, F, const M: usize, const STEP: usize> {
    s: &'a Conv2d,
    floor: f32,
    x: &'a [f32],
    panels: &'a [[f32; LANES]],
    form: PhantomData<F>,
}

impl<F: Form, const M: usize, const STEP: usize> Band for Tiles<'_, F, M, STEP> {
    #[inline(always)]
    fn rows<S: Simd>(&mut self, simd: S, rows: Range<usize>, y: &mut [f32]) {
        let Self { s, floor, x, panels, .. } = *self;
        if const { two_targets::<S, F>() } {
            if const { M <= tallest::<F>(S::ROWS) } {
                tiles::<S, F, M, 2, STEP>(simd, s, floor, rows, x, panels, y);
            }
        } else {
            tiles::<S, F, M, 1, STEP>(simd, s, floor, rows, x, panels, y);
        }
    }
}

/// Some rows of the output, which `y` has alone.
#[inline(always)]
fn tiles<S: Simd, F: Form, const M: usize, const T: usize, const STEP: usize>(
    simd: S,
    s: &Conv2d,
    floor: f32,
    rows: Range<usize>,
    x: &[f32],
    panels: &[[f32; LANES]],
    y: &mut [f32],
) {
    let Packing { len, .. } = packing(s);
    let (ow, row, step) = (s.ow(), s.w * s.ci, s.stride * s.ci);
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
