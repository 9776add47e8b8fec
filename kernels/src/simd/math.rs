//! Elementary functions on vectors.
//!
//! Source of the polynomials: S. L. Moshier, *Methods and Programs for Mathematical Functions* (Cephes, `expf.c`,
//! `tanhf.c` and `logf.c`). Errors, granted by the tests below: e^x and ln x 1 ulp, sigmoid and tanh 3 ulp.
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
pub(super) fn round<S: Simd>(s: S, x: S::V) -> S::V {
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
/// `x = k ln 2 + r` with `|r| <= ln 2 / 2`, ln 2 in two parts; a polynomial in r; and `2^k`.
#[inline(always)]
pub(crate) fn exp<S: Simd>(s: S, x: S::V) -> S::V {
    // NaN is the second operand, which both return.
    let x = s.max(s.splat(-104.0), s.min(s.splat(89.0), x));
    let k = round(s, s.mul(x, s.splat(std::f32::consts::LOG2_E)));
    let r = s.fma(k, s.splat(-0.693_359_4), x);
    let r = s.fma(k, s.splat(2.121_944_4e-4), r);
    let p = horner(s, r, [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5]);
    let p = s.add(s.fma(p, s.mul(r, r), r), s.splat(1.0));
    s.scale(p, k)
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

/// ln x; -∞ at 0, NaN below and at NaN.
///
/// `x = m 2^e` with `m` between `√½` and `√2`; a polynomial in `m - 1`, and `e ln 2`, ln 2 in two parts. Subnormal numbers are
/// made normal first.
#[inline(always)]
pub(crate) fn ln<S: Simd>(s: S, x: S::V) -> S::V {
    let (zero, one, normal) = (s.splat(0.0), s.splat(1.0), s.splat(f32::MIN_POSITIVE));
    let up = s.select_lt(x, normal, s.splat(25.0), zero);
    let (m, e) = s.split(s.select_lt(x, normal, s.mul(x, s.splat(33_554_432.0)), x));
    let above = s.select_lt(s.splat(std::f32::consts::SQRT_2), m, one, zero);
    let m = s.select_lt(zero, above, s.mul(m, s.splat(0.5)), m);
    let e = s.sub(s.add(e, above), up);
    let t = s.sub(m, one);
    let z = s.mul(t, t);
    let p = horner(
        s,
        t,
        [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    let y = s.fma(s.mul(p, t), z, s.mul(e, s.splat(-2.121_944_4e-4)));
    let y = s.fma(z, s.splat(-0.5), y);
    let y = s.fma(e, s.splat(0.693_359_4), s.add(t, y));
    // -1 / x² is -∞ at 0 and NaN at NaN.
    let edge = s.select_lt(x, zero, s.splat(f32::NAN), s.div(s.splat(-1.0), s.mul(x, x)));
    s.select_lt(s.splat(f32::MAX), x, x, s.select_lt(zero, x, y, edge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, Kernel, LANES, Token};

    /// A function by name, with the exact value and the error granted, in units of the last place.
    #[derive(Copy, Clone, Debug)]
    enum Function {
        Exp,
        Sigmoid,
        Tanh,
        Ln,
    }

    impl Function {
        const ALL: [Self; 4] = [Self::Exp, Self::Sigmoid, Self::Tanh, Self::Ln];

        fn exact(self, x: f64) -> f64 {
            match self {
                Self::Exp => x.exp(),
                Self::Sigmoid if x < 0.0 => x.exp() / (1.0 + x.exp()),
                Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
                Self::Tanh => x.tanh(),
                Self::Ln => x.ln(),
            }
        }

        fn granted(self) -> f64 {
            match self {
                Self::Exp | Self::Ln => 1.0,
                Self::Sigmoid | Self::Tanh => 3.0,
            }
        }
    }

    struct Eval<'a>(Function, &'a [f32], &'a mut [f32]);

    impl Kernel for Eval<'_> {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, s: S) {
            for (x, y) in self.1.chunks(LANES).zip(self.2.chunks_mut(LANES)) {
                let x = s.load_some(x);
                let v = match self.0 {
                    Function::Exp => exp(s, x),
                    Function::Sigmoid => sigmoid(s, x),
                    Function::Tanh => tanh(s, x),
                    Function::Ln => ln(s, x),
                };
                s.store_some(v, y);
            }
        }
    }

    /// The distance of `y` from the exact value, in units of the last place of the nearest float.
    fn ulps(y: f32, exact: f64) -> f64 {
        let nearest = exact as f32;
        if y == nearest || (y.is_nan() && exact.is_nan()) {
            return 0.0;
        }
        let size = nearest.abs().min(f32::MAX.next_down());
        let ulp = f64::from(size.next_up()) - f64::from(size);
        (f64::from(y) - exact).abs() / ulp
    }

    /// The largest error among `x`, and where it is.
    fn worst(f: Function, token: Token, x: &[f32]) -> (f64, f32) {
        let mut y = vec![0.0; x.len()];
        token.run(Eval(f, x, &mut y));
        let errors = x.iter().zip(&y).map(|(&x, &y)| (ulps(y, f.exact(f64::from(x))), x));
        errors.fold((0.0, 0.0), |a, b| if b.0 > a.0 || b.0.is_nan() { b } else { a })
    }

    fn check(step: u32) {
        for token in Isa::available().filter_map(Token::new) {
            for f in Function::ALL {
                let (mut max, isa) = ((0.0, 0.0), token.isa());
                let mut bits = (0..=u32::MAX).step_by(step as usize).peekable();
                while bits.peek().is_some() {
                    let x: Vec<f32> = bits.by_ref().take(1 << 16).map(f32::from_bits).collect();
                    let found = worst(f, token, &x);
                    assert!(found.0 <= f.granted(), "{isa}: {f:?}({:e}) is {} ulp off", found.1, found.0);
                    max = if found.0 > max.0 { found } else { max };
                }
                println!("{isa}: {f:?} {:.3} ulp at {:e}", max.0, max.1);
            }
        }
    }

    #[test]
    fn errors_over_every_4099th_float() {
        check(4099);
    }

    #[test]
    #[ignore = "every float there is: minutes"]
    fn errors_over_every_float() {
        check(1);
    }

    /// Zeros, infinities, NaN, subnormal numbers, and both sides of where another formula begins.
    #[test]
    fn special_values() {
        let (inf, tiny) = (f32::INFINITY, f32::from_bits(1));
        for token in Isa::available().filter_map(Token::new) {
            let at = |f, x: f32| {
                let mut y = [f32::NAN];
                token.run(Eval(f, &[x], &mut y));
                y[0]
            };
            let values = |f, x: [f32; 5]| x.map(|x| at(f, x));
            let special = [0.0, -0.0, inf, -inf, tiny];
            assert_eq!(values(Function::Exp, special), [1.0, 1.0, inf, 0.0, 1.0]);
            assert_eq!(values(Function::Sigmoid, special), [0.5, 0.5, 1.0, 0.0, 0.5]);
            assert_eq!(values(Function::Tanh, special), [0.0, -0.0, 1.0, -1.0, tiny]);
            assert_eq!(
                values(Function::Ln, [1.0, 0.0, -0.0, inf, tiny]),
                [0.0, -inf, -inf, inf, -103.278_93]
            );
            assert!(at(Function::Ln, -1.0).is_nan() && at(Function::Ln, -inf).is_nan());
            for f in Function::ALL {
                assert!(at(f, f32::NAN).is_nan(), "{f:?}");
                for around in [
                    0.625f32,
                    -0.625,
                    88.722_84,
                    -87.336_55,
                    -103.972_08,
                    -104.0,
                    89.0,
                    9.01,
                    std::f32::consts::SQRT_2,
                    std::f32::consts::FRAC_1_SQRT_2,
                    1.175_494_4e-38,
                ] {
                    let x = [around.next_down(), around, around.next_up()];
                    assert!(worst(f, token, &x).0 <= f.granted(), "{f:?} around {around}");
                }
            }
            assert_eq!(at(Function::Exp, -103.0), (-103.0f64).exp() as f32, "a subnormal result");
        }
    }
}
