//! Accesses of memory.
use super::Reg;
use crate::types::{File, Type};

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
