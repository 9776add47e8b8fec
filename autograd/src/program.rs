//! Programs: a recorded tape made ready to run many times.
use crate::{
    Action, Code, DType, Device, Error, Feed, Machine, ParamInfo, Params, Place, Rewrites, SlotId, Type,
    layout, plan::plan,
};
use std::{ops::Index, time::Duration};

/// A compiled tape with its machine. It borrows nothing and is `Send`.
///
/// A run records nothing, checks no shape and, from the second on, allocates nothing.
#[derive(Debug)]
pub struct Program {
    pub(crate) code: Code,
    pub(crate) machine: Box<dyn Machine>,
    keep: Vec<SlotId>,
    outputs: Outputs,
    /// Set while it runs: a kernel that panics takes buffers with it.
    broken: bool,
    /// Where the first update stands, to be named when a tape finds its parameters changed.
    updated_at: Option<&'static std::panic::Location<'static>>,
}

/// The kept values of the last run.
#[derive(Clone, Debug)]
pub struct Outputs {
    pub(crate) values: Vec<Vec<f32>>,
}

impl Outputs {
    /// Values of the `k`-th kept variable, in spoken order.
    pub fn values(&self, k: usize) -> &[f32] {
        &self.values[k]
    }

    /// Whether as many values of as many variables are kept.
    pub(crate) fn like(&self, other: &Self) -> bool {
        let sizes = |o: &Self| o.values.iter().map(Vec::len).collect::<Vec<_>>();
        sizes(self) == sizes(other)
    }

    /// How many variables are kept.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// `outputs[k]`: the `k`-th kept variable, which is one number.
impl Index<usize> for Outputs {
    type Output = f32;
    #[track_caller]
    fn index(&self, k: usize) -> &f32 {
        let [value] = &self.values[k][..] else {
            panic!("output {k} has {} values; use values({k})", self.values[k].len())
        };
        value
    }
}

impl Program {
    pub(crate) fn new(
        code: Code,
        keep: &[SlotId],
        device: &Device,
        rewrites: Rewrites,
    ) -> Result<Self, Error> {
        // Chains keep activations in a cache: they are for the CPU.
        let rewrites = match device {
            Device::Cpu | Device::CpuWith(_) => Rewrites { gather: false, ..rewrites },
            _ if device.runs_ahead() => Rewrites { chain: None, ..rewrites },
            _ => rewrites,
        };
        let code = plan(code, keep, rewrites);
        let mut machine = device.machine()?;
        for source in &code.sources {
            machine.add_source(source.clone())?;
        }
        machine.prepare(&code)?;
        for (id, data) in &code.constants {
            machine.write(code.slot(*id), data.feed())?;
        }
        let values = keep.iter().map(|&id| vec![0.0; kept(&code.slot(id).ty).len()]).collect();
        let mut updates = code.instructions.iter().filter(|i| matches!(i.action, Action::Update(..)));
        let updated_at = updates.next().map(|i| i.loc);
        let outputs = Outputs { values };
        Ok(Self { machine, keep: keep.to_vec(), outputs, broken: false, updated_at, code })
    }

    /// Runs the program once: `feeds` in the order they were declared, each in the order of its layout.
    ///
    /// # Errors
    /// If the feeds are not those declared, or the machine fails.
    ///
    /// # Panics
    /// If the program was recorded with another store, if a parameter it updates has been frozen since, or if a kernel
    /// panicked in an earlier run.
    #[track_caller]
    pub fn run(&mut self, params: &Params, feeds: &[Feed<'_>]) -> Result<&Outputs, Error> {
        self.run_with(params, feeds, None)
    }

    /// [`Self::run`], adding the time that each instruction takes to `times`; that of a chain to its first one.
    ///
    /// # Errors
    /// As [`Self::run`].
    ///
    /// # Panics
    /// As [`Self::run`], and if there are not as many `times` as instructions.
    #[track_caller]
    pub fn run_timed(
        &mut self,
        params: &Params,
        feeds: &[Feed<'_>],
        times: &mut [Duration],
    ) -> Result<&Outputs, Error> {
        assert_eq!(times.len(), self.code.instructions.len(), "one time an instruction");
        self.run_with(params, feeds, Some(times))
    }

    /// [`Self::run`], calling `watch` after each instruction with its number and the machine, whose memory holds what the
    /// instruction has made. The gradients and values of parameters, which are the store's, are to be read after the run.
    ///
    /// # Errors
    /// As [`Self::run`].
    ///
    /// # Panics
    /// As [`Self::run`], and if the program has chains ([`Rewrites::chain`]): what they make for a chunk of images only can be
    /// read nowhere.
    #[track_caller]
    pub fn run_watched(
        &mut self,
        params: &Params,
        feeds: &[Feed<'_>],
        mut watch: impl FnMut(usize, &dyn Machine),
    ) -> Result<(), Error> {
        assert!(self.code.chains.is_empty(), "run_watched: this program was planned with chains");
        self.assert_own(params);
        self.assert_ready(params);
        self.code.check_feeds(feeds)?;
        self.broken = true;
        self.machine.run_watched(&self.code, feeds, params, &mut watch)?;
        self.broken = false;
        self.note_update(params);
        Ok(())
    }

    #[track_caller]
    fn run_with(
        &mut self,
        params: &Params,
        feeds: &[Feed<'_>],
        times: Option<&mut [Duration]>,
    ) -> Result<&Outputs, Error> {
        self.assert_own(params);
        self.assert_ready(params);
        self.code.check_feeds(feeds)?;
        self.run_checked(params, feeds, times)
    }

    /// Runs the program with a store and feeds that were checked.
    pub(crate) fn run_checked(
        &mut self,
        params: &Params,
        feeds: &[Feed<'_>],
        times: Option<&mut [Duration]>,
    ) -> Result<&Outputs, Error> {
        self.broken = true;
        self.machine.run(&self.code, feeds, params, times)?;
        self.broken = false;
        for (id, values) in self.keep.iter().zip(&mut self.outputs.values) {
            let slot = self.code.slot(*id);
            match slot.place {
                Place::Fed(k) => read_fed(&feeds[k as usize], &slot.ty, values),
                _ => self.machine.read(slot, params, values)?,
            }
        }
        self.note_update(params);
        Ok(&self.outputs)
    }

    /// Whether it updates parameters.
    pub(crate) fn updates(&self) -> bool {
        self.updated_at.is_some()
    }

    /// Has the store remember where it was changed.
    pub(crate) fn note_update(&self, params: &Params) {
        if let Some(at) = self.updated_at {
            params.note_change(at);
        }
    }

    /// # Panics
    /// If it was recorded with another store.
    #[track_caller]
    pub(crate) fn assert_own(&self, params: &Params) {
        for used in &self.code.params {
            params.check(used.id);
        }
    }

    /// # Panics
    /// If the store has no such parameters as it was recorded with, if one that it updates has been frozen since, or if a kernel
    /// panicked in an earlier run.
    #[track_caller]
    pub(crate) fn assert_ready(&self, params: &Params) {
        let table = params.table();
        for used in &self.code.params {
            let Type { shape, layout, .. } = self.code.slot(used.slot).ty;
            let like = |p: &ParamInfo| (&p.name, p.shape, p.layout) == (&used.name, shape, layout);
            let there = table.get(used.id.index()).is_some_and(like);
            assert!(there, "parameter {} of this program is not one of the store's", used.name);
        }
        assert!(!self.broken, "a kernel panicked in an earlier run of this program: its buffers are lost");
        self.code.assert_learning(&table);
    }

    /// The kept values of the last run.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// The slots whose values can be read after each run.
    pub fn kept(&self) -> &[SlotId] {
        &self.keep
    }

    /// The instructions, as planned.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The machine that runs it.
    pub fn machine(&self) -> &dyn Machine {
        &*self.machine
    }
}

/// A fed value in spoken order: the caller may keep an input.
fn read_fed(feed: &Feed<'_>, ty: &Type, values: &mut [f32]) {
    let Feed::Real(x) = feed else { panic!("only real values can be kept") };
    layout::read(x, &ty.shape, ty.layout, values);
}

fn kept(ty: &Type) -> &Type {
    assert!(ty.dtype == DType::Real, "compile: only real values can be kept, not {ty}");
    ty
}

impl Code {
    /// # Panics
    /// If a parameter is frozen that the program was recorded to update.
    #[track_caller]
    fn assert_learning(&self, table: &[ParamInfo]) {
        for i in &self.instructions {
            if let Action::Update(_, ids) = &i.action
                && let Some(p) = ids.iter().map(|p| &table[p.index()]).find(|p| p.frozen)
            {
                panic!(
                    "parameter {} was frozen after this program was recorded to update it; record it anew",
                    p.name
                );
            }
        }
    }

    /// # Errors
    /// If `feeds` are not the inputs declared.
    pub(crate) fn check_feeds(&self, feeds: &[Feed<'_>]) -> Result<(), Error> {
        if feeds.len() != self.feeds.len() {
            return Err(Error::FeedCount { expected: self.feeds.len(), given: feeds.len() });
        }
        for (index, (id, feed)) in self.feeds.iter().zip(feeds).enumerate() {
            let ty = self.slot(*id).ty;
            if (feed.dtype(), feed.len()) != (ty.dtype, ty.len()) {
                return Err(Error::Feed { index, ty, given: feed.len(), dtype: feed.dtype() });
            }
        }
        Ok(())
    }
}
