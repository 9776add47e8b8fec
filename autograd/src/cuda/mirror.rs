//! The parameter store's copy on a device.
//!
//! One of the two is *ahead* of the other, or neither. The device is, after a program with an update has run there: the
//! store reads it back when somebody asks for values ([`Mirror::bring_home`]), not before. The host is, when its version
//! is not the one that the mirror knows: the next run sends everything first ([`ready`]). Counters (steps, updates,
//! rates) are so few that both sides count; what the device is known to hold is compared before a run and sent where it
//! differs, so that a step needs no copy.
//!
//! Stores that are run side by side have their mirrors in one piece of memory, at equal distances. Each is ahead or behind by
//! itself, as if it were alone.
use crate::{Action, Error, Instruction, MAX_MOMENTS, ParamData, ParamId, Params, memory::groups};
use ferrotape_kernels::cuda::{Arena, Buffer, CudaError, Gpu, RangeState, RunState};
use std::{
    cell::RefCell,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Values, gradients, moments and counters on a device.
#[derive(Debug)]
pub(crate) struct Mirror {
    gpu: Gpu,
    /// Which piece of memory it lies in, among all of this process, and as which of those side by side there.
    id: Id,
    /// Numbers in each of the flat buffers.
    len: usize,
    values: Buffer,
    grads: Buffer,
    moments: [Buffer; MAX_MOMENTS],
    run: Buffer,
    /// A state for each parameter; a range has that of its first.
    ranges: Buffer,
    /// Version of the store that the device has; none before the first.
    version: Option<u64>,
    /// The counters that the device has.
    run_state: Option<RunState>,
    range_states: Vec<Option<(u64, f64)>>,
    /// Whether the store's values are older than the device's.
    ahead: bool,
    _arena: Arc<Arena>,
}

/// What whoever holds addresses compares: they are those of the same mirror.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    memory: u64,
    replica: usize,
}

impl Mirror {
    /// Mirrors side by side for `replicas` stores like this one.
    fn new(gpu: &Gpu, data: &ParamData, replicas: usize) -> Result<Vec<Self>, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (len, params) = (data.values.len(), data.table.len());
        let (flat, states) = (4 * len, size_of::<RangeState>() * params);
        let flat_buffers = 2 + MAX_MOMENTS;
        let one =
            flat_buffers * Arena::padded(flat) + Arena::padded(size_of::<RunState>()) + Arena::padded(states);
        let mut arena = gpu.arena(replicas * one)?;
        let mut take = |bytes| arena.take_each(bytes, replicas);
        let (values, grads) = (take(flat)?, take(flat)?);
        let moments = [take(flat)?, take(flat)?];
        let (run, ranges) = (take(size_of::<RunState>())?, take(states)?);
        // They are read back together, with what lies between them.
        for numbers in [values, grads].iter().chain(&moments) {
            gpu.fill(numbers.of_all(replicas), 0)?;
        }
        let (arena, memory) = (Arc::new(arena), NEXT.fetch_add(1, Ordering::Relaxed));
        let mirror = |replica| Self {
            gpu: gpu.clone(),
            id: Id { memory, replica },
            len,
            values: values.replica(replica),
            grads: grads.replica(replica),
            moments: moments.map(|moment| moment.replica(replica)),
            run: run.replica(replica),
            ranges: ranges.replica(replica),
            version: None,
            run_state: None,
            range_states: vec![None; params],
            ahead: false,
            _arena: Arc::clone(&arena),
        };
        Ok((0..replicas).map(mirror).collect())
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    /// Whether it is on `gpu` and has room for `data`.
    fn is_for(&self, gpu: &Gpu, data: &ParamData) -> bool {
        super::same(&self.gpu, gpu)
            && self.len == data.values.len()
            && self.range_states.len() == data.table.len()
    }

    pub(super) fn values(&self, range: Range<usize>) -> Buffer {
        numbers(self.values, range)
    }

    pub(super) fn grads(&self, range: Range<usize>) -> Buffer {
        numbers(self.grads, range)
    }

    pub(super) fn moment(&self, k: usize, range: Range<usize>) -> Buffer {
        numbers(self.moments[k], range)
    }

    pub(super) fn run(&self) -> Buffer {
        self.run
    }

    /// The state of the range that begins with parameter `first`.
    pub(super) fn range(&self, first: usize) -> Buffer {
        self.ranges.part(first * size_of::<RangeState>(), size_of::<RangeState>())
    }

    /// Reads back what the device has changed.
    ///
    /// # Panics
    /// If the device fails: whoever asks for a value has nobody to hand its error to.
    pub(crate) fn bring_home(&mut self, data: &RefCell<ParamData>) {
        if !self.ahead {
            return;
        }
        let ParamData { values, grads, moments, .. } = &mut *data.borrow_mut();
        let mut home = || {
            self.gpu.download(self.values, values)?;
            self.gpu.download(self.grads, grads)?;
            moments.iter_mut().zip(self.moments).try_for_each(|(m, from)| self.gpu.download(from, m))
        };
        home().unwrap_or_else(|e| panic!("{e}"));
        self.ahead = false;
    }

    /// Sends what the host has changed.
    fn send(&mut self, data: &ParamData) -> Result<(), Error> {
        if self.version != Some(data.version) {
            self.gpu.upload(self.values, &data.values)?;
            self.gpu.upload(self.grads, &data.grads)?;
            for (k, &to) in self.moments.iter().enumerate() {
                match data.moments.get(k) {
                    Some(moments) => self.gpu.upload(to, moments)?,
                    None => self.gpu.fill(to, 0)?,
                }
            }
            self.version = Some(data.version);
        }
        let run = RunState { step: data.step, seed: data.seed, lr: data.lr };
        if self.run_state != Some(run) {
            self.gpu.upload(self.run, &[run])?;
            self.run_state = Some(run);
        }
        Ok(())
    }

    /// Sends the state of the range that begins with parameter `first`, where the device has another.
    fn send_range(&mut self, data: &ParamData, first: ParamId) -> Result<(), Error> {
        let p = &data.table[first.index()];
        let state = (p.updates, p.lr_scale);
        if self.range_states[first.index()] != Some(state) {
            let range = RangeState { updates: state.0, lr_scale: state.1, ..RangeState::default() };
            self.gpu.upload(self.range(first.index()), &[range])?;
            self.range_states[first.index()] = Some(state);
        }
        Ok(())
    }
}

fn numbers(of: Buffer, range: Range<usize>) -> Buffer {
    of.part(4 * range.start, 4 * range.len())
}

/// Reads back what the device has changed of stores whose mirrors lie side by side: each buffer of all of them by one copy. Others
/// are left as they are.
///
/// # Panics
/// As [`Mirror::bring_home`].
pub(crate) fn bring_all_home(stores: &[&Params]) {
    let ahead = |params: &&Params| params.mirror.borrow().as_ref().is_some_and(|mirror| mirror.ahead);
    if stores.len() < 2 || !stores.iter().all(ahead) || !are_neighbours(stores) {
        return;
    }
    let (gpu, values, grads, moments) = {
        let mirror = stores[0].mirror.borrow();
        let Mirror { gpu, values, grads, moments, .. } = mirror.as_ref().expect("it is ahead");
        (gpu.clone(), *values, *grads, *moments)
    };
    let home = |from: Buffer, to: fn(&mut ParamData, usize) -> Option<&mut Vec<f32>>, k: usize| {
        let mut all = vec![0f32; from.of_all(stores.len()).bytes() / 4];
        gpu.download(from.of_all(stores.len()), &mut all)?;
        for (params, numbers) in stores.iter().zip(all.chunks((from.distance() / 4).max(1))) {
            if let Some(to) = to(&mut params.data.borrow_mut(), k) {
                let len = to.len();
                to.copy_from_slice(&numbers[..len]);
            }
        }
        Ok::<(), CudaError>(())
    };
    let all = || {
        home(values, |data, _| Some(&mut data.values), 0)?;
        home(grads, |data, _| Some(&mut data.grads), 0)?;
        (0..MAX_MOMENTS).try_for_each(|k| home(moments[k], |data, k| data.moments.get_mut(k), k))
    };
    all().unwrap_or_else(|e| panic!("{e}"));
    for params in stores {
        params.mirror.borrow_mut().as_mut().expect("it was ahead").ahead = false;
    }
}

/// Makes the mirrors of stores that are alike ready for `instructions`: there, on this device, side by side, with what the host
/// has changed, and with the counters that each update starts from.
///
/// # Errors
/// If the device fails or has no room.
pub(super) fn ready(gpu: &Gpu, stores: &[&Params], instructions: &[Instruction]) -> Result<(), Error> {
    if !side_by_side(gpu, stores) {
        // All of the stores' values are at home before the first mirror goes.
        stores.iter().for_each(|params| drop(params.at_home()));
        let mirrors = Mirror::new(gpu, &stores[0].data.borrow(), stores.len())?;
        for (params, mirror) in stores.iter().zip(mirrors) {
            params.mirror.replace(Some(mirror));
        }
    }
    stores.iter().try_for_each(|params| send(params, instructions))
}

/// Whether the mirrors of `stores` are there, one behind the other.
fn side_by_side(gpu: &Gpu, stores: &[&Params]) -> bool {
    let is_for = |params: &&Params| {
        params.mirror.borrow().as_ref().is_some_and(|mirror| mirror.is_for(gpu, &params.data.borrow()))
    };
    stores.iter().all(is_for) && are_neighbours(stores)
}

/// Whether the mirrors of `stores`, which all have one, lie one behind the other.
fn are_neighbours(stores: &[&Params]) -> bool {
    let id = |params: &Params| params.mirror.borrow().as_ref().expect("there").id;
    let Id { memory, replica } = id(stores[0]);
    stores.iter().enumerate().all(|(k, params)| id(params) == Id { memory, replica: replica + k })
}

/// Sends a mirror what the host has changed, for `instructions`.
fn send(params: &Params, instructions: &[Instruction]) -> Result<(), Error> {
    let foreign =
        updates(instructions).any(|(rule, ids)| ids.iter().any(|&p| !params.data.borrow().is_of(rule, p)));
    if foreign {
        let mut data = params.at_home();
        for (rule, ids) in updates(instructions) {
            ids.iter().for_each(|&p| data.adopt(rule, p));
        }
        drop(data);
        params.mirror.borrow_mut().as_mut().expect("there").version = None;
    }
    let (mut mirror, data) = (params.mirror.borrow_mut(), params.data.borrow());
    let mirror = mirror.as_mut().expect("there");
    mirror.send(&data)?;
    for (_, ids) in updates(instructions) {
        groups(&data.table, ids).try_for_each(|(first, _)| mirror.send_range(&data, first))?;
    }
    Ok(())
}

/// Counts, on the host and for the device, what `instructions` have done there.
pub(super) fn changed_by(params: &Params, instructions: &[Instruction]) {
    let (mut mirror, mut data) = (params.mirror.borrow_mut(), params.data.borrow_mut());
    let (mirror, data) = (mirror.as_mut().expect("made ready"), &mut *data);
    for (_, ids) in updates(instructions) {
        ids.iter().for_each(|p| data.table[p.index()].updates += 1);
        data.step += 1;
        data.version += 1;
        for (first, _) in groups(&data.table, ids) {
            let p = &data.table[first.index()];
            mirror.range_states[first.index()] = Some((p.updates, p.lr_scale));
        }
        mirror.run_state = Some(RunState { step: data.step, seed: data.seed, lr: data.lr });
        mirror.version = Some(data.version);
        mirror.ahead = true;
    }
}

/// The updates among `instructions`.
pub(super) fn updates(
    instructions: &[Instruction],
) -> impl Iterator<Item = (&dyn crate::DynUpdate, &[ParamId])> {
    instructions.iter().filter_map(|i| match &i.action {
        Action::Update(rule, ids) => Some((&**rule, &ids[..])),
        Action::Compute(_) => None,
    })
}
