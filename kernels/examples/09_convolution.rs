//! One convolution three ways: by its definition, as a matrix product, and by the kernel that trains.
//!
//! ```text
//! [8, 16, 20, 20] * [32, 16, 3, 3] -> [8, 32, 18, 18]: 23.9 MFLOP
//! definition  ~63.17 ms  ~0.38 GFLOP/s  ~0.4 % of the bound
//! im2col      ~0.42 ms  ~57.37 GFLOP/s  ~0.2 % of the bound
//! kernel      ~0.26 ms  ~90.30 GFLOP/s  ~0.4 % of the bound
//! ~avx512 rows on ~2 threads
//! ```
//!
//! What begins with `~` is of the machine at hand, here with `--release`: the dev profile checks
//! every index. The allowed error is that of any order of summation; errors are given as shares of it.
use ferrotape_kernels::conv2d::{Conv2d, Pass, cpu, reference};
use ferrotape_kernels::matmul::{self, Matmul};
use ferrotape_kernels::{Bound, Cpu, Layout, Scalar, Shape, View, ViewMut, indices};
use std::time::Instant;

/// Seven loops, one multiply-add at a time.
fn definition<S: Scalar>(s: &Conv2d, x: &[S], w: &[S], b: &[S], y: &mut [S]) {
    let x = View::new(x, &s.x(), Layout::Nhwc);
    let w = View::new(w, &s.weight(), Layout::Hwio);
    reference::forward(s, x, w, b, ViewMut::new(y, &s.y(), Layout::Nhwc));
}

/// A row for each output pixel with all that its window sees, in the order of the weights: then the convolution is one
/// product of matrices (pixels, taps) and (taps, output channels), and x is in memory about kh · kw times.
fn im2col(s: &Conv2d, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    let (pixels, row) = (s.n * s.oh() * s.ow(), s.kw * s.ci);
    let mut columns = Vec::with_capacity(pixels * s.kh * row);
    for [n, i, j, p] in indices([s.n, s.oh(), s.ow(), s.kh]) {
        let first = ((n * s.h + i + p) * s.w + j) * s.ci;
        columns.extend_from_slice(&x[first..first + row]);
    }
    let product = Matmul { m: pixels, k: s.kh * row, n: s.co, ta: false, tb: false };
    matmul::cpu::matmul(&product, &columns, w, y, cpu);
    y.chunks_exact_mut(s.co).flatten().zip(b.iter().cycle()).for_each(|(y, b)| *y += b);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shapes = [Shape::from([8, 16, 20, 20]), Shape::from([32, 16, 3, 3]), Shape::from([32])];
    let s = Conv2d::new(&shapes[0], &shapes[1], &shapes[2], 1, 0)?;
    let wave = |n: usize, by: f32| (0..n).map(|i| (by * i as f32).sin()).collect::<Vec<_>>();
    // Images lie (N, H, W, C), weights (kh, kw, C_in, C_out): what is read together lies together.
    let (x, w, b) = (wave(s.x().len(), 0.7), wave(s.weight().len(), 0.3), wave(s.co, 0.1));
    println!("{} * {} -> {}: {:.1} MFLOP", s.x(), s.weight(), s.y(), s.flops() as f64 * 1e-6);

    // The definition in f64, with the error that f32 may make in every element.
    let exact = |x: &[f32]| x.iter().map(|&x| Bound::exact(f64::from(x))).collect::<Vec<_>>();
    let mut defined = vec![Bound::default(); s.y().len()];
    definition(&s, &exact(&x), &exact(&w), &exact(&b), &mut defined);

    let cpu = Cpu::default();
    type Way<'a> = (&'static str, &'a dyn Fn(&mut [f32]));
    let ways: [Way; 3] = [
        ("definition", &|y| definition(&s, &x, &w, &b, y)),
        ("im2col", &|y| im2col(&s, &x, &w, &b, y, &cpu)),
        ("kernel", &|y| cpu::forward(&s, &x, &w, &b, y, &cpu)),
    ];
    for (name, way) in ways {
        let mut y = vec![f32::NAN; s.y().len()];
        let times = (0..5).map(|_| {
            let start = Instant::now();
            way(&mut y);
            start.elapsed().as_secs_f64()
        });
        let seconds = times.fold(f64::INFINITY, f64::min);
        let share = |(y, d): (&f32, &Bound)| (f64::from(*y) - d.re).abs() / d.tolerance();
        let worst = y.iter().zip(&defined).map(share).fold(0.0, f64::max);
        assert!(worst <= 1.0, "{name}: {worst} of the bound");
        let gflops = 1e-9 * s.flops() as f64 / seconds;
        println!(
            "{name:<11} ~{:.2} ms  ~{gflops:.2} GFLOP/s  ~{:.1} % of the bound",
            1e3 * seconds,
            100.0 * worst
        );
    }
    println!("~{} on ~{} threads", cpu::variant(Pass::Forward, &s, cpu.isa()), cpu.threads());
    Ok(())
}
