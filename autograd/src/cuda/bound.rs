//! Launches with addresses in them.
use super::{
    Cuda, Mirror,
    mirror::{self, Id},
    updates,
};
use crate::{Action, Code, Error, Instruction, ParamId, Params, Slot, SlotId, memory::groups};
use ferrotape_kernels::cuda::{Arg, Buffer, CudaError, Gpu, Launch, Launches, Resolved};
use std::ops::Range;

/// Something to be put on the stream.
#[derive(Clone, Debug)]
pub(super) enum Task {
    Launch(Resolved),
    Copy { to: Buffer, from: Buffer },
}

impl Task {
    pub fn enqueue(&self, gpu: &Gpu) -> Result<(), CudaError> {
        match self {
            Task::Launch(launch) => gpu.launch(launch),
            Task::Copy { to, from } => gpu.copy(*to, *from),
        }
    }
}

/// Where operands, outputs and everything else lie.
pub(super) struct Addresses<'a> {
    pub machine: &'a Cuda,
    /// What is fed.
    pub fed: &'a [Buffer],
    /// Slots that lie elsewhere than in their buffers: values kept of one run of many.
    pub kept: &'a [(SlotId, Buffer)],
    /// Where a kernel says what it refuses.
    pub refusal: Buffer,
    pub params: &'a Params,
    pub mirror: &'a Mirror,
    /// How many runs are side by side; all of this is the first one's.
    pub replicas: usize,
}

impl Addresses<'_> {
    pub fn slot(&self, id: SlotId, slots: &[Slot]) -> Buffer {
        let elsewhere = self.kept.iter().find(|(kept, _)| *kept == id);
        elsewhere.map_or_else(
            || self.machine.place(&slots[id.index()], self.fed, self.mirror, self.params),
            |&(_, buffer)| buffer,
        )
    }

    /// A launch whose arguments lie in the buffers that `of` gives.
    ///
    /// # Errors
    /// If its module does not load.
    pub fn launch(&self, gpu: &Gpu, launch: &Launch, of: impl FnMut(Arg) -> Buffer) -> Result<Task, Error> {
        Ok(Task::Launch(gpu.resolve_side_by_side(launch, self.replicas, of)?))
    }

    /// Copies from one buffer of every replica to another.
    pub fn copies(&self, to: Buffer, from: Buffer) -> impl Iterator<Item = Task> + use<> {
        (0..self.replicas).map(move |k| Task::Copy { to: to.replica(k), from: from.replica(k) })
    }

    /// The tasks of an instruction.
    ///
    /// # Errors
    /// If a module does not load.
    pub fn resolve(
        &self,
        gpu: &Gpu,
        i: &Instruction,
        launches: &Launches,
        slots: &[Slot],
    ) -> Result<Vec<Task>, Error> {
        if let Action::Update(rule, ids) = &i.action {
            return updates::resolve(self, gpu, &**rule, ids, i, slots);
        }
        let buffer = |arg| match arg {
            Arg::X(k) => self.slot(i.x[k], slots),
            Arg::Y(k) => self.slot(i.y[k], slots),
            Arg::Labels(k) => self.machine.labels(&slots[i.x[k].index()]),
            Arg::Scratch(at) => {
                let scratch = self.machine.scratch.expect("reserved");
                scratch.part(at, scratch.bytes() - at)
            }
            Arg::Run => self.mirror.run(),
            Arg::Refusal => self.refusal,
            number @ (Arg::U32(_) | Arg::U64(_) | Arg::F32(_) | Arg::F64(_)) => {
                unreachable!("{number:?} has no address")
            }
            arg => panic!("{}: {arg:?} is for updates", i.name()),
        };
        launches.list.iter().map(|launch| self.launch(gpu, launch, buffer)).collect()
    }
}

/// A program's tasks.
#[derive(Debug)]
pub(super) struct Bound {
    /// By instruction.
    tasks: Vec<Vec<Task>>,
    /// Which mirror the addresses lie in.
    mirror: Id,
    /// The ranges its updates work on.
    ranges: Vec<(ParamId, Range<usize>)>,
}

impl Bound {
    /// # Errors
    /// If a module does not load.
    pub fn new(gpu: &Gpu, plan: &[Launches], code: &Code, addresses: &Addresses<'_>) -> Result<Self, Error> {
        let tasks = code.instructions.iter().zip(plan);
        let tasks = tasks.map(|(i, launches)| addresses.resolve(gpu, i, launches, &code.slots));
        let table = addresses.params.table();
        Ok(Self {
            tasks: tasks.collect::<Result<_, _>>()?,
            mirror: addresses.mirror.id(),
            ranges: ids(code).flat_map(|ids| groups(&table, ids)).collect(),
        })
    }

    /// Whether addresses and ranges are still those of the store.
    pub fn fits(&self, code: &Code, params: &Params, mirror: &Mirror) -> bool {
        let table = params.table();
        self.mirror == mirror.id()
            && ids(code).flat_map(|ids| groups(&table, ids)).eq(self.ranges.iter().cloned())
    }

    pub fn by_instruction(&self) -> impl Iterator<Item = &[Task]> {
        self.tasks.iter().map(Vec::as_slice)
    }

    pub fn enqueue(&self, gpu: &Gpu) -> Result<(), CudaError> {
        self.tasks.iter().flatten().try_for_each(|task| task.enqueue(gpu))
    }
}

/// The parameters of each update.
fn ids(code: &Code) -> impl Iterator<Item = &[ParamId]> {
    mirror::updates(&code.instructions).map(|(_, ids)| ids)
}
