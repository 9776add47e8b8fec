//! A program laid out on a device so that any of its instructions can be repeated.
//!
//! A machine lets slots share memory, so an instruction has its operands only while its turn lasts. Here every slot has
//! memory of its own: once the program has run from top to bottom, each instruction can run again, as often as a clock likes.
use super::Error;
use crate::values;
use ferrotape_autograd::{
    Action, Code, Cost, DType, Instruction, Launches, ParamId, Params, Place, Slot, SlotId, Source,
};
use ferrotape_kernels::cuda::{
    Arena, Arg, Buffer, CudaError, Gpu, Launch, RangeState, Refusal, Resolved, RunState,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A program on a device.
#[derive(Debug)]
pub struct Laid {
    /// Its instructions, in order.
    pub works: Vec<Work>,
    gpu: Gpu,
    refusal: Buffer,
    _arena: Arena,
}

/// An instruction on a device.
#[derive(Debug)]
pub struct Work {
    /// The operation's name.
    pub name: &'static str,
    /// Type of the first output, or what an update changes.
    pub output: String,
    /// Its part of the step.
    pub phase: &'static str,
    /// FLOPs and bytes of the definition.
    pub cost: Cost,
    /// What is put on the stream.
    pub tasks: Vec<Task>,
}

/// One thing on the stream.
#[derive(Debug)]
pub enum Task {
    /// A kernel: with addresses, and as it was asked for.
    Kernel(Resolved, Launch),
    /// A copy that the driver makes.
    Copy {
        /// To here.
        to: Buffer,
        /// From here.
        from: Buffer,
    },
}

/// Where everything lies.
struct Map<'a> {
    code: &'a Code,
    params: &'a Params,
    slots: BTreeMap<SlotId, Buffer>,
    values: Buffer,
    grads: Buffer,
    moments: Buffer,
    pixels: Buffer,
    labels: Buffer,
    scratch: Buffer,
    run: Buffer,
    range: Buffer,
    refusal: Buffer,
}

impl Laid {
    /// The program `code`, recorded with `params` and at most one data set, on `gpu`. With `only`, no more of it than these
    /// instructions.
    ///
    /// It is fed indices of the data set, one after the other, and numbers in -1..1; what no instruction has computed yet
    /// is such numbers too, or small integers. [`Laid::run`] computes it.
    ///
    /// # Errors
    /// If an operation has no kernel, the device no room, or a kernel fails.
    pub fn new(
        gpu: &Gpu,
        code: &Code,
        params: &Params,
        source: Option<&Arc<dyn Source>>,
        only: Option<&[usize]>,
    ) -> Result<Self, Error> {
        let wanted = |k: &usize| only.is_none_or(|only| only.contains(k));
        let all = code.instructions().iter().enumerate().filter(|(k, _)| wanted(k));
        let all: Vec<&Instruction> = all.map(|(_, i)| i).collect();
        let records = source.map_or(0, |source| source.len());
        let pixels = source.map_or(0, |source| records * source.shape().iter().product::<usize>());
        let scalars = 4 * params.data().values.len();
        let own = |slot: &Slot| matches!(slot.place, Place::Buffer(_) | Place::Fed(_));
        let used = all.iter().flat_map(|i| i.x.iter().chain(&i.y)).copied();
        let slots: BTreeSet<SlotId> = used.filter(|&id| own(code.slot(id))).collect();
        let plan = all.iter().map(|i| launches(code, i, scalars / 4)).collect::<Result<Vec<_>, _>>()?;
        let scratch = plan.iter().map(|launches| launches.scratch).max().unwrap_or(0);
        let state = [size_of::<RunState>(), size_of::<RangeState>(), size_of::<Refusal>()];
        let moments = 2 * Arena::padded(scalars);
        let fixed = [scalars, scalars, moments, pixels, records, scratch, state[0], state[1], state[2]];
        let sizes = slots.iter().map(|&id| code.slot(id).ty.bytes() as usize);
        let total = fixed.iter().copied().chain(sizes).map(Arena::padded).sum();
        let mut arena = gpu.arena(total)?;
        let mut take = |bytes: usize| arena.take(bytes);
        let [values, grads, moments, pixels, labels, scratch, run, range, refusal] = fixed.map(&mut take);
        let place = |id: SlotId| Ok((id, take(code.slot(id).ty.bytes() as usize)?));
        let map = Map {
            code,
            params,
            slots: slots.into_iter().map(place).collect::<Result<_, CudaError>>()?,
            values: values?,
            grads: grads?,
            moments: moments?,
            pixels: pixels?,
            labels: labels?,
            scratch: scratch?,
            run: run?,
            range: range?,
            refusal: refusal?,
        };
        map.fill(gpu, source)?;
        let works = all.iter().map(|i| map.work(gpu, i)).collect::<Result<_, _>>()?;
        Ok(Self { works, gpu: gpu.clone(), refusal: map.refusal, _arena: arena })
    }

    /// Runs it once, from top to bottom: from then on every instruction has its operands.
    ///
    /// # Errors
    /// If a kernel fails, or refuses a value.
    pub fn run(&self) -> Result<(), Error> {
        self.works.iter().try_for_each(|work| work.enqueue(&self.gpu))?;
        self.assert_nothing_refused()
    }

    fn assert_nothing_refused(&self) -> Result<(), Error> {
        let mut words = [0u32; 4];
        self.gpu.download(self.refusal, &mut words)?;
        if words[0] == 0 {
            Ok(())
        } else {
            Err(format!("a kernel refused what the bench fed it: {words:?}").into())
        }
    }
}

impl Work {
    /// Puts it on the stream.
    ///
    /// # Errors
    /// If the driver refuses.
    pub fn enqueue(&self, gpu: &Gpu) -> Result<(), CudaError> {
        self.tasks.iter().try_for_each(|task| task.enqueue(gpu))
    }

    /// Its launches.
    pub fn launches(&self) -> impl Iterator<Item = &Launch> {
        self.tasks.iter().filter_map(|task| match task {
            Task::Kernel(_, launch) => Some(launch),
            Task::Copy { .. } => None,
        })
    }
}

impl Task {
    /// Puts it on the stream.
    ///
    /// # Errors
    /// If the driver refuses.
    pub fn enqueue(&self, gpu: &Gpu) -> Result<(), CudaError> {
        match self {
            Task::Kernel(launch, _) => gpu.launch(launch),
            Task::Copy { to, from } => gpu.copy(*to, *from),
        }
    }
}

/// The launches of an instruction, where all parameters, `scalars` numbers, are one range.
///
/// # Errors
/// If there is no kernel for it.
pub fn launches(code: &Code, i: &Instruction, scalars: usize) -> Result<Launches, Error> {
    let launches = match &i.action {
        Action::Compute(op) => op.cuda(&code.types(&i.x), &code.types(&i.y)),
        Action::Update(rule, _) => rule.cuda(scalars),
    };
    launches.ok_or_else(|| format!("{}: there is no kernel for it", i.name()).into())
}

/// Gradients that do not lie in the flat buffer before an update: each is copied there.
fn elsewhere(code: &Code, i: &Instruction) -> Vec<(ParamId, SlotId)> {
    let Action::Update(_, ids) = &i.action else { return Vec::new() };
    let pairs = ids.iter().copied().zip(i.x.iter().copied());
    pairs.filter(|&(p, grad)| code.slot(grad).place != Place::Grad(p)).collect()
}

/// The numbers of a parameter in a flat buffer.
fn part(flat: Buffer, params: &Params, p: ParamId) -> Buffer {
    let range = params.info(p).range;
    flat.part(4 * range.start, 4 * range.len())
}

impl Map<'_> {
    /// Gives values to all that no instruction writes.
    fn fill(&self, gpu: &Gpu, source: Option<&Arc<dyn Source>>) -> Result<(), Error> {
        for (&id, &to) in &self.slots {
            let &Slot { ty, place, .. } = self.code.slot(id);
            let below = if matches!(place, Place::Fed(_)) { u32::MAX } else { 10 };
            match ty.dtype {
                DType::Real => gpu.upload(to, &values(ty.len()))?,
                _ => gpu.upload(to, &(0..ty.len() as u32).map(|i| i % below).collect::<Vec<_>>())?,
            }
        }
        if let Some(source) = source {
            let bytes: Vec<u8> = (0..source.len()).flat_map(|r| source.pixels(r)).copied().collect();
            gpu.upload(self.pixels, &bytes)?;
            gpu.upload(self.labels, &(0..source.len()).map(|r| source.label(r)).collect::<Vec<u8>>())?;
        }
        gpu.upload(self.values, &self.params.data().values)?;
        [self.grads, self.moments, self.scratch, self.refusal]
            .into_iter()
            .try_for_each(|b| gpu.fill(b, 0))?;
        gpu.upload(self.run, &[RunState { step: 0, seed: 1, lr: 1e-3 }])?;
        gpu.upload(self.range, &[RangeState { lr_scale: 1.0, ..RangeState::default() }])?;
        Ok(())
    }

    fn at(&self, id: SlotId) -> Buffer {
        match self.code.slot(id).place {
            Place::Buffer(_) | Place::Fed(_) => self.slots[&id],
            Place::Param(p) => part(self.values, self.params, p),
            Place::Grad(p) => part(self.grads, self.params, p),
            Place::Source(_) => self.pixels,
        }
    }

    fn work(&self, gpu: &Gpu, i: &Instruction) -> Result<Work, Error> {
        let code = self.code;
        let mut tasks = Vec::new();
        for (p, grad) in elsewhere(code, i) {
            tasks.push(Task::Copy { to: part(self.grads, self.params, p), from: self.at(grad) });
        }
        for launch in launches(code, i, self.params.data().values.len())?.list {
            let resolved = gpu.resolve(&launch, |arg| self.address(i, arg))?;
            tasks.push(Task::Kernel(resolved, launch));
        }
        let output =
            i.y.first().map_or_else(|| format!("{} gradients", i.x.len()), |&y| code.slot(y).ty.to_string());
        Ok(Work { name: i.name(), output, phase: i.phase.name(), cost: code.cost(i), tasks })
    }

    fn address(&self, i: &Instruction, arg: Arg) -> u64 {
        let scalars = 4 * self.params.data().values.len();
        match arg {
            Arg::X(k) => self.at(i.x[k]).address(),
            Arg::Y(k) => self.at(i.y[k]).address(),
            Arg::Labels(_) => self.labels.address(),
            Arg::Scratch(at) => self.scratch.address() + at as u64,
            // Its first word is the step.
            Arg::Run | Arg::Step => self.run.address(),
            Arg::Refusal => self.refusal.address(),
            Arg::Values => self.values.address(),
            Arg::Grads => self.grads.address(),
            Arg::Moment(k) => self.moments.part(k * Arena::padded(scalars), scalars).address(),
            Arg::Range => self.range.address(),
            Arg::U32(_) | Arg::U64(_) | Arg::F32(_) | Arg::F64(_) => unreachable!("{arg:?} has no address"),
        }
    }
}
