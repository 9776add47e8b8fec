//! Fully connected layers with SIMD and threads: three matrix products. Weights lie as (fan_in, fan_out), outputs
//! fastest, so that forward and wgrad read and write them in place.
use super::Linear;
use crate::{
    Cpu,
    activation::{self, Activation},
    matmul::{Matmul, cpu::product},
};

/// `y[n,o] = b[o] + Σ_i x[n,i] · w[i,o]`
///
/// x (N, fan_in), w (fan_in, fan_out), b (fan_out), y (N, fan_out).
pub fn forward(s: &Linear, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!(b.len(), s.fan_out);
    let s = Matmul { m: s.n, k: s.fan_in, n: s.fan_out, ta: false, tb: false };
    product(&s, x, w, Some(b), y, cpu);
}

/// `y[n,o] = f(b[o] + Σ_i x[n,i] · w[i,o])`: [`forward`], and f of what it has just written.
///
/// Operands as there.
pub fn forward_fused(s: &Linear, f: Activation, [x, w, b]: [&[f32]; 3], y: &mut [f32], cpu: &Cpu) {
    forward(s, x, w, b, y, cpu);
    activation::cpu::in_place(f, y, cpu);
}

/// Input gradient: `dx[n,i] = Σ_o dy[n,o] · w[i,o]`
///
/// dy (N, fan_out), w (fan_in, fan_out), dx (N, fan_in).
pub fn dgrad(s: &Linear, dy: &[f32], w: &[f32], dx: &mut [f32], cpu: &Cpu) {
    let s = Matmul { m: s.n, k: s.fan_out, n: s.fan_in, ta: false, tb: true };
    product(&s, dy, w, None, dx, cpu);
}

/// Weight gradient: `dw[i,o] = Σ_n x[n,i] · dy[n,o]`
///
/// x (N, fan_in), dy (N, fan_out), dw (fan_in, fan_out).
pub fn wgrad(s: &Linear, x: &[f32], dy: &[f32], dw: &mut [f32], cpu: &Cpu) {
    let s = Matmul { m: s.fan_in, k: s.n, n: s.fan_out, ta: true, tb: false };
    product(&s, x, dy, None, dw, cpu);
}
