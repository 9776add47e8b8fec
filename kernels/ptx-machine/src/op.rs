//! Decoded instructions: registers are numbers, immediates and `%tid` are registers too.
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

/// Memory an access can go to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    Param,
    Const,
    Global,
    Shared,
}

/// Where an access goes: a register (or none) and an offset.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Address {
    pub base: Option<(File, Reg)>,
    pub offset: i64,
}

/// A load or a store.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Access {
    pub space: Space,
    pub ty: Type,
    /// 1, 2 or 4 registers.
    pub count: u8,
    pub file: File,
    pub regs: [Reg; 4],
    pub address: Address,
    /// `.volatile`, `.relaxed` and such: may meet other threads' accesses.
    pub concurrent: bool,
}

/// What an atomic operation does to the word in memory.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atomic {
    Add,
    Min,
    Max,
    And,
    Or,
    Xor,
    Exchange,
    CompareExchange,
    Inc,
    Dec,
}

/// `atom` and `red`.
#[derive(Copy, Clone, Debug)]
pub(crate) struct AtomicAccess {
    pub space: Space,
    pub op: Atomic,
    pub ty: Type,
    /// Where the old value goes; `red` has none.
    pub d: Option<Reg>,
    pub address: Address,
    pub a: Reg,
    /// The new value of a compare-and-exchange.
    pub b: Reg,
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
