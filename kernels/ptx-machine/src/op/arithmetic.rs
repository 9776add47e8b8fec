//! What arithmetic there is.

/// `.ftz` and `.sat`.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mods {
    pub ftz: bool,
    pub sat: bool,
}

/// 32-bit integer operations of one operand.
#[derive(Copy, Clone, Debug)]
pub(crate) enum I1 {
    Mov,
    Not,
    /// `cnot`: 1 if it is zero.
    IsZero,
    Neg,
    Abs,
    Clz,
    Popc,
    Brev,
    BfindU,
    BfindS,
}

/// 32-bit integer operations of two operands. `U` and `S`: without and with a sign.
#[derive(Copy, Clone, Debug)]
pub(crate) enum I2 {
    Add,
    Sub,
    Mul,
    MulHiU,
    MulHiS,
    DivU,
    DivS,
    RemU,
    RemS,
    MinU,
    MinS,
    MaxU,
    MaxS,
    And,
    Or,
    Xor,
    Shl,
    ShrU,
    ShrS,
    /// `add.sat.s32`.
    AddSat,
    /// `sub.sat.s32`.
    SubSat,
    /// The second operand with the sign of the first, as floats.
    CopySign,
}

/// 32-bit integer operations of three operands.
#[derive(Copy, Clone, Debug)]
pub(crate) enum I3 {
    Mad,
    MadHiU,
    MadHiS,
    BfeU,
    BfeS,
    /// `shf.l`, `shf.r`, with `.wrap` or `.clamp`.
    FunnelLeftWrap,
    FunnelLeftClamp,
    FunnelRightWrap,
    FunnelRightClamp,
    /// `prmt` without a mode.
    Permute,
}

/// Operations of one f32.
#[derive(Copy, Clone, Debug)]
pub(crate) enum F1 {
    Neg,
    Abs,
    Sqrt,
    Rcp,
    Rsqrt,
    Ex2,
    Lg2,
    Sin,
    Cos,
    Tanh,
}

/// Operations of two f32.
#[derive(Copy, Clone, Debug)]
pub(crate) enum F2 {
    Add,
    Sub,
    Mul,
    Div,
    /// `div.approx`: 0 for divisors above 2^126.
    DivApprox,
    Min,
    Max,
}

/// 64-bit integer operations of one operand.
#[derive(Copy, Clone, Debug)]
pub(crate) enum L1 {
    Mov,
    Not,
    Neg,
    Abs,
    Brev,
}

/// 64-bit integer operations of two operands.
#[derive(Copy, Clone, Debug)]
pub(crate) enum L2 {
    Add,
    Sub,
    Mul,
    MulHiU,
    MulHiS,
    DivU,
    DivS,
    RemU,
    RemS,
    MinU,
    MinS,
    MaxU,
    MaxS,
    And,
    Or,
    Xor,
    CopySign,
}

/// 64-bit shifts; the distance is a 32-bit register.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Shift {
    Left,
    RightU,
    RightS,
}

/// From a 64-bit register to a 32-bit one.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Count64 {
    Clz,
    Popc,
}

/// Operations of one f64.
#[derive(Copy, Clone, Debug)]
pub(crate) enum D1 {
    Neg,
    Abs,
    Sqrt,
    Rcp,
}

/// Operations of two f64.
#[derive(Copy, Clone, Debug)]
pub(crate) enum D2 {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}
