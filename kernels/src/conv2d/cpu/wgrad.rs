//! Weight gradient: tiles of taps by channels, summed over all pixels of some images.
use crate::{
    conv2d::Conv2d,
    simd::{Kernel, LANES, Simd, tile},
};

/// `dw[p,t,o] = Σ_{n,i,j} x[n, i·stride + p, (j·stride)·C_in + t] · dy[n,i,j,o]` over some images, `t < kw·C_in` being the
/// run of a kernel row. No padding.
pub(super) struct Correlation<'a> {
    /// Sizes; its padding is 0, its `n` the number of images.
    pub s: Conv2d,
    /// (N, H, W, C_in)
    pub x: &'a [f32],
    /// (N, oh, ow, C_out)
    pub dy: &'a [f32],
    /// (kh, kw, C_in, C_out), or [`len`] numbers to [`fold`].
    pub dw: &'a mut [f32],
}

/// Pixels whose channels fill a vector together: two where the taps would leave more of it idle.
///
/// Two neighbouring pixels are one with the channels of both and a window `stride` wider. Of its products the outermost
/// are nobody's: they are computed and dropped, which still is less than eight idle lanes.
pub(super) fn pixels(s: &Conv2d) -> usize {
    let pairs = 2 * s.co <= LANES && s.ow().is_multiple_of(2);
    let (two, one) = ((s.kw + s.stride) as f64 / s.kw as f64, idle(s.kw * s.ci));
    if pairs && two * idle(2 * s.co) < one { 2 } else { 1 }
}

/// Numbers of a gradient before [`fold`].
pub(super) fn len(s: &Conv2d) -> usize {
    let pixels = pixels(s);
    s.kh * (s.kw + (pixels - 1) * s.stride) * s.ci * pixels * s.co
}

/// `dw[p,q,c,o] = wide[p, q, c, 0, o] + wide[p, q + stride, c, 1, o]`: what the first and the second pixels give.
pub(super) fn fold(s: &Conv2d, wide: &[f32], dw: &mut [f32]) {
    let (run, second) = (s.kw * s.ci, s.stride * s.ci);
    for (wide, dw) in wide.chunks_exact((run + second) * 2 * s.co).zip(dw.chunks_exact_mut(run * s.co)) {
        for (t, dw) in dw.chunks_exact_mut(s.co).enumerate() {
            let [a, b] = [2 * t * s.co, (2 * (t + second) + 1) * s.co].map(|at| &wide[at..][..s.co]);
            for ((dw, a), b) in dw.iter_mut().zip(a).zip(b) {
                *dw = a + b;
            }
        }
    }
}

/// How many times the lanes that are needed `extent` numbers take.
fn idle(extent: usize) -> f64 {
    extent.next_multiple_of(LANES) as f64 / extent as f64
}

/// One operand of the product: `data[n · image + i · row + j · pixel + e]` for `e < extent`.
#[derive(Copy, Clone)]
struct Side<'a> {
    data: &'a [f32],
    image: usize,
    row: usize,
    pixel: usize,
    extent: usize,
    /// Distance of neighbouring `e` in the gradient.
    step: usize,
}

/// `dw[e · a.step + f · b.step] = Σ_{n,i,j} a[n,i,j,e] · b[n,i,j,f]`
struct Product<'a> {
    a: Side<'a>,
    b: Side<'a>,
    /// (N, oh, ow)
    sizes: [usize; 3],
    dw: &'a mut [f32],
}

impl Kernel for Correlation<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { s, x, dy, dw } = self;
        let (pixels, oh, ow) = (pixels(&s), s.oh(), s.ow());
        let (run, co) = ((s.kw + (pixels - 1) * s.stride) * s.ci, pixels * s.co);
        let (lanes_are_taps, sizes) = (idle(run) < idle(co), [s.n, oh, ow / pixels]);
        for (ky, dw) in dw.chunks_exact_mut(run * co).enumerate() {
            let (row, pixel) = (s.w * s.ci, pixels * s.stride * s.ci);
            let data = &x[ky * row..];
            let taps = Side { data, image: s.h * row, row: s.stride * row, pixel, extent: run, step: co };
            let image = oh * ow * s.co;
            let channels = Side { data: dy, image, row: ow * s.co, pixel: co, extent: co, step: 1 };
            let (a, b) = if lanes_are_taps { (channels, taps) } else { (taps, channels) };
            tile::with_height(simd, tile::height(a.extent, S::ROWS), Product { a, b, sizes, dw });
        }
    }
}

impl tile::Tiled for Product<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize>(self, s: S) {
        let Self { a, b, sizes: [images, rows, pixels], dw } = self;
        for f in tile::starts(b.extent, LANES.min(b.extent)) {
            for e in tile::starts(a.extent, M) {
                let mut acc = [s.splat(0.0); M];
                for n in 0..images {
                    for i in 0..rows {
                        let a = (&a.data[n * a.image + i * a.row + e..], a.pixel);
                        let b = (&b.data[n * b.image + i * b.row + f..], b.pixel);
                        acc = tile::outer(s, acc, pixels, a, b);
                    }
                }
                for (m, acc) in acc.into_iter().enumerate() {
                    let dw = &mut dw[(e + m) * a.step + f * b.step..];
                    write(s, acc, dw, b.step, LANES.min(b.extent));
                }
            }
        }
    }
}

/// The first `count` lanes to every `step`-th place of `y`.
#[inline(always)]
fn write<S: Simd>(s: S, v: S::V, y: &mut [f32], step: usize, count: usize) {
    if step == 1 {
        return s.store_some(v, &mut y[..count]);
    }
    for (y, v) in y.iter_mut().step_by(step).zip(s.lanes(v)).take(count) {
        *y = v;
    }
}
