//! Sequences as CUDA graphs.
//!
//! A sequence is captured once: for every run its program's launches, with that run's part of the indices as input and a
//! place of its own, in a ring, for what it keeps. Launching it again takes one copy of all that is fed, one call, and one
//! copy of the ring back.
//!
//! Stores that are run side by side, the *replicas*, share a graph of as many launches as one has: each launch has the blocks of
//! all of them, and all memory but the data sets is there once for each, at equal distances.
use super::{
    Cuda,
    bound::{Addresses, Bound, Task},
    mirror, refuse, same,
};
use crate::{Error, Feed, Outputs, Params, Part, Program, SlotId, Type, layout};
use ferrotape_kernels::cuda::{Arena, Buffer, Gpu, Graph, Refusal, Staging};
use std::{any::Any, fmt};

/// Sequences that were captured before.
#[derive(Debug, Default)]
pub(crate) struct Graphs(Vec<Captured>);

/// Sequences that are remembered: a training has one up to each record, one up to the end of an epoch, and those without
/// validation.
const REMEMBERED: usize = 8;

/// A sequence on its device.
struct Captured {
    /// How many stores side by side; the programs, by the numbers of their machines, and how often each runs.
    key: (usize, Vec<(u64, usize)>),
    /// The launches of each run: what the graph was made of, and whether it is still right.
    bound: Vec<Vec<Bound>>,
    graph: Graph,
    /// What is fed, run after run and replica after replica, before it goes up.
    staging: Staging,
    fed: Buffer,
    /// What is kept, run after run, and each part's refusal; and that of the other replicas.
    ring: Buffer,
    _arena: Arena,
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Graphs {
    /// Runs `parts` as a graph if all of their programs are on one device, for stores that are alike; says whether they are.
    /// `[replica][part][run]` of `outputs` get what is kept.
    ///
    /// # Errors
    /// If the device fails or has no room.
    ///
    /// # Panics
    /// If a kernel has refused a value.
    pub(crate) fn run(
        &mut self,
        stores: &[&Params],
        parts: &mut [Part<'_>],
        outputs: &mut [Vec<Vec<Outputs>>],
    ) -> Result<bool, Error> {
        let machines = parts.iter().map(|part| machine(part.program));
        let Some(machines) = machines.collect::<Option<Vec<&Cuda>>>() else { return Ok(false) };
        let Some(gpu) = machines.first().map(|m| m.gpu.clone()) else { return Ok(false) };
        if machines.iter().any(|m| !same(&m.gpu, &gpu)) {
            return Ok(false);
        }
        for part in parts.iter_mut() {
            mirror::ready(&gpu, stores, &part.program.code.instructions)?;
            let Program { machine, code, .. } = &mut *part.program;
            let machine: &mut dyn Any = &mut **machine;
            machine.downcast_mut::<Cuda>().expect("on the device").widen(code, stores.len())?;
        }
        let k = self.captured(&gpu, stores, parts)?;
        let captured = &self.0[k];
        captured.feed(parts)?;
        captured.graph.launch()?;
        for (params, part) in stores.iter().flat_map(|params| parts.iter().map(move |part| (params, part))) {
            (0..part.runs).for_each(|_| mirror::changed_by(params, &part.program.code.instructions));
            part.program.note_update(params);
        }
        captured.read(&gpu, parts, outputs)?;
        Ok(true)
    }

    /// The number of the graph of `parts`, captured if there is none yet.
    fn captured(&mut self, gpu: &Gpu, stores: &[&Params], parts: &[Part<'_>]) -> Result<usize, Error> {
        let id = |part: &Part<'_>| (machine(part.program).expect("on the device").id, part.runs);
        let key = (stores.len(), parts.iter().map(id).collect());
        if let Some(k) = self.0.iter().position(|captured| captured.key == key) {
            if self.0[k].fits(stores, parts) {
                return Ok(k);
            }
            self.0.remove(k);
        }
        if self.0.len() == REMEMBERED {
            self.0.remove(0);
        }
        self.0.push(Captured::new(gpu, stores, parts, key)?);
        Ok(self.0.len() - 1)
    }
}

/// The machine of a program, if it is a GPU.
fn machine(program: &Program) -> Option<&Cuda> {
    let machine: &dyn Any = &*program.machine;
    machine.downcast_ref()
}

impl Captured {
    fn new(
        gpu: &Gpu,
        stores: &[&Params],
        parts: &[Part<'_>],
        key: (usize, Vec<(u64, usize)>),
    ) -> Result<Self, Error> {
        let (replicas, params) = (stores.len(), stores[0]);
        let all = |of: fn(&Program) -> Vec<usize>| -> usize {
            parts.iter().map(|part| part.runs * padded(&of(part.program))).sum()
        };
        let feeds = all(fed_bytes);
        let keeps = all(kept_bytes) + parts.len() * Arena::padded(size_of::<Refusal>());
        let mut arena = gpu.arena(replicas * (Arena::padded(feeds) + Arena::padded(keeps)))?;
        let (fed, ring) = (arena.take_each(feeds, replicas)?, arena.take_each(keeps, replicas)?);
        // It is read whole, with what lies between the values; and nothing is refused yet.
        gpu.fill(ring.of_all(replicas), 0)?;
        let (mut next_fed, mut next_kept) = (Pieces::of(fed), Pieces::of(ring));
        let mirror = params.mirror.borrow();
        let mirror = mirror.as_ref().expect("made ready");
        let (mut bound, mut copies) = (Vec::new(), Vec::new());
        for part in parts {
            let (machine, code) = (machine(part.program).expect("on the device"), &part.program.code);
            let refusal = next_kept.take(&[size_of::<Refusal>()])[0];
            let mut runs = Vec::new();
            for _ in 0..part.runs {
                let fed = next_fed.take(&fed_bytes(part.program));
                let (mut kept, mut other) = (Vec::<(SlotId, Buffer)>::new(), Vec::new());
                for (&id, to) in part.program.kept().iter().zip(next_kept.take(&kept_bytes(part.program))) {
                    let known = kept.iter().any(|(k, _)| *k == id);
                    // What no instruction writes to a buffer (a constant, a parameter), or is kept twice, is copied.
                    let copied = known || !code.writes_buffer(id);
                    if copied { &mut other } else { &mut kept }.push((id, to));
                }
                let general = machine.addresses(&fed, params, mirror);
                let addresses = Addresses { kept: &kept, refusal, replicas, ..general };
                let copy = |&(id, to)| addresses.copies(to, addresses.slot(id, &code.slots));
                copies.push(other.iter().flat_map(copy).collect::<Vec<Task>>());
                runs.push(Bound::new(gpu, &machine.plan, code, &addresses)?);
            }
            bound.push(runs);
        }
        let staging = gpu.staging(fed.of_all(replicas).bytes())?;
        let graph = gpu.capture(|gpu| {
            gpu.upload_staged(fed.of_all(replicas), &staging)?;
            for (run, copies) in bound.iter().flatten().zip(&copies) {
                run.enqueue(gpu)?;
                copies.iter().try_for_each(|copy| copy.enqueue(gpu))?;
            }
            Ok(())
        })?;
        Ok(Self { key, bound, graph, staging, fed, ring, _arena: arena })
    }

    /// Whether the addresses and ranges in it are still those of the stores, which are alike.
    fn fits(&self, stores: &[&Params], parts: &[Part<'_>]) -> bool {
        let mirror = stores[0].mirror.borrow();
        let mirror = mirror.as_ref().expect("made ready");
        let mut firsts = self.bound.iter().map(|runs| runs.first()).zip(parts);
        firsts.all(|(bound, part)| bound.is_none_or(|b| b.fits(&part.program.code, stores[0], mirror)))
    }

    /// Writes what is fed where the graph copies it from.
    fn feed(&self, parts: &[Part<'_>]) -> Result<(), Error> {
        for replica in 0..self.key.0 {
            let mut at = replica * self.fed.distance();
            for feed in parts.iter().flat_map(|part| part.feeds_of(replica)) {
                match feed {
                    Feed::Real(x) => self.staging.write(at, x)?,
                    Feed::U32(x) => self.staging.write(at, x)?,
                }
                at += Arena::padded(4 * feed.len());
            }
        }
        Ok(())
    }

    /// Waits for the graph and reads what it kept.
    ///
    /// # Panics
    /// If a kernel has refused a value.
    fn read(&self, gpu: &Gpu, parts: &[Part<'_>], outputs: &mut [Vec<Vec<Outputs>>]) -> Result<(), Error> {
        let ring = self.ring.of_all(self.key.0);
        let mut words = vec![0u32; ring.bytes() / 4];
        gpu.download(ring, &mut words)?;
        let types: Vec<Vec<Type>> =
            parts.iter().map(|part| part.program.code.types(part.program.kept())).collect();
        let mut refusals: Vec<[u32; 4]> = Vec::new();
        for (words, outputs) in words.chunks(self.ring.distance() / 4).zip(outputs) {
            let mut rest = words;
            let mut next = |words: usize| {
                let (piece, after) = rest.split_at(Arena::padded(4 * words) / 4);
                rest = after;
                &piece[..words]
            };
            for (types, runs) in types.iter().zip(outputs) {
                refusals.push(next(size_of::<Refusal>() / 4).try_into().expect("four words"));
                for (ty, values) in runs.iter_mut().flat_map(|run| types.iter().zip(&mut run.values)) {
                    let kept: Vec<f32> = next(ty.len()).iter().map(|&bits| f32::from_bits(bits)).collect();
                    layout::read(&kept, &ty.shape, ty.layout, values);
                }
            }
        }
        if refusals.iter().any(|words| *words != [0; 4]) {
            gpu.fill(ring, 0)?;
        }
        refusals.into_iter().for_each(refuse);
        Ok(())
    }
}

/// A buffer handed out from the front.
struct Pieces {
    of: Buffer,
    next: usize,
}

impl Pieces {
    fn of(of: Buffer) -> Self {
        Self { of, next: 0 }
    }

    /// A piece of each of these sizes, aligned as buffers are.
    fn take(&mut self, sizes: &[usize]) -> Vec<Buffer> {
        let piece = |&bytes: &usize| {
            let piece = self.of.part(self.next, bytes);
            self.next += Arena::padded(bytes);
            piece
        };
        sizes.iter().map(piece).collect()
    }
}

fn padded(sizes: &[usize]) -> usize {
    sizes.iter().map(|&bytes| Arena::padded(bytes)).sum()
}

/// Bytes of each value that a run is fed.
fn fed_bytes(program: &Program) -> Vec<usize> {
    bytes(program, &program.code.feeds)
}

/// Bytes of each value that it keeps.
fn kept_bytes(program: &Program) -> Vec<usize> {
    bytes(program, program.kept())
}

fn bytes(program: &Program, slots: &[SlotId]) -> Vec<usize> {
    slots.iter().map(|&id| program.code.slot(id).ty.bytes() as usize).collect()
}
