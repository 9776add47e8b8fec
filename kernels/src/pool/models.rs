//! The pool in loom's model of threads and memory: every interleaving of a few threads, with every value that the
//! memory orders let a load see.
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --release -p ferrotape-kernels --lib loom --target-dir target/loom
//! ```
//!
//! loom itself reports deadlocks (a wake-up that is lost), threads that do not end, and unsynchronised accesses to its
//! cells: those below stand for what tasks read and write, and for the closure that the caller takes back.
use super::Pool;
use loom::{
    cell::UnsafeCell,
    model::Builder,
    sync::{
        Condvar, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What one task writes: loom panics where two threads do without an order between them.
#[derive(Default)]
struct Cell(UnsafeCell<usize>);

// SAFETY: loom checks each access.
unsafe impl Sync for Cell {}

impl Cell {
    fn increment(&self) {
        // SAFETY: loom has checked that nobody else accesses it.
        self.0.with_mut(|n| unsafe { *n += 1 });
    }

    fn get(&self) -> usize {
        // SAFETY: as above.
        self.0.with(|n| unsafe { *n })
    }
}

/// All schedules with up to `preemptions` switches that no thread asked for; most bugs need two.
fn model(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

/// A region in which each task is done once, and seen by the caller without a lock.
fn region(pool: &Pool, tasks: usize) {
    let cells: Vec<Cell> = (0..tasks).map(|_| Cell::default()).collect();
    pool.run(tasks, |i| cells[i].increment());
    assert!(cells.iter().all(|cell| cell.get() == 1));
    // Exclusive access: a worker still inside would be seen to race with it.
    cells.iter().for_each(Cell::increment);
}

/// Two threads, two regions: the worker takes part in any, both or none, spinning, parking or asleep. The cells of the
/// first are gone in the second, so a late worker that touched them would be found. Dropping the pool ends it.
#[test]
fn loom_two_threads() {
    model(3, || {
        let pool = Pool::new(2);
        region(&pool, 2);
        region(&pool, 3);
    });
}

/// Three threads, one region.
#[test]
fn loom_three_threads() {
    model(2, || region(&Pool::new(3), 3));
}

/// As many tasks as threads, none of which ends before all have begun: no worker may sleep through the region,
/// whether it was spinning, about to park, asleep or not started yet.
fn meeting(pool: &Pool) {
    let (arrived, all) = (Mutex::new(0), Condvar::new());
    pool.run(pool.threads(), |_| {
        let mut count = arrived.lock().unwrap();
        *count += 1;
        if *count == pool.threads() {
            all.notify_all();
        }
        while *count < pool.threads() {
            count = all.wait(count).unwrap();
        }
    });
}

#[test]
fn loom_no_wake_up_is_lost() {
    model(3, || {
        let pool = Pool::new(2);
        meeting(&pool);
        meeting(&pool);
    });
    model(1, || meeting(&Pool::new(3)));
}

/// A worker that nothing wakes but the end of the pool.
#[test]
fn loom_drop_ends_the_threads() {
    model(3, || drop(Pool::new(3)));
}

/// Two users of one pool: one of them has the region, the other does its tasks alone.
#[test]
fn loom_two_users() {
    model(2, || {
        let pool = Pool::new(2);
        let other = pool.clone();
        let user = loom::thread::spawn(move || region(&other, 2));
        region(&pool, 2);
        drop(pool);
        user.join().unwrap();
    });
}

/// A panic in any task, on either thread, or in all of them, reaches the caller; no task runs twice or afterwards, and
/// the next region is whole.
#[test]
fn loom_panics() {
    model(2, || {
        let pool = Pool::new(2);
        let begun = AtomicUsize::new(0);
        let panics = || {
            pool.run(2, |_| {
                begun.fetch_add(1, Relaxed);
                // Not `panic!`, whose message would be printed for every schedule.
                std::panic::resume_unwind(Box::new(7_u8));
            })
        };
        let payload = catch_unwind(AssertUnwindSafe(panics)).expect_err("the panic is rethrown");
        assert_eq!(payload.downcast_ref(), Some(&7_u8));
        assert!((1..=2).contains(&begun.load(Relaxed)));
        region(&pool, 2);
    });
}
