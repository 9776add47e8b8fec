//! Dual numbers: exact directional derivatives by arithmetic alone.
use super::{Scalar, operators};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// `re + eps ε` with `ε² = 0`.
///
/// Evaluating f at `x + u ε` gives `f(x) + (J u) ε`: a value and its exact derivative along `u`. Evaluating a
/// *gradient* at it gives `∇f + (H u) ε`, a Hessian-vector product.
///
/// Source: W. K. Clifford, "Preliminary sketch of biquaternions" (1873); for derivatives, R. E. Wengert (1964).
#[derive(Copy, Clone, Debug, Default)]
pub struct Dual {
    /// The value.
    pub re: f64,
    /// The derivative along the chosen direction.
    pub eps: f64,
}

impl Dual {
    /// `re + eps ε`.
    pub const fn new(re: f64, eps: f64) -> Self {
        Self { re, eps }
    }
}

operators!(Dual);

impl Add for Dual {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.re + o.re, self.eps + o.eps)
    }
}
impl Sub for Dual {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.re - o.re, self.eps - o.eps)
    }
}
impl Mul for Dual {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Self::new(self.re * o.re, self.re * o.eps + self.eps * o.re)
    }
}
impl Div for Dual {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let q = self.re / o.re;
        Self::new(q, (self.eps - q * o.eps) / o.re)
    }
}
impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.re, -self.eps)
    }
}

impl Scalar for Dual {
    const ZERO: Self = Self::new(0.0, 0.0);
    const ONE: Self = Self::new(1.0, 0.0);

    fn from_f64(x: f64) -> Self {
        Self::new(x, 0.0)
    }
    fn re(self) -> f64 {
        self.re
    }
    fn exp(self) -> Self {
        let e = self.re.exp();
        Self::new(e, e * self.eps)
    }
    fn ln(self) -> Self {
        Self::new(self.re.ln(), self.eps / self.re)
    }
    fn sqrt(self) -> Self {
        let r = self.re.sqrt();
        // At 0 the slope is infinite; along a direction that does not move, the derivative is still 0.
        let eps = if self.eps == 0.0 { 0.0 } else { self.eps / (2.0 * r) };
        Self::new(r, eps)
    }
    fn tanh(self) -> Self {
        let t = self.re.tanh();
        Self::new(t, (1.0 - t * t) * self.eps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each elementary rule against its textbook derivative at an arbitrary point.
    #[test]
    fn derivatives() {
        let x = Dual::new(0.7, 1.0);
        let c = Dual::from_f64(3.0);
        let cases = [
            ("x + c", x + c, 1.0),
            ("c - x", c - x, -1.0),
            ("x * x", x * x, 1.4),
            ("c / x", c / x, -3.0 / 0.49),
            ("-x", -x, -1.0),
            ("exp", x.exp(), 0.7f64.exp()),
            ("ln", x.ln(), 1.0 / 0.7),
            ("sqrt", x.sqrt(), 0.5 / 0.7f64.sqrt()),
            ("tanh", x.tanh(), 1.0 - 0.7f64.tanh().powi(2)),
        ];
        for (name, y, slope) in cases {
            assert!((y.eps - slope).abs() < 1e-14, "{name}: {} against {slope}", y.eps);
        }
    }

    #[test]
    fn order_is_that_of_the_value() {
        assert!(Dual::new(1.0, -5.0) < Dual::new(2.0, -9.0));
        assert_eq!(Dual::new(1.0, 0.0), Dual::new(1.0, 3.0));
    }
}
