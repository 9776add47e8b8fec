//! What a launch is stopped for.
use std::fmt;

/// Something a kernel did that it must not do, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The module's file.
    pub file: Box<str>,
    /// The kernel.
    pub kernel: Box<str>,
    /// Line in the file; 0 if the launch itself was refused.
    pub line: u32,
    /// The instruction there.
    pub instruction: Box<str>,
    /// The block (x, y, z).
    pub block: [u32; 3],
    /// The thread in it (x, y, z).
    pub thread: [u32; 3],
    /// What happened.
    pub kind: FaultKind,
}

/// What a kernel must not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The launch does not fit the kernel.
    #[error("{0}")]
    Launch(Box<str>),
    /// An access leaves its allocation or the block's shared memory.
    #[error("out of bounds: {bytes} bytes at byte {offset} of {place}, which has {size}")]
    OutOfBounds {
        /// The allocation's name, or which other memory.
        place: Box<str>,
        /// First byte of the access; negative before the start.
        offset: i64,
        /// Bytes of the access.
        bytes: u32,
        /// Bytes there are.
        size: u64,
    },
    /// An address in no allocation.
    #[error("{address:#x} is no address of global memory")]
    NotAnAddress {
        /// The address.
        address: u64,
    },
    /// An access to what was freed.
    #[error("use after free: {label} ({address:#x}) was freed")]
    UseAfterFree {
        /// The allocation's name.
        label: Box<str>,
        /// The address.
        address: u64,
    },
    /// An address that is no multiple of the access.
    #[error("misaligned: {bytes} bytes at byte {offset} of {place}, which must be a multiple of {bytes}")]
    Misaligned {
        /// The allocation's name, or which other memory.
        place: Box<str>,
        /// First byte of the access.
        offset: u64,
        /// Bytes of the access.
        bytes: u32,
    },
    /// A read of memory nobody wrote.
    #[error("reads byte {offset} of {place}, which nobody wrote")]
    NeverWritten {
        /// The allocation's name, or which other memory.
        place: Box<str>,
        /// First byte of the access.
        offset: u64,
    },
    /// Two threads at the same word of shared memory, one of them writing, with no barrier between.
    #[error(
        "race: {} byte {offset} of shared memory, which thread {other:?} {} with no barrier between",
        if *.writes { "writes" } else { "reads" }, if *.other_wrote { "wrote" } else { "read" }
    )]
    Race {
        /// First byte of the access.
        offset: u64,
        /// Whether this thread writes; else it reads.
        writes: bool,
        /// Whether the other wrote; else it read.
        other_wrote: bool,
        /// The other thread (x, y, z).
        other: [u32; 3],
    },
    /// A barrier that only some threads of a warp reach.
    #[error("divergent barrier: lanes {here:#010x} of warp {warp} are here, {live:#010x} are running")]
    DivergentBarrier {
        /// Number of the warp in its block.
        warp: u32,
        /// Lanes at the barrier, a bit each.
        here: u32,
        /// Lanes that have not returned, a bit each.
        live: u32,
    },
    /// A warp-wide instruction whose mask is not the lanes that run it.
    #[error("lanes {mask:#010x} are named, {here:#010x} are here")]
    WrongMask {
        /// Lanes of the mask.
        mask: u32,
        /// Lanes that run the instruction.
        here: u32,
    },
    /// A shuffle from a lane that does not run it.
    #[error("reads lane {source_lane}, which is not here (lanes {here:#010x} are)")]
    InactiveLane {
        /// The lane read.
        source_lane: u32,
        /// Lanes that run the instruction.
        here: u32,
    },
    /// A `trap` instruction.
    #[error("trap")]
    Trap,
    /// The block ran as many instructions as the launch's options allow.
    #[error(
        "no end after {instructions} instructions of its block: a loop without end, or a wait for what never comes"
    )]
    NoEnd {
        /// The limit.
        instructions: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([x, y, z], [i, j, k]) = (self.block, self.thread);
        if self.line == 0 {
            return write!(f, "{}: kernel `{}`: {}", self.file, self.kernel, self.kind);
        }
        write!(
            f,
            "{}:{}: kernel `{}`, block ({x}, {y}, {z}), thread ({i}, {j}, {k}): {}: {}",
            self.file, self.line, self.kernel, self.instruction, self.kind
        )
    }
}

impl std::error::Error for Fault {}
