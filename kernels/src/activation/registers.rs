//! Activations of numbers in the registers of a kernel that the builder makes, by the formulas of
//! `activation/ptx/activation.ptx`, which derives their errors.
use super::Activation;
use crate::ptx::{F32, Kernel};

/// Its name in those of kernels.
pub(crate) fn name(f: Activation) -> &'static str {
    match f {
        Activation::Relu => "relu",
        Activation::LeakyRelu { .. } => "leaky_relu",
        Activation::Sigmoid => "sigmoid",
        Activation::Tanh => "tanh",
    }
}

/// `x = f(x)`
pub(crate) fn apply(k: &mut Kernel, f: Activation, x: F32) {
    match f {
        Activation::Relu => {
            let off = k.compare("le", x, 0.0);
            k.select_to(x, off, 0.0, x);
        }
        Activation::LeakyRelu { slope } => {
            let on = k.compare("gt", x, 0.0);
            let low = k.mul_f32("low", x, slope as f32);
            k.select_to(x, on, x, low);
        }
        Activation::Sigmoid => sigmoid(k, x),
        Activation::Tanh => tanh(k, x),
    }
}

/// `e / (1 + e)` where x < 0, else `1 / (1 + e)`, with `e = e^-|x|`.
fn sigmoid(k: &mut Kernel, x: F32) {
    let size = k.unary("abs.f32", "size", x);
    let a = k.unary("neg.f32", "exponent", size);
    let far = k.compare("lt", a, -104.0);
    k.select_to(a, far, -104.0, a);
    let e = exp(k, a);
    let negative = k.compare("lt", x, 0.0);
    let over = k.select("over", negative, e, 1.0);
    let under = k.add_f32("under", e, 1.0);
    k.divide_to(x, over, under);
}

/// `1 - 2 / (e^2|x| + 1)` with the sign of x from |x| = 0.625 on, below it an odd polynomial.
fn tanh(k: &mut Kernel, x: F32) {
    let size = k.unary("abs.f32", "size", x);
    let z = k.mul_f32("z", x, x);
    let p = k.register("poly");
    k.set_f32(p, NEAR[0]);
    for coefficient in &NEAR[1..] {
        k.horner(p, z, *coefficient);
    }
    let p = k.mul_f32("poly", p, z);
    let near = k.fma("near", p, x, x);

    let a = k.add_f32("exponent", size, size);
    let large = k.compare("gt", a, 20.0);
    k.select_to(a, large, 20.0, a);
    let e = exp(k, a);
    let under = k.add_f32("under", e, 1.0);
    let two: F32 = k.register("over");
    k.set_f32(two, 2.0);
    let far = k.register("far");
    k.divide_to(far, two, under);
    let far = k.unary("neg.f32", "far", far);
    let far = k.add_f32("far", far, 1.0);
    let far = k.copy_sign("far", x, far);
    let small = k.compare("lt", size, 0.625);
    k.select_to(x, small, near, far);
}

/// Coefficients of tanh's polynomial, those of Cephes.
const NEAR: [f32; 5] = [
    f32::from_bits(0xBBBA_F0EB),
    f32::from_bits(0x3CA9_134F),
    f32::from_bits(0xBD5C_1E2D),
    f32::from_bits(0x3E08_8393),
    f32::from_bits(0xBEAA_AA99),
];
/// log2 e in two pieces.
const LOG2_E: [f32; 2] = [std::f32::consts::LOG2_E, f32::from_bits(0x32A5_7060)];

/// `e^a = 2^t (1 + d ln 2)`, with t the nearest number to a log2 e, and d what it lacks.
fn exp(k: &mut Kernel, a: F32) -> F32 {
    let t = k.mul_f32("t", a, LOG2_E[0]);
    let d = k.unary("neg.f32", "d", t);
    let d = k.fma("d", a, LOG2_E[0], d);
    let d = k.fma("d", a, LOG2_E[1], d);
    let e = k.unary("ex2.approx.f32", "e", t);
    let d = k.mul_f32("d", d, std::f32::consts::LN_2);
    k.fma("e", e, d, e)
}
