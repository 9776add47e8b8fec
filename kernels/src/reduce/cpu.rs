//! Reductions with SIMD and threads: fixed chunks, each summed by one thread, and a tree over the chunks. The bits of
//! a result depend on the sizes and on whether the instruction set has a fused multiply-add, on nothing else.
use crate::{
    Cpu, PARTS, Parts,
    elementwise::Channels,
    simd::{Kernel, LANES, Simd},
};

/// Numbers of a chunk.
const CHUNK: usize = 1 << 14;
/// Up to so many numbers one thread sums.
const SERIAL: usize = 1 << 15;

/// `Σ_i x[i]`
pub fn sum(x: &[f32], cpu: &Cpu) -> f32 {
    by_chunks(x, cpu, |x| Sum::<false> { x })
}

/// `Σ_i x[i]²`
pub fn sum_of_squares(x: &[f32], cpu: &Cpu) -> f32 {
    by_chunks(x, cpu, |x| Sum::<true> { x })
}

/// `(Σ_i x[i]) / n`
pub fn mean(x: &[f32], cpu: &Cpu) -> f32 {
    sum(x, cpu) / x.len() as f32
}

/// `√(Σ_i x[i]²)`, nothing rescaled.
pub fn l2_norm(x: &[f32], cpu: &Cpu) -> f32 {
    sum_of_squares(x, cpu).sqrt()
}

/// `y[c] = Σ x[n,c,…]`: the gradient of the channel broadcast. x as [`Channels`] says, y (C).
///
/// [`channel_sum_parts`] of all parts of the batch, on all threads, and [`tree`].
pub fn channel_sum(s: &Channels, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), y.len()], [s.len(), s.c]);
    if x.is_empty() {
        return y.fill(0.0);
    }
    let (token, parts, image) = (cpu.token(), Parts::of(s.n), s.image());
    // Behind the sums of the parts lies room for the accumulators of each.
    cpu.scratch(parts.len() * (s.c + period(s.c)), |scratch| {
        let (partials, accumulators) = scratch.split_at_mut(parts.len() * s.c);
        let workers = cpu.workers(x.len() > SERIAL);
        workers.for_each_chunk2((partials, s.c), (accumulators, period(s.c)), |g, partial, acc| {
            let images = parts.part(g);
            let x = &x[images.start * image..images.end * image];
            token.run(PartSum { inner: s.inner, x, acc, y: partial });
        });
        tree(partials, y, cpu);
    });
}

/// `partials[g,c] = Σ x[n,c,…]` over the images of part `g`, on the calling thread.
///
/// `s` is the batch, x its images that `parts` cover, partials (parts, C).
pub fn channel_sum_parts(s: &Channels, parts: &Parts, x: &[f32], partials: &mut [f32], cpu: &Cpu) {
    let image = s.image();
    assert_eq!([x.len(), partials.len()], [parts.images().len() * image, parts.len() * s.c]);
    if x.is_empty() {
        return partials.fill(0.0);
    }
    cpu.scratch(period(s.c), |acc| {
        for (images, y) in parts.iter().zip(partials.chunks_exact_mut(s.c)) {
            let x = &x[images.start * image..images.end * image];
            cpu.token().run(PartSum { inner: s.inner, x, acc, y });
        }
    });
}

/// `y[i] = Σ_g partials[g · len + i]` with `len = y.len()`, pairwise: neighbours, then pairs of neighbours, …
/// At most sixteen partials, as [`Parts`] has them.
pub fn tree(partials: &[f32], y: &mut [f32], cpu: &Cpu) {
    let (token, len) = (cpu.token(), y.len());
    assert!(partials.len() <= PARTS * len && partials.len().is_multiple_of(len.max(1)));
    cpu.workers(partials.len() > SERIAL).for_each_chunk(y, CHUNK / 16, |i, y| {
        token.run(Tree { partials, len, from: i * CHUNK / 16, y });
    });
}

fn by_chunks<'a, K>(x: &'a [f32], cpu: &Cpu, kernel: impl Fn(&'a [f32]) -> K + Sync) -> f32
where
    K: Kernel<Output = f32>,
{
    let token = cpu.token();
    cpu.scratch(x.len().div_ceil(CHUNK), |sums| {
        cpu.workers(x.len() > SERIAL).for_each_chunk(sums, 1, |i, sum| {
            sum[0] = token.run(kernel(&x[i * CHUNK..x.len().min((i + 1) * CHUNK)]));
        });
        pairwise(sums)
    })
}

/// The sum as a tree, halves first.
fn pairwise(x: &[f32]) -> f32 {
    match x {
        [] => 0.0,
        [x] => *x,
        _ => {
            let (a, b) = x.split_at(x.len().next_power_of_two() / 2);
            pairwise(a) + pairwise(b)
        }
    }
}

/// `Σ x[i]`, or of the squares.
struct Sum<'a, const SQUARED: bool> {
    x: &'a [f32],
}

impl<const SQUARED: bool> Kernel for Sum<'_, SQUARED> {
    type Output = f32;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> f32 {
        let add = |sum, x| if SQUARED { s.fma(x, x, sum) } else { s.add(sum, x) };
        let mut sums = [s.splat(0.0); 4];
        let (blocks, rest) = self.x.as_chunks::<{ 4 * LANES }>();
        for block in blocks {
            for (sum, x) in sums.iter_mut().zip(block.as_chunks().0) {
                *sum = add(*sum, s.load(x));
            }
        }
        for x in rest.chunks(LANES) {
            sums[0] = add(sums[0], s.load_some(x));
        }
        s.sum(s.add(s.add(sums[0], sums[1]), s.add(sums[2], sums[3])))
    }
}

/// Vectors of a period, at least: enough for the additions to overlap.
const VECTORS: usize = 4;

/// Numbers after which `c` interleaved channels meet the same lane again: a multiple of `c` and of sixteen.
pub(crate) fn period(c: usize) -> usize {
    let common = 1 << c.trailing_zeros().min(LANES.trailing_zeros());
    let meet = c * LANES / common;
    meet * (VECTORS * LANES).div_ceil(meet)
}

/// `y[c] = Σ x[n,c,…]` of some images.
struct PartSum<'a> {
    inner: usize,
    x: &'a [f32],
    /// [`period`] numbers.
    acc: &'a mut [f32],
    y: &'a mut [f32],
}

impl Kernel for PartSum<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { inner, x, acc, y } = self;
        if inner > 1 {
            return planes(s, inner, x, y);
        }
        let mut sums = Interleaved::new(acc);
        sums.add(s, x);
        sums.finish(y);
    }
}

/// The running sums of interleaved channels: number `i` that is added goes to place `i mod period`. So their bits do
/// not depend on the pieces in which the numbers come.
pub(crate) struct Interleaved<'a> {
    acc: &'a mut [f32],
    at: usize,
}

impl<'a> Interleaved<'a> {
    /// No number yet; `acc` has [`period`] places.
    #[inline(always)]
    pub fn new(acc: &'a mut [f32]) -> Self {
        acc.fill(0.0);
        Self { acc, at: 0 }
    }

    /// The next numbers.
    #[inline(always)]
    pub fn add<S: Simd>(&mut self, s: S, x: &[f32]) {
        let period = self.acc.len();
        let (head, rest) = x.split_at(x.len().min(period - self.at));
        plus(&mut self.acc[self.at..], head);
        match self.vectors() {
            Some(acc) => {
                let mut sums = acc.each_ref().map(|acc| s.load(acc));
                for x in rest.as_chunks::<{ VECTORS * LANES }>().0 {
                    for (sum, x) in sums.iter_mut().zip(x.as_chunks().0) {
                        *sum = s.add(*sum, s.load(x));
                    }
                }
                sums.into_iter().zip(acc).for_each(|(sum, acc)| s.store(sum, acc));
            }
            None => rest.chunks_exact(period).for_each(|x| plus(self.acc, x)),
        }
        plus(self.acc, &rest[rest.len() / period * period..]);
        self.at = (self.at + x.len()) % period;
    }

    /// The sums, where registers hold a period, as they do for most numbers of channels.
    #[inline(always)]
    fn vectors(&mut self) -> Option<&mut [[f32; LANES]; VECTORS]> {
        self.acc.as_chunks_mut().0.try_into().ok()
    }

    /// `y[c]` = the sum of channel `c`.
    #[inline(always)]
    pub fn finish(self, y: &mut [f32]) {
        y.fill(0.0);
        for acc in self.acc.chunks_exact(y.len()) {
            plus(y, acc);
        }
    }
}

/// `y[i] += x[i]`, for as many as there are of both.
#[inline(always)]
fn plus(y: &mut [f32], x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

/// `y[c] = Σ_o Σ_i x[(o · C + c) · inner + i]`
#[inline(always)]
fn planes<S: Simd>(s: S, inner: usize, x: &[f32], y: &mut [f32]) {
    y.fill(0.0);
    for group in x.chunks_exact(y.len() * inner) {
        for (y, x) in y.iter_mut().zip(group.chunks_exact(inner)) {
            *y += Sum::<false> { x }.run(s);
        }
    }
}

struct Tree<'a> {
    partials: &'a [f32],
    len: usize,
    from: usize,
    y: &'a mut [f32],
}

impl Kernel for Tree<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for (i, y) in self.y.chunks_mut(LANES).enumerate() {
            let at = self.from + i * LANES;
            let mut sums = [s.splat(0.0); PARTS];
            let mut count = 0;
            for (sum, partial) in sums.iter_mut().zip(self.partials.chunks_exact(self.len)) {
                *sum = s.load_some(&partial[at..at + y.len()]);
                count += 1;
            }
            while count > 1 {
                for g in 0..count / 2 {
                    sums[g] = s.add(sums[2 * g], sums[2 * g + 1]);
                }
                if count % 2 == 1 {
                    sums[count / 2] = sums[count - 1];
                }
                count = count.div_ceil(2);
            }
            s.store_some(sums[0], y);
        }
    }
}
