//! The reference machine in any scalar: a recorded program run again in f64, in dual numbers, with error bounds.
use crate::{
    Arithmetic, Code, DType, Error, Feed, In, Instruction, ParamData, Params, Place, Program, Rewrites, Slot,
    SlotId, Tape, Type, Var, layout,
    machine::Definitions,
    memory::{Inputs, Memory, Owned, Value},
    plan::plan,
};

/// A program on the reference machine in the scalar `S`, with parameters of its own.
///
/// No user code is generic: a step recorded once in f32 runs here unchanged. In f64 it is the judge of finite
/// differences, in [`Dual`](crate::Dual) it gives exact directional derivatives, of the gradients too.
#[derive(Debug)]
pub struct Replay<S> {
    code: Code,
    memory: Memory<S>,
    inputs: Owned<S>,
    /// Slots in buffers whose values outlive a run.
    kept: Vec<SlotId>,
    /// The parameters, independent of the store they were copied from.
    pub params: ParamData<S>,
}

impl Program {
    /// This program on the reference machine in `S`, starting from the present state of `params`.
    pub fn replay<S: Arithmetic>(&self, params: &Params) -> Replay<S> {
        Replay::new(self.code.clone(), self.kept(), params.data().cast())
    }
}

impl Tape<'_> {
    /// What is on this tape, on the reference machine in `S`; the values of `keep` can be read after each run.
    ///
    /// # Panics
    /// If a variable comes from another tape.
    #[track_caller]
    pub fn replay<S: Arithmetic>(&self, keep: &[Var<'_>]) -> Replay<S> {
        for &v in keep {
            self.assert_mine("replay", v);
        }
        let keep: Vec<SlotId> = keep.iter().map(|v| v.id()).collect();
        Replay::of(self.snapshot(), &keep, self.params().data().cast())
    }
}

impl<S: Arithmetic> Replay<S> {
    /// `code` as it was recorded; the values of `keep` can be read after each run.
    pub(crate) fn of(code: Code, keep: &[SlotId], params: ParamData<S>) -> Self {
        Self::new(plan(code, keep, Rewrites::NONE), keep, params)
    }

    fn new(code: Code, keep: &[SlotId], params: ParamData<S>) -> Self {
        let mut memory = Memory { sources: code.sources.clone(), ..Memory::default() };
        code.given().chain(code.written()).for_each(|id| memory.reserve(code.slot(*id)));
        for (id, data) in &code.constants {
            write(&mut memory, code.slot(*id), data.feed());
        }
        let kept = keep.iter().chain(code.given()).copied().collect();
        let input = |id: &SlotId| match code.slot(*id).ty {
            ty if ty.dtype == DType::Real => Value::Reals(vec![S::ZERO; ty.len()]),
            ty => Value::Words(vec![0; ty.len()]),
        };
        let inputs = Owned(code.feeds.iter().map(input).collect());
        Self { memory, inputs, kept, params, code }
    }

    /// Runs the program once.
    ///
    /// # Errors
    /// If the feeds are not those declared.
    pub fn run(&mut self, feeds: &[Feed<'_>]) -> Result<(), Error> {
        self.feed(feeds)?;
        for i in &self.code.instructions {
            self.memory.execute(i, &self.code.slots, &self.inputs, &mut self.params, &Definitions);
        }
        Ok(())
    }

    /// Runs the program up to the first instruction, by number, after which `stop` says so.
    pub(crate) fn run_until(
        &mut self,
        feeds: &[Feed<'_>],
        mut stop: impl FnMut(&Self, &Instruction) -> bool,
    ) -> Result<Option<usize>, Error> {
        self.feed(feeds)?;
        for k in 0..self.code.instructions.len() {
            let i = self.code.instructions[k].clone();
            self.memory.execute(&i, &self.code.slots, &self.inputs, &mut self.params, &Definitions);
            if stop(self, &i) {
                return Ok(Some(k));
            }
        }
        Ok(None)
    }

    fn feed(&mut self, feeds: &[Feed<'_>]) -> Result<(), Error> {
        self.code.check_feeds(feeds)?;
        for (input, feed) in self.inputs.0.iter_mut().zip(feeds) {
            *input = match feed {
                Feed::Real(x) => Value::Reals(x.iter().map(|&v| S::from_f64(f64::from(v))).collect()),
                Feed::U32(x) => Value::Words(x.to_vec()),
            };
        }
        Ok(())
    }

    /// Real values of a slot as they lie now, wherever that is; none of a data set or of integers.
    pub(crate) fn reals(&self, id: SlotId) -> Option<&[S]> {
        let slot = self.code.slot(id);
        match (slot.place, slot.ty.dtype) {
            (Place::Source(_), _) => None,
            (Place::Fed(k), DType::Real) => match self.inputs.input(k) {
                In::Real(x) => Some(x),
                _ => None,
            },
            (_, DType::Real) => Some(self.memory.reals(slot, &self.params)),
            _ => None,
        }
    }

    /// Sets the values of an input that was given when recording, or of a parameter, in spoken order.
    ///
    /// # Panics
    /// If there are not as many as its shape holds, or it is neither.
    #[track_caller]
    pub fn set(&mut self, id: SlotId, values: &[S]) {
        let slot = *self.code.slot(id);
        assert!(
            matches!(slot.place, Place::Param(_))
                || self.code.constants.iter().any(|(given, _)| *given == id),
            "set: {id} is neither a given input nor a parameter"
        );
        let Type { shape, layout, .. } = slot.ty;
        let (len, given) = (shape.len(), values.len());
        assert!(len == given, "set: shape {shape} holds {len} values, {given} given");
        match slot.place {
            Place::Param(p) => {
                let range = self.params.table[p.index()].range.clone();
                layout::write(values, &shape, layout, &mut self.params.values[range]);
            }
            Place::Buffer(b) => {
                layout::write(values, &shape, layout, &mut self.memory.reals[b as usize][..len])
            }
            place => unreachable!("no input lies in {place:?}"),
        }
    }

    /// Values of a kept slot, of an input or of a parameter, in spoken order.
    ///
    /// # Panics
    /// For any other slot: its buffer may hold another by now.
    #[track_caller]
    pub fn values(&self, id: SlotId) -> Vec<S> {
        let slot = self.code.slot(id);
        let there = !matches!(slot.place, Place::Buffer(_)) || self.kept.contains(&id);
        assert!(there, "values: {id} was not kept");
        let values = self.reals(id).unwrap_or_else(|| panic!("values: {id} is not real"));
        layout::to_spoken(values, &slot.ty.shape, slot.ty.layout)
    }

    /// The integers of such a slot, in spoken order.
    pub(crate) fn words(&self, id: SlotId) -> Vec<u32> {
        let slot = self.code.slot(id);
        layout::to_spoken(self.memory.words(slot), &slot.ty.shape, slot.ty.layout)
    }

    /// The program.
    pub fn code(&self) -> &Code {
        &self.code
    }
}

fn write<S: Arithmetic>(memory: &mut Memory<S>, slot: &Slot, feed: Feed<'_>) {
    match feed {
        Feed::Real(x) => memory.write_reals(slot, x.iter().map(|&v| S::from_f64(f64::from(v)))),
        Feed::U32(x) => memory.write_words(slot, x),
    }
}
