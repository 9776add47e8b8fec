//! Elementary functions on vectors.
//!
//! Source of the polynomials: S. L. Moshier, *Methods and Programs for Mathematical Functions* (Cephes, `expf.c` and
//! `tanhf.c`). Errors, measured over all floats that matter by the tests: e^x 1 ulp, sigmoid and tanh 2 ulp.
use super::Simd;

/// `((c0 x + c1) x + c2) …`
#[inline(always)]
fn horner<S: Simd, const N: usize>(s: S, x: S::V, c: [f32; N]) -> S::V {
    let mut p = s.splat(c[0]);
    for &c in &c[1..] {
        p = s.fma(p, x, s.splat(c));
    }
    p
}

/// The nearest whole number, for `|x| < 2^22`: added to 1.5 · 2^23, no fraction fits behind it.
#[inline(always)]
fn round<S: Simd>(s: S, x: S::V) -> S::V {
    let magic = s.splat(12_582_912.0);
    s.sub(s.add(x, magic), magic)
}

/// `|x|`
#[inline(always)]
fn abs<S: Simd>(s: S, x: S::V) -> S::V {
    s.max(s.sub(s.splat(0.0), x), x)
}

/// e^x, with subnormal results, 0 and ∞ at the ends; NaN stays NaN.
///
/// `x = k ln 2 + r` with `|r| <= ln 2 / 2`, ln 2 in two parts; a polynomial in r; and `2^k` in two factors, as `k` may
/// be beyond the exponents of a float.
#[inline(always)]
pub(crate) fn exp<S: Simd>(s: S, x: S::V) -> S::V {
    // NaN is the second operand, which both return.
    let x = s.max(s.splat(-104.0), s.min(s.splat(89.0), x));
    let k = round(s, s.mul(x, s.splat(std::f32::consts::LOG2_E)));
    let r = s.fma(k, s.splat(-0.693_359_4), x);
    let r = s.fma(k, s.splat(2.121_944_4e-4), r);
    let p = horner(s, r, [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5]);
    let p = s.add(s.fma(p, s.mul(r, r), r), s.splat(1.0));
    let half = round(s, s.mul(k, s.splat(0.5)));
    s.mul(s.mul(p, s.pow2(half)), s.pow2(s.sub(k, half)))
}

/// `1 / (1 + e^-x)`, for negative x as `e^x / (1 + e^x)`.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(s: S, x: S::V) -> S::V {
    let one = s.splat(1.0);
    let e = exp(s, s.sub(s.splat(0.0), abs(s, x)));
    s.div(s.select_lt(x, s.splat(0.0), e, one), s.add(one, e))
}

/// `tanh x`: an odd polynomial below 0.625, `1 - 2 / (e^2|x| + 1)` with the sign of x above.
#[inline(always)]
pub(crate) fn tanh<S: Simd>(s: S, x: S::V) -> S::V {
    let (zero, one, two) = (s.splat(0.0), s.splat(1.0), s.splat(2.0));
    let size = abs(s, x);
    let z = s.mul(x, x);
    let p = horner(s, z, [-5.704_989e-3, 2.063_909e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328e-1]);
    let near = s.fma(s.mul(p, z), x, x);
    let far = s.sub(one, s.div(two, s.add(exp(s, s.mul(two, size)), one)));
    let far = s.select_lt(x, zero, s.sub(zero, far), far);
    s.select_lt(size, s.splat(0.625), near, far)
}
