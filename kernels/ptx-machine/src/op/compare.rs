//! Predicates, comparisons, conversions.
use super::{Guard, Mods, Reg};
use crate::types::{File, Type};

/// Operations of predicates.
#[derive(Copy, Clone, Debug)]
pub(crate) enum P2 {
    And,
    Or,
    Xor,
}

/// Comparisons. The last eight are of floats: ordered ones are false if an operand is NaN, those with `u` true.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Equ,
    Neu,
    Ltu,
    Leu,
    Gtu,
    Geu,
    Num,
    Nan,
}

/// What the operands of a comparison are.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    U32,
    S32,
    F32,
    U64,
    S64,
    F64,
}

/// A comparison of registers, combined with a predicate if there is one.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Test {
    pub compare: Compare,
    pub of: Of,
    pub ftz: bool,
    pub a: Reg,
    pub b: Reg,
    pub with: Option<(P2, Guard)>,
}

/// `testp`.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Kind {
    Finite,
    Infinite,
    Number,
    NotANumber,
    Normal,
    Subnormal,
}

/// Rounding of a conversion: to a float (`Nearest` and on), or to an integer value (`IntNearest` and on).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    None,
    Nearest,
    Zero,
    Down,
    Up,
    IntNearest,
    IntZero,
    IntDown,
    IntUp,
}

/// A conversion. Registers may be wider than the types.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Convert {
    pub to: Type,
    pub from: Type,
    pub rounding: Rounding,
    pub mods: Mods,
    pub d: Reg,
    pub a: Reg,
    pub d_file: File,
    pub a_file: File,
}
