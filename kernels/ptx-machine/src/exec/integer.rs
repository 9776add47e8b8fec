//! Integers of 32 bits.
use super::{
    Exec,
    lanes::{map, map2, map3},
};
use crate::op::{I1, I2, I3, Reg};

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn i1(&mut self, f: I1, d: Reg, a: Reg, mask: u32) {
        let a = self.word(a);
        let value = match f {
            I1::Mov => *a,
            I1::Not => map(a, |a| !a),
            I1::IsZero => map(a, |a| u32::from(a == 0)),
            I1::Neg => map(a, u32::wrapping_neg),
            I1::Abs => map(a, |a| (a as i32).wrapping_abs() as u32),
            I1::Clz => map(a, u32::leading_zeros),
            I1::Popc => map(a, u32::count_ones),
            I1::Brev => map(a, u32::reverse_bits),
            I1::BfindU => map(a, highest_bit),
            I1::BfindS => map(a, |a| highest_bit(a ^ ((a as i32) >> 31) as u32)),
        };
        self.put_word(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn i2(&mut self, f: I2, d: Reg, a: Reg, b: Reg, mask: u32) {
        let (a, b) = (self.word(a), self.word(b));
        let value = match f {
            I2::Add => map2(a, b, u32::wrapping_add),
            I2::Sub => map2(a, b, u32::wrapping_sub),
            I2::Mul => map2(a, b, u32::wrapping_mul),
            I2::MulHiU => map2(a, b, mul_hi_u),
            I2::MulHiS => map2(a, b, mul_hi_s),
            // What PTX leaves open for a zero divisor is as on NVIDIA's hardware.
            I2::DivU => map2(a, b, |a, b| a.checked_div(b).unwrap_or(u32::MAX)),
            I2::DivS => map2(a, b, |a, b| div_s(a as i32, b as i32) as u32),
            I2::RemU => map2(a, b, |a, b| a.checked_rem(b).unwrap_or(a)),
            I2::RemS => map2(a, b, |a, b| rem_s(a as i32, b as i32) as u32),
            I2::MinU => map2(a, b, Ord::min),
            I2::MinS => map2(a, b, |a, b| (a as i32).min(b as i32) as u32),
            I2::MaxU => map2(a, b, Ord::max),
            I2::MaxS => map2(a, b, |a, b| (a as i32).max(b as i32) as u32),
            I2::And => map2(a, b, |a, b| a & b),
            I2::Or => map2(a, b, |a, b| a | b),
            I2::Xor => map2(a, b, |a, b| a ^ b),
            I2::Shl => map2(a, b, |a, b| if b < 32 { a << (b & 31) } else { 0 }),
            I2::ShrU => map2(a, b, |a, b| if b < 32 { a >> (b & 31) } else { 0 }),
            I2::ShrS => map2(a, b, |a, b| ((a as i32) >> b.min(31)) as u32),
            I2::AddSat => map2(a, b, |a, b| (a as i32).saturating_add(b as i32) as u32),
            I2::SubSat => map2(a, b, |a, b| (a as i32).saturating_sub(b as i32) as u32),
            I2::CopySign => map2(a, b, |a, b| a & 0x8000_0000 | b & 0x7FFF_FFFF),
        };
        self.put_word(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn i3(&mut self, f: I3, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let (a, b, c) = (self.word(a), self.word(b), self.word(c));
        let value = match f {
            I3::Mad => map3(a, b, c, |a, b, c| a.wrapping_mul(b).wrapping_add(c)),
            I3::MadHiU => map3(a, b, c, |a, b, c| mul_hi_u(a, b).wrapping_add(c)),
            I3::MadHiS => map3(a, b, c, |a, b, c| mul_hi_s(a, b).wrapping_add(c)),
            I3::BfeU => map3(a, b, c, extract_u),
            I3::BfeS => map3(a, b, c, extract_s),
            I3::FunnelLeftWrap => map3(a, b, c, |a, b, c| funnel_left(a, b, c & 31)),
            I3::FunnelLeftClamp => map3(a, b, c, |a, b, c| funnel_left(a, b, c.min(32))),
            I3::FunnelRightWrap => map3(a, b, c, |a, b, c| funnel_right(a, b, c & 31)),
            I3::FunnelRightClamp => map3(a, b, c, |a, b, c| funnel_right(a, b, c.min(32))),
            I3::Permute => map3(a, b, c, permute),
        };
        self.put_word(d, &value, mask);
    }

    /// `bfi`: the low bits of `a`, put into `b`.
    #[inline(always)]
    pub(super) fn insert(&mut self, d: Reg, [a, b, at, len]: [Reg; 4], mask: u32) {
        let field = map2(self.word(at), self.word(len), |at, len| {
            let (at, len) = (at & 0xFF, len & 0xFF);
            let ones = if len >= 32 { u32::MAX } else { (1 << (len & 31)) - 1 };
            if at < 32 { ones << (at & 31) } else { 0 }
        });
        let moved = map2(self.word(a), self.word(at), |a, at| a << (at & 31));
        let value = map3(&moved, self.word(b), &field, |a, b, field| a & field | b & !field);
        self.put_word(d, &value, mask);
    }

    /// Bit by bit, the table's entry number `4 a + 2 b + c`.
    #[inline(always)]
    pub(super) fn logic3(&mut self, table: u8, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let value = map3(self.word(a), self.word(b), self.word(c), |a, b, c| {
            let mut d = 0;
            for entry in 0..8 {
                let of = |x: u32, bit: u32| if entry >> bit & 1 == 1 { x } else { !x };
                let chosen = if table >> entry & 1 == 1 { u32::MAX } else { 0 };
                d |= of(a, 2) & of(b, 1) & of(c, 0) & chosen;
            }
            d
        });
        self.put_word(d, &value, mask);
    }
}

#[inline(always)]
fn mul_hi_u(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

#[inline(always)]
fn mul_hi_s(a: u32, b: u32) -> u32 {
    ((i64::from(a as i32) * i64::from(b as i32)) >> 32) as u32
}

#[inline(always)]
fn div_s(a: i32, b: i32) -> i32 {
    if b == 0 { -1 } else { a.wrapping_div(b) }
}

#[inline(always)]
fn rem_s(a: i32, b: i32) -> i32 {
    if b == 0 { a } else { a.wrapping_rem(b) }
}

/// Number of the highest bit that is set; all ones if none is.
#[inline(always)]
fn highest_bit(a: u32) -> u32 {
    31u32.wrapping_sub(a.leading_zeros())
}

/// `len` bits of `a` from bit `at` on.
#[inline(always)]
fn extract_u(a: u32, at: u32, len: u32) -> u32 {
    let (at, len) = (at & 0xFF, len & 0xFF);
    let moved = if at < 32 { a >> (at & 31) } else { 0 };
    let ones = if len < 32 { (1 << (len & 31)) - 1 } else { u32::MAX };
    moved & ones
}

/// The same; bits beyond the field or the word are the field's highest.
#[inline(always)]
fn extract_s(a: u32, at: u32, len: u32) -> u32 {
    let (at, len) = (at & 0xFF, len & 0xFF);
    let moved = (a as i32) >> at.min(31);
    let unused = 32 - len.min(32);
    let value = ((moved << (unused & 31)) >> (unused & 31)) as u32;
    if len == 0 { 0 } else { value }
}

/// The high word of `b:a` moved left.
#[inline(always)]
fn funnel_left(a: u32, b: u32, by: u32) -> u32 {
    let both = u64::from(b) << 32 | u64::from(a);
    ((both << by) >> 32) as u32
}

/// The low word of `b:a` moved right.
#[inline(always)]
fn funnel_right(a: u32, b: u32, by: u32) -> u32 {
    let both = u64::from(b) << 32 | u64::from(a);
    (both >> by) as u32
}

/// Four bytes of `b:a`, each chosen by four bits of `c`: its number, and whether only its sign is wanted.
#[inline(always)]
fn permute(a: u32, b: u32, c: u32) -> u32 {
    let both = u64::from(b) << 32 | u64::from(a);
    let mut d = 0;
    for i in 0..4 {
        let choice = c >> (4 * i) & 0xF;
        let byte = (both >> (8 * (choice & 7))) as u8;
        let byte = if choice & 8 == 0 { byte } else { ((byte as i8) >> 7) as u8 };
        d |= u32::from(byte) << (8 * i);
    }
    d
}
