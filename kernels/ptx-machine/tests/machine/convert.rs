//! `cvt`.
use crate::support::{FLOATS, INTEGERS, check_wide, check_word};

/// A conversion of the bits of an f32.
fn from_f32<T>(body: &str, expected: impl Fn(f32) -> T)
where
    T: Into<i64>,
{
    let more: Vec<u32> =
        [0.49, 0.5, 1.5, 2.5, -0.5, -1.5, 126.9, 127.5, 255.5, 300.0, -129.0, 2147483648.0, 4294967296.0]
            .map(f32::to_bits)
            .into_iter()
            .chain(FLOATS)
            .collect();
    check_word(body, &more, |a, _, _| expected(f32::from_bits(a)).into() as u32);
}

#[test]
fn floats_become_integers_in_four_roundings() {
    from_f32("cvt.rni.s32.f32 %d, %a;", |x| x.round_ties_even() as i32);
    from_f32("cvt.rzi.s32.f32 %d, %a;", |x| x as i32);
    from_f32("cvt.rmi.s32.f32 %d, %a;", |x| x.floor() as i32);
    from_f32("cvt.rpi.s32.f32 %d, %a;", |x| x.ceil() as i32);
    from_f32("cvt.rni.u32.f32 %d, %a;", |x| x.round_ties_even() as u32);
    from_f32("cvt.rzi.u32.f32 %d, %a;", |x| x as u32);
}

/// Out of range is the end of the range, with `.sat` and without it; NaN is zero.
#[test]
fn narrow_integers_end_at_their_range() {
    from_f32("cvt.rni.sat.u8.f32 %d, %a;", |x| i64::from(x.round_ties_even() as u8));
    from_f32("cvt.rzi.u8.f32 %d, %a;", |x| i64::from(x as u8));
    from_f32("cvt.rzi.s8.f32 %d, %a;", |x| i64::from(x as i8));
    from_f32("cvt.rzi.s16.f32 %d, %a;", |x| i64::from(x as i16));
}

/// NaN has a pattern of its own where 64 bits are involved.
#[test]
fn wide_integers() {
    let values = FLOATS.map(u64::from);
    let float = |a: u64| f32::from_bits(a as u32);
    check_wide("cvt.rzi.s64.f32 %ld, %a;", &values, |a, _, _| {
        if float(a).is_nan() { 1 << 63 } else { float(a) as i64 as u64 }
    });
    check_wide("cvt.rzi.u64.f32 %ld, %a;", &values, |a, _, _| {
        if float(a).is_nan() { 1 << 63 } else { float(a) as u64 }
    });
    let doubles = [1.5f64, -2.5, 1e300, -1e300, f64::NAN, 4294967295.5].map(f64::to_bits);
    check_wide("cvt.rzi.s32.f64 %d, %la; cvt.u64.u32 %ld, %d;", &doubles, |a, _, _| {
        let x = f64::from_bits(a);
        u64::from(if x.is_nan() { 1 << 31 } else { x as i32 as u32 })
    });
}

#[test]
fn integers_become_floats_in_four_roundings() {
    check_word("cvt.rn.f32.u32 %d, %a;", &INTEGERS, |a, _, _| (a as f32).to_bits());
    check_word("cvt.rn.f32.s32 %d, %a;", &INTEGERS, |a, _, _| (a as i32 as f32).to_bits());
    // 2^24 + 1 lies between 2^24 and 2^24 + 2.
    let between = [0x0100_0001, 0xFEFF_FFFF];
    for (rounding, positive, negative) in
        [("rz", 16777216f32, -16777216f32), ("rm", 16777216.0, -16777218.0), ("rp", 16777218.0, -16777216.0)]
    {
        let expected = |a: u32, _, _| if a == between[0] { positive } else { negative }.to_bits();
        check_word(&format!("cvt.{rounding}.f32.s32 %d, %a;"), &between, expected);
    }
    check_wide("cvt.rn.f64.s64 %ld, %la;", &[0, 1, 1 << 60 | 1, u64::MAX], |a, _, _| {
        (a as i64 as f64).to_bits()
    });
    check_wide("cvt.rn.f64.u64 %ld, %la;", &[0, 1, 1 << 60 | 1, u64::MAX], |a, _, _| (a as f64).to_bits());
    check_word("cvt.rn.f32.u64 %d, %la;", &INTEGERS, |a, _, _| (a as f32).to_bits());
}

#[test]
fn between_floats() {
    let float = |a: u64| f32::from_bits(a as u32);
    let numbers: Vec<u64> =
        FLOATS.iter().filter(|x| !f32::from_bits(**x).is_nan()).map(|x| (*x).into()).collect();
    check_wide("cvt.f64.f32 %ld, %a;", &numbers, |a, _, _| f64::from(float(a)).to_bits());
    let third = (1f64 / 3.0).to_bits();
    let doubles = [third, third | 1 << 63, 1e300f64.to_bits(), 1e-42f64.to_bits()];
    let to = |rounding: &str, expected: fn(f64) -> f32| {
        let body = format!("cvt.{rounding}.f32.f64 %d, %la; cvt.u64.u32 %ld, %d;");
        check_wide(&body, &doubles, |a, _, _| expected(f64::from_bits(a)).to_bits().into());
    };
    let down = |x: f64| if f64::from(x as f32) > x { (x as f32).next_down() } else { x as f32 };
    let up = |x: f64| if f64::from(x as f32) < x { (x as f32).next_up() } else { x as f32 };
    to("rn", |x| x as f32);
    to("rm", down);
    to("rp", up);
    to("rz", |x| {
        let down = if f64::from(x as f32) > x { (x as f32).next_down() } else { x as f32 };
        let up = if f64::from(x as f32) < x { (x as f32).next_up() } else { x as f32 };
        if x > 0.0 { down } else { up }
    });
}

#[test]
fn to_integer_values() {
    let canonical = |x: f32| if x.is_nan() { 0x7FFF_FFFF } else { x.to_bits() };
    let float = f32::from_bits;
    check_word("cvt.rni.f32.f32 %d, %a;", &FLOATS, |a, _, _| canonical(float(a).round_ties_even()));
    check_word("cvt.rmi.f32.f32 %d, %a;", &FLOATS, |a, _, _| canonical(float(a).floor()));
    check_word("cvt.rpi.f32.f32 %d, %a;", &FLOATS, |a, _, _| canonical(float(a).ceil()));
    check_word("cvt.rzi.f32.f32 %d, %a;", &FLOATS, |a, _, _| canonical(float(a).trunc()));
    check_word("cvt.sat.f32.f32 %d, %a;", &FLOATS, |a, _, _| {
        let x = float(a);
        if x.is_nan() { 0 } else { (x.clamp(0.0, 1.0) + 0.0).to_bits() }
    });
}

#[test]
fn between_integers() {
    let values = INTEGERS.map(u64::from);
    check_wide("cvt.u64.u32 %ld, %a;", &values, |a, _, _| a);
    check_wide("cvt.s64.s32 %ld, %a;", &values, |a, _, _| a as u32 as i32 as i64 as u64);
    check_word("cvt.u32.u64 %d, %la;", &INTEGERS, |a, _, _| a);
    check_word("cvt.u32.u8 %d, %a;", &INTEGERS, |a, _, _| a & 0xFF);
    check_word("cvt.s32.s8 %d, %a;", &INTEGERS, |a, _, _| a as i8 as u32);
    check_word("cvt.s32.s16 %d, %a;", &INTEGERS, |a, _, _| a as i16 as u32);
    check_word("cvt.u8.u32 %d, %a;", &INTEGERS, |a, _, _| a & 0xFF);
    check_word("cvt.sat.u8.u32 %d, %a;", &INTEGERS, |a, _, _| a.min(255));
    check_word("cvt.sat.s8.s32 %d, %a;", &INTEGERS, |a, _, _| (a as i32).clamp(-128, 127) as u32);
    check_word("cvt.sat.u32.s32 %d, %a;", &INTEGERS, |a, _, _| (a as i32).max(0) as u32);
    check_wide("cvt.sat.s32.s64 %d, %la; cvt.u64.u32 %ld, %d;", &[u64::MAX, 1 << 40, 5], |a, _, _| {
        u64::from((a as i64).clamp(i32::MIN.into(), i32::MAX.into()) as i32 as u32)
    });
}
