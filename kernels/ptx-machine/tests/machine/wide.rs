//! Integers of 64 bits, and between 32 and 64.
use crate::support::{INTEGERS, check_wide, check_word};

const WIDE: [u64; 10] = [
    0,
    1,
    63,
    64,
    0xFFFF_FFFF,
    0x1_0000_0001,
    0x0123_4567_89AB_CDEF,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0xFFFF_FFFF_FFFF_FFFF,
];

fn signed(f: impl Fn(i64, i64) -> i64) -> impl Fn(u64, u64, u64) -> u64 {
    move |a, b, _| f(a as i64, b as i64) as u64
}

#[test]
fn arithmetic() {
    check_wide("add.u64 %ld, %la, %lb;", &WIDE, |a, b, _| a.wrapping_add(b));
    check_wide("sub.s64 %ld, %la, %lb;", &WIDE, |a, b, _| a.wrapping_sub(b));
    check_wide("mul.lo.u64 %ld, %la, %lb;", &WIDE, |a, b, _| a.wrapping_mul(b));
    check_wide("mad.lo.u64 %ld, %la, %lb, %lc;", &WIDE, |a, b, c| a.wrapping_mul(b).wrapping_add(c));
    let high = |a: u64, b: u64, _| ((u128::from(a) * u128::from(b)) >> 64) as u64;
    check_wide("mul.hi.u64 %ld, %la, %lb;", &WIDE, high);
    let high = |a: i64, b: i64| ((i128::from(a) * i128::from(b)) >> 64) as i64;
    check_wide("mul.hi.s64 %ld, %la, %lb;", &WIDE, signed(high));
    check_wide("neg.s64 %ld, %la;", &WIDE, |a, _, _| a.wrapping_neg());
    check_wide("abs.s64 %ld, %la;", &WIDE, signed(|a, _| a.wrapping_abs()));
    check_wide("div.u64 %ld, %la, %lb;", &WIDE, |a, b, _| a.checked_div(b).unwrap_or(u64::MAX));
    check_wide("rem.u64 %ld, %la, %lb;", &WIDE, |a, b, _| a.checked_rem(b).unwrap_or(a));
    let div = |a: i64, b: i64| if b == 0 { -1 } else { a.wrapping_div(b) };
    let rem = |a: i64, b: i64| if b == 0 { a } else { a.wrapping_rem(b) };
    check_wide("div.s64 %ld, %la, %lb;", &WIDE, signed(div));
    check_wide("rem.s64 %ld, %la, %lb;", &WIDE, signed(rem));
    check_wide("min.u64 %ld, %la, %lb;", &WIDE, |a, b, _| a.min(b));
    check_wide("max.s64 %ld, %la, %lb;", &WIDE, signed(Ord::max));
    check_wide("min.s64 %ld, %la, %lb;", &WIDE, signed(Ord::min));
    check_wide("max.u64 %ld, %la, %lb;", &WIDE, |a, b, _| a.max(b));
}

#[test]
fn bits() {
    check_wide("and.b64 %ld, %la, %lb;", &WIDE, |a, b, _| a & b);
    check_wide("or.b64 %ld, %la, %lb;", &WIDE, |a, b, _| a | b);
    check_wide("xor.b64 %ld, %la, %lb;", &WIDE, |a, b, _| a ^ b);
    check_wide("not.b64 %ld, %la;", &WIDE, |a, _, _| !a);
    check_wide("brev.b64 %ld, %la;", &WIDE, |a, _, _| a.reverse_bits());
    check_wide("clz.b64 %d, %la; cvt.u64.u32 %ld, %d;", &WIDE, |a, _, _| a.leading_zeros().into());
    check_wide("popc.b64 %d, %la; cvt.u64.u32 %ld, %d;", &WIDE, |a, _, _| a.count_ones().into());
    let by = |b: u64| b as u32;
    check_wide("shl.b64 %ld, %la, %b;", &WIDE, |a, b, _| a.checked_shl(by(b)).unwrap_or(0));
    check_wide("shr.u64 %ld, %la, %b;", &WIDE, |a, b, _| a.checked_shr(by(b)).unwrap_or(0));
    check_wide("shr.s64 %ld, %la, %b;", &WIDE, |a, b, _| ((a as i64) >> by(b).min(63)) as u64);
}

#[test]
fn products_of_words() {
    let values = INTEGERS.map(u64::from);
    let signed = |a: u64| i64::from(a as u32 as i32);
    check_wide("mul.wide.u32 %ld, %a, %b;", &values, |a, b, _| a * b);
    check_wide("mul.wide.s32 %ld, %a, %b;", &values, |a, b, _| (signed(a) * signed(b)) as u64);
    check_wide("mad.wide.u32 %ld, %a, %b, %lc;", &WIDE, |a, b, c| {
        (a & 0xFFFF_FFFF).wrapping_mul(b & 0xFFFF_FFFF).wrapping_add(c)
    });
    check_wide("mad.wide.s32 %ld, %a, %b, %lc;", &WIDE, |a, b, c| {
        ((signed(a) * signed(b)) as u64).wrapping_add(c)
    });
}

#[test]
fn packing() {
    check_wide("mov.b64 %ld, {%a, %b};", &WIDE, |a, b, _| b << 32 | a & 0xFFFF_FFFF);
    check_wide("mov.b64 {%a, %b}, %la; mov.b64 %ld, {%b, %a};", &WIDE, |a, _, _| a.rotate_left(32));
    check_wide("mov.b64 {_, %d}, %la; cvt.u64.u32 %ld, %d;", &WIDE, |a, _, _| a >> 32);
    check_word("mov.b32 {%h0, %h1}, %a; mov.b32 %d, {%h1, %h0};", &INTEGERS, |a, _, _| a.rotate_left(16));
}
