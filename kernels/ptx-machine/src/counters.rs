//! What a launch did, in numbers. They depend on the launch alone, not on the machine it runs on.
use std::{fmt, ops::AddAssign};

/// What kind of work an instruction is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Fused multiply-add of f32.
    Fma,
    /// Other arithmetic of f32, comparisons too.
    Float,
    /// What a GPU's special function unit does: `ex2`, `lg2`, `rcp`, `rsqrt`, `sqrt`, `sin`, `cos`, divisions.
    Special,
    /// Arithmetic of f64.
    Double,
    /// Arithmetic of integers, logic, comparisons.
    Integer,
    /// `mov`, `selp`, `ld.param` and such.
    Move,
    /// `cvt`.
    Convert,
    /// Loads of global memory.
    LoadGlobal,
    /// Stores to global memory.
    StoreGlobal,
    /// Loads of shared memory.
    LoadShared,
    /// Stores to shared memory.
    StoreShared,
    /// Loads of constants.
    LoadConst,
    /// `atom` and `red`.
    Atomic,
    /// Shuffles, votes.
    Warp,
    /// Barriers and fences.
    Barrier,
    /// Branches, returns.
    Control,
}

impl Class {
    /// All of them, in order.
    pub const ALL: [Self; 16] = [
        Self::Fma,
        Self::Float,
        Self::Special,
        Self::Double,
        Self::Integer,
        Self::Move,
        Self::Convert,
        Self::LoadGlobal,
        Self::StoreGlobal,
        Self::LoadShared,
        Self::StoreShared,
        Self::LoadConst,
        Self::Atomic,
        Self::Warp,
        Self::Barrier,
        Self::Control,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fma => "f32 fma",
            Self::Float => "f32 other",
            Self::Special => "f32 special",
            Self::Double => "f64",
            Self::Integer => "integer",
            Self::Move => "move",
            Self::Convert => "convert",
            Self::LoadGlobal => "load global",
            Self::StoreGlobal => "store global",
            Self::LoadShared => "load shared",
            Self::StoreShared => "store shared",
            Self::LoadConst => "load const",
            Self::Atomic => "atomic",
            Self::Warp => "warp",
            Self::Barrier => "barrier",
            Self::Control => "control",
        }
    }
}

/// How often instructions ran.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Issued, once for a warp.
    pub warps: u64,
    /// Lanes that ran them.
    pub lanes: u64,
}

/// Requests of warps to global memory, which moves sectors of 32 bytes.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Instructions with at least one lane.
    pub requests: u64,
    /// Different sectors each of them touches, summed.
    pub sectors: u64,
    /// Bytes the lanes asked for.
    pub bytes: u64,
}

impl Requests {
    /// Sectors of a request, on average.
    pub fn sectors_per_request(&self) -> f64 {
        self.sectors as f64 / self.requests.max(1) as f64
    }
}

/// Passes over the banks of shared memory: a warp needs more than the least if lanes want different words of a bank.
///
/// There are 32 banks of 4 bytes. Lanes go in groups of 32 (up to 4 bytes each), 16 (8 bytes) or 8 (16 bytes); a group
/// takes as many passes as there are different words of its most wanted bank.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Wavefronts {
    /// Instructions with at least one lane.
    pub requests: u64,
    /// Passes.
    pub wavefronts: u64,
    /// Passes beyond the least: bank conflicts.
    pub conflicts: u64,
}

/// What a launch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Blocks.
    pub blocks: u64,
    /// Warps.
    pub warps: u64,
    /// Threads.
    pub threads: u64,
    /// Instructions, by [`Class`].
    pub classes: [Count; Class::ALL.len()],
    /// Instructions of each line of the file that has any, in order.
    pub lines: Vec<(u32, Count)>,
    /// `ld.global`.
    pub global_loads: Requests,
    /// `st.global`.
    pub global_stores: Requests,
    /// `atom.global`, `red.global`.
    pub global_atomics: Requests,
    /// `ld.shared`.
    pub shared_loads: Wavefronts,
    /// `st.shared`.
    pub shared_stores: Wavefronts,
    /// Branches that a warp's lanes went both ways at.
    pub divergent_branches: u64,
    /// Branches, by warps.
    pub branches: u64,
    /// Barriers, by blocks.
    pub barriers: u64,
}

impl Counters {
    /// Of one class.
    pub fn class(&self, class: Class) -> Count {
        self.classes[class as usize]
    }

    /// Instructions that warps issued.
    pub fn warp_instructions(&self) -> u64 {
        self.classes.iter().map(|count| count.warps).sum()
    }

    /// Instructions, counted once for each lane that ran them.
    pub fn lane_instructions(&self) -> u64 {
        self.classes.iter().map(|count| count.lanes).sum()
    }

    /// Operations of f32: two for an `fma`, one for other arithmetic.
    pub fn flops(&self) -> u64 {
        2 * self.class(Class::Fma).lanes + self.class(Class::Float).lanes + self.class(Class::Special).lanes
    }

    /// Bank conflicts of loads and stores.
    pub fn bank_conflicts(&self) -> u64 {
        self.shared_loads.conflicts + self.shared_stores.conflicts
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.warps += other.warps;
        self.lanes += other.lanes;
    }
}

impl AddAssign for Requests {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.sectors += other.sectors;
        self.bytes += other.bytes;
    }
}

impl AddAssign for Wavefronts {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.wavefronts += other.wavefronts;
        self.conflicts += other.conflicts;
    }
}

/// Counters of several launches; lines add up only where they are of the same file, so they are kept of none.
impl AddAssign<&Counters> for Counters {
    fn add_assign(&mut self, other: &Counters) {
        self.blocks += other.blocks;
        self.warps += other.warps;
        self.threads += other.threads;
        self.classes.iter_mut().zip(other.classes).for_each(|(mine, other)| *mine += other);
        self.lines.clear();
        self.global_loads += other.global_loads;
        self.global_stores += other.global_stores;
        self.global_atomics += other.global_atomics;
        self.shared_loads += other.shared_loads;
        self.shared_stores += other.shared_stores;
        self.divergent_branches += other.divergent_branches;
        self.branches += other.branches;
        self.barriers += other.barriers;
    }
}

/// A table.
impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} blocks, {} warps, {} threads", self.blocks, self.warps, self.threads)?;
        writeln!(f, "{:<16}{:>14}{:>18}{:>8}", "instructions", "warps", "lanes", "%")?;
        let all = self.lane_instructions().max(1) as f64;
        let mut row = |name: &str, count: Count| {
            let percent = 100.0 * count.lanes as f64 / all;
            writeln!(f, "{name:<16}{:>14}{:>18}{percent:>8.1}", count.warps, count.lanes)
        };
        for class in Class::ALL {
            let count = self.class(class);
            if count != Count::default() {
                row(class.name(), count)?;
            }
        }
        row("all", Count { warps: self.warp_instructions(), lanes: self.lane_instructions() })?;
        writeln!(f, "{:<16}{:>14}{:>18}{:>18}", "global memory", "requests", "sectors", "bytes")?;
        let global =
            [("loads", self.global_loads), ("stores", self.global_stores), ("atomics", self.global_atomics)];
        for (name, r) in global {
            let each = r.sectors_per_request();
            writeln!(
                f,
                "{name:<16}{:>14}{:>18}{:>18}  {each:.2} sectors a request",
                r.requests, r.sectors, r.bytes
            )?;
        }
        writeln!(f, "{:<16}{:>14}{:>18}{:>18}", "shared memory", "requests", "wavefronts", "conflicts")?;
        for (name, w) in [("loads", self.shared_loads), ("stores", self.shared_stores)] {
            writeln!(f, "{name:<16}{:>14}{:>18}{:>18}", w.requests, w.wavefronts, w.conflicts)?;
        }
        writeln!(
            f,
            "{} branches by warps, {} of them divergent; {} barriers by blocks",
            self.branches, self.divergent_branches, self.barriers
        )
    }
}
