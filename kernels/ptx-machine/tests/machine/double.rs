//! f64.
use crate::support::check_wide;

const VALUES: [f64; 9] =
    [0.0, -0.0, 1.0, -2.5, 1.0 / 3.0, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, f64::NEG_INFINITY];

/// Checks an f64; what is NaN may be any NaN.
fn check(body: &str, expected: impl Fn(f64, f64, f64) -> f64) {
    let bits = VALUES.map(f64::to_bits);
    let canonical = |x: f64| if x.is_nan() { u64::MAX } else { x.to_bits() };
    let body = format!("{body} setp.nan.f64 %k, %ld, %ld; selp.b64 %ld, 0xFFFFFFFFFFFFFFFF, %ld, %k;");
    check_wide(&body, &bits, |a, b, c| {
        canonical(expected(f64::from_bits(a), f64::from_bits(b), f64::from_bits(c)))
    });
}

#[test]
fn arithmetic_rounds_as_rust_does() {
    check("add.f64 %ld, %la, %lb;", |a, b, _| a + b);
    check("sub.rn.f64 %ld, %la, %lb;", |a, b, _| a - b);
    check("mul.f64 %ld, %la, %lb;", |a, b, _| a * b);
    check("div.rn.f64 %ld, %la, %lb;", |a, b, _| a / b);
    check("fma.rn.f64 %ld, %la, %lb, %lc;", f64::mul_add);
    check("sqrt.rn.f64 %ld, %la;", |a, _, _| a.sqrt());
    check("rcp.rn.f64 %ld, %la;", |a, _, _| 1.0 / a);
    check("neg.f64 %ld, %la;", |a, _, _| -a);
    check("abs.f64 %ld, %la;", |a, _, _| a.abs());
    check("copysign.f64 %ld, %la, %lb;", |a, b, _| b.copysign(a));
}

#[test]
fn minimum_and_maximum() {
    let below = |a: f64, b: f64| a < b || a == b && a.is_sign_negative();
    check("min.f64 %ld, %la, %lb;", |a, b, _| if below(a, b) { a } else { b });
    check("max.f64 %ld, %la, %lb;", |a, b, _| if below(a, b) { b } else { a });
    check("min.f64 %ld, %la, 0d7FF8000000000000;", |a, _, _| a);
    check("max.f64 %ld, 0d7FF8000000000000, %la;", |a, _, _| a);
}
