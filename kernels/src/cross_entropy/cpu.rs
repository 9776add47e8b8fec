//! Softmax and cross-entropy with SIMD, on the calling thread: logits are few. Exponentials and logarithms are within 1 ulp.
use super::CrossEntropy;
use crate::{
    Cpu,
    simd::{Kernel, LANES, Simd, math},
};

/// `p[n,c] = e^(x[n,c] - m) / Z` and the loss, the mean of `ln Z - (x[n, label] - m)`, with `m = max_c x[n,c]` and
/// `Z = Σ_c e^(x[n,c] - m)`.
///
/// x and p (N, classes).
///
/// # Panics
/// If a label is not below the number of classes.
pub fn forward(s: &CrossEntropy, x: &[f32], labels: &[u32], p: &mut [f32], cpu: &Cpu) -> f32 {
    s.check(labels);
    assert_eq!([x.len(), p.len()], [s.n * s.classes; 2]);
    cpu.token().run(Forward { s, x, labels, p }) / s.n as f32
}

/// `dx[n,c] = (p[n,c] - [c = label]) · dloss / N`
///
/// p and dx (N, classes).
pub fn backward(s: &CrossEntropy, p: &[f32], labels: &[u32], dloss: f32, dx: &mut [f32]) {
    assert_eq!([p.len(), dx.len(), labels.len()], [s.n * s.classes, s.n * s.classes, s.n]);
    let scale = dloss / s.n as f32;
    let rows = p.chunks_exact(s.classes).zip(dx.chunks_exact_mut(s.classes));
    for ((p, dx), &label) in rows.zip(labels) {
        for (dx, p) in dx.iter_mut().zip(p) {
            *dx = p * scale;
        }
        dx[label as usize] = (p[label as usize] - 1.0) * scale;
    }
}

/// The loss of [`forward`], without the probabilities.
///
/// # Panics
/// If a label is not below the number of classes.
pub fn loss(s: &CrossEntropy, x: &[f32], labels: &[u32], cpu: &Cpu) -> f32 {
    cpu.scratch(x.len(), |p| forward(s, x, labels, p, cpu))
}

/// [`forward`] with the gradient of its logits, in its bits and those of [`backward`]: the loss, and `dx` as `dloss` has it.
///
/// # Panics
/// If a label is not below the number of classes.
pub fn with_gradient(
    s: &CrossEntropy,
    x: &[f32],
    labels: &[u32],
    dloss: f32,
    dx: &mut [f32],
    cpu: &Cpu,
) -> f32 {
    // The probabilities lie where their gradient will.
    let loss = forward(s, x, labels, dx, cpu);
    let scale = dloss / s.n as f32;
    for (dx, &label) in dx.chunks_exact_mut(s.classes).zip(labels) {
        dx[label as usize] -= 1.0;
        dx.iter_mut().for_each(|dx| *dx *= scale);
    }
    loss
}

struct Forward<'a> {
    s: &'a CrossEntropy,
    x: &'a [f32],
    labels: &'a [u32],
    p: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    /// The sum over the rows.
    type Output = f32;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        let Self { s, x, labels, p } = self;
        let block = LANES * s.classes;
        // Logarithms are taken of sixteen rows at a time.
        let mut sum = 0.0;
        for ((x, p), labels) in x.chunks(block).zip(p.chunks_mut(block)).zip(labels.chunks(LANES)) {
            let (mut z, mut shift) = ([1.0; LANES], [0.0; LANES]);
            let rows = x.chunks_exact(s.classes).zip(p.chunks_exact_mut(s.classes)).zip(labels);
            for (n, ((x, p), &label)) in rows.enumerate() {
                let max = x[1..].iter().fold(x[0], |max, &x| if x > max { x } else { max });
                z[n] = softmax(simd, x, max, p);
                shift[n] = x[label as usize] - max;
            }
            let logs = simd.lanes(math::ln(simd, simd.load(&z)));
            for (log, shift) in logs.into_iter().zip(shift).take(labels.len()) {
                sum += log - shift;
            }
        }
        sum
    }
}

/// `p[c] = e^(x[c] - max) / Z`; returns `Z = Σ_c e^(x[c] - max)`.
#[inline(always)]
fn softmax<S: Simd>(s: S, x: &[f32], max: f32, p: &mut [f32]) -> f32 {
    for (x, p) in x.chunks(LANES).zip(p.chunks_mut(LANES)) {
        s.store_some(math::exp(s, s.sub(s.load_some(x), s.splat(max))), p);
    }
    let mut lanes = s.splat(0.0);
    for p in p.chunks(LANES) {
        lanes = s.add(lanes, s.load_some(p));
    }
    let z = s.sum(lanes);
    for p in p.chunks_mut(LANES) {
        s.store_some(s.div(s.load_some(p), s.splat(z)), p);
    }
    z
}
