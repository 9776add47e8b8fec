//! Integers and bits of 32.
use crate::support::{INTEGERS, check_word};

fn signed(f: impl Fn(i32, i32) -> i32) -> impl Fn(u32, u32, u32) -> u32 {
    move |a, b, _| f(a as i32, b as i32) as u32
}

#[test]
fn arithmetic_wraps() {
    check_word("add.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.wrapping_add(b));
    check_word("sub.s32 %d, %a, %b;", &INTEGERS, |a, b, _| a.wrapping_sub(b));
    check_word("mul.lo.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.wrapping_mul(b));
    check_word("mad.lo.s32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| a.wrapping_mul(b).wrapping_add(c));
    check_word("neg.s32 %d, %a;", &INTEGERS, |a, _, _| a.wrapping_neg());
    check_word("abs.s32 %d, %a;", &INTEGERS, signed(|a, _| a.wrapping_abs()));
}

#[test]
fn arithmetic_saturates_on_request() {
    check_word("add.sat.s32 %d, %a, %b;", &INTEGERS, signed(i32::saturating_add));
    check_word("sub.sat.s32 %d, %a, %b;", &INTEGERS, signed(i32::saturating_sub));
}

#[test]
fn high_words_of_products() {
    let high = |a: u32, b: u32| ((u64::from(a) * u64::from(b)) >> 32) as u32;
    let high_signed = |a: i32, b: i32| ((i64::from(a) * i64::from(b)) >> 32) as i32;
    check_word("mul.hi.u32 %d, %a, %b;", &INTEGERS, |a, b, _| high(a, b));
    check_word("mul.hi.s32 %d, %a, %b;", &INTEGERS, signed(high_signed));
    check_word("mad.hi.u32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| high(a, b).wrapping_add(c));
    let mad = |a: u32, b: u32, c: u32| (high_signed(a as i32, b as i32) as u32).wrapping_add(c);
    check_word("mad.hi.s32 %d, %a, %b, %c;", &INTEGERS, mad);
}

/// Quotients by zero are not defined by PTX; these are the hardware's.
#[test]
fn division() {
    check_word("div.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.checked_div(b).unwrap_or(u32::MAX));
    check_word("rem.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.checked_rem(b).unwrap_or(a));
    let div = |a: i32, b: i32| if b == 0 { -1 } else { a.wrapping_div(b) };
    let rem = |a: i32, b: i32| if b == 0 { a } else { a.wrapping_rem(b) };
    check_word("div.s32 %d, %a, %b;", &INTEGERS, signed(div));
    check_word("rem.s32 %d, %a, %b;", &INTEGERS, signed(rem));
}

#[test]
fn minimum_and_maximum() {
    check_word("min.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.min(b));
    check_word("max.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.max(b));
    check_word("min.s32 %d, %a, %b;", &INTEGERS, signed(Ord::min));
    check_word("max.s32 %d, %a, %b;", &INTEGERS, signed(Ord::max));
}

/// A distance of 32 and more shifts everything out.
#[test]
fn shifts_end_at_the_width() {
    check_word("shl.b32 %d, %a, %b;", &INTEGERS, |a, b, _| a.checked_shl(b).unwrap_or(0));
    check_word("shr.u32 %d, %a, %b;", &INTEGERS, |a, b, _| a.checked_shr(b).unwrap_or(0));
    check_word("shr.b32 %d, %a, %b;", &INTEGERS, |a, b, _| a.checked_shr(b).unwrap_or(0));
    check_word("shr.s32 %d, %a, %b;", &INTEGERS, |a, b, _| ((a as i32) >> b.min(31)) as u32);
}

#[test]
fn logic() {
    check_word("and.b32 %d, %a, %b;", &INTEGERS, |a, b, _| a & b);
    check_word("or.b32 %d, %a, %b;", &INTEGERS, |a, b, _| a | b);
    check_word("xor.b32 %d, %a, %b;", &INTEGERS, |a, b, _| a ^ b);
    check_word("not.b32 %d, %a;", &INTEGERS, |a, _, _| !a);
    check_word("cnot.b32 %d, %a;", &INTEGERS, |a, _, _| u32::from(a == 0));
    check_word("lop3.b32 %d, %a, %b, %c, 0x96;", &INTEGERS, |a, b, c| a ^ b ^ c);
    check_word("lop3.b32 %d, %a, %b, %c, 0xE8;", &INTEGERS, |a, b, c| a & b | a & c | b & c);
    check_word("lop3.b32 %d, %a, %b, %c, 0xF2;", &INTEGERS, |a, b, c| a | !b & c & !a);
}

#[test]
fn counting() {
    check_word("clz.b32 %d, %a;", &INTEGERS, |a, _, _| a.leading_zeros());
    check_word("popc.b32 %d, %a;", &INTEGERS, |a, _, _| a.count_ones());
    check_word("brev.b32 %d, %a;", &INTEGERS, |a, _, _| a.reverse_bits());
    check_word("bfind.u32 %d, %a;", &INTEGERS, |a, _, _| a.checked_ilog2().unwrap_or(u32::MAX));
    let without_sign = |a: u32| if a as i32 >= 0 { a } else { !a };
    let bfind = |a, _, _| without_sign(a).checked_ilog2().unwrap_or(u32::MAX);
    check_word("bfind.s32 %d, %a;", &INTEGERS, bfind);
}

/// Bit by bit, as the manual defines them.
#[test]
fn fields() {
    let extract = |signed: bool| {
        move |a: u32, at: u32, len: u32| {
            let (at, len) = (at & 0xFF, len & 0xFF);
            let last = (at + len).saturating_sub(1).min(31);
            let sign = signed && len > 0 && a >> last & 1 == 1;
            let bit = |i: u32| if i < len && at + i <= 31 { a >> (at + i) & 1 == 1 } else { sign };
            (0..32).map(|i| u32::from(bit(i)) << i).sum()
        }
    };
    check_word("bfe.u32 %d, %a, %b, %c;", &INTEGERS, extract(false));
    check_word("bfe.s32 %d, %a, %b, %c;", &INTEGERS, extract(true));
    for (at, len) in [(0, 8), (4, 0), (8, 16), (28, 8), (31, 1), (40, 3), (0, 32), (5, 255)] {
        let insert = |a: u32, b: u32, _| {
            let inside = |i: u32| i >= at && i < at + len;
            let bit = |i: u32| if inside(i) { a >> (i - at) & 1 } else { b >> i & 1 };
            (0..32).map(|i| bit(i) << i).sum()
        };
        check_word(&format!("bfi.b32 %d, %a, %b, {at}, {len};"), &INTEGERS, insert);
    }
}

#[test]
fn funnel_shifts() {
    let both = |a: u32, b: u32| u64::from(b) << 32 | u64::from(a);
    let left = move |a, b, by: u32| ((both(a, b) << by) >> 32) as u32;
    let right = move |a, b, by: u32| (both(a, b) >> by) as u32;
    check_word("shf.l.wrap.b32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| left(a, b, c % 32));
    check_word("shf.r.wrap.b32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| right(a, b, c % 32));
    check_word("shf.l.clamp.b32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| left(a, b, c.min(32)));
    check_word("shf.r.clamp.b32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| right(a, b, c.min(32)));
}

#[test]
fn bytes_are_permuted() {
    let body = "mov.b32 %a, 0x44332211; mov.b32 %b, 0x887766F5; prmt.b32 %d, %a, %b, 0xC740;";
    check_word(body, &[0], |_, _, _| 0xFF88_F511);
}
