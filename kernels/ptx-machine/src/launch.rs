//! Launching a kernel.
use crate::{
    counters::Counters,
    exec::{self, Common, Isa},
    fault::{Fault, FaultKind},
    memory::Memory,
    module::Kernel,
};

/// The most shared memory a block can have, in bytes (Hopper's).
pub(crate) const MOST_SHARED: u32 = 227 * 1024;

/// How a kernel is launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Blocks (x, y, z).
    pub grid: [u32; 3],
    /// Threads of a block (x, y, z).
    pub block: [u32; 3],
    /// Bytes of shared memory of a block, beyond those the kernel declares.
    pub shared: u32,
    /// Whether blocks may wait for each other: they are all there at once.
    pub cooperative: bool,
}

/// How a launch is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads of the host that run blocks. Results and counters do not depend on it. (A cooperative launch runs on
    /// one.)
    pub threads: usize,
    /// What is looked for.
    pub checks: Checks,
    /// Instructions of a block's warps after which it is taken to be in a loop without end.
    pub most_instructions: u64,
}

/// Checks that cost time. Bounds, alignment, barriers and masks are always checked.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Reads of memory that nobody wrote.
    pub never_written: bool,
    /// Races in shared memory.
    pub races: bool,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { threads, checks: Checks::default(), most_instructions: 1_000_000_000 }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self { never_written: true, races: true }
    }
}

/// Runs a kernel to its end. `args` is the parameter block: each parameter at its [`Param::offset`](crate::Param).
///
/// # Errors
/// If the launch does not fit the kernel, or a thread does what it must not. Then memory is as the threads left it.
pub fn run(
    kernel: &Kernel,
    launch: &Launch,
    args: &[u8],
    memory: &Memory,
    options: &Options,
) -> Result<Counters, Fault> {
    check(kernel, launch, args)?;
    let snapshot = memory.snapshot();
    let isa = Isa::best();
    exec::launch(&Common { kernel, launch, args, slots: snapshot.slots(), options, isa })
}

/// Whether a launch fits its kernel.
pub(crate) fn check(kernel: &Kernel, launch: &Launch, args: &[u8]) -> Result<(), Fault> {
    let refuse = |what: String| {
        Err(Fault {
            file: kernel.file().into(),
            kernel: kernel.name().into(),
            line: 0,
            instruction: "".into(),
            block: [0; 3],
            thread: [0; 3],
            kind: FaultKind::Launch(what.into()),
        })
    };
    let (grid, block) = (launch.grid, launch.block);
    let threads = block.iter().map(|extent| u64::from(*extent)).product::<u64>();
    let shared = exec::shared_bytes(kernel, launch.shared);
    if args.len() != kernel.param_bytes as usize {
        return refuse(format!("{} bytes of parameters, expected {}", args.len(), kernel.param_bytes));
    }
    if grid[0] == 0 || grid[1..].iter().any(|extent| !(1..=65535).contains(extent)) || grid[0] > 0x7FFF_FFFF {
        return refuse(format!("a grid of {grid:?} blocks, expected 1 to [2147483647, 65535, 65535]"));
    }
    if block.contains(&0) || block[2] > 64 || threads > 1024 {
        return refuse(format!("a block of {block:?} threads, expected 1 to 1024, at most 64 of them in z"));
    }
    if let Some(wanted) = kernel.required_block.filter(|wanted| *wanted != block) {
        return refuse(format!("a block of {block:?} threads, expected {wanted:?} (.reqntid)"));
    }
    if threads > kernel.max_threads().into() {
        return refuse(format!(
            "{threads} threads a block, expected at most {} (.maxntid)",
            kernel.max_threads()
        ));
    }
    if shared > MOST_SHARED {
        return refuse(format!("{shared} bytes of shared memory a block, expected at most {MOST_SHARED}"));
    }
    Ok(())
}
