//! The thread pool: every task once, whoever asks; panics arrive; regions of several threads do not mix.
use ferrotape_kernels::Pool;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Fewer where an interpreter runs it.
const ROUNDS: usize = if cfg!(miri) { 40 } else { 2000 };

/// Thousands of short regions, some after the workers have parked: each task runs exactly once.
#[test]
fn every_task_once() {
    for threads in [1, 2, 3, 7] {
        let pool = Pool::new(threads);
        assert_eq!(pool.threads(), threads);
        for region in 0..ROUNDS {
            let counts: [AtomicUsize; 19] = Default::default();
            let tasks = region % 20;
            pool.run(tasks, |i| {
                counts[i].fetch_add(1, Ordering::Relaxed);
            });
            let counts = counts.map(AtomicUsize::into_inner);
            assert!(counts.iter().enumerate().all(|(i, &n)| n == usize::from(i < tasks)), "{counts:?}");
            if region % (ROUNDS / 4) == 0 {
                thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }
}

/// Chunks cover the slice, in order, the last one shorter; what a task writes is seen after the region.
#[test]
fn chunks() {
    let pool = Pool::new(3);
    for (total, len) in [(0, 4), (1, 4), (12, 4), (14, 4), (1000, 7)] {
        let mut y = vec![usize::MAX; total];
        pool.for_each_chunk(&mut y, len, |i, y| {
            for (j, y) in y.iter_mut().enumerate() {
                *y = i * len + j;
            }
        });
        assert!(y.iter().copied().eq(0..total), "{total} by {len}");
    }
    let (mut y, mut z, mut u) = ([0; 10], ["?"; 4], [0.0; 7]);
    pool.for_each_chunk3((&mut y, 3), (&mut z, 1), (&mut u, 2), |i, y, z, u| {
        y.fill(i);
        z[0] = ["a", "b", "c", "d"][i];
        u.fill(y.len() as f32);
    });
    assert_eq!((y, z), ([0, 0, 0, 1, 1, 1, 2, 2, 2, 3], ["a", "b", "c", "d"]));
    assert_eq!(u, [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 1.0]);
}

#[test]
#[should_panic(expected = "different numbers of chunks")]
fn chunks_that_do_not_match() {
    Pool::new(2).for_each_chunk2((&mut [0; 4], 2), (&mut [0; 3], 1), |_, _, _| {});
}

/// A panic in any task reaches the caller with its payload, and the pool works on.
#[test]
fn panics_reach_the_caller() {
    for threads in [1, 2, 7] {
        let pool = Pool::new(threads);
        for bad in [0, 5, 63] {
            let region = || pool.run(64, |i| assert_ne!(i, bad, "task {bad} fails"));
            let payload = catch_unwind(AssertUnwindSafe(region)).expect_err("the panic is rethrown");
            assert!(payload.downcast_ref::<String>().is_some_and(|text| text.contains("fails")));
            let done = AtomicUsize::new(0);
            pool.run(64, |_| {
                done.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(done.into_inner(), 64);
        }
    }
}

/// Several threads use clones of one pool at once, with regions inside regions.
#[test]
fn shared_and_nested() {
    let pool = Pool::new(3);
    thread::scope(|scope| {
        for user in 0..4 {
            let pool = pool.clone();
            scope.spawn(move || {
                for round in 0..ROUNDS / 4 {
                    let mut y = [[0usize; 8]; 6];
                    pool.for_each_chunk(&mut y, 1, |i, row| {
                        pool.for_each_chunk(&mut row[0], 3, |j, y| y.fill(user + round + 10 * i + j));
                    });
                    for (i, row) in y.iter().enumerate() {
                        assert!((0..8).all(|k| row[k] == user + round + 10 * i + k / 3));
                    }
                }
            });
        }
    });
}
