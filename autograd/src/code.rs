//! A program as data: slots and the instructions that fill them.
use crate::{Cost, DType, DynOp, DynUpdate, Feed, ParamId, Place, Slot, SlotId, Source, Type};
use std::{ops::Range, panic::Location, sync::Arc};

/// Which part of a training step an instruction belongs to.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// From the inputs to the loss.
    Forward,
    /// From the loss to the gradients.
    Backward,
    /// From the gradients to the new parameters.
    Update,
}

impl Phase {
    /// `forward`, `backward` or `update`.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Forward => "forward",
            Phase::Backward => "backward",
            Phase::Update => "update",
        }
    }
}

/// What an instruction does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Fills its outputs from its operands, and changes nothing else.
    Compute(Arc<dyn DynOp>),
    /// Changes the parameters that its operands are the gradients of: the only in-place kind.
    Update(Arc<dyn DynUpdate>, Vec<ParamId>),
}

/// One line of a program.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// What it does.
    pub action: Action,
    /// Operands.
    pub x: Vec<SlotId>,
    /// Outputs, each written by this instruction alone.
    pub y: Vec<SlotId>,
    /// Part of the step.
    pub phase: Phase,
    /// The user's line it comes from; for a gradient, the line of the forward operation.
    pub loc: &'static Location<'static>,
    /// The part of the network that appended it ([`Tape::within`](crate::Tape::within)); for a gradient, that of the
    /// forward operation.
    pub module: Option<Arc<str>>,
    /// Its number on the tape. An instruction that the planner has made of several has theirs, in order.
    pub recorded: Vec<usize>,
    /// For a gradient, the number on the tape of the forward instruction whose rule appended it.
    pub gradient_of: Option<usize>,
}

impl Instruction {
    /// Name of the operation or update.
    pub fn name(&self) -> &'static str {
        match &self.action {
            Action::Compute(op) => op.name(),
            Action::Update(rule, _) => rule.name(),
        }
    }
}

/// Values an input slot starts with.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Real(Vec<f32>),
    U32(Vec<u32>),
    /// An eager tape's: its machine has them.
    OnMachine,
}

impl Data {
    /// The values, as an input is given them.
    ///
    /// # Panics
    /// Where an eager tape's machine still has them: a snapshot of the tape holds them.
    pub(crate) fn feed(&self) -> Feed<'_> {
        match self {
            Data::Real(x) => Feed::Real(x),
            Data::U32(x) => Feed::U32(x),
            Data::OnMachine => unreachable!("a snapshot holds the values of its inputs"),
        }
    }
}

impl From<Feed<'_>> for Data {
    fn from(feed: Feed<'_>) -> Self {
        match feed {
            Feed::Real(x) => Self::Real(x.to_vec()),
            Feed::U32(x) => Self::U32(x.to_vec()),
        }
    }
}

/// A parameter that a program reads.
#[derive(Clone, Debug)]
pub(crate) struct ParamUse {
    pub id: ParamId,
    pub slot: SlotId,
    pub name: String,
}

/// Neighbouring instructions whose work splits over the images of a batch. A machine may run all of them for some
/// images before it goes on to the next ones, so that what passes between them stays in cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The instructions.
    pub range: Range<usize>,
    /// Images of the batch.
    pub images: usize,
    /// Slots that nothing outside the chain reads: they need memory for the images in work only.
    pub local: Vec<SlotId>,
}

/// A step of a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// An instruction, by number.
    One(usize),
    /// A chain, by number.
    Chain(usize),
}

/// Slots and instructions in order: append order is a topological order.
#[derive(Clone, Debug, Default)]
pub struct Code {
    pub(crate) slots: Vec<Slot>,
    pub(crate) instructions: Vec<Instruction>,
    /// Inputs whose values come with each run, in the order they were declared.
    pub(crate) feeds: Vec<SlotId>,
    /// Inputs whose values were given when recording, in spoken order.
    pub(crate) constants: Vec<(SlotId, Data)>,
    pub(crate) sources: Vec<Arc<dyn Source>>,
    pub(crate) params: Vec<ParamUse>,
    /// Chains, in order.
    pub(crate) chains: Vec<Chain>,
    /// Buffers in use: (reals, integers).
    pub(crate) buffers: (u32, u32),
}

impl Code {
    /// The instructions, in order.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The chains among them, in order.
    pub fn chains(&self) -> &[Chain] {
        &self.chains
    }

    /// What is run at once: the instructions of a chain together, each of the others by itself.
    pub(crate) fn stages(&self) -> impl Iterator<Item = Stage> + '_ {
        let mut chains = self.chains.iter().enumerate().peekable();
        let mut next = 0;
        std::iter::from_fn(move || {
            let at = next;
            next = match chains.next_if(|(_, chain)| chain.range.start == at) {
                Some((k, chain)) => {
                    next = chain.range.end;
                    return Some(Stage::Chain(k));
                }
                None => at + 1,
            };
            (at < self.instructions.len()).then_some(Stage::One(at))
        })
    }

    /// All slots, in order.
    pub fn slot_ids(&self) -> impl Iterator<Item = SlotId> + use<> {
        (0..self.slots.len() as u32).map(SlotId)
    }

    /// What is known of a slot.
    pub fn slot(&self, id: SlotId) -> &Slot {
        &self.slots[id.index()]
    }

    /// Types of some slots.
    pub fn types(&self, ids: &[SlotId]) -> Vec<Type> {
        ids.iter().map(|&id| self.slot(id).ty).collect()
    }

    /// Work of an instruction.
    pub fn cost(&self, i: &Instruction) -> Cost {
        match &i.action {
            Action::Compute(op) => op.cost(&self.types(&i.x), &self.types(&i.y)),
            Action::Update(rule, _) => {
                let types = self.types(&i.x);
                let (count, bytes) = (
                    types.iter().map(Type::len).sum::<usize>() as u64,
                    types.iter().map(Type::bytes).sum::<u64>(),
                );
                // Gradient in; value and moments in and out.
                Cost { flops: count * rule.flops(), bytes: bytes * (3 + 2 * rule.moments() as u64) }
            }
        }
    }

    /// Slots whose values come from outside: with each run, or when recording.
    pub fn given(&self) -> impl Iterator<Item = &SlotId> {
        self.feeds.iter().chain(self.constants.iter().map(|(id, _)| id))
    }

    /// Whether `id` needs memory for the images in work only, on a machine that runs chains.
    pub fn is_local(&self, id: SlotId) -> bool {
        self.chains.iter().any(|chain| chain.local.contains(&id))
    }

    /// Whether an instruction writes `id`, and to a buffer.
    #[cfg(feature = "cuda")]
    pub(crate) fn writes_buffer(&self, id: SlotId) -> bool {
        matches!(self.slot(id).place, Place::Buffer(_)) && self.written().any(|written| *written == id)
    }

    /// Slots that instructions write.
    pub fn written(&self) -> impl Iterator<Item = &SlotId> {
        self.instructions.iter().flat_map(|i| &i.y)
    }

    /// Appends a slot in a buffer of its own.
    pub(crate) fn push_buffer(&mut self, ty: Type, needs_grad: bool) -> SlotId {
        let count = match ty.dtype {
            DType::Real => &mut self.buffers.0,
            DType::U32 | DType::U8 => &mut self.buffers.1,
        };
        let place = Place::Buffer(*count);
        *count += 1;
        self.push(Slot { ty, place, needs_grad })
    }

    pub(crate) fn push(&mut self, slot: Slot) -> SlotId {
        self.slots.push(slot);
        SlotId(self.slots.len() as u32 - 1)
    }
}
