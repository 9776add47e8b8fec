//! The tape: calling an operation appends an instruction and runs it.
use crate::{
    Action, Code, DType, Device, DynOp, Error, Feed, Instruction, Layout, Machine, Op, ParamId, Params,
    Phase, Place, Program, Slot, SlotId, Source, Type, Var,
    code::{Data, ParamUse},
    layout,
    memory::Memory,
    ops::Relayout,
};
use ferrotape_kernels::{Scalar, Shape};
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
    phase: Cell<Phase>,
    /// While a gradient rule runs: the line of the forward operation.
    rule_of: Cell<Option<&'static Location<'static>>>,
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
            phase: Cell::new(Phase::Forward),
            rule_of: Cell::new(None),
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

    /// An input with these values, in spoken order. No gradient flows into it.
    ///
    /// # Panics
    /// If there are not as many values as the shape holds.
    #[track_caller]
    pub fn input<'t>(&'t self, shape: impl Into<Shape>, values: &[f32]) -> Var<'t> {
        self.given(Type::real(shape), values.into(), false)
    }

    /// Likewise, for labels or indices.
    #[track_caller]
    pub fn input_u32<'t>(&'t self, values: &[u32]) -> Var<'t> {
        self.given(Type::u32([values.len()]), values.into(), false)
    }

    /// An input that wants a gradient: for checks and saliency maps.
    #[track_caller]
    pub fn variable<'t>(&'t self, shape: impl Into<Shape>, values: &[f32]) -> Var<'t> {
        self.given(Type::real(shape), values.into(), true)
    }

    /// Declares an input whose values come with each run of the program.
    ///
    /// # Panics
    /// On a tape that runs its operations at once.
    #[track_caller]
    pub fn feed(&self, shape: impl Into<Shape>) -> Var<'_> {
        self.declare(Type::real(shape))
    }

    /// Likewise, for labels or indices.
    #[track_caller]
    pub fn feed_u32(&self, len: usize) -> Var<'_> {
        self.declare(Type::u32([len]))
    }

    #[track_caller]
    fn declare(&self, ty: Type) -> Var<'_> {
        assert!(self.mode.dry, "feed: this tape runs at once; give it values with `input`");
        let mut code = self.code.borrow_mut();
        let id = code.push_buffer(ty, false);
        code.feeds.push(id);
        Var::new(self, id)
    }

    #[track_caller]
    fn given<'t>(&'t self, ty: Type, values: Feed<'_>, needs_grad: bool) -> Var<'t> {
        let given = values.len();
        assert_eq!(given, ty.len(), "input: shape {} holds {} values, {given} given", ty.shape, ty.len());
        let mut code = self.code.borrow_mut();
        let id = code.push_buffer(ty, needs_grad);
        match &mut *self.machine.borrow_mut() {
            Some(machine) => {
                let slot = code.slot(id);
                expect(machine.reserve(slot).and_then(|()| machine.write(slot, values)));
                code.constants.push((id, Data::OnMachine));
            }
            None => code.constants.push((id, Data::from(values))),
        }
        Var::new(self, id)
    }

    /// A parameter of the store this tape borrows.
    ///
    /// # Panics
    /// If it belongs to another store.
    #[track_caller]
    pub fn param(&self, p: ParamId) -> Var<'_> {
        let info = self.params.info(p);
        let mut code = self.code.borrow_mut();
        if let Some(used) = code.params.iter().find(|used| used.id == p) {
            return Var::new(self, used.slot);
        }
        if self.version.get().is_none() {
            self.version.set(Some(self.params.data.borrow().version));
        }
        let ty = Type { shape: info.shape, dtype: DType::Real, layout: info.layout };
        let needs_grad = self.mode.training && !info.frozen;
        let slot = code.push(Slot { ty, place: Place::Param(p), needs_grad });
        code.params.push(ParamUse { id: p, slot, name: info.name });
        Var::new(self, slot)
    }

    /// A data set, as an operand of [`Tape::gather`](crate::Tape::gather).
    pub fn source<'t>(&'t self, source: &Arc<dyn Source>) -> Var<'t> {
        let mut code = self.code.borrow_mut();
        let known = code.sources.iter().position(|s| Arc::ptr_eq(s, source));
        let number = known.unwrap_or_else(|| {
            code.sources.push(source.clone());
            if let Some(machine) = &mut *self.machine.borrow_mut() {
                expect(machine.add_source(source.clone()));
            }
            code.sources.len() - 1
        });
        let [c, h, w] = source.shape();
        let shape = Shape::from([source.len(), c, h, w]);
        let ty = Type { shape, dtype: DType::U8, layout: Layout::Rows };
        let id = code.push(Slot { ty, place: Place::Source(number as u32), needs_grad: false });
        Var::new(self, id)
    }

    /// Appends an operation with one output, and runs it unless the tape only records.
    ///
    /// # Panics
    /// If the shapes do not fit (the text names the rule and the numbers), or operands come from another tape.
    #[track_caller]
    pub fn apply<'t>(&'t self, op: impl Op, x: &[Var<'t>]) -> Var<'t> {
        self.apply_all(op, x)[0]
    }

    /// Likewise, with all outputs.
    #[track_caller]
    pub fn apply_all<'t>(&'t self, op: impl Op, x: &[Var<'t>]) -> Vec<Var<'t>> {
        self.append(Arc::new(op), x, Location::caller())
    }

    #[track_caller]
    fn append<'t>(
        &'t self,
        op: Arc<dyn DynOp>,
        x: &[Var<'t>],
        caller: &'static Location<'static>,
    ) -> Vec<Var<'t>> {
        for v in x {
            assert!(std::ptr::eq(v.tape(), self), "{}: operands come from two tapes", op.name());
        }
        let loc = self.rule_of.get().unwrap_or(caller);
        let x = self.in_wanted_layouts(&*op, x);
        let types: Vec<Type> = x.iter().map(|v| v.ty()).collect();
        let outputs = match op.infer(&types) {
            Ok(outputs) => outputs,
            Err(e) if self.rule_of.get().is_some() => {
                panic!("{}: {e}\n  in the gradient of the operation at {loc}", op.name())
            }
            Err(e) => panic!("{}: {e}", op.name()),
        };
        let needs = x.iter().any(|v| v.needs_grad());
        let mut code = self.code.borrow_mut();
        let flows = |j: usize| needs && outputs[j].dtype == DType::Real && op.has_gradient(j);
        let y: Vec<SlotId> = (0..outputs.len()).map(|j| code.push_buffer(outputs[j], flows(j))).collect();
        let x = x.iter().map(|v| v.id()).collect();
        let action = Action::Compute(op);
        drop(code);
        self.emit(Instruction { action, x, y: y.clone(), phase: self.phase.get(), loc });
        y.into_iter().map(|id| Var::new(self, id)).collect()
    }

    fn in_wanted_layouts<'t>(&'t self, op: &dyn DynOp, x: &[Var<'t>]) -> Vec<Var<'t>> {
        let types: Vec<Type> = x.iter().map(|v| v.ty()).collect();
        let fix = |(i, &v): (usize, &Var<'t>)| {
            let (ty, wanted) = (types[i], op.wants(i, &types));
            let fits = ty.dtype != DType::Real || ty.layout == wanted || !wanted.fits(ty.shape.rank());
            if fits { v } else { self.apply(Relayout(wanted), &[v]) }
        };
        x.iter().enumerate().map(fix).collect()
    }

    /// Runs an instruction, unless the tape only records, and keeps it. No borrow is held while a kernel runs.
    pub(crate) fn emit(&self, i: Instruction) {
        let machine = self.machine.borrow_mut().take();
        if let Some(mut machine) = machine {
            let slots = std::mem::take(&mut self.code.borrow_mut().slots);
            i.y.iter().for_each(|y| expect(machine.reserve(&slots[y.index()])));
            expect(machine.execute(&i, &slots, &mut self.params.data.borrow_mut()));
            self.code.borrow_mut().slots = slots;
            self.machine.replace(Some(machine));
        }
        self.code.borrow_mut().instructions.push(i);
    }

    /// Runs `rule` with everything it appends marked as part of the backward pass of `loc`.
    pub(crate) fn in_backward<T>(&self, loc: &'static Location<'static>, rule: impl FnOnce() -> T) -> T {
        let before = (self.phase.replace(Phase::Backward), self.rule_of.replace(Some(loc)));
        let result = rule();
        self.phase.set(before.0);
        self.rule_of.set(before.1);
        result
    }

    /// # Panics
    /// If a parameter this tape has read was changed since.
    #[track_caller]
    pub(crate) fn assert_parameters_unchanged(&self) {
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
        for v in keep {
            assert!(std::ptr::eq(v.tape(), self), "compile: a variable comes from another tape");
        }
        let keep: Vec<SlotId> = keep.iter().map(|v| v.id()).collect();
        Program::new(self.snapshot(), &keep, &self.device).unwrap_or_else(|e| panic!("{e}"))
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

    #[track_caller]
    pub(crate) fn read(&self, slot: &Slot) -> Vec<f32> {
        let machine = self.machine.borrow();
        let machine = machine.as_ref().unwrap_or_else(|| {
            panic!("this tape only records: a recorded step cannot branch on values, and has none to show")
        });
        let mut values = vec![0.0; slot.ty.len()];
        expect(machine.read(slot, &self.params.data.borrow(), &mut values));
        values
    }

    #[track_caller]
    pub(crate) fn read_u32(&self, slot: &Slot) -> Vec<u32> {
        let machine = self.machine.borrow();
        let machine = machine.as_ref().unwrap_or_else(|| {
            panic!("this tape only records: a recorded step cannot branch on values, and has none to show")
        });
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

    pub(crate) fn variant(&self, op: &dyn DynOp, x: &[Type]) -> &'static str {
        self.machine.borrow().as_ref().map_or("", |m| m.variant(op, x))
    }
}

/// Eager execution has nobody to hand a device's error to.
#[track_caller]
fn expect<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|e| panic!("{e}"))
}
