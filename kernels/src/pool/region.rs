//! The protocol between the thread that opens a region and the workers that join it.
use super::sync::{
    AtomicBool, AtomicU64, AtomicUsize, Condvar, LOOKS, Mutex, MutexGuard, Patience, UnsafeCell, spin_loop,
    thread, total_order,
};
use std::{
    any::Any,
    mem::{forget, transmute},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{PoisonError, atomic::Ordering::*},
    time::Duration,
};

/// How long a worker waits for the next region before it parks; the gaps within a training step are shorter.
const SPIN: Duration = Duration::from_micros(50);

/// Set in `state` while workers may join.
const OPEN: u64 = 1 << 32;
/// Set in `state` when workers shall end.
const STOP: u64 = 1 << 33;
/// Added to `state` by every new region.
const GENERATION: u64 = 1 << 34;
/// The workers inside the region.
const INSIDE: u64 = OPEN - 1;

/// What the tasks of a region call, its lifetime erased.
type Task = *const (dyn Fn(usize) + Sync);

/// An atomic on cache lines of its own: neighbouring lines are fetched in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line<T>(T);

/// The one region of a pool.
///
/// `state` holds the region's generation, two flags and the number of workers inside. A worker joins by counting
/// itself in, which succeeds only while the region is [`OPEN`]; the opener closes it when no task is left and
/// returns when the count is 0. So whoever is counted in may use `task`, and nobody else does.
#[derive(Debug, Default)]
pub(super) struct Region {
    state: Line<AtomicU64>,
    next: Line<AtomicUsize>,
    tasks: AtomicUsize,
    task: UnsafeCell<Option<Task>>,
    /// Whether some thread has the region.
    taken: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    parked: AtomicUsize,
    gate: Mutex<()>,
    wake: Condvar,
}

// SAFETY: all fields but `task` are Sync and Send. `task` is written only by the thread that has `taken` the region,
// while it is closed and nobody is inside, and read only by threads inside; what it points to is Sync.
unsafe impl Sync for Region {}
// SAFETY: see above.
unsafe impl Send for Region {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Region {
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `f(0), …, f(tasks - 1)` together with the workers, and true; or false, having done nothing, if the
    /// region is taken.
    pub fn share(&self, tasks: usize, f: &(dyn Fn(usize) + Sync)) -> bool {
        if self.taken.swap(true, Acquire) {
            return false;
        }
        self.open(tasks, f);
        self.take_tasks(f);
        self.close();
        let panic = lock(&self.panic).take();
        self.taken.store(false, Release);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
        true
    }

    fn open(&self, tasks: usize, f: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes, and `share` does not return before `close`, after which nobody calls f.
        let task = unsafe { transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(f) };
        // SAFETY: this thread has taken the region, which is closed and empty: nobody reads the cell.
        self.task.with_mut(|cell| unsafe { *cell = Some(task) });
        self.tasks.store(tasks, Relaxed);
        self.next.0.store(0, Relaxed);
        // Sequentially consistent, with the load below and `park`: either the worker that is about to park sees
        // this, or this thread sees that it parked.
        self.state.0.fetch_add(GENERATION | OPEN, SeqCst);
        total_order();
        if self.parked.load(SeqCst) > 0 {
            drop(lock(&self.gate));
            self.wake.notify_all();
        }
    }

    /// Lets no worker in any more and waits until those inside have left.
    fn close(&self) {
        self.state.0.fetch_and(!OPEN, Relaxed);
        let mut spins = 0u32;
        // Acquire, with the Release of the worker that leaves: what its tasks wrote is seen after the region.
        while self.state.0.load(Acquire) & INSIDE > 0 {
            spins += 1;
            if spins.is_multiple_of(1024) {
                thread::yield_now();
            }
            spin_loop();
        }
    }

    /// Runs tasks until none is left. A panic is kept for the opener, and ends the handing out of tasks.
    fn take_tasks(&self, f: &(dyn Fn(usize) + Sync)) {
        let tasks = self.tasks.load(Relaxed);
        let all = AssertUnwindSafe(|| {
            loop {
                match self.next.0.fetch_add(1, Relaxed) {
                    i if i < tasks => f(i),
                    _ => break,
                }
            }
        });
        if let Err(payload) = catch_unwind(all) {
            self.next.0.store(tasks, Relaxed);
            let mut first = lock(&self.panic);
            match *first {
                None => *first = Some(payload),
                // Not dropped: that may panic too, and whoever unwinds from here leaves a region in use behind.
                Some(_) => forget(payload),
            }
        }
    }

    /// What a worker does all its life.
    pub fn work(&self) {
        // The first region is number 1: a worker that starts after it was opened joins it, too.
        let mut seen = 0;
        loop {
            let state = self.wait(seen);
            if state & STOP > 0 {
                return;
            }
            // Acquire, with the opener's store: the task is seen.
            if self.state.0.compare_exchange(state, state + 1, Acquire, Relaxed).is_err() {
                continue;
            }
            seen = state / GENERATION;
            // SAFETY: this worker is counted in, so the region stays open to it and the cell holds the region's
            // task, which lives until it leaves.
            if let Some(task) = self.task.with(|cell| unsafe { *cell }) {
                // SAFETY: as above.
                self.take_tasks(unsafe { &*task });
            }
            self.state.0.fetch_sub(1, Release);
        }
    }

    /// The state as soon as a region other than `seen` is open or the pool ends.
    fn wait(&self, seen: u64) -> u64 {
        let news = || {
            let state = self.state.0.load(SeqCst);
            let open = state & OPEN > 0 && state / GENERATION != seen;
            (open || state & STOP > 0).then_some(state)
        };
        let patience = Patience::new();
        loop {
            for _ in 0..LOOKS {
                if let Some(state) = news() {
                    return state;
                }
                spin_loop();
            }
            if patience.is_over(SPIN) {
                self.park(news);
            }
        }
    }

    /// Sleeps until there may be news.
    fn park(&self, news: impl Fn() -> Option<u64>) {
        let mut gate = lock(&self.gate);
        self.parked.fetch_add(1, SeqCst);
        total_order();
        while news().is_none() {
            gate = self.wake.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        self.parked.fetch_sub(1, SeqCst);
    }

    /// Ends the workers.
    pub fn stop(&self) {
        self.state.0.fetch_or(STOP, SeqCst);
        drop(lock(&self.gate));
        self.wake.notify_all();
    }
}
