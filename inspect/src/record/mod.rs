//! Makes the model of a program: records it, runs it, looks at what it makes.
mod listing;
mod memory;
mod picture;
mod times;
mod watch;

use crate::model::{FORMAT, Inspection, Listing, Roof};
use ferrotape_autograd::{Error, Feed, Params, Program, Rewrites, Tape, Var};
use listing::Kernels;

/// Looks at a program while it is run.
///
/// It is made from any recorded tape, of a user's own or of a [`Step`](ferrotape_nn::Step)
/// ([`Step::tape`](ferrotape_nn::Step::tape), [`Step::record`](ferrotape_nn::Step::record)).
///
/// ```
/// use ferrotape_autograd::{Feed, Params};
/// use ferrotape_inspect::{Inspector, write};
/// use ferrotape_nn::{Linear, Module, Sgd, Step};
///
/// let params = Params::seeded(7);
/// let model = Linear::new(&params, "fc", 4, 3);
/// let step = Step::new(|tape, n| {
///     let loss = model.forward(tape.feed([n, 4])).cross_entropy(tape.feed_u32(n));
///     loss.backward().step(Sgd::default());
///     vec![loss]
/// });
/// let tape = step.tape(&params);
/// let mut inspector = Inspector::of("one layer", &tape, &step.record(&tape, 2))?;
/// let (x, labels) = ([0.5f32; 8], [0u32, 2]);
/// let feeds: [Feed; 2] = [x[..].into(), labels[..].into()];
/// for _ in 0..3 {
///     inspector.look(&params, &feeds, true)?; // a training step whose values are kept
/// }
/// inspector.time(&params, &feeds, 5)?;
/// let inspection = inspector.finish();
/// assert!(inspection.steps[2].results[0].1 < inspection.steps[0].results[0].1, "the loss falls");
/// assert!(write::text(&inspection).contains("linear_wgrad"));
/// # Ok::<(), ferrotape_autograd::Error>(())
/// ```
#[derive(Debug)]
pub struct Inspector {
    model: Inspection,
    /// As recorded: the values of every instruction can be looked at.
    plain: Program,
    /// With everything fused, and no chains: every instruction can be timed.
    fused: Program,
    /// As it is run.
    run: Program,
}

impl Inspector {
    /// Looks at what is on `tape`; the values of `keep` are what a run is for.
    ///
    /// # Errors
    /// If the tape's device cannot be had, has no room, or has no kernel for an operation.
    ///
    /// # Panics
    /// If a variable comes from another tape.
    #[track_caller]
    pub fn of(title: &str, tape: &Tape<'_>, keep: &[Var<'_>]) -> Result<Self, Error> {
        let plain = tape.try_compile(keep, Rewrites::NONE)?;
        let fused = tape.try_compile(keep, Rewrites { chain: None, ..Rewrites::ALL })?;
        let run = tape.try_compile(keep, Rewrites::ALL)?;
        let mut kernels = Kernels::default();
        let code = tape.code();
        let recorded = listing::of(&code, plain.machine(), &mut kernels);
        let planned = listing::of(run.code(), run.machine(), &mut kernels);
        let mut memory = vec![memory::of("as recorded", &plain), memory::of("after fusion", &fused)];
        if !run.code().chains().is_empty() {
            memory.push(memory::of("as run, in chains", &run));
        }
        let model = Inspection {
            format: FORMAT,
            title: title.to_owned(),
            notes: Vec::new(),
            machine: run.machine().name(),
            roof: None,
            slots: listing::slots(&code, run.code()),
            fates: listing::fates(&code, &planned, run.code()),
            recorded,
            planned,
            memory,
            kernels: kernels.list,
            run_ns: None,
            steps: Vec::new(),
        };
        drop(code);
        Ok(Self { model, plain, fused, run })
    }

    /// Adds what else a reader should know, a line.
    pub fn note(&mut self, line: impl Into<String>) {
        self.model.notes.push(line.into());
    }

    /// States what the machine can do at most ([`Roof::calibrate`]).
    pub fn roof(&mut self, roof: Roof) {
        self.model.roof = Some(roof);
    }

    /// Runs the program once, as planned, without looking.
    ///
    /// # Errors
    /// If the feeds are not those declared, or the machine fails.
    ///
    /// # Panics
    /// As [`Program::run`].
    #[track_caller]
    pub fn run(&mut self, params: &Params, feeds: &[Feed<'_>]) -> Result<(), Error> {
        self.run.run(params, feeds).map(|_| ())
    }

    /// What is known now.
    pub fn inspection(&self) -> &Inspection {
        &self.model
    }

    /// What has been found.
    pub fn finish(self) -> Inspection {
        self.model
    }
}

/// The listing's instruction that does the work of these recorded ones.
fn same<'a>(listing: &'a mut Listing, recorded: &[usize]) -> Option<&'a mut crate::model::Instruction> {
    listing.instructions.iter_mut().find(|i| i.recorded == recorded)
}
