//! A few seconds of the full run, which is `cargo run -p ferrotape-fuzz`.
use ferrotape_fuzz::{Plan, memory, readers, run};
use std::{thread, time::Duration};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

#[test]
fn no_reader_panics_hangs_takes_too_much_or_writes_elsewhere() {
    assert!(memory::is_counting());
    let plan = |name: &str| {
        let cases = if name == "report" { 5 } else { 400 };
        Plan { seed: 1, first: 0, cases, time: Duration::MAX, keep: None }
    };
    let all = readers::all();
    let failures: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> =
            all.iter().map(|reader| scope.spawn(|| run(&**reader, &plan(reader.name())))).collect();
        runs.into_iter().map(|run| run.join().expect("no panic beside the readers'")).collect()
    });
    for (reader, figures) in all.iter().zip(failures) {
        assert!(figures.failures.is_empty(), "{}", figures.failures[0]);
        // Mutations that are all refused at the door, or all without consequence, would find nothing.
        assert!(figures.accepted > 0 && figures.accepted < figures.cases, "{}: {figures:?}", reader.name());
    }
}
