//! A SIMD kernel, written once and compiled for every instruction set: the dot product.
//!
//! ```text
//! 2051 numbers: -0.720576, allowed error 1.0e-1
//! scalar  ~1e-6 ~off, ~19.0 ~GFLOP/s
//! neon    ~not ~on ~this ~processor
//! avx2    ~3e-7 ~off, ~37.0 ~GFLOP/s
//! avx512  ~3e-7 ~off, ~40.4 ~GFLOP/s
//! ```
//!
//! What begins with `~` is of the machine at hand, here with `--release`: the dev profile checks
//! every load. The allowed error is not chosen: it is `γ_k Σ|x_i y_i|`, from running the definition in arithmetic that carries rounding errors along.
//! Two loads feed a multiply-add here, and decide: if no more can be loaded, wider registers gain little. Tiles (09) load less.
use ferrotape_kernels::{Bound, Cpu, Isa, Kernel, Pool, Simd};
use std::{hint::black_box, time::Instant};

/// The definition: `Σ_i x[i] · y[i]`.
fn dot(x: &[f32], y: &[f32]) -> Bound {
    let exact = |v: &f32| Bound::exact(f64::from(*v));
    x.iter().zip(y).fold(Bound::default(), |sum, (x, y)| sum + exact(x) * exact(y))
}

struct Dot<'a>(&'a [f32], &'a [f32]);

impl Kernel for Dot<'_> {
    type Output = f32;

    /// `s` is the proof that the processor has the instruction set; its vectors hold sixteen numbers, whatever the width of a
    /// register. Inlined, or it would be compiled without the instructions it is for.
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> f32 {
        // A multiply-add takes four cycles and two can begin in each: eight sums keep the units busy, one would not.
        const SUMS: usize = 8;
        let mut sums = [s.splat(0.0); SUMS];
        let ((x, x_rest), (y, y_rest)) = (self.0.as_chunks(), self.1.as_chunks());
        let ((x, x_last), (y, y_last)) = (x.as_chunks::<SUMS>(), y.as_chunks::<SUMS>());
        for (x, y) in x.iter().zip(y) {
            for k in 0..SUMS {
                sums[k] = s.fma(s.load(&x[k]), s.load(&y[k]), sums[k]);
            }
        }
        // Vectors that are left, and fewer than sixteen numbers, filled up with zeros.
        for (x, y) in x_last.iter().zip(y_last) {
            sums[0] = s.fma(s.load(x), s.load(y), sums[0]);
        }
        sums[0] = s.fma(s.load_partial(x_rest), s.load_partial(y_rest), sums[0]);
        for k in 1..SUMS {
            sums[0] = s.add(sums[0], sums[k]);
        }
        s.sum(sums[0])
    }
}

fn main() {
    let wave = |by: f32| (0..2_051).map(|i| (by * i as f32).sin()).collect::<Vec<_>>();
    let (x, y) = (wave(0.37), wave(0.11));
    let defined = dot(&x, &y);
    println!("{} numbers: {:.6}, allowed error {:.1e}", x.len(), defined.re, defined.tolerance());
    let mut fused = Vec::new();
    for isa in Isa::ALL {
        let Ok(cpu) = Cpu::with_isa(&Pool::new(1), isa) else {
            println!("{isa:<8}~not ~on ~this ~processor");
            continue;
        };
        let got = cpu.run(Dot(&x, &y));
        let error = (f64::from(got) - defined.re).abs();
        assert!(error <= defined.tolerance(), "{isa}: {got} against {defined:?}");
        // All but the portable one have a fused multiply-add: the same sums in the same order, the same bits.
        fused.extend((isa != Isa::Scalar).then_some(got.to_bits()));
        let times = (0..200).map(|_| {
            let start = Instant::now();
            (0..100).for_each(|_| _ = black_box(cpu.run(Dot(black_box(&x), &y))));
            start.elapsed().as_secs_f64() / 100.0
        });
        let gflops = 2e-9 * x.len() as f64 / times.fold(f64::INFINITY, f64::min);
        println!("{isa:<8}~{error:.0e} ~off, ~{gflops:.1} ~GFLOP/s");
    }
    assert!(fused.windows(2).all(|pair| pair[0] == pair[1]));
}
