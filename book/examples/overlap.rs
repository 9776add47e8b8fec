//! A convolution as matrix products whose left operand has overlapping rows, against the definition.
use ferrotape_kernels::{
    Layout, Shape, View, ViewMut,
    conv2d::{Conv2d, reference},
};

/// `c[i][j] += Σ_k a[i · lda + k] · b[k · n + j]`: with `lda < K` the rows of a overlap.
fn gemm(a: &[f64], lda: usize, b: &[f64], c: &mut [f64], [m, n, k]: [usize; 3]) {
    for i in 0..m {
        for t in 0..k {
            for j in 0..n {
                c[i * n + j] += a[i * lda + t] * b[t * n + j];
            }
        }
    }
}

/// One image in NHWC with HWIO weights: for each output row and each kernel row one product.
fn convolution(s: &Conv2d, x: &[f64], w: &[f64], y: &mut [f64]) {
    let (run, step) = (s.kw * s.ci, s.stride * s.ci);
    for i in 0..s.oh() {
        let y = &mut y[i * s.ow() * s.co..][..s.ow() * s.co];
        for p in 0..s.kh {
            let a = &x[(i * s.stride + p) * s.w * s.ci..];
            gemm(a, step, &w[p * run * s.co..], y, [s.ow(), s.co, run]);
        }
    }
}

fn main() {
    let s = Conv2d { n: 1, ci: 3, h: 6, w: 8, co: 4, kh: 3, kw: 3, stride: 1, padding: 0 };
    let numbers = |n: usize| (0..n).map(|i| (i as f64 * 0.7).sin()).collect::<Vec<_>>();
    let (x, w) = (numbers(s.x().len()), numbers(s.weight().len()));
    let mut y = vec![0.0; s.y().len()];
    convolution(&s, &x, &w, &mut y);

    let mut expected = vec![0.0; y.len()];
    let view = |data, shape: Shape, layout| View::new(data, &shape, layout);
    reference::forward(
        &s,
        view(&x, s.x(), Layout::Nhwc),
        view(&w, s.weight(), Layout::Hwio),
        &[0.0; 4],
        ViewMut::new(&mut expected, &s.y(), Layout::Nhwc),
    );
    let apart = y.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("x {} nhwc, w {} hwio -> y {} nhwc", s.x(), s.weight(), s.y());
    println!(
        "{} products of ({} x {}) ({} x {}), rows {} apart",
        s.oh() * s.kh,
        s.ow(),
        s.kw * s.ci,
        s.kw * s.ci,
        s.co,
        s.ci
    );
    println!("largest difference from the definition: {apart:.1e}");
    println!(
        "an im2col copy would hold {} numbers, the image holds {}",
        s.oh() * s.ow() * s.kh * s.kw * s.ci,
        x.len()
    );
    assert!(apart < 1e-14);
}
