//! Max-pooling with SIMD and threads, over the channels of a pixel at once. Bit for bit the reference.
use super::MaxPool2d;
use crate::{
    Cpu,
    simd::{Kernel, Simd},
};

/// Up to so many inputs one thread does all.
const SERIAL: usize = 1 << 15;

/// `y[n,i,j,c] = max x[n, i·stride + p, j·stride + q, c]` over the window; `winner` is its place `row · W + column` in
/// the input plane. The first of equal values wins; a NaN wins over everything.
///
/// x (N, H, W, C), y and winner (N, oh, ow, C), each contiguous in this order.
pub fn forward(s: &MaxPool2d, x: &[f32], y: &mut [f32], winner: &mut [u32], cpu: &Cpu) {
    let (from, to) = (s.h * s.w * s.c, s.oh() * s.ow() * s.c);
    assert_eq!([x.len(), y.len(), winner.len()], [s.n * from, s.n * to, s.n * to]);
    let token = cpu.token();
    let outputs = ((y, to), (winner, to));
    cpu.workers(x.len() > SERIAL).for_each_chunk2(outputs.0, outputs.1, |n, y, winner| {
        token.run(Forward { s, x: &x[n * from..][..from], y, winner });
    });
}

/// `dx = Σ dy` over the windows an element won; 0 where it won none.
///
/// dy and winner (N, oh, ow, C), dx (N, H, W, C), each contiguous in this order.
pub fn backward(s: &MaxPool2d, dy: &[f32], winner: &[u32], dx: &mut [f32], cpu: &Cpu) {
    let (from, to) = (s.oh() * s.ow() * s.c, s.h * s.w * s.c);
    assert_eq!([dy.len(), winner.len(), dx.len()], [s.n * from, s.n * from, s.n * to]);
    let token = cpu.token();
    cpu.workers(dx.len() > SERIAL).for_each_chunk(dx, to, |n, dx| {
        let image = n * from..(n + 1) * from;
        token.run(Backward { s, dy: &dy[image.clone()], winner: &winner[image], dx });
    });
}

/// Calls `block(first, count)` with blocks of 16, 8 and 1 channels: constants, where the call is inlined.
macro_rules! by_channels {
    ($c:expr, |$first:ident| $block:ident::<_>($($arg:expr),*)) => {
        let (c, mut $first) = ($c, 0);
        while c - $first >= 16 {
            $block::<16>($($arg),*);
            $first += 16;
        }
        if c - $first >= 8 {
            $block::<8>($($arg),*);
            $first += 8;
        }
        while $first < c {
            $block::<1>($($arg),*);
            $first += 1;
        }
    };
}

/// One image.
struct Forward<'a> {
    s: &'a MaxPool2d,
    x: &'a [f32],
    y: &'a mut [f32],
    winner: &'a mut [u32],
}

impl Kernel for Forward<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { s, x, y, winner } = self;
        let row = s.ow() * s.c;
        for (i, (y, winner)) in y.chunks_exact_mut(row).zip(winner.chunks_exact_mut(row)).enumerate() {
            let pixels = y.chunks_exact_mut(s.c).zip(winner.chunks_exact_mut(s.c));
            for (j, (y, winner)) in pixels.enumerate() {
                let corner = (i * s.w + j) * s.stride;
                by_channels!(s.c, |first| best::<_>(s, x, corner, first, y, winner));
            }
        }
    }
}

/// The winners of one window in `L` channels.
#[inline(always)]
fn best<const L: usize>(
    s: &MaxPool2d,
    x: &[f32],
    corner: usize,
    first: usize,
    y: &mut [f32],
    winner: &mut [u32],
) {
    let at = |place: usize| -> &[f32; L] { x[place * s.c + first..].first_chunk().expect("a pixel") };
    let (mut max, mut places) = (*at(corner), [corner as u32; L]);
    for p in 0..s.kernel {
        for q in 0..s.kernel {
            let place = corner + p * s.w + q;
            let x = at(place);
            for l in 0..L {
                let wins = (x[l] > max[l]) | (x[l].is_nan() & !max[l].is_nan());
                max[l] = if wins { x[l] } else { max[l] };
                places[l] = if wins { place as u32 } else { places[l] };
            }
        }
    }
    y[first..first + L].copy_from_slice(&max);
    winner[first..first + L].copy_from_slice(&places);
}

/// One image.
struct Backward<'a> {
    s: &'a MaxPool2d,
    dy: &'a [f32],
    winner: &'a [u32],
    dx: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { s, dy, winner, dx } = self;
        dx.fill(0.0);
        let row = s.ow() * s.c;
        for (i, (dy, winner)) in dy.chunks_exact(row).zip(winner.chunks_exact(row)).enumerate() {
            for (j, (dy, winner)) in dy.chunks_exact(s.c).zip(winner.chunks_exact(s.c)).enumerate() {
                if s.kernel <= s.stride {
                    let corner = (i * s.w + j) * s.stride;
                    by_channels!(s.c, |first| spread::<_>(s, dy, winner, corner, first, dx));
                } else {
                    for (ch, (dy, &place)) in dy.iter().zip(winner).enumerate() {
                        dx[place as usize * s.c + ch] += dy;
                    }
                }
            }
        }
    }
}

/// The gradients of one window in `L` channels, where windows do not overlap.
#[inline(always)]
fn spread<const L: usize>(
    s: &MaxPool2d,
    dy: &[f32],
    winner: &[u32],
    corner: usize,
    first: usize,
    dx: &mut [f32],
) {
    let dy: &[f32; L] = dy[first..].first_chunk().expect("a pixel");
    let winner: &[u32; L] = winner[first..].first_chunk().expect("a pixel");
    for p in 0..s.kernel {
        for q in 0..s.kernel {
            let place = corner + p * s.w + q;
            let dx: &mut [f32; L] = dx[place * s.c + first..].first_chunk_mut().expect("a pixel");
            for l in 0..L {
                // A sum with the 0 that is there, as in the definition: -0 becomes 0.
                dx[l] += if winner[l] == place as u32 { dy[l] } else { 0.0 };
            }
        }
    }
}
