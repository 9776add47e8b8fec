//! One pass: an image is differentiated, scattered and summed while it lies in the nearest cache. The bits are those of
//! `max_pool2d::cpu::backward`, `activation::cpu::backward` and `reduce::cpu::channel_sum_parts`, one after the other.
use super::Upstream;
use crate::{
    Cpu, Parts,
    activation::cpu::Backward,
    max_pool2d::cpu::{Row, bands, scatter},
    reduce::cpu::{Interleaved, period, tree},
    simd::{Kernel, Simd},
};

/// What arrives from the operations behind a convolution.
#[derive(Copy, Clone, Debug)]
pub struct Arriving<'a> {
    /// The gradient.
    pub dy: &'a [f32],
    /// The value that it belongs to, if an activation was among the operations.
    pub y: Option<&'a [f32]>,
    /// The winners, if there was a pooling: `row · W + column`.
    pub winner: Option<&'a [u32]>,
}

/// `g`, and `partials[p,c] = Σ g[n,y,x,c]` over the images of part `p`, on the calling thread.
///
/// What arrives and g (N, H, W, C) are the images that `parts` cover, of the batch `s`; partials (parts, C), to be
/// summed by [`tree`].
///
/// # Panics
/// If sizes do not fit, values or winners are given without an activation or a pooling or the other way round, windows
/// overlap, or the pooled values do not say what the activation's gradient needs to know.
pub fn upstream(s: &Upstream, parts: &Parts, from: Arriving, g: &mut [f32], partials: &mut [f32], cpu: &Cpu) {
    let (images, small, image) = (parts.images().len(), s.arriving(), s.image());
    assert_eq!([g.len(), from.dy.len()], [images * image, images * small]);
    assert_eq!(from.y.map(<[_]>::len), s.activation.map(|_| images * small));
    assert_eq!(from.winner.map(<[_]>::len), s.pool.map(|_| images * small));
    assert!(s.pool.is_none_or(|[kernel, stride]| kernel <= stride), "overlapping windows");
    assert!(s.pool.is_none() || s.activation.is_none_or(|f| f.differentiates_from_y()), "{:?}", s.activation);
    assert_eq!(partials.len(), parts.len() * s.c);
    if g.is_empty() {
        return partials.fill(0.0);
    }
    cpu.scratch(period(s.c), |acc| {
        for (images, partial) in parts.iter().zip(partials.chunks_exact_mut(s.c)) {
            let at = images.start * small..images.end * small;
            let from = Arriving {
                dy: &from.dy[at.clone()],
                y: from.y.map(|y| &y[at.clone()]),
                winner: from.winner.map(|winner| &winner[at]),
            };
            let g = &mut g[images.start * image..images.end * image];
            cpu.token().run(Part { s, from, g, acc, partial });
        }
    });
}

/// [`upstream`] for all images of a batch: g, and `db[c] = Σ g[n,y,x,c]`. On the calling thread: batches that are worth
/// more threads are shared out between them by the caller, who has more to do with each part.
///
/// # Panics
/// As [`upstream`].
pub fn batch(s: &Upstream, from: Arriving, g: &mut [f32], db: &mut [f32], cpu: &Cpu) {
    let parts = Parts::of(s.n);
    cpu.scratch(parts.len() * s.c, |partials| {
        upstream(s, &parts, from, g, partials, cpu);
        tree(partials, db, cpu);
    });
}

/// Periods of the running sums that are computed before they are summed: few enough that the nearest cache holds them.
const PERIODS: usize = 8;

/// The images of one part.
struct Part<'a> {
    s: &'a Upstream,
    from: Arriving<'a>,
    g: &'a mut [f32],
    acc: &'a mut [f32],
    partial: &'a mut [f32],
}

impl Kernel for Part<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { s, from, g, acc, partial } = self;
        let piece = PERIODS * acc.len();
        let mut sums = Interleaved::new(acc);
        match (s.windows(), from.winner) {
            (Some(pool), Some(winner)) => {
                let row = pool.ow() * s.c;
                let rows = from.dy.chunks_exact(row).zip(winner.chunks_exact(row)).enumerate();
                let bands = g.chunks_exact_mut(s.image()).flat_map(|image| bands(&pool, image).enumerate());
                for ((r, (dy, winner)), (i, band)) in rows.zip(bands) {
                    let activation = s.activation.zip(from.y.map(|y| &y[r * row..][..row]));
                    scatter(&pool, i, Row { dy, activation, winner }, band);
                    sums.add(simd, band);
                }
            }
            _ => {
                for (i, g) in g.chunks_mut(piece).enumerate() {
                    let at = i * piece..i * piece + g.len();
                    let dy = &from.dy[at.clone()];
                    match s.activation.zip(from.y) {
                        Some((f, y)) => Backward { f, y: &y[at], dy, dx: &mut *g }.run(simd),
                        None => g.copy_from_slice(dy),
                    }
                    sums.add(simd, g);
                }
            }
        }
        sums.finish(partial);
    }
}
