//! Numbers that carry the rounding error f32 may make: tolerances derived, not chosen.
use super::{Scalar, operators};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Unit roundoff of f32: half the distance from 1 to the next number.
const U: f64 = 1.0 / (1u64 << 24) as f64;

/// Roundings granted to one call of `exp`, `ln` or `tanh` (4 units in the last place).
const TRANSCENDENTAL: f64 = 8.0;

/// A value in f64 with an error bound for *any* f32 evaluation of the same expression:
/// `|computed - re| <= γ_k · mag`, `γ_k = k u / (1 - k u)`, `u = 2^-24`, to first order in u.
///
/// `mag` is the value of the expression with every term replaced by its magnitude and every minus by a plus; `k`
/// counts the roundings on the longest path. A sum of K products that starts from zero gets `k = K + 1` and
/// `mag = Σ|a_i b_i|`, the classical bound of the dot product, which holds for every order of summation: SIMD lanes,
/// trees, fused multiply-add. Running a reference kernel in this arithmetic therefore *derives* the tolerance of its
/// fast versions. What is not derived: the accuracy granted to `exp`, `ln` and `tanh`, and underflow of a value in
/// the middle of an expression that is then divided by.
///
/// Source: N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., sections 3.1 to 3.4.
#[derive(Copy, Clone, Debug, Default)]
pub struct Bound {
    /// The value, computed in f64.
    pub re: f64,
    /// Sum of the magnitudes that went into it.
    pub mag: f64,
    /// Roundings on the longest path from an input.
    pub k: f64,
}

impl Bound {
    /// An input, or a constant: exact.
    pub const fn exact(re: f64) -> Self {
        Self { re, mag: re.abs(), k: 0.0 }
    }

    /// How far an f32 evaluation may lie from [`Self::re`]; never below `k` times the smallest normal f32, where
    /// results may be flushed to zero.
    ///
    /// # Panics
    /// Beyond 2^23 roundings, where the bound says nothing.
    pub fn tolerance(self) -> f64 {
        let ku = self.k * U;
        assert!(ku < 0.5, "{} roundings: no bound", self.k);
        ku / (1.0 - ku) * self.mag + self.k * f32::MIN_POSITIVE as f64
    }

    /// `f` applied to a value, `slope` bounding how it passes on the error of its argument.
    fn function(self, re: f64, slope: f64, roundings: f64) -> Self {
        Self { re, mag: slope * self.mag + re.abs(), k: self.k + roundings }
    }
}

operators!(Bound);

impl Add for Bound {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self { re: self.re + o.re, mag: self.mag + o.mag, k: self.k.max(o.k) + 1.0 }
    }
}
impl Sub for Bound {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self + -o
    }
}
impl Mul for Bound {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Self { re: self.re * o.re, mag: self.mag * o.mag, k: self.k + o.k + 1.0 }
    }
}
impl Div for Bound {
    type Output = Self;
    /// Two roundings: a kernel may multiply by the reciprocal.
    fn div(self, o: Self) -> Self {
        let b = o.re.abs();
        Self { re: self.re / o.re, mag: self.mag / b * (o.mag / b), k: self.k + o.k + 2.0 }
    }
}
impl Neg for Bound {
    type Output = Self;
    fn neg(self) -> Self {
        Self { re: -self.re, ..self }
    }
}

impl Scalar for Bound {
    const ZERO: Self = Self::exact(0.0);
    const ONE: Self = Self::exact(1.0);

    /// A constant is rounded to f32 once, unless f32 holds it.
    fn from_f64(x: f64) -> Self {
        let k = if x as f32 as f64 == x { 0.0 } else { 1.0 };
        Self { k, ..Self::exact(x) }
    }
    fn re(self) -> f64 {
        self.re
    }
    fn exp(self) -> Self {
        let e = self.re.exp();
        self.function(e, e, TRANSCENDENTAL)
    }
    fn ln(self) -> Self {
        self.function(self.re.ln(), 1.0 / self.re.abs(), TRANSCENDENTAL)
    }
    fn sqrt(self) -> Self {
        let r = self.re.sqrt();
        if self.mag == 0.0 {
            return self;
        }
        if r == 0.0 {
            // √(γ_k mag) = γ_k' √mag, with k' u = √(k u).
            return Self { re: 0.0, mag: self.mag.sqrt(), k: (self.k / U).sqrt() + 1.0 };
        }
        // |√(x + e) - √x| <= |e| / √x for every e.
        self.function(r, 1.0 / r, 1.0)
    }
    fn tanh(self) -> Self {
        self.function(self.re.tanh(), 1.0, TRANSCENDENTAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dot product of K terms gets the textbook bound, whatever cancels.
    #[test]
    fn dot_product() {
        let a = [3.0, -2.0, 1.0];
        let b = [1.0, 1.5, -0.25];
        let dot = (0..3).fold(Bound::ZERO, |s, i| s + Bound::exact(a[i]) * Bound::exact(b[i]));
        assert_eq!(dot.re, -0.25);
        assert_eq!(dot.mag, 6.25);
        assert_eq!(dot.k, 4.0, "one product, three additions");
    }

    /// The bound holds for real f32 sums in two orders, and is not vacuous.
    #[test]
    fn holds_for_f32() {
        let x: Vec<f32> = (1..2000).map(|i| (i as f32).sin() / i as f32).collect();
        let bound = x.iter().fold(Bound::ZERO, |s, &v| s + Bound::exact(v as f64));
        for sum in [x.iter().sum::<f32>(), x.iter().rev().sum::<f32>()] {
            assert!((sum as f64 - bound.re).abs() <= bound.tolerance());
        }
        assert!(bound.tolerance() < 1e-2 * bound.re.abs());
    }

    #[test]
    fn exact_operations_keep_no_slack() {
        assert_eq!(Bound::exact(2.5).tolerance(), 0.0);
        assert_eq!((-Bound::exact(2.5)).tolerance(), 0.0);
    }
}
