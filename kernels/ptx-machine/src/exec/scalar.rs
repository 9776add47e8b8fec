//! What f32 instructions do to one number, beyond what Rust's own operators do.

/// The NaN that arithmetic of f32 makes, whatever NaN it was given.
pub(super) const NAN: u32 = 0x7FFF_FFFF;

/// Bits of a result.
#[inline(always)]
pub(super) fn bits(x: f32) -> u32 {
    if x.is_nan() { NAN } else { x.to_bits() }
}

/// `.ftz`: what is subnormal is zero, with its sign.
#[inline(always)]
pub(super) fn flush(x: u32) -> u32 {
    if x & 0x7F80_0000 == 0 { x & 0x8000_0000 } else { x }
}

/// `.sat`: into 0 to 1; NaN is 0.
#[inline(always)]
pub(super) fn saturate(x: u32) -> u32 {
    let x = f32::from_bits(x);
    let above = if x > 0.0 { x } else { 0.0 };
    (if above < 1.0 { above } else { 1.0 }).to_bits()
}

/// The smaller number; -0 is below 0, and a number is preferred to NaN.
#[inline(always)]
pub(super) fn min(a: f32, b: f32) -> u32 {
    let least = if a == b { a.to_bits() | b.to_bits() } else { (if a < b { a } else { b }).to_bits() };
    let least = if a.is_nan() { b.to_bits() } else { least };
    let least = if b.is_nan() { a.to_bits() } else { least };
    if a.is_nan() && b.is_nan() { NAN } else { least }
}

/// The greater number; 0 is above -0, and a number is preferred to NaN.
#[inline(always)]
pub(super) fn max(a: f32, b: f32) -> u32 {
    let most = if a == b { a.to_bits() & b.to_bits() } else { (if a > b { a } else { b }).to_bits() };
    let most = if a.is_nan() { b.to_bits() } else { most };
    let most = if b.is_nan() { a.to_bits() } else { most };
    if a.is_nan() && b.is_nan() { NAN } else { most }
}

/// `div.approx`: where the divisor is so large that its reciprocal would be subnormal, the quotient is zero.
#[inline(always)]
pub(super) fn div_approx(a: f32, b: f32) -> f32 {
    let huge = b.is_finite() && b.abs() > f32::from_bits(0x7E80_0000);
    let quotient = a / b;
    let zero = if a.is_infinite() { f32::NAN } else { 0f32.copysign(quotient) };
    if huge { zero } else { quotient }
}
