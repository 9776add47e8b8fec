//! A pool of persistent threads for short regions of parallel work.
//!
//! A region is one call of [`Pool::run`]: `f(i)` for every task `i`, on the calling thread and on the workers, each
//! taking the next task not yet taken. It costs no allocation, and well under a microsecond while the workers still
//! spin from the last one; idle workers park.
//!
//! **Determinism** is the caller's and easy: what task `i` writes must depend on `i` alone, never on who runs it.
//!
//! **One region at a time.** A region started while another runs, by another thread or from inside a task, runs
//! serially on its caller, with the same result. A worker that is late (descheduled, still waking) is not waited for.
#[cfg(all(test, loom))]
mod models;
mod region;
mod sync;

use region::Region;
use std::marker::PhantomData;
use sync::{Arc, JoinHandle, thread};

/// A set of threads, shared by all clones of the handle; they end with the last one.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Threads>);

#[derive(Debug)]
struct Threads {
    region: Arc<Region>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool in which `threads` threads work, the caller included: `threads - 1` are started.
    ///
    /// # Panics
    /// If `threads` is 0, or the system refuses to start a thread.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool needs at least one thread");
        let region = Arc::new(Region::new());
        let start = |id| {
            let region = Arc::clone(&region);
            let builder = thread::Builder::new().name(format!("ferrotape-{id}"));
            builder.spawn(move || region.work()).expect("the system starts a thread")
        };
        let workers = (1..threads).map(start).collect();
        Self(Arc::new(Threads { region, workers }))
    }

    /// Threads that work in a region, the caller included.
    pub fn threads(&self) -> usize {
        self.0.workers.len() + 1
    }

    /// Calls `f(i)` once for every `i < tasks`, in any order, on any thread, and returns when all calls have.
    ///
    /// # Panics
    /// If a call panics: with its payload, once no call is running any more. Tasks not yet begun are dropped.
    pub fn run(&self, tasks: usize, f: impl Fn(usize) + Sync) {
        let alone = self.threads() == 1 || tasks <= 1;
        if alone || !self.0.region.share(tasks, &f) {
            (0..tasks).for_each(f);
        }
    }

    /// Calls `f(i, chunk)` for every chunk of `len` elements of `y`; the last may be shorter.
    pub fn for_each_chunk<T: Send>(&self, y: &mut [T], len: usize, f: impl Fn(usize, &mut [T]) + Sync) {
        self.run_over(Chunks::new(y, len), f);
    }

    /// Calls `f(i, y_i, z_i)` for every chunk of `y` and the chunk of `z` that goes with it.
    ///
    /// # Panics
    /// If the two split into different numbers of chunks.
    pub fn for_each_chunk2<T: Send, U: Send>(
        &self,
        (y, y_len): (&mut [T], usize),
        (z, z_len): (&mut [U], usize),
        f: impl Fn(usize, &mut [T], &mut [U]) + Sync,
    ) {
        let both = (Chunks::new(y, y_len), Chunks::new(z, z_len));
        self.run_over(both, |i, (y, z)| f(i, y, z));
    }

    /// Calls `f(i, y_i, z_i, u_i)` for every chunk of `y` and the chunks of `z` and `u` that go with it.
    ///
    /// # Panics
    /// If they split into different numbers of chunks.
    pub fn for_each_chunk3<T: Send, U: Send, W: Send>(
        &self,
        (y, y_len): (&mut [T], usize),
        (z, z_len): (&mut [U], usize),
        (u, u_len): (&mut [W], usize),
        f: impl Fn(usize, &mut [T], &mut [U], &mut [W]) + Sync,
    ) {
        let all = ((Chunks::new(y, y_len), Chunks::new(z, z_len)), Chunks::new(u, u_len));
        self.run_over(all, |i, ((y, z), u)| f(i, y, z, u));
    }

    fn run_over<P: Parts + Sync>(&self, parts: P, f: impl Fn(usize, P::Part) + Sync) {
        self.run(parts.count(), |i| {
            // SAFETY: `run` calls this once for each i < count, and `parts` is dropped after it returns.
            f(i, unsafe { parts.part(i) });
        });
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.region.stop();
        for worker in self.workers.drain(..) {
            // A worker catches what its tasks throw, so there is nothing to hear from it.
            let _ = worker.join();
        }
    }
}

/// Exclusive parts of something, handed out one by one.
trait Parts {
    type Part;
    /// How many there are.
    fn count(&self) -> usize;
    /// Part `i`.
    ///
    /// # Safety
    /// `i < self.count()`, each `i` at most once, and no part outlives what was split.
    unsafe fn part(&self, i: usize) -> Self::Part;
}

/// A slice cut into chunks of `len` elements.
struct Chunks<'a, T> {
    start: *mut T,
    total: usize,
    len: usize,
    slice: PhantomData<&'a mut [T]>,
}

impl<'a, T> Chunks<'a, T> {
    fn new(y: &'a mut [T], len: usize) -> Self {
        assert!(len > 0 || y.is_empty(), "chunks of no element");
        Self { start: y.as_mut_ptr(), total: y.len(), len: len.max(1), slice: PhantomData }
    }
}

// SAFETY: through a shared `Chunks` a thread only obtains chunks that nobody else has (the contract of `part`),
// which moves `&mut [T]` between threads: sound for `T: Send`.
unsafe impl<T: Send> Sync for Chunks<'_, T> {}

impl<'a, T> Parts for Chunks<'a, T> {
    type Part = &'a mut [T];
    fn count(&self) -> usize {
        self.total.div_ceil(self.len)
    }
    unsafe fn part(&self, i: usize) -> &'a mut [T] {
        let from = i * self.len;
        let len = self.len.min(self.total - from);
        // SAFETY: `from + len <= total`, so the chunk lies in the slice that is borrowed for 'a; chunks of different
        // i do not overlap and the caller asks for each once.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), len) }
    }
}

impl<A: Parts, B: Parts> Parts for (A, B) {
    type Part = (A::Part, B::Part);
    fn count(&self) -> usize {
        assert_eq!(self.0.count(), self.1.count(), "operands split into different numbers of chunks");
        self.0.count()
    }
    unsafe fn part(&self, i: usize) -> Self::Part {
        // SAFETY: the caller's promise holds for both, as they have equally many parts.
        unsafe { (self.0.part(i), self.1.part(i)) }
    }
}
