//! The product of large matrices, from packed operands.
//!
//! A tile of M x 16·V sums stays in registers over a block of k. Of A, M rows at a time lie as (k, M), of B, 16·V
//! columns as (k, 16·V), so that a tile reads both from end to end. What a task reads of A stays in the second cache
//! while the panels of B pass by.
//!
//! A sum goes on from one block of k to the next where it was left in y: the order of its terms is that of k, and its
//! bits are those of the unblocked product.
use super::{Matmul, pack::Pack};
use crate::{
    Cpu,
    simd::{Kernel, LANES, Simd},
};
use std::array::from_fn;

/// Terms of a block of k. A tile is read and written once a block, which costs more than operands in the second cache.
const BLOCK: usize = 1024;
/// Terms of the tiles of a task: 560 KB of A, which stay in the second cache.
const TASK: usize = 10 * BLOCK;

/// Rows of a tile, where the instruction set has room for `vectors` sums.
const fn height(vectors: usize) -> usize {
    match vectors {
        14.. => 14,
        6.. => 6,
        _ => 2,
    }
}

/// `y = op(a) op(b)`, plus `bias[j]`. There is at least one element and one term.
pub(super) fn product(s: &Matmul, a: &[f32], b: &[f32], bias: Option<&[f32]>, y: &mut [f32], cpu: &Cpu) {
    match height(cpu.token().rows()) {
        14 => tiled::<14, 2>(s, a, b, bias, y, cpu),
        6 => tiled::<6, 1>(s, a, b, bias, y, cpu),
        _ => tiled::<2, 1>(s, a, b, bias, y, cpu),
    }
}

fn tiled<const M: usize, const V: usize>(
    s: &Matmul,
    a: &[f32],
    b: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
    cpu: &Cpu,
) {
    let (token, tiles, panels) = (cpu.token(), s.m.div_ceil(M), s.n.div_ceil(V * LANES));
    let (tile, panel) = (s.k * M, s.k * V * LANES);
    cpu.scratch(tiles * tile + panels * panel, |scratch| {
        let (of_a, of_b) = scratch.split_at_mut(tiles * tile);
        cpu.pool().for_each_chunk(of_a, tile, |t, to| {
            token.run(Pack::<M> {
                x: a,
                size: s.m,
                first: t * M,
                contiguous: s.ta,
                to: to.as_chunks_mut().0,
            });
        });
        cpu.pool().for_each_chunk(of_b, panel, |p, to| {
            let first = p * V * LANES;
            if V == 2 {
                token.run(Pack::<32> { x: b, size: s.n, first, contiguous: !s.tb, to: to.as_chunks_mut().0 });
            } else {
                token.run(Pack::<16> { x: b, size: s.n, first, contiguous: !s.tb, to: to.as_chunks_mut().0 });
            }
        });
        // Large tasks reuse what they read of B, equal ones keep all threads busy to the end.
        let most = TASK / s.k.min(BLOCK);
        let load = |count: &usize| tiles.div_ceil(*count).div_ceil(cpu.threads()) * count;
        let count = (most / 2..=most).rev().min_by_key(load).expect("a number of tiles");
        let (of_a, of_b) = (&*of_a, &*of_b);
        cpu.pool().for_each_chunk(y, count * M * s.n, |task, y| {
            let a = &of_a[task * count * tile..];
            token.run(Tiles::<M, V> { s, a, b: of_b, bias, y });
        });
    });
}

/// Some rows of y.
struct Tiles<'a, const M: usize, const V: usize> {
    s: &'a Matmul,
    /// From the tile of the first of them on.
    a: &'a [f32],
    b: &'a [f32],
    bias: Option<&'a [f32]>,
    y: &'a mut [f32],
}

impl<const M: usize, const V: usize> Kernel for Tiles<'_, M, V> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { s, a, b, bias, y } = self;
        if const { height(S::ROWS) != M } {
            unreachable!("a tile of another instruction set");
        }
        for from in (0..s.k).step_by(BLOCK) {
            let terms = BLOCK.min(s.k - from);
            for (p, b) in b.chunks_exact(s.k * V * LANES).enumerate() {
                let b = &b[from * V * LANES..][..terms * V * LANES];
                let columns: [usize; V] = from_fn(|v| s.n.min((p * V + v) * LANES));
                for (a, y) in a.chunks_exact(s.k * M).zip(y.chunks_mut(M * s.n)) {
                    let a = &a[from * M..][..terms * M];
                    let mut acc = [[simd.splat(0.0); V]; M];
                    for (m, acc) in acc.iter_mut().enumerate() {
                        let start = if from == 0 { bias } else { y.get(m * s.n..(m + 1) * s.n) };
                        if let Some(start) = start {
                            *acc = columns.map(|j| simd.load_some(&start[j..]));
                        }
                    }
                    let acc = dot(simd, acc, a.as_chunks().0, b.as_chunks().0.as_chunks().0);
                    for (m, acc) in acc.into_iter().enumerate() {
                        if let Some(y) = y.get_mut(m * s.n..(m + 1) * s.n) {
                            for v in 0..V {
                                simd.store_some(acc[v], &mut y[columns[v]..]);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `acc[m][v] += Σ_k a[k][m] · b[k][v]`
#[inline(always)]
fn dot<S: Simd, const M: usize, const V: usize>(
    s: S,
    mut acc: [[S::V; V]; M],
    a: &[[f32; M]],
    b: &[[[f32; LANES]; V]],
) -> [[S::V; V]; M] {
    for (a, b) in a.iter().zip(b) {
        let b: [S::V; V] = from_fn(|v| s.load(&b[v]));
        for m in 0..M {
            let a = s.splat(a[m]);
            for v in 0..V {
                acc[m][v] = s.fma(a, b[v], acc[m][v]);
            }
        }
    }
    acc
}
