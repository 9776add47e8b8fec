//! The CUDA machine: a program as launches of PTX kernels, with its memory on a device.
//!
//! Everything lies there: buffers in one arena, data sets as bytes ([`Resident`]), parameters in the store's [`Mirror`].
//! A program's launches are resolved once ([`Bound`]) and then repeated, or captured with those of other programs as one
//! graph ([`Graphs`]). Chains are left out: they are for caches.
mod bound;
mod graphs;
mod mirror;
mod sources;
mod updates;

pub(crate) use graphs::Graphs;
pub(crate) use mirror::{Mirror, bring_all_home};

use crate::{
    Action, Code, DType, Device, Error, Feed, Instruction, Machine, Params, Place, Slot, SlotId, Source,
    Type, layout,
};
use bound::{Addresses, Bound};
use ferrotape_kernels::cuda::{Arena, Buffer, Gpu, Launches, Refusal};
use sources::Resident;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Bytes of an arena of eager execution, which does not know what comes.
const EAGER: usize = 4 << 20;

/// The handle of a device, one for the whole process: programs share its stream.
///
/// # Errors
/// If the device cannot be had.
pub(crate) fn shared(device: &Device) -> Result<Gpu, Error> {
    static OPEN: Mutex<Vec<(Option<usize>, Gpu)>> = Mutex::new(Vec::new());
    let key = match device {
        Device::Cuda(ordinal) => Some(*ordinal),
        _ => None,
    };
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, gpu)) = open.iter().find(|(known, _)| *known == key) {
        return Ok(gpu.clone());
    }
    let gpu = key.map_or_else(Gpu::ptx_machine, Gpu::open)?;
    open.push((key, gpu.clone()));
    Ok(gpu)
}

/// A GPU with the memory of one program, or of one eager tape.
#[derive(Debug)]
pub(crate) struct Cuda {
    gpu: Gpu,
    /// Which one it is, among all of this process.
    id: u64,
    arenas: Vec<Arena>,
    /// Buffers of reals and of integers, by number.
    buffers: BTreeMap<(bool, u32), Buffer>,
    /// What is fed, in the order declared.
    fed: Vec<Buffer>,
    scratch: Option<Buffer>,
    refusal: Option<Buffer>,
    sources: Vec<Arc<Resident>>,
    /// For how many runs side by side its memory is.
    replicas: usize,
    /// The launches of the program it was prepared for, by instruction.
    plan: Vec<Launches>,
    bound: Option<Bound>,
}

impl Cuda {
    pub(crate) fn new(gpu: Gpu) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            gpu,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            arenas: Vec::new(),
            buffers: BTreeMap::new(),
            fed: Vec::new(),
            scratch: None,
            refusal: None,
            sources: Vec::new(),
            replicas: 1,
            plan: Vec::new(),
            bound: None,
        }
    }

    /// Makes the memory of this program large enough for so many runs side by side, and copies what it was recorded with there.
    ///
    /// # Errors
    /// If the device has no room.
    fn widen(&mut self, code: &Code, replicas: usize) -> Result<(), Error> {
        if replicas > self.replicas {
            let mut wide = Self { replicas, sources: self.sources.clone(), ..Self::new(self.gpu.clone()) };
            wide.prepare(code)?;
            for (id, data) in &code.constants {
                wide.write(code.slot(*id), data.feed())?;
            }
            *self = wide;
        }
        Ok(())
    }

    /// Room for `bytes` bytes of each replica, in the last arena where it fits.
    fn take(&mut self, bytes: usize) -> Result<Buffer, Error> {
        let all = Arena::padded(bytes) * self.replicas;
        if self.arenas.last().is_none_or(|arena| arena.free() < all) {
            self.arenas.push(self.gpu.arena(EAGER.max(all))?);
        }
        Ok(self.arenas.last_mut().expect("just made").take_each(bytes, self.replicas)?)
    }

    /// Scratch memory of at least `bytes` bytes. What used the smaller one before is done when it is used: one stream.
    fn need_scratch(&mut self, bytes: usize) -> Result<(), Error> {
        if self.scratch.is_none_or(|scratch| scratch.bytes() < bytes) {
            self.scratch = Some(self.take(bytes)?);
        }
        Ok(())
    }

    fn need_refusal(&mut self) -> Result<Buffer, Error> {
        if let Some(refusal) = self.refusal {
            return Ok(refusal);
        }
        let refusal = self.take(size_of::<Refusal>())?;
        self.gpu.fill(refusal.of_all(self.replicas), 0)?;
        Ok(*self.refusal.insert(refusal))
    }

    /// All that comes before the first launch of a run.
    fn begin(&mut self, code: &Code, feeds: &[Feed<'_>], params: &Params) -> Result<(), Error> {
        mirror::ready(&self.gpu, &[params], &code.instructions)?;
        self.bind(code, params)?;
        for (&to, &feed) in self.fed.iter().zip(feeds) {
            upload(&self.gpu, to, feed)?;
        }
        Ok(())
    }

    /// # Panics
    /// If a kernel has refused a value, as the CPU's kernel would have.
    fn assert_nothing_refused(&self) -> Result<(), Error> {
        let Some(at) = self.refusal else { return Ok(()) };
        let mut words = [0; 4];
        self.gpu.download(at, &mut words)?;
        if words != [0; 4] {
            self.gpu.fill(at, 0)?;
        }
        refuse(words);
        Ok(())
    }

    fn buffer(&self, slot: &Slot) -> Buffer {
        let Place::Buffer(b) = slot.place else { panic!("{:?} is no buffer", slot.place) };
        self.buffers[&(slot.ty.dtype == DType::Real, b)].part(0, slot.ty.bytes() as usize)
    }

    /// Labels of a data set.
    fn labels(&self, slot: &Slot) -> Buffer {
        let Place::Source(s) = slot.place else { panic!("labels of {:?}", slot.place) };
        self.sources[s as usize].labels
    }

    /// Where a slot lies.
    fn place(&self, slot: &Slot, fed: &[Buffer], mirror: &Mirror, params: &Params) -> Buffer {
        match slot.place {
            Place::Buffer(_) => self.buffer(slot),
            Place::Param(p) => mirror.values(params.table()[p.index()].range.clone()),
            Place::Grad(p) => mirror.grads(params.table()[p.index()].range.clone()),
            Place::Fed(k) => fed[k as usize],
            Place::Source(s) => self.sources[s as usize].pixels,
        }
    }

    /// Everything that a launch may be given the address of.
    fn addresses<'a>(&'a self, fed: &'a [Buffer], params: &'a Params, mirror: &'a Mirror) -> Addresses<'a> {
        let refusal = self.refusal.expect("reserved");
        Addresses { machine: self, fed, kept: &[], refusal, params, mirror, replicas: 1 }
    }

    /// Resolves the program's launches, unless that is done and still right.
    fn bind(&mut self, code: &Code, params: &Params) -> Result<(), Error> {
        let mirror = params.mirror.borrow();
        let mirror = mirror.as_ref().expect("made ready");
        if self.bound.as_ref().is_none_or(|bound| !bound.fits(code, params, mirror)) {
            let addresses = self.addresses(&self.fed, params, mirror);
            self.bound = Some(Bound::new(&self.gpu, &self.plan, code, &addresses)?);
        }
        Ok(())
    }
}

/// # Panics
/// If these are not the words of no refusal.
fn refuse([what, row, found, below]: [u32; 4]) {
    match what {
        0 => {}
        1 => panic!("gather: index {found} in row {row}, but the data set has {below} records"),
        _ => panic!("label {found} in row {row}, but there are {below} classes"),
    }
}

/// The launches of a computing instruction.
///
/// # Errors
/// If there is no kernel for it, naming operation and line.
fn launches(i: &Instruction, code_slots: &[Slot], device: &str) -> Result<Launches, Error> {
    let Action::Compute(op) = &i.action else { return Ok(Launches::default()) };
    let types = |ids: &[SlotId]| ids.iter().map(|id| code_slots[id.index()].ty).collect::<Vec<Type>>();
    op.cuda(&types(&i.x), &types(&i.y)).ok_or_else(|| Error::NoKernel {
        op: i.name(),
        device: device.to_owned(),
        loc: i.loc,
    })
}

/// Whether two handles are of one device.
fn same(a: &Gpu, b: &Gpu) -> bool {
    (a.is_ptx_machine(), a.ordinal()) == (b.is_ptx_machine(), b.ordinal())
}

impl Machine for Cuda {
    fn name(&self) -> String {
        format!("cuda ({})", self.gpu.name())
    }

    fn reserve(&mut self, slot: &Slot) -> Result<(), Error> {
        if let Place::Buffer(b) = slot.place {
            let (key, bytes) = ((slot.ty.dtype == DType::Real, b), slot.ty.bytes() as usize);
            if self.buffers.get(&key).is_none_or(|buffer| buffer.bytes() < bytes) {
                let buffer = self.take(bytes)?;
                self.buffers.insert(key, buffer);
            }
        }
        Ok(())
    }

    fn prepare(&mut self, code: &Code) -> Result<(), Error> {
        let name = self.name();
        let plan = code.instructions.iter().map(|i| launches(i, &code.slots, &name));
        self.plan = plan.collect::<Result<_, _>>()?;
        // Numbers of buffers are given anew with every program: the largest slot decides.
        let mut sizes = BTreeMap::new();
        for slot in code.given().chain(code.written()).map(|&id| code.slot(id)) {
            if let Place::Buffer(b) = slot.place {
                let size = sizes.entry((slot.ty.dtype == DType::Real, b)).or_insert(0);
                *size = slot.ty.bytes().max(*size as u64) as usize;
            }
        }
        let fed: Vec<usize> = code.feeds.iter().map(|&id| code.slot(id).ty.bytes() as usize).collect();
        let scratch = self.plan.iter().map(|launches| launches.scratch).max().unwrap_or(0);
        let rest = [scratch, size_of::<Refusal>()];
        let one: usize = sizes.values().chain(&fed).chain(&rest).map(|&bytes| Arena::padded(bytes)).sum();
        self.arenas.push(self.gpu.arena(one * self.replicas)?);
        for (key, bytes) in sizes {
            let buffer = self.take(bytes)?;
            self.buffers.insert(key, buffer);
        }
        self.fed = fed.into_iter().map(|bytes| self.take(bytes)).collect::<Result<_, _>>()?;
        self.need_scratch(scratch)?;
        self.need_refusal()?;
        Ok(())
    }

    fn add_source(&mut self, source: Arc<dyn Source>) -> Result<(), Error> {
        self.sources.push(sources::resident(&self.gpu, &source)?);
        Ok(())
    }

    fn write(&mut self, slot: &Slot, feed: Feed<'_>) -> Result<(), Error> {
        let to = self.buffer(slot);
        (0..self.replicas).try_for_each(|k| upload(&self.gpu, to.replica(k), feed))
    }

    fn execute(
        &mut self,
        i: &Instruction,
        slots: &[Slot],
        feeds: &[Feed<'_>],
        params: &Params,
    ) -> Result<(), Error> {
        assert!(feeds.is_empty(), "an eager tape is fed nothing");
        let launches = launches(i, slots, &self.name())?;
        self.need_scratch(launches.scratch)?;
        self.need_refusal()?;
        mirror::ready(&self.gpu, &[params], std::slice::from_ref(i))?;
        let resolved = {
            let mirror = params.mirror.borrow();
            let mirror = mirror.as_ref().expect("made ready");
            self.addresses(&[], params, mirror).resolve(&self.gpu, i, &launches, slots)?
        };
        resolved.iter().try_for_each(|task| task.enqueue(&self.gpu))?;
        mirror::changed_by(params, std::slice::from_ref(i));
        self.assert_nothing_refused()
    }

    fn run(
        &mut self,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
        times: Option<&mut [Duration]>,
    ) -> Result<(), Error> {
        self.begin(code, feeds, params)?;
        let bound = self.bound.as_ref().expect("bound");
        match times {
            None => bound.enqueue(&self.gpu)?,
            Some(times) => {
                for (tasks, time) in bound.by_instruction().zip(times) {
                    let all = || tasks.iter().try_for_each(|task| task.enqueue(&self.gpu));
                    let ((), ms) = self.gpu.time(all)?;
                    *time += Duration::from_secs_f32(ms / 1e3);
                }
            }
        }
        mirror::changed_by(params, &code.instructions);
        self.assert_nothing_refused()
    }

    fn run_watched(
        &mut self,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
        watch: &mut dyn FnMut(usize, &dyn Machine),
    ) -> Result<(), Error> {
        self.begin(code, feeds, params)?;
        let bound = self.bound.as_ref().expect("bound");
        for (k, tasks) in bound.by_instruction().enumerate() {
            tasks.iter().try_for_each(|task| task.enqueue(&self.gpu))?;
            watch(k, self);
        }
        mirror::changed_by(params, &code.instructions);
        self.assert_nothing_refused()
    }

    fn read(&self, slot: &Slot, params: &Params, into: &mut [f32]) -> Result<(), Error> {
        let Type { shape, layout, .. } = slot.ty;
        match slot.place {
            Place::Param(p) => {
                let data = params.data();
                layout::read(&data.values[data.table[p.index()].range.clone()], &shape, layout, into);
            }
            Place::Grad(p) => {
                let data = params.data();
                layout::read(&data.grads[data.table[p.index()].range.clone()], &shape, layout, into);
            }
            _ => {
                let mut values = vec![0.0; slot.ty.len()];
                self.gpu.download(self.buffer(slot), &mut values)?;
                layout::read(&values, &shape, layout, into);
            }
        }
        Ok(())
    }

    fn read_u32(&self, slot: &Slot, into: &mut [u32]) -> Result<(), Error> {
        let Type { shape, layout, .. } = slot.ty;
        let mut words = vec![0; slot.ty.len()];
        self.gpu.download(self.buffer(slot), &mut words)?;
        layout::read(&words, &shape, layout, into);
        Ok(())
    }

    fn variant(&self, action: &Action, _: &[Type]) -> &'static str {
        let _ = action;
        "ptx"
    }
}

fn upload(gpu: &Gpu, to: Buffer, feed: Feed<'_>) -> Result<(), Error> {
    match feed {
        Feed::Real(x) => gpu.upload(to, x)?,
        Feed::U32(x) => gpu.upload(to, x)?,
    }
    Ok(())
}
