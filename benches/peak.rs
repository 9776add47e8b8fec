//! The roof: how many fused multiply-adds the cores do when nothing but registers is touched.
//!
//! The only instruction-set code of this crate. Each loop keeps enough independent chains to hide the latency of the
//! multiply-add and has no memory operand, so it is what a kernel could reach at most at the clock of this moment.
#[cfg(target_arch = "aarch64")]
use std::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use crate::timing::median;
use ferrotape_kernels::{Isa, Pool};
use std::hint::black_box;

/// GFLOP/s of multiply-adds in registers on `threads` threads, with the best instruction set. About 10 ms.
///
/// The sum over threads of what each does in its median sample while the others are at it: where other jobs take turns
/// with the threads, they are counted as if they had run at the same time, and the roof is not too low.
pub fn peak(threads: usize) -> f64 {
    peak_of(Isa::best(), threads)
}

/// [`peak`] with the instruction set `isa`.
///
/// # Panics
/// If the processor lacks it.
pub fn peak_of(isa: Isa, threads: usize) -> f64 {
    const ROUNDS: usize = 4000;
    assert!(isa.is_available(), "this processor has no {isa}");
    let (chain, flops) = chain(isa);
    let mut rates = vec![0.0; threads];
    Pool::new(threads).for_each_chunk(&mut rates, 1, |_, rate| {
        let ns = median(200, || {
            black_box(chain(black_box(ROUNDS)));
        });
        rate[0] = (flops * ROUNDS) as f64 / ns;
    });
    rates.iter().sum()
}

/// The loop of an instruction set and the operations of one round of it.
fn chain(isa: Isa) -> (fn(usize) -> f32, usize) {
    match isa {
        // SAFETY: `peak_of` has asked the processor for the instruction set; the loops have no other requirement.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => (|n| unsafe { avx512(n) }, 12 * 16 * 2),
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => (|n| unsafe { avx2(n) }, 12 * 8 * 2),
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Isa::Neon => (|n| unsafe { neon(n) }, 24 * 4 * 2),
        _ => (portable, 8 * 4 * 2),
    }
}

/// `x <- x a + b` in some vectors side by side, `rounds` times.
macro_rules! chains {
    ($name:ident, $arch:literal, $feature:literal, $count:literal, $splat:path, $first:path, |$x:ident, $a:ident, $b:ident| $fma:expr) => {
        #[cfg(target_arch = $arch)]
        #[target_feature(enable = $feature)]
        fn $name(rounds: usize) -> f32 {
            let ($a, $b) = ($splat(black_box(0.99)), $splat(black_box(0.01)));
            let mut chains = [$splat(black_box(0.5)); $count];
            for _ in 0..rounds {
                for x in &mut chains {
                    let $x = *x;
                    *x = $fma;
                }
            }
            chains.into_iter().map(|x| $first(x)).sum()
        }
    };
}
chains!(avx512, "x86_64", "avx512f", 12, _mm512_set1_ps, _mm512_cvtss_f32, |x, a, b| _mm512_fmadd_ps(
    x, a, b
));
chains!(avx2, "x86_64", "avx2,fma", 12, _mm256_set1_ps, _mm256_cvtss_f32, |x, a, b| _mm256_fmadd_ps(x, a, b));
chains!(neon, "aarch64", "neon", 24, vdupq_n_f32, vaddvq_f32, |x, a, b| vfmaq_f32(b, x, a));

/// Without a fused instruction: a product and a sum, in the vectors that every processor of the architecture has.
fn portable(rounds: usize) -> f32 {
    let (a, b) = (black_box(0.99f32), black_box(0.01f32));
    let mut chains = [[black_box(0.5f32); 4]; 8];
    for _ in 0..rounds {
        for x in chains.as_flattened_mut() {
            *x = *x * a + b;
        }
    }
    chains.as_flattened().iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each available loop computes the fixed point of `0.99 x + 0.01`, which is 1.
    #[test]
    fn every_chain_converges() {
        for isa in Isa::available() {
            let (chain, flops) = chain(isa);
            let (sum, fixed) = (chain(3000), chain(4000));
            assert!((sum - fixed).abs() < 1e-2 * fixed && fixed >= 8.0, "{isa}: {sum}, {fixed}");
            assert!(flops > 0 && peak_of(isa, 1) > 0.1);
        }
    }
}
