//! Convolution as a matrix product: the patches that the kernel sees become the rows of a matrix.
//!
//! With images NHWC and weights HWIO a patch is `kh · kw · ci` numbers in the order of the weights, so that
//!
//! - forward is `Y = P W + b`, with a row of P for each output pixel,
//! - the weight gradient is `dW = Pᵀ dY`,
//! - the input gradient is `dP = dY Wᵀ`, each row then added where its patch lies (`col2im`).
//!
//! One image at a time, so that P (K² times the image) stays in the cache. What it costs: every pixel is copied K²
//! times before it is used.
use ferrotape_kernels::{
    Cpu,
    conv2d::Conv2d,
    matmul::{Matmul, cpu::matmul},
};

/// Sizes of P: output pixels, numbers of a patch.
fn patches(s: &Conv2d) -> [usize; 2] {
    assert_eq!(s.padding, 0, "the teaching variant knows no padding");
    [s.oh() * s.ow(), s.kh * s.kw * s.ci]
}

/// For each row of each patch: where it begins in the image, and its place among the rows of all patches.
fn runs(s: &Conv2d) -> impl Iterator<Item = (usize, usize)> {
    let s = *s;
    let rows = move |(i, j)| (0..s.kh).map(move |p| ((i * s.stride + p) * s.w + j * s.stride) * s.ci);
    (0..s.oh()).flat_map(move |i| (0..s.ow()).map(move |j| (i, j))).flat_map(rows).zip(0..)
}

/// The patches of one image.
fn im2col(s: &Conv2d, x: &[f32], p: &mut [f32]) {
    let run = s.kw * s.ci;
    for (at, k) in runs(s) {
        p[k * run..][..run].copy_from_slice(&x[at..][..run]);
    }
}

/// The transpose of [`im2col`]: every pixel collects what the patches that saw it hold.
fn col2im(s: &Conv2d, p: &[f32], x: &mut [f32]) {
    let run = s.kw * s.ci;
    x.fill(0.0);
    for (at, k) in runs(s) {
        x[at..][..run].iter_mut().zip(&p[k * run..]).for_each(|(x, p)| *x += p);
    }
}

/// y from x, w, b; operands as in `kernels::conv2d::cpu`.
pub fn forward(s: &Conv2d, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    let [m, k] = patches(s);
    let product = Matmul { m, k, n: s.co, ta: false, tb: false };
    let mut p = vec![0.0; m * k];
    for (x, y) in x.chunks_exact(s.h * s.w * s.ci).zip(y.chunks_exact_mut(m * s.co)) {
        im2col(s, x, &mut p);
        matmul(&product, &p, w, y, cpu);
        for pixel in y.chunks_exact_mut(s.co) {
            pixel.iter_mut().zip(b).for_each(|(y, b)| *y += b);
        }
    }
}

/// dx from dy and w.
pub fn dgrad(s: &Conv2d, dy: &[f32], w: &[f32], dx: &mut [f32], cpu: &Cpu) {
    let [m, k] = patches(s);
    let product = Matmul { m, k: s.co, n: k, ta: false, tb: true };
    let mut p = vec![0.0; m * k];
    for (dy, dx) in dy.chunks_exact(m * s.co).zip(dx.chunks_exact_mut(s.h * s.w * s.ci)) {
        matmul(&product, dy, w, &mut p, cpu);
        col2im(s, &p, dx);
    }
}

/// dw from x and dy.
pub fn wgrad(s: &Conv2d, x: &[f32], dy: &[f32], dw: &mut [f32], cpu: &Cpu) {
    let [m, k] = patches(s);
    let product = Matmul { m: k, k: m, n: s.co, ta: true, tb: false };
    let (mut p, mut image) = (vec![0.0; m * k], vec![0.0; dw.len()]);
    dw.fill(0.0);
    for (x, dy) in x.chunks_exact(s.h * s.w * s.ci).zip(dy.chunks_exact(m * s.co)) {
        im2col(s, x, &mut p);
        matmul(&product, &p, dy, &mut image, cpu);
        dw.iter_mut().zip(&image).for_each(|(dw, image)| *dw += image);
    }
}

#[cfg(test)]
mod tests {
    use crate::ladder::{Convolution, Pass, Rung};
    use ferrotape_kernels::{Pool, conv2d::Conv2d};

    /// Every rung computes what the definition does. Operands are in -1..1, so a sum of k products is at most k and
    /// two ways of summing it differ by at most `2 k · k u`, `u = 2^-24`.
    #[test]
    fn every_rung_agrees_with_the_reference() {
        for [n, ci, co, k, size, stride] in [
            [3, 3, 16, 3, 9, 1],
            [2, 16, 8, 5, 8, 1],
            [2, 8, 16, 7, 7, 1],
            [5, 1, 4, 1, 3, 1],
            [2, 4, 4, 3, 9, 2],
        ] {
            let s = Conv2d { n, ci, h: size, w: size + 1, co, kh: k, kw: k, stride, padding: 0 };
            let pool = Pool::new(2);
            let mut operands = Convolution::new(s);
            for pass in Pass::ALL {
                let terms = match pass {
                    Pass::Forward => k * k * ci + 1,
                    Pass::Dgrad => k * k * co,
                    Pass::Wgrad => n * s.oh() * s.ow(),
                } as f32;
                let context = Rung::Reference.context(&pool);
                let expected = operands.run(Rung::Reference, pass, &context).to_vec();
                for rung in Rung::all() {
                    let found = operands.run(rung, pass, &rung.context(&pool));
                    for (found, expected) in found.iter().zip(&expected) {
                        let tolerance = 2.0 * terms * terms * f32::EPSILON / 2.0;
                        assert!((found - expected).abs() <= tolerance, "{} {pass} {s:?}", rung.name());
                    }
                }
            }
        }
    }
}
