//! Where the values of a program lie, and for how long.
use serde::{Deserialize, Serialize};

/// The buffers of one way to run a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Which way: `as recorded`.
    pub name: String,
    /// How many instructions it has: the length of time.
    pub instructions: usize,
    /// The buffers, largest first.
    pub buffers: Vec<Buffer>,
    /// What lies in them.
    pub lives: Vec<Life>,
}

/// A buffer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// Whether it holds real numbers, not integers.
    pub real: bool,
    /// Its size.
    pub bytes: u64,
}

/// A value in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// The value, by number.
    pub slot: usize,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its buffer, by number; none where a chain keeps it for a chunk of images only.
    pub buffer: Option<usize>,
    /// The instruction that it is there from.
    pub first: usize,
    /// The last one that it must be there for.
    pub last: usize,
}

impl Memory {
    /// Bytes of all buffers together: what a run needs.
    pub fn with_reuse(&self) -> u64 {
        self.buffers.iter().map(|b| b.bytes).sum()
    }

    /// Bytes if every value had a buffer of its own.
    pub fn without_reuse(&self) -> u64 {
        self.lives.iter().map(|life| life.bytes).sum()
    }

    /// Bytes of the values that a chain keeps for a chunk of images only.
    pub fn local(&self) -> u64 {
        self.lives.iter().filter(|life| life.buffer.is_none()).map(|life| life.bytes).sum()
    }

    /// The most bytes of values that must be there at once: no sharing of buffers can need less.
    pub fn alive(&self) -> u64 {
        let at = |k: usize| {
            let there = self.lives.iter().filter(|l| l.buffer.is_some() && l.first <= k && k <= l.last);
            there.map(|life| life.bytes).sum()
        };
        (0..self.instructions).map(at).max().unwrap_or(0)
    }
}
