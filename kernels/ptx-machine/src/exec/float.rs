//! Arithmetic of f32.
use super::{
    Exec,
    lanes::{Lanes, map, map2, map3},
    scalar,
};
use crate::op::{F1, F2, Mods, Reg};

/// The operand as arithmetic sees it.
#[inline(always)]
fn operand(x: &Lanes<u32>, mods: Mods) -> Lanes<u32> {
    if mods.ftz { map(x, scalar::flush) } else { *x }
}

/// The result as it is written.
#[inline(always)]
fn result(x: Lanes<u32>, mods: Mods) -> Lanes<u32> {
    let x = if mods.ftz { map(&x, scalar::flush) } else { x };
    if mods.sat { map(&x, scalar::saturate) } else { x }
}

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn fma(&mut self, mods: Mods, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let [a, b, c] = [a, b, c].map(|reg| operand(self.word(reg), mods));
        let fma = |a, b, c| {
            let [a, b, c] = [a, b, c].map(f32::from_bits);
            scalar::bits(f32::mul_add(a, b, c))
        };
        self.put_word(d, &result(map3(&a, &b, &c, fma), mods), mask);
    }

    #[inline(always)]
    pub(super) fn f2(&mut self, f: F2, mods: Mods, d: Reg, a: Reg, b: Reg, mask: u32) {
        let [a, b] = [a, b].map(|reg| operand(self.word(reg), mods));
        #[inline(always)]
        fn with(a: &Lanes<u32>, b: &Lanes<u32>, f: impl Fn(f32, f32) -> f32) -> Lanes<u32> {
            map2(a, b, |a, b| scalar::bits(f(f32::from_bits(a), f32::from_bits(b))))
        }
        let value = match f {
            F2::Add => with(&a, &b, |a, b| a + b),
            F2::Sub => with(&a, &b, |a, b| a - b),
            F2::Mul => with(&a, &b, |a, b| a * b),
            F2::Div => with(&a, &b, |a, b| a / b),
            F2::DivApprox => with(&a, &b, scalar::div_approx),
            F2::Min => map2(&a, &b, |a, b| scalar::min(f32::from_bits(a), f32::from_bits(b))),
            F2::Max => map2(&a, &b, |a, b| scalar::max(f32::from_bits(a), f32::from_bits(b))),
        };
        self.put_word(d, &result(value, mods), mask);
    }

    #[inline(always)]
    pub(super) fn f1(&mut self, f: F1, mods: Mods, d: Reg, a: Reg, mask: u32) {
        let a = operand(self.word(a), mods);
        #[inline(always)]
        fn with(a: &Lanes<u32>, f: impl Fn(f32) -> f32) -> Lanes<u32> {
            map(a, |a| scalar::bits(f(f32::from_bits(a))))
        }
        let value = match f {
            F1::Neg => map(&a, |a| a ^ 0x8000_0000),
            F1::Abs => map(&a, |a| a & 0x7FFF_FFFF),
            F1::Sqrt => with(&a, f32::sqrt),
            F1::Rcp => with(&a, |a| 1.0 / a),
            F1::Rsqrt => with(&a, |a| (1.0 / f64::from(a).sqrt()) as f32),
            F1::Ex2 => with(&a, f32::exp2),
            F1::Lg2 => with(&a, f32::log2),
            F1::Sin => with(&a, f32::sin),
            F1::Cos => with(&a, f32::cos),
            F1::Tanh => with(&a, f32::tanh),
        };
        self.put_word(d, &result(value, mods), mask);
    }
}
