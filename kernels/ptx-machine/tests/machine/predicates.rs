//! Comparisons, predicates, selections.
use crate::support::{FLOATS, INTEGERS, check_wide, check_word};

/// A modifier and what it means: of integers, of floats, of one float.
type OfWords = (&'static str, fn(u32, u32) -> bool);
type OfFloats = (&'static str, fn(f32, f32) -> bool);
type OfFloat = (&'static str, fn(f32) -> bool);

/// Statements that leave the predicate `%k` in `%d`.
fn to_word(body: &str) -> String {
    format!("{body} selp.u32 %d, 1, 0, %k;")
}

#[test]
fn integers_compare() {
    let unsigned: [OfWords; 10] = [
        ("eq", |a, b| a == b),
        ("ne", |a, b| a != b),
        ("lt", |a, b| a < b),
        ("le", |a, b| a <= b),
        ("gt", |a, b| a > b),
        ("ge", |a, b| a >= b),
        ("lo", |a, b| a < b),
        ("ls", |a, b| a <= b),
        ("hi", |a, b| a > b),
        ("hs", |a, b| a >= b),
    ];
    for (name, f) in unsigned {
        check_word(&to_word(&format!("setp.{name}.u32 %k, %a, %b;")), &INTEGERS, |a, b, _| f(a, b).into());
    }
    for (name, f) in &unsigned[..6] {
        let body = to_word(&format!("setp.{name}.s32 %k, %a, %b;"));
        // Moved up by half the range, integers with a sign are in the order of those without one.
        let up = |x: u32| x ^ 0x8000_0000;
        check_word(&body, &INTEGERS, |a, b, _| f(up(a), up(b)).into());
        let body = format!("{} cvt.u64.u32 %ld, %d;", to_word(&format!("setp.{name}.u64 %k, %la, %lb;")));
        let wide = [0, 1, 1 << 32, u64::MAX];
        let rank = |x: u64| wide.iter().position(|other| *other == x).unwrap() as u32;
        check_wide(&body, &wide, |a, b, _| f(rank(a), rank(b)).into());
    }
}

#[test]
fn floats_compare() {
    let all: [OfFloats; 14] = [
        ("eq", |a, b| a == b),
        ("ne", |a, b| (a < b) | (a > b)),
        ("lt", |a, b| a < b),
        ("le", |a, b| a <= b),
        ("gt", |a, b| a > b),
        ("ge", |a, b| a >= b),
        ("equ", |a, b| a.is_nan() || b.is_nan() || a == b),
        ("neu", |a, b| a != b),
        ("ltu", |a, b| a.is_nan() || b.is_nan() || a < b),
        ("leu", |a, b| a.is_nan() || b.is_nan() || a <= b),
        ("gtu", |a, b| a.is_nan() || b.is_nan() || a > b),
        ("geu", |a, b| a.is_nan() || b.is_nan() || a >= b),
        ("num", |a, b| !(a.is_nan() || b.is_nan())),
        ("nan", |a, b| a.is_nan() || b.is_nan()),
    ];
    for (name, f) in all {
        let expected = |a, b, _| f(f32::from_bits(a), f32::from_bits(b)).into();
        check_word(&to_word(&format!("setp.{name}.f32 %k, %a, %b;")), &FLOATS, expected);
        let body = format!("cvt.f64.f32 %g0, %a; cvt.f64.f32 %g1, %b; setp.{name}.f64 %k, %g0, %g1;");
        check_word(&to_word(&body), &FLOATS, expected);
    }
    // Flushed, what is subnormal equals zero.
    check_word(&to_word("setp.eq.ftz.f32 %k, %a, 0f00000000;"), &[1, 0x0080_0000], |a, _, _| (a == 1).into());
}

#[test]
fn comparisons_combine() {
    let body = "setp.lt.u32 %k0, %b, %c; setp.lt.and.u32 %k|%k1, %a, %b, %k0;
                selp.u32 %d, 1, 0, %k; @%k1 add.u32 %d, %d, 2;";
    check_word(body, &INTEGERS, |a, b, c| u32::from(a < b && b < c) + 2 * u32::from(a >= b && b < c));
    let body = to_word("setp.lt.u32 %k0, %b, %c; setp.eq.or.u32 %k, %a, %b, !%k0;");
    check_word(&body, &INTEGERS, |a, b, c| (a == b || b >= c).into());
    let body = to_word("setp.lt.u32 %k0, %b, %c; setp.eq.xor.u32 %k, %a, %b, %k0;");
    check_word(&body, &INTEGERS, |a, b, c| ((a == b) ^ (b < c)).into());
}

#[test]
fn predicates_have_logic() {
    let set = "setp.ne.u32 %k0, %a, 0; setp.ne.u32 %k1, %b, 0;";
    for (op, f) in
        [("and", (|a, b| a & b) as fn(bool, bool) -> bool), ("or", |a, b| a | b), ("xor", |a, b| a ^ b)]
    {
        let body = to_word(&format!("{set} {op}.pred %k, %k0, %k1;"));
        check_word(&body, &[0, 1], |a, b, _| f(a != 0, b != 0).into());
    }
    check_word(&to_word(&format!("{set} not.pred %k, %k0;")), &[0, 1], |a, _, _| 1 - a);
    check_word(&to_word(&format!("{set} mov.pred %k, %k1;")), &[0, 1], |_, b, _| b);
    check_word(&to_word(&format!("{set} mov.pred %k, 1;")), &[0, 1], |_, _, _| 1);
}

#[test]
fn selections() {
    let body = "setp.gt.u32 %k, %a, 5; selp.b32 %d, %b, %c, %k;";
    check_word(body, &INTEGERS, |a, b, c| if a > 5 { b } else { c });
    check_word("slct.b32.s32 %d, %a, %b, %c;", &INTEGERS, |a, b, c| if c as i32 >= 0 { a } else { b });
    check_word(
        "slct.b32.f32 %d, %a, %b, %c;",
        &FLOATS,
        |a, b, c| if f32::from_bits(c) >= 0.0 { a } else { b },
    );
    check_word("set.lt.u32.u32 %d, %a, %b;", &INTEGERS, |a, b, _| if a < b { u32::MAX } else { 0 });
    check_word("set.gt.f32.f32 %d, %a, %b;", &FLOATS, |a, b, _| {
        if f32::from_bits(a) > f32::from_bits(b) { 1f32.to_bits() } else { 0 }
    });
}

#[test]
fn kinds_of_floats() {
    let kinds: [OfFloat; 6] = [
        ("finite", f32::is_finite),
        ("infinite", f32::is_infinite),
        ("number", |x| !x.is_nan()),
        ("notanumber", f32::is_nan),
        ("normal", f32::is_normal),
        ("subnormal", f32::is_subnormal),
    ];
    for (name, f) in kinds {
        let body = to_word(&format!("testp.{name}.f32 %k, %a;"));
        check_word(&body, &FLOATS, |a, _, _| f(f32::from_bits(a)).into());
    }
}

/// An instruction leaves the lanes alone whose guard is false.
#[test]
fn guards() {
    let body = "mov.u32 %d, 9; setp.lt.u32 %k, %a, 8; @%k mov.u32 %d, 1; @!%k add.u32 %d, %d, 1;";
    check_word(body, &INTEGERS, |a, _, _| if a < 8 { 1 } else { 10 });
}
