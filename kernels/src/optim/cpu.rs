//! Update rules with SIMD and threads: one pass over the parameters. The reference's bits, but for one thing: running
//! averages below the smallest normal number become 0. Where a gradient stays 0 they would decay to subnormal numbers
//! and remain there for ever, as 0.9 times a few of the smallest steps rounds back up; arithmetic on those is slow.
use super::{Adam, Sgd};
use crate::{
    Cpu,
    elementwise::cpu::{CHUNK, SERIAL},
    simd::{Kernel, Simd},
};

/// ```text
/// g   = g + weight_decay · p
/// buf = momentum · buf + g          (buf starts at 0)
/// p   = p - lr · buf
/// ```
/// p, g, buf: one number a parameter, in the same order.
pub fn sgd(s: &Sgd, p: &mut [f32], g: &[f32], buf: &mut [f32], lr: f64, cpu: &Cpu) {
    assert_eq!((g.len(), buf.len()), (p.len(), p.len()));
    let (token, workers) = (cpu.token(), cpu.workers(p.len() > SERIAL));
    let [momentum, decay, lr] = [s.momentum, s.weight_decay, lr].map(|x| x as f32);
    workers.for_each_chunk2((p, CHUNK), (buf, CHUNK), |i, p, buf| {
        let g = &g[i * CHUNK..][..p.len()];
        token.run(SgdStep { p, g, buf, momentum, decay, lr });
    });
}

/// With `c_i = 1 - beta_i^step`, `step` counted from 1:
/// ```text
/// g = g + weight_decay · p
/// m = beta1 · m + (1 - beta1) · g      (m and v start at 0)
/// v = beta2 · v + (1 - beta2) · g²
/// p = p - (lr / c1) · m / (√v / √c2 + eps)
/// ```
/// p, g, m, v: one number a parameter, in the same order.
pub fn adam(s: &Adam, p: &mut [f32], g: &[f32], [m, v]: [&mut [f32]; 2], step: u64, lr: f64, cpu: &Cpu) {
    assert_eq!((g.len(), m.len(), v.len()), (p.len(), p.len(), p.len()));
    let (token, workers) = (cpu.token(), cpu.workers(p.len() > SERIAL / 2));
    let [c1, c2] = s.corrections(step);
    let [beta1, beta2, rest1, rest2] = [s.beta1, s.beta2, 1.0 - s.beta1, 1.0 - s.beta2].map(|x| x as f32);
    let [rate, root, eps, decay] = [lr / c1, c2.sqrt(), s.eps, s.weight_decay].map(|x| x as f32);
    let constants = Constants { beta: [beta1, beta2], rest: [rest1, rest2], rate, root, eps, decay };
    workers.for_each_chunk3((p, CHUNK), (m, CHUNK), (v, CHUNK), |i, p, m, v| {
        let g = &g[i * CHUNK..][..p.len()];
        token.run(AdamStep { p, g, m, v, constants });
    });
}

/// `x`, or 0 if it is subnormal.
#[inline(always)]
fn normal(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}

struct SgdStep<'a> {
    p: &'a mut [f32],
    g: &'a [f32],
    buf: &'a mut [f32],
    momentum: f32,
    decay: f32,
    lr: f32,
}

impl Kernel for SgdStep<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for ((p, &g), buf) in self.p.iter_mut().zip(self.g).zip(self.buf) {
            *buf = normal(self.momentum * *buf + (g + self.decay * *p));
            *p -= self.lr * *buf;
        }
    }
}

#[derive(Copy, Clone)]
struct Constants {
    beta: [f32; 2],
    rest: [f32; 2],
    rate: f32,
    root: f32,
    eps: f32,
    decay: f32,
}

struct AdamStep<'a> {
    p: &'a mut [f32],
    g: &'a [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
    constants: Constants,
}

impl Kernel for AdamStep<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Constants { beta, rest, rate, root, eps, decay } = self.constants;
        for (((p, &g), m), v) in self.p.iter_mut().zip(self.g).zip(self.m).zip(self.v) {
            let g = g + decay * *p;
            *m = normal(beta[0] * *m + rest[0] * g);
            *v = normal(beta[1] * *v + rest[1] * (g * g));
            *p -= rate * (*m / (v.sqrt() / root + eps));
        }
    }
}
