//! Arithmetic of f64, which keeps the NaN it is given.
use super::{
    Exec,
    lanes::{Lanes, map, map2, map3},
};
use crate::op::{D1, D2, Reg};

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn fma64(&mut self, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let fma = |a, b, c| {
            let [a, b, c] = [a, b, c].map(f64::from_bits);
            f64::mul_add(a, b, c).to_bits()
        };
        self.put_wide(d, &map3(self.wide(a), self.wide(b), self.wide(c), fma), mask);
    }

    #[inline(always)]
    pub(super) fn d1(&mut self, f: D1, d: Reg, a: Reg, mask: u32) {
        let a = self.wide(a);
        let value = match f {
            D1::Neg => map(a, |a| a ^ 1 << 63),
            D1::Abs => map(a, |a| a & !(1 << 63)),
            D1::Sqrt => map(a, |a| f64::from_bits(a).sqrt().to_bits()),
            D1::Rcp => map(a, |a| (1.0 / f64::from_bits(a)).to_bits()),
        };
        self.put_wide(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn d2(&mut self, f: D2, d: Reg, a: Reg, b: Reg, mask: u32) {
        let (a, b) = (self.wide(a), self.wide(b));
        #[inline(always)]
        fn with(a: &Lanes<u64>, b: &Lanes<u64>, f: impl Fn(f64, f64) -> f64) -> Lanes<u64> {
            map2(a, b, |a, b| f(f64::from_bits(a), f64::from_bits(b)).to_bits())
        }
        let value = match f {
            D2::Add => with(a, b, |a, b| a + b),
            D2::Sub => with(a, b, |a, b| a - b),
            D2::Mul => with(a, b, |a, b| a * b),
            D2::Div => with(a, b, |a, b| a / b),
            D2::Min => with(a, b, min),
            D2::Max => with(a, b, |a, b| -min(-a, -b)),
        };
        self.put_wide(d, &value, mask);
    }
}

/// The smaller number; -0 is below 0, and a number is preferred to NaN.
#[inline(always)]
fn min(a: f64, b: f64) -> f64 {
    let second = b < a || a.is_nan() || a == b && b.is_sign_negative();
    if second { b } else { a }
}
