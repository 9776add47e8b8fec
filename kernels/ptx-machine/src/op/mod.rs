//! Decoded instructions: registers are numbers, immediates and `%tid` are registers too.
mod arithmetic;
mod compare;
mod memory;

pub(crate) use arithmetic::{Count64, D1, D2, F1, F2, I1, I2, I3, L1, L2, Mods, Shift};
pub(crate) use compare::{Compare, Convert, Kind, Of, P2, Rounding, Test};
pub(crate) use memory::{Access, Address, Atomic, AtomicAccess, Space};

use crate::{
    counters::Class,
    types::{File, Type},
};

/// Number of a register in its file.
pub(crate) type Reg = u16;
/// Number of an instruction in its kernel.
pub(crate) type Pc = u32;

/// One instruction.
#[derive(Clone, Debug)]
pub(crate) struct Inst {
    /// Predicate that says which lanes run it.
    pub guard: Option<Guard>,
    pub op: Op,
}

/// `@%p` or `@!%p`.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Guard {
    pub pred: Reg,
    pub negated: bool,
}

/// What of an instruction is only for people and for the counters.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub line: u32,
    pub class: Class,
    /// Opcode with its modifiers.
    pub opcode: Box<str>,
    /// Registers it writes, with the names they have in the text.
    pub writes: Vec<(File, Reg, Box<str>, Type)>,
}

/// Which lane a shuffle reads.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Shuffle {
    Up,
    Down,
    Butterfly,
    Index,
}

/// What a vote computes.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Vote {
    All,
    Any,
    Uniform,
}

/// What an instruction does. `d` is written; `a`, `b`, `c` are read.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    I1(I1, Reg, Reg),
    I2(I2, Reg, Reg, Reg),
    I3(I3, Reg, [Reg; 3]),
    /// `bfi`: insert `a` into `b` at `c` for `len` bits.
    Insert(Reg, [Reg; 4]),
    /// `lop3` and its table.
    Logic3(u8, Reg, [Reg; 3]),
    F1(F1, Mods, Reg, Reg),
    F2(F2, Mods, Reg, Reg, Reg),
    Fma(Mods, Reg, [Reg; 3]),
    L1(L1, Reg, Reg),
    L2(L2, Reg, Reg, Reg),
    /// `mad.lo` of 64 bits.
    Mad64(Reg, [Reg; 3]),
    Shift64(Shift, Reg, Reg, Reg),
    Count64(Count64, Reg, Reg),
    D1(D1, Reg, Reg),
    D2(D2, Reg, Reg, Reg),
    Fma64(Reg, [Reg; 3]),
    /// `mul.wide` of 32 bits; whether with a sign.
    MulWide(bool, Reg, Reg, Reg),
    /// `mad.wide` of 32 bits; the last operand has 64.
    MadWide(bool, Reg, [Reg; 3]),
    Convert(Convert),
    /// `mov.b64 d, {low, high}`.
    Pack(Reg, Reg, Reg),
    /// `mov.b64 {low, high}, a`.
    Unpack(Option<Reg>, Option<Reg>, Reg),
    /// `mov.b32 d, {low, high}` of 16 bits.
    Pack16(Reg, Reg, Reg),
    /// `mov.b32 {low, high}, a` of 16 bits.
    Unpack16(Option<Reg>, Option<Reg>, Reg),
    /// `setp`: the result, and the result for the negated comparison.
    SetP(Test, Option<Reg>, Option<Reg>),
    /// `set`: all ones or, as a float, 1.
    Set(Test, bool, Reg),
    Select(Reg, Reg, Reg, Reg),
    Select64(Reg, Reg, Reg, Reg),
    /// `slct`: `a` where `c` is at least zero; whether `c` is a float.
    SelectSign(bool, Reg, [Reg; 3]),
    SelectSign64(bool, Reg, [Reg; 3]),
    TestP(Kind, Reg, Reg),
    TestP64(Kind, Reg, Reg),
    P2(P2, Reg, Guard, Guard),
    PNot(Reg, Guard),
    PSet(Reg, bool),
    Load(Access),
    Store(Access),
    Atomic(AtomicAccess),
    Branch(Pc),
    Exit,
    /// Whether all lanes must be at it together.
    Barrier {
        aligned: bool,
    },
    /// `bar.warp.sync` of a mask.
    WarpBarrier(Reg),
    /// Value, predicate, operand, lane, clamp and segment mask, members.
    Shuffle {
        how: Shuffle,
        d: Reg,
        pred: Option<Reg>,
        a: Reg,
        b: Reg,
        c: Reg,
        members: Reg,
    },
    Vote {
        how: Vote,
        d: Reg,
        pred: Guard,
        members: Reg,
    },
    Ballot {
        d: Reg,
        pred: Guard,
        members: Reg,
    },
    /// `match.any.sync`.
    Match {
        d: Reg,
        a: Reg,
        members: Reg,
    },
    ActiveMask(Reg),
    Trap,
    /// Fences, prefetches, sleep: nothing to do where memory is in order.
    Nothing,
}
