//! What a CPU kernel needs besides its operands.
pub use crate::simd::Isa;
use crate::{
    pool::Pool,
    simd::{Kernel, LANES, Token},
};
use std::{cell::RefCell, env, sync::OnceLock, thread};

/// The context of CPU kernels: threads, instruction set, scratch memory.
///
/// Contexts are cheap and belong to one user each (`Send`, not `Sync`); the threads behind them are shared.
///
/// | environment variable | means | else |
/// |---|---|---|
/// | `FERROTAPE_THREADS` | threads of the shared pool | one a core |
/// | `FERROTAPE_ISA` | `scalar`, `neon`, `avx2` or `avx512` | the best the processor has |
///
/// Both are read once. The number of threads never changes a bit of a result; the instruction set may.
#[derive(Debug)]
pub struct Cpu {
    pool: Pool,
    /// The caller alone.
    alone: Pool,
    token: Token,
    scratch: RefCell<Vec<Vec<Line>>>,
}

/// Sixteen numbers of scratch memory, on a cache line.
#[derive(Copy, Clone, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LANES]);

/// Why there is no context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CpuError {
    /// An instruction set that does not exist.
    #[error("FERROTAPE_ISA={0}: unknown instruction set, expected scalar, neon, avx2 or avx512")]
    UnknownIsa(String),
    /// An instruction set that this processor lacks.
    #[error("this processor has no {0}; it has {best}", best = Isa::best())]
    MissingIsa(Isa),
    /// Not a number of threads.
    #[error("FERROTAPE_THREADS={0}: expected a number of threads, at least 1")]
    BadThreads(String),
    /// No thread at all.
    #[error("0 threads: at least 1 is needed, the caller's")]
    NoThreads,
}

impl Cpu {
    /// A context with a pool of its own, in which `threads` threads work, the caller included.
    ///
    /// # Errors
    /// For 0 threads, or if `FERROTAPE_ISA` asks for what there is not.
    pub fn new(threads: usize) -> Result<Self, CpuError> {
        if threads == 0 {
            return Err(CpuError::NoThreads);
        }
        Self::with_isa(&Pool::new(threads), chosen_isa()?)
    }

    /// A context on the pool that all contexts of the process share.
    ///
    /// # Errors
    /// If `FERROTAPE_ISA` or `FERROTAPE_THREADS` asks for what there is not.
    pub fn shared_pool() -> Result<Self, CpuError> {
        Self::with_isa(&process_pool()?, chosen_isa()?)
    }

    /// A context with the threads of `pool` and the kernels of `isa`.
    ///
    /// # Errors
    /// If the processor lacks `isa`.
    pub fn with_isa(pool: &Pool, isa: Isa) -> Result<Self, CpuError> {
        let token = Token::new(isa).ok_or(CpuError::MissingIsa(isa))?;
        Ok(Self { pool: pool.clone(), alone: Pool::new(1), token, scratch: RefCell::default() })
    }

    /// Threads that work, the caller included.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// The instruction set of the kernels.
    pub fn isa(&self) -> Isa {
        self.token.isa()
    }

    /// Runs `kernel` on the caller's thread, compiled for this context's instruction set.
    pub fn run<K: Kernel>(&self, kernel: K) -> K::Output {
        self.token.run(kernel)
    }

    /// The threads.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// All threads where there is `much` to do; else the caller alone, which is faster than asking for help.
    pub(crate) fn workers(&self, much: bool) -> &Pool {
        if much { &self.pool } else { &self.alone }
    }

    /// The proof that the processor has [`Self::isa`].
    pub(crate) fn token(&self) -> Token {
        self.token
    }

    /// Calls `f` with `len` numbers of scratch memory, aligned to a cache line. What they hold is left over from
    /// earlier calls; in debug builds it is NaN, so that a kernel that reads it is found out. Nested calls get different
    /// memory; it is allocated where a call needs more than any before.
    pub(crate) fn scratch<R>(&self, len: usize, f: impl FnOnce(&mut [f32]) -> R) -> R {
        let mut lines = self.scratch.borrow_mut().pop().unwrap_or_default();
        let count = len.div_ceil(LANES);
        if lines.len() < count {
            // A quarter more: the next call may bring one image more.
            lines.resize(count + count / 4, Line([0.0; LANES]));
        }
        let numbers = &mut bytemuck::cast_slice_mut(&mut lines)[..len];
        if cfg!(debug_assertions) {
            numbers.fill(f32::NAN);
        }
        let result = f(numbers);
        self.scratch.borrow_mut().push(lines);
        result
    }
}

/// [`Cpu::shared_pool`].
///
/// # Panics
/// If the environment asks for what there is not.
impl Default for Cpu {
    fn default() -> Self {
        Self::shared_pool().unwrap_or_else(|e| panic!("{e}"))
    }
}

/// A context of its own on the same threads.
impl Clone for Cpu {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), alone: Pool::new(1), token: self.token, scratch: RefCell::default() }
    }
}

/// The instruction set that `FERROTAPE_ISA` asks for, else the best.
fn chosen_isa() -> Result<Isa, CpuError> {
    static CHOSEN: OnceLock<Result<Isa, CpuError>> = OnceLock::new();
    let choose = || match env::var("FERROTAPE_ISA") {
        Ok(name) => Isa::from_name(&name).ok_or(CpuError::UnknownIsa(name)),
        Err(_) => Ok(Isa::best()),
    };
    CHOSEN.get_or_init(choose).clone()
}

/// The pool of the process, started on first use.
fn process_pool() -> Result<Pool, CpuError> {
    static POOL: OnceLock<Result<Pool, CpuError>> = OnceLock::new();
    let start = || {
        let threads = match env::var("FERROTAPE_THREADS") {
            Ok(word) => word.parse().ok().filter(|&n| n > 0).ok_or(CpuError::BadThreads(word))?,
            Err(_) => thread::available_parallelism().map_or(1, usize::from),
        };
        Ok(Pool::new(threads))
    };
    POOL.get_or_init(start).clone()
}
