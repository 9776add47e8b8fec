//! Steps: recorded once for each batch size, then replayed.
use ferrotape_autograd::{Device, Error, Feed, Outputs, Params, Program, Rewrites, Tape, Var};
use std::{collections::BTreeMap, fmt};

/// What one step does, as a program for each batch size: 50, and the smaller last batch.
///
/// ```
/// use ferrotape_autograd::{Feed, Params};
/// use ferrotape_nn::{Linear, Module, Sgd, Step};
///
/// let params = Params::seeded(7);
/// let model = Linear::new(&params, "fc", 4, 3);
/// let mut step = Step::new(|tape, n| {
///     let (x, labels) = (tape.feed([n, 4]), tape.feed_u32(n));
///     let loss = model.forward(x).cross_entropy(labels);
///     loss.backward().step(Sgd::default());
///     vec![loss]
/// });
/// let (x, labels) = ([1.0f32; 8], [0u32, 2]);
/// let feeds: [Feed; 2] = [x[..].into(), labels[..].into()];
/// let before = step.run_with(&params, 2, &feeds)?[0];
/// let after = step.run_with(&params, 2, &feeds)?[0];
/// assert!(after < before);
/// # Ok::<(), ferrotape_autograd::Error>(())
/// ```
pub struct Step<F> {
    record: F,
    training: bool,
    device: Device,
    rewrites: Rewrites,
    programs: BTreeMap<usize, Program>,
    /// What was frozen when they were recorded, as the store counts it.
    structure: u64,
}

impl<F> Step<F>
where
    F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// A training step: `record` is called with a tape that only records and a batch size, and returns what is to
    /// be read after each run.
    pub fn new(record: F) -> Self {
        Self {
            record,
            training: true,
            device: Device::Cpu,
            rewrites: Rewrites::ALL,
            programs: BTreeMap::new(),
            structure: 0,
        }
    }

    /// An evaluation: parameters are constants, dropout passes through.
    pub fn evaluation(record: F) -> Self {
        Self { training: false, ..Self::new(record) }
    }

    /// The same step on another device.
    pub fn on(self, device: Device) -> Self {
        Self { device, programs: BTreeMap::new(), ..self }
    }

    /// The same step with some of the planner's rewrites only.
    pub fn planned(self, rewrites: Rewrites) -> Self {
        Self { rewrites, programs: BTreeMap::new(), ..self }
    }

    /// Runs the step on a batch given by its indices in the data set, the program's only input.
    ///
    /// # Errors
    /// If the program declares other inputs, or its machine fails.
    #[track_caller]
    pub fn run(&mut self, params: &Params, batch: &[u32]) -> Result<&Outputs, Error> {
        self.run_with(params, batch.len(), &[Feed::U32(batch)])
    }

    /// Runs the step for batch size `n` with any inputs, in the order they were declared.
    ///
    /// # Errors
    /// If the feeds are not the inputs declared, or the machine fails.
    #[track_caller]
    pub fn run_with(&mut self, params: &Params, n: usize, feeds: &[Feed<'_>]) -> Result<&Outputs, Error> {
        self.program(params, n)?.run(params, feeds)
    }

    /// The program for batch size `n`, recorded if this is the first call for it, or the first since a parameter was
    /// frozen or freed. Printing it is the listing.
    ///
    /// # Errors
    /// If the device cannot be had, has no room, or has no kernel for an operation.
    pub fn program(&mut self, params: &Params, n: usize) -> Result<&mut Program, Error> {
        let now = params.data().structure;
        if std::mem::replace(&mut self.structure, now) != now {
            self.programs.clear();
        }
        if !self.programs.contains_key(&n) {
            let tape = self.tape(params);
            let program = tape.try_compile(&self.record(&tape, n), self.rewrites)?;
            self.programs.insert(n, program);
        }
        Ok(self.programs.get_mut(&n).expect("it is there"))
    }

    /// An empty tape of the kind that its programs are recorded on: to be recorded by [`Step::record`], and looked at.
    pub fn tape<'p>(&self, params: &'p Params) -> Tape<'p> {
        let tape = if self.training { Tape::recording(params) } else { Tape::recording_inference(params) };
        tape.with_device(self.device.clone())
    }

    /// Appends the step for batch size `n` to `tape`; what is to be read after each run.
    pub fn record<'t>(&self, tape: &'t Tape<'t>, n: usize) -> Vec<Var<'t>> {
        (self.record)(tape, n)
    }
}

impl<F> fmt::Debug for Step<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<_> = self.programs.keys().collect();
        f.debug_struct("Step").field("training", &self.training).field("batch_sizes", &sizes).finish()
    }
}
