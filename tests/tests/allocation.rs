//! A program allocates nothing after its first run.
//!
//! Allocations are counted process-wide, worker threads included; so this file holds one test, with nothing beside it.
use ferrotape_autograd::{Device, Error, Feed, Input, Params, Program};
use ferrotape_nn::{
    Adam, Module, Step,
    models::{Network, TABLE_A, Variant},
};
use ferrotape_tests::{Task, noise, recorded};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are those of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: likewise.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations in the second to fourth run.
fn allocations(program: &mut Program, params: &Params, batch: &[u32]) -> Result<usize, Error> {
    program.run(params, &[Feed::U32(batch)])?;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..3 {
        program.run(params, &[Feed::U32(batch)])?;
    }
    Ok(ALLOCATIONS.load(Ordering::Relaxed) - before)
}

#[test]
fn a_program_allocates_nothing_after_its_first_run() -> Result<(), Error> {
    let batch: Vec<u32> = (0..50).collect();
    for threads in [1, 2] {
        let device = Device::threads(threads)?;
        let task = Task { source: noise(50, [3, 32, 32]), input: Input::Rgb, device: device.clone() };
        let params = Params::seeded(7);
        let network = Network::find(TABLE_A, "cnn_3").expect("in the table");
        let model = network.build(&params, &Variant::default());
        let mut step = recorded(&task, &model, Adam::default());
        let training = allocations(step.program(&params, 50)?, &params, &batch)?;
        let evaluate = Step::evaluation(|tape, n| {
            let (x, labels) = tape.batch(&task.source, task.input, n);
            vec![model.forward(x).count_correct(labels)]
        });
        let evaluation = allocations(evaluate.on(device).program(&params, 50)?, &params, &batch)?;
        assert_eq!((training, evaluation), (0, 0), "allocations in 3 runs on {threads} threads");
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    drop(std::hint::black_box(vec![0_u8; 100]));
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 1, "the counter counts");
    Ok(())
}
