//! Integers of 64 bits, and between 32 and 64 bits.
use super::{
    Exec,
    lanes::{map, map2, map3},
};
use crate::op::{Count64, L1, L2, Reg, Shift};

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn l1(&mut self, f: L1, d: Reg, a: Reg, mask: u32) {
        let a = self.wide(a);
        let value = match f {
            L1::Mov => *a,
            L1::Not => map(a, |a| !a),
            L1::Neg => map(a, u64::wrapping_neg),
            L1::Abs => map(a, |a| (a as i64).wrapping_abs() as u64),
            L1::Brev => map(a, u64::reverse_bits),
        };
        self.put_wide(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn l2(&mut self, f: L2, d: Reg, a: Reg, b: Reg, mask: u32) {
        let (a, b) = (self.wide(a), self.wide(b));
        let signed = |f: fn(i64, i64) -> i64| map2(a, b, |a, b| f(a as i64, b as i64) as u64);
        let value = match f {
            L2::Add => map2(a, b, u64::wrapping_add),
            L2::Sub => map2(a, b, u64::wrapping_sub),
            L2::Mul => map2(a, b, u64::wrapping_mul),
            L2::MulHiU => map2(a, b, |a, b| ((u128::from(a) * u128::from(b)) >> 64) as u64),
            L2::MulHiS => signed(|a, b| ((i128::from(a) * i128::from(b)) >> 64) as i64),
            L2::DivU => map2(a, b, |a, b| a.checked_div(b).unwrap_or(u64::MAX)),
            L2::DivS => signed(|a, b| if b == 0 { -1 } else { a.wrapping_div(b) }),
            L2::RemU => map2(a, b, |a, b| a.checked_rem(b).unwrap_or(a)),
            L2::RemS => signed(|a, b| if b == 0 { a } else { a.wrapping_rem(b) }),
            L2::MinU => map2(a, b, Ord::min),
            L2::MinS => signed(Ord::min),
            L2::MaxU => map2(a, b, Ord::max),
            L2::MaxS => signed(Ord::max),
            L2::And => map2(a, b, |a, b| a & b),
            L2::Or => map2(a, b, |a, b| a | b),
            L2::Xor => map2(a, b, |a, b| a ^ b),
            L2::CopySign => map2(a, b, |a, b| a & 1 << 63 | b & !(1 << 63)),
        };
        self.put_wide(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn mad64(&mut self, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let mad = |a: u64, b, c| a.wrapping_mul(b).wrapping_add(c);
        self.put_wide(d, &map3(self.wide(a), self.wide(b), self.wide(c), mad), mask);
    }

    #[inline(always)]
    pub(super) fn shift64(&mut self, f: Shift, d: Reg, a: Reg, by: Reg, mask: u32) {
        let (a, by) = (self.wide(a), self.word(by));
        let value = match f {
            Shift::Left => map2(a, by, |a, by| if by < 64 { a << (by & 63) } else { 0 }),
            Shift::RightU => map2(a, by, |a, by| if by < 64 { a >> (by & 63) } else { 0 }),
            Shift::RightS => map2(a, by, |a, by| ((a as i64) >> by.min(63)) as u64),
        };
        self.put_wide(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn count64(&mut self, f: Count64, d: Reg, a: Reg, mask: u32) {
        let a = self.wide(a);
        let value = match f {
            Count64::Clz => map(a, u64::leading_zeros),
            Count64::Popc => map(a, u64::count_ones),
        };
        self.put_word(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn mul_wide(&mut self, signed: bool, d: Reg, a: Reg, b: Reg, mask: u32) {
        let value = map2(self.word(a), self.word(b), |a, b| product(signed, a, b));
        self.put_wide(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn mad_wide(&mut self, signed: bool, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let mad = |a, b, c: u64| product(signed, a, b).wrapping_add(c);
        self.put_wide(d, &map3(self.word(a), self.word(b), self.wide(c), mad), mask);
    }

    #[inline(always)]
    pub(super) fn pack(&mut self, d: Reg, low: Reg, high: Reg, mask: u32) {
        let pack = |low, high| u64::from(high) << 32 | u64::from(low);
        self.put_wide(d, &map2::<u32, u32, _>(self.word(low), self.word(high), pack), mask);
    }

    #[inline(always)]
    pub(super) fn unpack(&mut self, low: Option<Reg>, high: Option<Reg>, a: Reg, mask: u32) {
        let a = *self.wide(a);
        if let Some(low) = low {
            self.put_word(low, &map(&a, |a| a as u32), mask);
        }
        if let Some(high) = high {
            self.put_word(high, &map(&a, |a| (a >> 32) as u32), mask);
        }
    }

    #[inline(always)]
    pub(super) fn pack16(&mut self, d: Reg, low: Reg, high: Reg, mask: u32) {
        let value = map2(self.word(low), self.word(high), |low, high| high << 16 | low & 0xFFFF);
        self.put_word(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn unpack16(&mut self, low: Option<Reg>, high: Option<Reg>, a: Reg, mask: u32) {
        let a = *self.word(a);
        if let Some(low) = low {
            self.put_word(low, &map(&a, |a| a & 0xFFFF), mask);
        }
        if let Some(high) = high {
            self.put_word(high, &map(&a, |a| a >> 16), mask);
        }
    }
}

#[inline(always)]
fn product(signed: bool, a: u32, b: u32) -> u64 {
    if signed { (i64::from(a as i32) * i64::from(b as i32)) as u64 } else { u64::from(a) * u64::from(b) }
}
