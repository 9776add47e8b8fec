//! Max-pooling with SIMD and threads, over the channels of a pixel at once. Bit for bit the reference.
use super::MaxPool2d;
use crate::{
    Cpu,
    activation::{Activation, cpu::fixed},
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

/// Does `body` for blocks of 16, 8 and 1 channels, the size being the constant `L` in it.
macro_rules! by_channels {
    ($c:expr, |$first:ident, $l:ident| $body:expr) => {
        let (c, mut $first) = ($c, 0);
        by_channels!(@while c, $first, $l, 16, $body);
        by_channels!(@while c, $first, $l, 8, $body);
        by_channels!(@while c, $first, $l, 1, $body);
    };
    (@while $c:ident, $first:ident, $l:ident, $size:literal, $body:expr) => {
        while $c - $first >= $size {
            const $l: usize = $size;
            $body;
            $first += $size;
        }
    };
}

/// Calls `loops` with the spec, which is known to the compiler in the cases that matter.
macro_rules! specialised {
    ($s:expr, |$fixed:ident| $loops:expr) => {
        match ($s.kernel, $s.stride, $s.c) {
            (2, 2, 8) => {
                let $fixed = &MaxPool2d { kernel: 2, stride: 2, c: 8, ..*$s };
                $loops
            }
            (2, 2, 16) => {
                let $fixed = &MaxPool2d { kernel: 2, stride: 2, c: 16, ..*$s };
                $loops
            }
            _ => {
                let $fixed = &MaxPool2d { ..*$s };
                $loops
            }
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
    fn run<S: Simd>(self, simd: S) {
        let Self { s, x, y, winner } = self;
        let row = s.ow() * s.c;
        for (i, (y, winner)) in y.chunks_exact_mut(row).zip(winner.chunks_exact_mut(row)).enumerate() {
            let rows = &x[i * s.stride * s.w * s.c..][..s.kernel * s.w * s.c];
            Windows { s, i, rows, y, winner: Some(winner) }.run(simd);
        }
    }
}

/// Row `i` of the windows of an image: y and winner (ow, C) from the `kernel` rows (W, C) under them. Convolutions pool
/// their output row by row with it; without a gradient to come nobody needs the winners.
pub(crate) struct Windows<'a> {
    pub s: &'a MaxPool2d,
    pub i: usize,
    pub rows: &'a [f32],
    pub y: &'a mut [f32],
    pub winner: Option<&'a mut [u32]>,
}

impl Kernel for Windows<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { s, i, rows, y, winner } = self;
        // Without a NaN the comparisons are one instruction each, so it is worth a look.
        match rows.iter().fold(false, |nan, x| nan | x.is_nan()) {
            false => specialised!(s, |s| windows::<false>(s, i, rows, y, winner)),
            true => windows::<true>(s, i, rows, y, winner),
        }
    }
}

/// [`Windows`], where a NaN is looked for only if there is one.
#[inline(always)]
fn windows<const NAN: bool>(
    s: &MaxPool2d,
    i: usize,
    rows: &[f32],
    y: &mut [f32],
    mut winner: Option<&mut [u32]>,
) {
    for (j, y) in y.chunks_exact_mut(s.c).enumerate() {
        by_channels!(s.c, |first, L| {
            let (max, places) = best::<NAN, L>(s, [i, j], first, rows);
            y[first..][..L].copy_from_slice(&max);
            if let Some(winner) = &mut winner {
                winner[j * s.c + first..][..L].copy_from_slice(&places);
            }
        });
    }
}

/// The values and the winners of window `(i, j)` in `L` channels.
#[inline(always)]
fn best<const NAN: bool, const L: usize>(
    s: &MaxPool2d,
    [i, j]: [usize; 2],
    first: usize,
    rows: &[f32],
) -> ([f32; L], [u32; L]) {
    let at = |place: usize| -> &[f32; L] { rows[place * s.c + first..].first_chunk().expect("a pixel") };
    let (top, corner) = (i * s.stride * s.w, j * s.stride);
    let (mut max, mut places) = (*at(corner), [(top + corner) as u32; L]);
    for p in 0..s.kernel {
        for q in 0..s.kernel {
            let place = corner + p * s.w + q;
            let (x, place) = (at(place), (top + place) as u32);
            for l in 0..L {
                let wins = (x[l] > max[l]) | (NAN & x[l].is_nan() & !max[l].is_nan());
                max[l] = if wins { x[l] } else { max[l] };
                places[l] = if wins { place } else { places[l] };
            }
        }
    }
    (max, places)
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
        let row = s.ow() * s.c;
        if s.kernel <= s.stride {
            for (i, band) in bands(s, dx).enumerate() {
                let at = i * row..(i + 1) * row;
                scatter(s, i, Row { dy: &dy[at.clone()], activation: None, winner: &winner[at] }, band);
            }
            return;
        }
        dx.fill(0.0);
        for (dy, winner) in dy.chunks_exact(s.c).zip(winner.chunks_exact(s.c)) {
            for (ch, (dy, &place)) in dy.iter().zip(winner).enumerate() {
                dx[place as usize * s.c + ch] += dy;
            }
        }
    }
}

/// The rows of an image that belong to each row of windows, with those below that no window covers. For windows that
/// do not overlap.
pub(crate) fn bands<'a>(s: &MaxPool2d, dx: &'a mut [f32]) -> impl Iterator<Item = &'a mut [f32]> {
    let (count, band, mut rest) = (s.oh(), s.stride * s.w * s.c, dx);
    (0..count).map(move |i| {
        let len = if i + 1 == count { rest.len() } else { band };
        let (first, others) = std::mem::take(&mut rest).split_at_mut(len);
        rest = others;
        first
    })
}

/// What arrives at one row of windows.
#[derive(Copy, Clone)]
pub(crate) struct Row<'a> {
    pub dy: &'a [f32],
    /// An activation ahead of the pooling, and the pooled values: a window's value is its winner's.
    pub activation: Option<(Activation, &'a [f32])>,
    pub winner: &'a [u32],
}

/// Row `i` of windows: every element of `band` is written once, the gradient where it won and 0 elsewhere.
#[inline(always)]
pub(crate) fn scatter(s: &MaxPool2d, i: usize, row: Row, band: &mut [f32]) {
    specialised!(s, |s| match row.activation {
        None => scatter_windows(s, i, row, band),
        Some((f, y)) => fixed!(f, |f| {
            let row = Row { activation: Some((f, y)), ..row };
            scatter_windows(s, i, row, band)
        }),
    });
}

#[inline(always)]
fn scatter_windows(s: &MaxPool2d, i: usize, row: Row, band: &mut [f32]) {
    let (c, ow) = (s.c, s.ow());
    let (covered, below) = band.split_at_mut(s.kernel * s.w * c);
    below.fill(0.0);
    for j in 0..ow {
        by_channels!(c, |first, L| spread::<L>(s, [i, j], first, row, covered));
        let gap = j * s.stride + s.kernel..if j + 1 == ow { s.w } else { (j + 1) * s.stride };
        if !gap.is_empty() {
            for row in covered.chunks_exact_mut(s.w * c) {
                row[gap.start * c..gap.end * c].fill(0.0);
            }
        }
    }
}

/// The gradients of window `(i, j)` in `L` channels.
#[inline(always)]
fn spread<const L: usize>(s: &MaxPool2d, [i, j]: [usize; 2], first: usize, row: Row, covered: &mut [f32]) {
    let at = j * s.c + first;
    let mut dy: [f32; L] = *row.dy[at..].first_chunk().expect("a pixel");
    let winner: &[u32; L] = row.winner[at..].first_chunk().expect("a pixel");
    // A sum with 0, as in the definition: -0 becomes 0.
    dy.iter_mut().for_each(|dy| *dy += 0.0);
    if let Some((f, y)) = row.activation {
        let y: &[f32; L] = y[at..].first_chunk().expect("a pixel");
        for l in 0..L {
            dy[l] = f.gradient(y[l], dy[l]);
        }
    }
    for p in 0..s.kernel {
        for q in 0..s.kernel {
            let place = p * s.w + j * s.stride + q;
            let to: &mut [f32; L] = covered[place * s.c + first..].first_chunk_mut().expect("a pixel");
            let place = (i * s.stride * s.w + place) as u32;
            for l in 0..L {
                to[l] = if winner[l] == place { dy[l] } else { 0.0 };
            }
        }
    }
}
