//! What the types promise, and what a mistake is answered with.
use ferrotape_autograd::{Feed, Layout, ParamId, Params, Program, Sgd, Tape};
use ferrotape_nn::Step;
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PLACE: Cell<u32> = const { Cell::new(0) };
}

/// The text that `f` panics with, and the line of this file that is blamed.
fn panics<T>(f: impl FnOnce() -> T) -> (String, u32) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = take_hook();
        set_hook(Box::new(move |info| match (WATCHED.get(), info.location()) {
            (true, Some(at)) if at.file() == file!() => PLACE.set(at.line()),
            (true, _) => PLACE.set(0),
            (false, _) => default(info),
        }));
    });
    WATCHED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(f));
    WATCHED.set(false);
    let payload = outcome.err().expect("a panic");
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref().copied());
    (text.expect("a text").into(), PLACE.get())
}

fn one_weight() -> (Params, ParamId) {
    let params = Params::default();
    let w = params.add("w", [2], Layout::Rows, &[3.0, 4.0]);
    (params, w)
}

/// A training may move to another thread, as a whole.
#[test]
fn stores_and_programs_are_send() {
    fn send<T: Send>() {}
    send::<Params>();
    send::<Program>();
}

#[test]
fn a_program_runs_on_another_thread() {
    let (params, w) = one_weight();
    let tape = Tape::recording(&params);
    let loss = tape.param(w).sum_of_squares();
    loss.backward().step(Sgd::default());
    let mut program = tape.compile(&[loss]);
    let run = move || (program.run(&params, &[]).expect("no feeds")[0], params.values(w));
    let (loss, w) = std::thread::spawn(run).join().expect("no panic");
    assert_eq!((loss, w), (25.0, vec![2.994, 3.992]));
}

#[test]
fn a_parameter_of_another_store() {
    let (params, _) = one_weight();
    let (_other, w) = one_weight();
    let tape = Tape::training(&params);
    let foreign = || tape.param(w);
    assert_eq!(panics(foreign), ("parameter 0 belongs to another store".into(), line!() - 1));
}

#[test]
fn a_program_of_another_store() {
    let (params, w) = one_weight();
    let (other, _) = one_weight();
    let tape = Tape::recording(&params);
    let mut program = tape.compile(&[tape.param(w).sum()]);
    let foreign = || program.run(&other, &[]).map(drop);
    assert_eq!(panics(foreign), ("parameter 0 belongs to another store".into(), line!() - 1));
}

#[test]
fn variables_of_two_tapes() {
    let params = Params::default();
    let [a, b] = [Tape::inference(&params), Tape::inference(&params)];
    let (x, y) = (a.input([2], &[1.0, 2.0]), b.input([2], &[3.0, 4.0]));
    let mixed = || x + y;
    assert_eq!(panics(mixed), ("add: a variable comes from another tape".into(), line!() - 1));
}

/// A foreign variable would be looked up by its number, and another's gradient be handed out.
#[test]
fn gradients_of_another_tape() {
    let (params, w) = one_weight();
    let [a, b] = [Tape::training(&params), Tape::training(&params)];
    let loss = a.param(w).sum_of_squares();
    let foreign = b.param(w);
    let seed = || loss.backward_with(b.input([], &[1.0]));
    assert_eq!(panics(seed), ("backward: a variable comes from another tape".into(), line!() - 1));
    let gradients = loss.backward();
    let look = || gradients.get(foreign);
    assert_eq!(panics(look), ("gradient: a variable comes from another tape".into(), line!() - 1));
}

/// On a tape that only records no value changes, yet the program would differentiate at values that are gone.
#[test]
fn backward_after_a_recorded_update() {
    let (params, w) = one_weight();
    let tape = Tape::recording(&params);
    let loss = tape.param(w).sum_of_squares();
    loss.backward().step(Sgd::default());
    let late = || loss.backward();
    let (text, line) = panics(late);
    assert_eq!(line, line!() - 2);
    assert!(text.contains(&format!("changed at tests/tests/misuse.rs:{}:", line - 1)), "{text}");
}

/// A program goes on updating what it was recorded to update, so freezing is refused there; a step records anew.
#[test]
fn freezing_after_recording() {
    let (params, w) = one_weight();
    let b = params.add("b", [2], Layout::Rows, &[1.0, 2.0]);
    let mut step = Step::new(|tape, _| {
        let loss = (tape.param(w) + tape.param(b)).sum_of_squares();
        loss.backward().step(Sgd::default());
        vec![loss]
    });
    let tape = Tape::recording(&params);
    tape.param(b).sum_of_squares().backward().step(Sgd::default());
    let mut program = tape.compile(&[]);
    step.run_with(&params, 1, &[]).expect("no feeds");
    params.freeze(b, true);
    let frozen = params.values(b);
    let before = params.values(w);
    step.run_with(&params, 1, &[]).expect("no feeds");
    assert_eq!(params.values(b), frozen);
    assert_ne!(params.values(w), before);
    let stale = || program.run(&params, &[]).map(drop);
    let (text, line) = panics(stale);
    assert_eq!(line, line!() - 2);
    assert!(text.starts_with("parameter b was frozen after this program was recorded"), "{text}");
}

/// A program whose kernel panicked has lost buffers; it says so instead of computing with what is left.
#[test]
fn a_program_whose_kernel_panicked() {
    let params = Params::default();
    let tape = Tape::recording(&params);
    let (x, labels) = (tape.feed([1, 3]), tape.feed_u32(1));
    let mut program = tape.compile(&[x.cross_entropy(labels)]);
    let mut run = |label: u32| program.run(&params, &[Feed::Real(&[0.0; 3]), Feed::U32(&[label])]).map(drop);
    assert!(panics(|| run(3)).0.contains("row 0 has label 3"));
    assert!(panics(|| run(1)).0.contains("its buffers are lost"));
}

/// After an update the values that the forward pass used are gone: both lines are named.
#[test]
fn backward_after_an_update() {
    let (params, w) = one_weight();
    let tape = Tape::training(&params);
    let loss = tape.param(w).sum_of_squares();
    loss.backward().step(Sgd::default());
    let update = line!() - 1;
    let late = || loss.backward();
    let (text, line) = panics(late);
    assert_eq!(line, update + 2);
    let expected = format!("the parameters were changed at tests/tests/misuse.rs:{update}:");
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn values_on_a_recording_tape() {
    let params = Params::default();
    let tape = Tape::recording(&params);
    let x = tape.feed([1]);
    let ruling = "this tape only records: a recorded step cannot branch on values, and has none to show";
    assert_eq!(panics(|| x.item()), (ruling.into(), line!()));
    assert_eq!(panics(|| x.values()), (ruling.into(), line!()));
}

#[test]
fn feeds_that_were_not_declared() {
    let params = Params::default();
    let tape = Tape::recording(&params);
    let (x, labels) = (tape.feed([2, 3]), tape.feed_u32(2));
    let mut program = tape.compile(&[x.cross_entropy(labels)]);
    let (reals, words) = ([0.0; 6], [0, 1]);
    let mut run =
        |feeds: &[Feed<'_>]| program.run(&params, feeds).map(|out| out[0]).map_err(|e| e.to_string());
    assert_eq!(run(&[Feed::Real(&reals), Feed::U32(&words)]), Ok(3_f32.ln()));
    for (feeds, text) in [
        (&[Feed::Real(&reals)][..], "the program declares 2 inputs, 1 given"),
        (
            &[Feed::Real(&reals[..5]), Feed::U32(&words)],
            "input 0 is declared [2, 3] (6 values), got 5 of Real",
        ),
        (
            &[Feed::Real(&reals), Feed::Real(&reals[..2])],
            "input 1 is declared [2] u32 (2 values), got 2 of Real",
        ),
    ] {
        assert_eq!(run(feeds), Err(text.into()));
    }
}
