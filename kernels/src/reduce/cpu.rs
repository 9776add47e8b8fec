//! Reductions with SIMD and threads: fixed chunks, each summed by one thread, and a tree over the chunks. The bits of
//! a result depend on the sizes and on whether the instruction set has a fused multiply-add, on nothing else.
use crate::{
    Cpu,
    elementwise::Channels,
    simd::{Kernel, LANES, Simd},
};

/// Numbers of a chunk.
const CHUNK: usize = 1 << 14;
/// Chunks of a sum over rows.
const ROW_CHUNKS: usize = 16;
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
pub fn channel_sum(s: &Channels, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), y.len()], [s.len(), s.c]);
    let (token, chunks) = (cpu.token(), s.outer.min(ROW_CHUNKS));
    if x.is_empty() {
        return y.fill(0.0);
    }
    let (row, period) = (s.c * s.inner, period(s.c));
    // Behind each chunk's sums lies room for the accumulators.
    cpu.scratch(chunks * (s.c + period), |scratch| {
        let (partials, accumulators) = scratch.split_at_mut(chunks * s.c);
        let workers = cpu.workers(x.len() > SERIAL);
        workers.for_each_chunk2((partials, s.c), (accumulators, period), |g, y, acc| {
            let x = &x[g * s.outer / chunks * row..(g + 1) * s.outer / chunks * row];
            match s.inner {
                1 => token.run(Interleaved { x, acc, y }),
                inner => token.run(Planes { x, inner, y }),
            }
        });
        tree(partials, y, cpu);
    });
}

/// `y[i] = Σ_g partials[g · len + i]` with `len = y.len()`, pairwise: neighbours, then pairs of neighbours, …
/// At most sixteen partials.
pub(crate) fn tree(partials: &[f32], y: &mut [f32], cpu: &Cpu) {
    let (token, len) = (cpu.token(), y.len());
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

/// Numbers after which `c` interleaved channels meet the same lane again: a multiple of `c` and of sixteen, and long
/// enough for the additions to overlap.
fn period(c: usize) -> usize {
    let common = 1 << c.trailing_zeros().min(LANES.trailing_zeros());
    let meet = c * LANES / common;
    meet * (8 * LANES).div_ceil(meet)
}

/// `y[c] = Σ_o x[o · C + c]`
struct Interleaved<'a> {
    x: &'a [f32],
    /// One period.
    acc: &'a mut [f32],
    y: &'a mut [f32],
}

impl Kernel for Interleaved<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { x, acc, y } = self;
        acc.fill(0.0);
        for x in x.chunks(acc.len()) {
            for (acc, x) in acc.as_chunks_mut().0.iter_mut().zip(x.chunks(LANES)) {
                s.store(s.add(s.load(acc), s.load_some(x)), acc);
            }
        }
        y.fill(0.0);
        for acc in acc.chunks_exact(y.len()) {
            for (y, acc) in y.iter_mut().zip(acc) {
                *y += acc;
            }
        }
    }
}

/// `y[c] = Σ_o Σ_i x[(o · C + c) · inner + i]`
struct Planes<'a> {
    x: &'a [f32],
    inner: usize,
    y: &'a mut [f32],
}

impl Kernel for Planes<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { x, inner, y } = self;
        y.fill(0.0);
        for group in x.chunks_exact(y.len() * inner) {
            for (y, x) in y.iter_mut().zip(group.chunks_exact(inner)) {
                *y += Sum::<false> { x }.run(s);
            }
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
            let mut sums = [s.splat(0.0); ROW_CHUNKS];
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
