//! f32.
use crate::support::{FLOATS, check_float, check_word};

fn flush(x: f32) -> f32 {
    if x.is_subnormal() { 0f32.copysign(x) } else { x }
}

fn saturate(x: f32) -> f32 {
    if x.is_nan() { 0.0 } else { x.clamp(0.0, 1.0) + 0.0 }
}

#[test]
fn arithmetic_rounds_as_rust_does() {
    check_float("add.f32 %d, %a, %b;", &FLOATS, |a, b, _| a + b);
    check_float("add.rn.f32 %d, %a, %b;", &FLOATS, |a, b, _| a + b);
    check_float("sub.f32 %d, %a, %b;", &FLOATS, |a, b, _| a - b);
    check_float("mul.f32 %d, %a, %b;", &FLOATS, |a, b, _| a * b);
    check_float("div.rn.f32 %d, %a, %b;", &FLOATS, |a, b, _| a / b);
    check_float("div.full.f32 %d, %a, %b;", &FLOATS, |a, b, _| a / b);
    check_float("fma.rn.f32 %d, %a, %b, %c;", &FLOATS, f32::mul_add);
    check_float("sqrt.rn.f32 %d, %a;", &FLOATS, |a, _, _| a.sqrt());
    check_float("rcp.rn.f32 %d, %a;", &FLOATS, |a, _, _| 1.0 / a);
}

/// One rounding, not two: the square of 1 + 2^-12 ends with 2^-24, which the rounded product has lost.
#[test]
fn fma_rounds_once() {
    let (a, c) = (1.0 + 2f32.powi(-12), -1.0 - 2f32.powi(-11));
    let bits = [a.to_bits(), c.to_bits()];
    assert_ne!(a.mul_add(a, c), a * a + c);
    check_float("fma.rn.f32 %d, %a, %b, %c;", &bits, f32::mul_add);
}

#[test]
fn subnormals_are_flushed_on_request() {
    check_float("add.ftz.f32 %d, %a, %b;", &FLOATS, |a, b, _| flush(flush(a) + flush(b)));
    check_float("mul.ftz.f32 %d, %a, %b;", &FLOATS, |a, b, _| flush(flush(a) * flush(b)));
    let fma = |a, b, c| flush(flush(a).mul_add(flush(b), flush(c)));
    check_float("fma.rn.ftz.f32 %d, %a, %b, %c;", &FLOATS, fma);
    check_word("abs.ftz.f32 %d, %a;", &FLOATS, |a, _, _| flush(f32::from_bits(a).abs()).to_bits());
}

#[test]
fn results_are_saturated_on_request() {
    check_float("add.sat.f32 %d, %a, %b;", &FLOATS, |a, b, _| saturate(a + b));
    check_float("mul.sat.f32 %d, %a, %b;", &FLOATS, |a, b, _| saturate(a * b));
    check_float("fma.rn.sat.f32 %d, %a, %b, %c;", &FLOATS, |a, b, c| saturate(a.mul_add(b, c)));
}

#[test]
fn signs_are_bits() {
    check_word("neg.f32 %d, %a;", &FLOATS, |a, _, _| a ^ 0x8000_0000);
    check_word("abs.f32 %d, %a;", &FLOATS, |a, _, _| a & 0x7FFF_FFFF);
    check_word("copysign.f32 %d, %a, %b;", &FLOATS, |a, b, _| a & 0x8000_0000 | b & 0x7FFF_FFFF);
}

/// A number is preferred to NaN, and -0 is below 0.
#[test]
fn minimum_and_maximum() {
    let pick = |a: f32, b: f32, first: bool| match (a.is_nan(), b.is_nan()) {
        (true, _) => b,
        (false, true) => a,
        _ => {
            if first {
                a
            } else {
                b
            }
        }
    };
    let below = |a: f32, b: f32| a < b || a == b && a.is_sign_negative();
    check_float("min.f32 %d, %a, %b;", &FLOATS, |a, b, _| pick(a, b, below(a, b)));
    check_float("max.f32 %d, %a, %b;", &FLOATS, |a, b, _| pick(a, b, below(b, a)));
}

#[test]
fn special_functions() {
    check_float("ex2.approx.f32 %d, %a;", &FLOATS, |a, _, _| a.exp2());
    check_float("lg2.approx.f32 %d, %a;", &FLOATS, |a, _, _| a.log2());
    check_float("sin.approx.f32 %d, %a;", &FLOATS, |a, _, _| a.sin());
    check_float("cos.approx.f32 %d, %a;", &FLOATS, |a, _, _| a.cos());
    check_float("tanh.approx.f32 %d, %a;", &FLOATS, |a, _, _| a.tanh());
    check_float("sqrt.approx.f32 %d, %a;", &FLOATS, |a, _, _| a.sqrt());
    check_float("rcp.approx.f32 %d, %a;", &FLOATS, |a, _, _| 1.0 / a);
    check_float("rsqrt.approx.f32 %d, %a;", &FLOATS, |a, _, _| (1.0 / f64::from(a).sqrt()) as f32);
}

/// A divisor above 2^126 makes zero, of an infinity NaN: as the hardware, which multiplies by a reciprocal.
#[test]
fn approximate_division_ends_at_2_to_the_126() {
    check_float("div.approx.f32 %d, %a, %b;", &FLOATS, |a, b, _| {
        if !(b.is_finite() && b.abs() > 2f32.powi(126)) {
            a / b
        } else if a.is_infinite() {
            f32::NAN
        } else {
            0f32.copysign(a / b)
        }
    });
}

/// The payload of a NaN is lost in arithmetic and kept in moves.
#[test]
fn one_nan() {
    let nan = [0x7FC1_2345, 0xFFFF_FFFF];
    check_word("add.f32 %d, %a, %b;", &nan, |_, _, _| 0x7FFF_FFFF);
    check_word("mov.f32 %d, %a;", &nan, |a, _, _| a);
}
