//! Dropout with threads: sixteen blocks of random words at a time. The reference's bits.
use super::{Draw, Dropout, reference};
use crate::{
    Cpu, Layout, Shape,
    elementwise::cpu::SERIAL,
    simd::{Kernel, LANES, Simd},
};

/// Elements whose words are drawn at once: four a block.
const BATCH: usize = 4 * LANES;
/// Elements of a task, where they lie in spoken order.
const CHUNK: usize = 1 << 13;

/// `y[e] = x[e] / (1 - p)` where the mask keeps element `e`, else 0.
///
/// x and y (N, …) lie in `layout`. They are the part of a tensor that begins at element `first`, counted in spoken order.
pub fn forward(
    s: &Dropout,
    draw: Draw,
    first: usize,
    (shape, layout): (&Shape, Layout),
    x: &[f32],
    y: &mut [f32],
    cpu: &Cpu,
) {
    assert_eq!([x.len(), y.len()], [shape.len(); 2]);
    let (token, workers) = (cpu.token(), cpu.workers(x.len() > SERIAL / 8));
    if !matches!(layout, Layout::Rows | Layout::Nhwc) {
        // Weights, which nobody drops.
        return reference::forward(s, draw, (shape, layout), x, y);
    }
    if layout == Layout::Rows {
        return workers.for_each_chunk(y, CHUNK, |i, y| {
            let x = &x[i * CHUNK..][..y.len()];
            token.run(Image { s, draw, first: first + i * CHUNK, channels: 1, x, y });
        });
    }
    let (channels, image) = (shape.dim(1), shape.len() / shape.dim(0).max(1));
    workers.for_each_chunk(y, image.max(1), |n, y| {
        let x = &x[n * image..][..image];
        token.run(Image { s, draw, first: first + n * image, channels, x, y });
    });
}

/// Elements that lie in spoken order but for the channels, which are innermost.
struct Image<'a> {
    s: &'a Dropout,
    draw: Draw,
    /// Number of the first element.
    first: usize,
    channels: usize,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Image<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { s, draw, first, channels, x, y } = self;
        let (scale, threshold, pixels) = (s.scale() as f32, s.threshold(), x.len() / channels);
        let (mut channel, mut pixel) = (0, 0);
        let mut at = first;
        while at < first + x.len() {
            let words = words(s, draw, (at / 4) as u32);
            let from = at % 4;
            let count = (BATCH - from).min(first + x.len() - at);
            for &word in &words.as_flattened()[from..from + count] {
                let place = pixel * channels + channel;
                y[place] = if word >= threshold { x[place] * scale } else { 0.0 };
                pixel += 1;
                if pixel == pixels {
                    (channel, pixel) = (channel + 1, 0);
                }
            }
            at += count;
        }
    }
}

/// [`Dropout::words`] of sixteen blocks from `block` on: a loop over lanes, which the compiler vectorises.
#[inline(always)]
fn words(s: &Dropout, draw: Draw, block: u32) -> [[u32; 4]; LANES] {
    let mut words = [[0; 4]; LANES];
    for (l, words) in words.iter_mut().enumerate() {
        *words = s.words(draw, block.wrapping_add(l as u32));
    }
    words
}
