//! The tape: calling an operation appends an instruction and runs it.
mod append;
mod inputs;
mod module;

use crate::{
    Action, Code, DType, Device, Error, Machine, Params, Place, Program, Rewrites, Slot, SlotId, Type, Var,
    code::Data, layout, memory::Memory,
};
use ferrotape_kernels::Scalar;
use std::{
    cell::{Cell, Ref, RefCell},
    panic::Location,
    sync::Arc,
};

/// What is known of a tape besides its code.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    /// Parameters need gradients; dropout drops.
    pub training: bool,
    /// Instructions are appended and not run.
    pub dry: bool,
}

/// The gradient rule that runs.
#[derive(Copy, Clone, Debug)]
struct Rule {
    /// The line of the forward operation.
    loc: &'static Location<'static>,
    /// Its number.
    of: Option<usize>,
}

/// What asking a recording tape for a value is answered with.
const NO_VALUES: &str =
    "this tape only records: a recorded step cannot branch on values, and has none to show";

/// A growing program, run as it is written (or only recorded).
///
/// | constructor | operations | parameters |
/// |---|---|---|
/// | [`Tape::training`] | run at once | need gradients |
/// | [`Tape::inference`] | run at once | constant |
/// | [`Tape::recording`] | appended, not run | need gradients |
/// | [`Tape::recording_inference`] | appended, not run | constant |
///
/// A tape stays on its thread and borrows the parameter store; [`Tape::compile`] makes a [`Program`] of it that
/// does neither.
#[derive(Debug)]
pub struct Tape<'p> {
    params: &'p Params,
    code: RefCell<Code>,
    machine: RefCell<Option<Box<dyn Machine>>>,
    device: Device,
    mode: Mode,
    rule_of: Cell<Option<Rule>>,
    /// The part of the network that appends.
    module: RefCell<Option<Arc<str>>>,
    /// Where an update was appended.
    updated_at: Cell<Option<&'static Location<'static>>>,
    /// Version of the store when its first parameter was read.
    version: Cell<Option<u64>>,
    streams: Cell<u32>,
}

impl<'p> Tape<'p> {
    /// A tape that runs every operation at once, with gradients for the parameters, on the CPU.
    pub fn training(params: &'p Params) -> Self {
        Self::on(Device::Cpu, params, Mode { training: true, dry: false })
    }

    /// A tape that runs every operation at once and treats parameters as constants, on the CPU.
    pub fn inference(params: &'p Params) -> Self {
        Self::on(Device::Cpu, params, Mode { training: false, dry: false })
    }

    /// A tape that only records a training step: shapes are checked, nothing is computed, no parameter is touched.
    pub fn recording(params: &'p Params) -> Self {
        Self::on(Device::Cpu, params, Mode { training: true, dry: true })
    }

    /// A tape that only records an evaluation.
    pub fn recording_inference(params: &'p Params) -> Self {
        Self::on(Device::Cpu, params, Mode { training: false, dry: true })
    }

    /// The same tape on another device. To be called before anything is recorded.
    ///
    /// # Panics
    /// If something is already on the tape, or the device cannot be had.
    #[track_caller]
    pub fn with_device(self, device: Device) -> Self {
        assert!(self.code.borrow().slots.is_empty(), "with_device: the tape has been used");
        Self::on(device, self.params, self.mode)
    }

    #[track_caller]
    fn on(device: Device, params: &'p Params, mode: Mode) -> Self {
        let machine = (!mode.dry).then(|| device.machine().unwrap_or_else(|e| panic!("{e}")));
        Self {
            params,
            code: RefCell::default(),
            machine: RefCell::new(machine),
            device,
            mode,
            rule_of: Cell::new(None),
            module: RefCell::default(),
            updated_at: Cell::new(None),
            version: Cell::new(None),
            streams: Cell::new(0),
        }
    }

    /// Whether this is a training step rather than an evaluation.
    pub fn is_training(&self) -> bool {
        self.mode.training
    }

    /// Whether operations are recorded without being run.
    pub fn is_recording(&self) -> bool {
        self.mode.dry
    }

    /// The parameter store.
    pub fn params(&self) -> &'p Params {
        self.params
    }

    /// What has been recorded so far.
    pub fn code(&self) -> Ref<'_, Code> {
        self.code.borrow()
    }

    /// A number for the next random stream: dropout layers draw from streams 0, 1, 2, … in the order of recording.
    pub fn next_stream(&self) -> u32 {
        let stream = self.streams.get();
        self.streams.set(stream + 1);
        stream
    }

    /// # Panics
    /// If a variable is another tape's.
    #[track_caller]
    pub(crate) fn assert_mine(&self, what: &str, v: Var<'_>) {
        assert!(std::ptr::eq(v.tape(), self), "{what}: a variable comes from another tape");
    }

    pub(crate) fn note_update(&self, at: &'static Location<'static>) {
        self.updated_at.set(Some(at));
    }

    /// # Panics
    /// If a parameter this tape has read was changed since, by an update on this tape or otherwise.
    #[track_caller]
    pub(crate) fn assert_parameters_unchanged(&self) {
        if let Some(at) = self.updated_at.get() {
            panic!("backward: the parameters were changed at {at}, after this tape read them");
        }
        let Some(version) = self.version.get() else { return };
        if version == self.params.data.borrow().version {
            return;
        }
        match self.params.changed_at() {
            Some(at) => panic!("backward: the parameters were changed at {at}, after this tape read them"),
            None => panic!("backward: the parameters were changed after this tape read them"),
        }
    }

    /// Makes a program of what is on the tape; the values of `keep` can be read after each run.
    ///
    /// # Panics
    /// If a variable comes from another tape, or the device cannot be had.
    #[track_caller]
    pub fn compile(&self, keep: &[Var<'_>]) -> Program {
        self.compile_with(keep, Rewrites::ALL)
    }

    /// [`Tape::compile`] with some of the planner's rewrites only: the same bits, at another speed.
    ///
    /// # Panics
    /// As [`Tape::compile`].
    #[track_caller]
    pub fn compile_with(&self, keep: &[Var<'_>], rewrites: Rewrites) -> Program {
        self.try_compile(keep, rewrites).unwrap_or_else(|e| panic!("{e}"))
    }

    /// [`Tape::compile_with`], with what the device says as an error.
    ///
    /// # Errors
    /// If the device cannot be had, has no room, or has no kernel for an operation.
    ///
    /// # Panics
    /// If a variable comes from another tape.
    #[track_caller]
    pub fn try_compile(&self, keep: &[Var<'_>], rewrites: Rewrites) -> Result<Program, Error> {
        for &v in keep {
            self.assert_mine("compile", v);
        }
        let keep: Vec<SlotId> = keep.iter().map(|v| v.id()).collect();
        Program::new(self.snapshot(), &keep, &self.device, rewrites)
    }

    /// The code with the values of its inputs in it.
    pub(crate) fn snapshot(&self) -> Code {
        let mut code = self.code.borrow().clone();
        for k in 0..code.constants.len() {
            let (id, Data::OnMachine) = &code.constants[k] else { continue };
            let slot = *code.slot(*id);
            code.constants[k].1 = match slot.ty.dtype {
                DType::Real => Data::Real(self.read(&slot)),
                _ => Data::U32(self.read_u32(&slot)),
            };
        }
        code
    }

    fn why_no_machine(&self) -> &'static str {
        if self.mode.dry { NO_VALUES } else { "a kernel panicked on this tape: its values are lost" }
    }

    #[track_caller]
    pub(crate) fn read(&self, slot: &Slot) -> Vec<f32> {
        let machine = self.machine.borrow();
        let Some(machine) = machine.as_ref() else { panic!("{}", self.why_no_machine()) };
        let mut values = vec![0.0; slot.ty.len()];
        expect(machine.read(slot, self.params, &mut values));
        values
    }

    #[track_caller]
    pub(crate) fn read_u32(&self, slot: &Slot) -> Vec<u32> {
        let machine = self.machine.borrow();
        let Some(machine) = machine.as_ref() else { panic!("{}", self.why_no_machine()) };
        let mut values = vec![0; slot.ty.len()];
        expect(machine.read_u32(slot, &mut values));
        values
    }

    /// Copies the values of a slot in a buffer, exactly, into the same slot of another memory.
    pub(crate) fn raw<S: Scalar>(&self, slot: &Slot, into: &mut Memory<S>) {
        let Type { shape, dtype, layout } = slot.ty;
        match (slot.place, dtype) {
            (Place::Buffer(b), DType::Real) => {
                let values: Vec<S> = self.read(slot).into_iter().map(|v| S::from_f64(f64::from(v))).collect();
                layout::write(&values, &shape, layout, &mut into.reals[b as usize]);
            }
            (Place::Buffer(b), _) => {
                layout::write(&self.read_u32(slot), &shape, layout, &mut into.words[b as usize]);
            }
            _ => {}
        }
    }

    pub(crate) fn variant(&self, action: &Action, x: &[Type]) -> &'static str {
        self.machine.borrow().as_ref().map_or("", |m| m.variant(action, x))
    }
}

/// Eager execution has nobody to hand a device's error to.
#[track_caller]
fn expect<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|e| panic!("{e}"))
}
