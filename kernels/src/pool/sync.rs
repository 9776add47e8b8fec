//! What threads of the pool meet through: the standard library's, or loom's model of it (`--cfg loom`), in which the
//! tests of `models.rs` run through all interleavings.
#[cfg(loom)]
pub use loom::{
    cell::UnsafeCell,
    hint::spin_loop,
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, AtomicUsize},
    },
    thread::{self, JoinHandle},
};
#[cfg(not(loom))]
pub use std::{
    hint::spin_loop,
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, AtomicUsize},
    },
    thread::{self, JoinHandle},
};

/// How often a waiting thread looks before it looks at the clock.
pub const LOOKS: usize = if cfg!(loom) { 1 } else { 64 };

/// How long a waiting thread spins before it parks.
pub struct Patience {
    #[cfg(not(loom))]
    since: std::time::Instant,
}

impl Patience {
    pub fn new() -> Self {
        Self {
            #[cfg(not(loom))]
            since: std::time::Instant::now(),
        }
    }

    /// Whether it has spun for `limit`; in a model time does not pass, and nobody has patience.
    pub fn is_over(&self, limit: std::time::Duration) -> bool {
        #[cfg(not(loom))]
        return self.since.elapsed() > limit;
        #[cfg(loom)]
        return limit >= std::time::Duration::ZERO;
    }
}

/// The order that sequentially consistent operations have by themselves. loom takes those for acquire and release, so
/// that a model needs the fence; real code does not.
#[inline(always)]
pub fn total_order() {
    #[cfg(loom)]
    loom::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// The standard cell, accessed the way loom checks.
#[cfg(not(loom))]
#[derive(Debug, Default)]
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}
