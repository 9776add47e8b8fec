//! `cvt`: between integers of any width, f32 and f64.
//!
//! The operand becomes an i64, u64 or f64, which holds any of its values exactly, and from there the result.
use super::{
    Exec,
    lanes::{Lanes, map},
    scalar,
};
use crate::{
    op::{Convert, Rounding},
    types::{File, Type},
};

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn cvt(&mut self, c: &Convert, mask: u32) {
        match (c.to, c.from, c.rounding, c.a_file, c.d_file) {
            // What kernels convert all the time.
            (Type::F32, Type::U32, Rounding::Nearest, File::Word, _) if !c.mods.sat => {
                let value = map(self.word(c.a), |a| (a as f32).to_bits());
                self.put_word(c.d, &value, mask);
            }
            (Type::F32, Type::S32, Rounding::Nearest, File::Word, _) if !c.mods.sat => {
                let value = map(self.word(c.a), |a| (a as i32 as f32).to_bits());
                self.put_word(c.d, &value, mask);
            }
            (Type::U64, Type::U32, _, File::Word, _) => {
                let value = map(self.word(c.a), u64::from);
                self.put_wide(c.d, &value, mask);
            }
            (Type::S64, Type::S32, _, File::Word, _) => {
                let value = map(self.word(c.a), |a| a as i32 as i64 as u64);
                self.put_wide(c.d, &value, mask);
            }
            (Type::U32, Type::U64, _, _, File::Word) if !c.mods.sat => {
                let value = map(self.wide(c.a), |a| a as u32);
                self.put_word(c.d, &value, mask);
            }
            _ => self.cvt_any(c, mask),
        }
    }

    fn cvt_any(&mut self, c: &Convert, mask: u32) {
        let raw: Lanes<u64> = match c.a_file {
            File::Wide => *self.wide(c.a),
            _ => map(self.word(c.a), u64::from),
        };
        let value = raw.map(|raw| convert(c, raw));
        match c.d_file {
            File::Wide => self.put_wide(c.d, &value, mask),
            _ => self.put_word(c.d, &value.map(|value| value as u32), mask),
        }
    }
}

/// One value, in the low bits of a register, to the bits of a register.
fn convert(c: &Convert, raw: u64) -> u64 {
    match (c.from.float(), c.to.float()) {
        (false, false) => {
            let value = integer(c.from, raw);
            let value = if c.mods.sat { clamp(c.to, value) } else { value };
            extended(c.to, value as u64)
        }
        (false, true) => {
            let value = integer(c.from, raw);
            if c.to == Type::F64 {
                return f64_of(value, c.rounding).to_bits();
            }
            let bits = f32_of(value, c.rounding).to_bits();
            u64::from(if c.mods.sat { scalar::saturate(bits) } else { bits })
        }
        (true, false) => {
            let x = to_f64(c, raw);
            if x.is_nan() {
                // What PTX says of NaN: zero, or the bit pattern 1000... where 64 bits are involved.
                let wide = c.from == Type::F64 || c.to.bytes() == 8;
                return if wide { 1 << (8 * c.to.bytes() - 1) } else { 0 };
            }
            extended(c.to, clamp(c.to, to_integer_value(x, c.rounding) as i128) as u64)
        }
        (true, true) => {
            let x = to_f64(c, raw);
            let x = to_integer_value(x, c.rounding);
            if c.to == Type::F64 {
                let x = if c.mods.sat { saturate(x) } else { x };
                return x.to_bits();
            }
            if c.from == Type::F32 && x.is_nan() {
                // Moving an f32 makes the NaN of arithmetic.
                return if c.mods.sat { 0 } else { scalar::NAN.into() };
            }
            let bits = scalar::bits(narrow(x, c.rounding));
            let bits = if c.mods.ftz { scalar::flush(bits) } else { bits };
            u64::from(if c.mods.sat { scalar::saturate(bits) } else { bits })
        }
    }
}

/// The integer in the low bits of a register.
fn integer(ty: Type, raw: u64) -> i128 {
    let unused = 64 - 8 * ty.bytes();
    if ty.signed() { (((raw << unused) as i64) >> unused).into() } else { ((raw << unused) >> unused).into() }
}

/// Into the range of an integer type.
fn clamp(ty: Type, value: i128) -> i128 {
    let bits = 8 * ty.bytes();
    let (low, high) =
        if ty.signed() { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
    value.clamp(low, high)
}

/// Bits of a type, as a register wider than it holds them: with its sign, if it has one.
fn extended(ty: Type, value: u64) -> u64 {
    integer(ty, value) as u64
}

fn to_f64(c: &Convert, raw: u64) -> f64 {
    if c.from == Type::F64 {
        return f64::from_bits(raw);
    }
    let bits = raw as u32;
    f32::from_bits(if c.mods.ftz { scalar::flush(bits) } else { bits }).into()
}

fn to_integer_value(x: f64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::IntNearest => x.round_ties_even(),
        Rounding::IntZero => x.trunc(),
        Rounding::IntDown => x.floor(),
        Rounding::IntUp => x.ceil(),
        _ => x,
    }
}

fn saturate(x: f64) -> f64 {
    if x > 0.0 { x.min(1.0) } else { 0.0 }
}

/// The f32 that a rounding makes of an f64.
fn narrow(x: f64, rounding: Rounding) -> f32 {
    let nearest = x as f32;
    let (above, below) = (f64::from(nearest) > x, f64::from(nearest) < x);
    match rounding {
        Rounding::Zero if above && x > 0.0 => nearest.next_down(),
        Rounding::Zero if below && x < 0.0 => nearest.next_up(),
        Rounding::Down if above => nearest.next_down(),
        Rounding::Up if below => nearest.next_up(),
        _ => nearest,
    }
}

/// The f32 that a rounding makes of an integer of up to 64 bits.
fn f32_of(value: i128, rounding: Rounding) -> f32 {
    let nearest = value as f32;
    let (above, below) = (nearest as i128 > value, (nearest as i128) < value);
    match rounding {
        Rounding::Zero if above && value > 0 => nearest.next_down(),
        Rounding::Zero if below && value < 0 => nearest.next_up(),
        Rounding::Down if above => nearest.next_down(),
        Rounding::Up if below => nearest.next_up(),
        _ => nearest,
    }
}

/// The f64 that a rounding makes of an integer of up to 64 bits.
fn f64_of(value: i128, rounding: Rounding) -> f64 {
    let nearest = value as f64;
    let (above, below) = (nearest as i128 > value, (nearest as i128) < value);
    match rounding {
        Rounding::Zero if above && value > 0 => nearest.next_down(),
        Rounding::Zero if below && value < 0 => nearest.next_up(),
        Rounding::Down if above => nearest.next_down(),
        Rounding::Up if below => nearest.next_up(),
        _ => nearest,
    }
}
