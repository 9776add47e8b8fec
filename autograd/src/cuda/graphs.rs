//! Sequences as CUDA graphs.
//!
//! A sequence is captured once: for every run its program's launches, with that run's part of the indices as input and a
//! place of its own, in a ring, for what it keeps. Launching it again takes one copy of all that is fed, one call, and one
//! copy of the ring back.
use super::{
    Cuda,
    bound::{Addresses, Bound, Task},
    mirror, same,
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
    /// The programs, by the numbers of their machines, and how often each runs.
    key: Vec<(u64, usize)>,
    /// The launches of each run: what the graph was made of, and whether it is still right.
    bound: Vec<Vec<Bound>>,
    graph: Graph,
    /// What is fed, run after run, before it goes up.
    staging: Staging,
    /// What is kept, run after run, and each part's refusal.
    ring: Buffer,
    _arena: Arena,
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Graphs {
    /// Runs `parts` as a graph if all of their programs are on one device; says whether they are.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If a kernel has refused a value.
    pub(crate) fn run(
        &mut self,
        params: &Params,
        parts: &mut [Part<'_>],
        outputs: &mut [Vec<Outputs>],
    ) -> Result<bool, Error> {
        let machines = parts.iter().map(|part| machine(part.program));
        let Some(machines) = machines.collect::<Option<Vec<&Cuda>>>() else { return Ok(false) };
        let Some(gpu) = machines.first().map(|m| m.gpu.clone()) else { return Ok(false) };
        if machines.iter().any(|m| !same(&m.gpu, &gpu)) {
            return Ok(false);
        }
        for part in parts.iter() {
            mirror::ready(&gpu, params, &part.program.code.instructions)?;
        }
        let k = self.captured(&gpu, params, parts)?;
        let captured = &self.0[k];
        captured.feed(parts)?;
        captured.graph.launch()?;
        for part in parts.iter() {
            (0..part.runs).for_each(|_| mirror::changed_by(params, &part.program.code.instructions));
        }
        captured.read(&gpu, parts, outputs)?;
        parts.iter().for_each(|part| part.program.note_update(params));
        Ok(true)
    }

    /// The number of the graph of `parts`, captured if there is none yet.
    fn captured(&mut self, gpu: &Gpu, params: &Params, parts: &[Part<'_>]) -> Result<usize, Error> {
        let id = |part: &Part<'_>| (machine(part.program).expect("on the device").id, part.runs);
        let known = self.0.iter().position(|captured| captured.key.iter().copied().eq(parts.iter().map(id)));
        if let Some(k) = known {
            if self.0[k].fits(params, parts) {
                return Ok(k);
            }
            self.0.remove(k);
        }
        if self.0.len() == REMEMBERED {
            self.0.remove(0);
        }
        self.0.push(Captured::new(gpu, params, parts, parts.iter().map(id).collect())?);
        Ok(self.0.len() - 1)
    }
}

/// The machine of a program, if it is a GPU.
fn machine(program: &Program) -> Option<&Cuda> {
    let machine: &dyn Any = &*program.machine;
    machine.downcast_ref()
}

impl Captured {
    fn new(gpu: &Gpu, params: &Params, parts: &[Part<'_>], key: Vec<(u64, usize)>) -> Result<Self, Error> {
        let all = |of: fn(&Program) -> Vec<usize>| -> usize {
            parts.iter().map(|part| part.runs * padded(&of(part.program))).sum()
        };
        let feeds = all(fed_bytes);
        let keeps = all(kept_bytes) + parts.len() * Arena::padded(size_of::<Refusal>());
        let mut arena = gpu.arena(Arena::padded(feeds) + Arena::padded(keeps))?;
        let (fed, ring) = (arena.take(feeds)?, arena.take(keeps)?);
        // It is read whole, with what lies between the values.
        gpu.fill(ring, 0)?;
        let (mut next_fed, mut next_kept) = (Pieces::of(fed), Pieces::of(ring));
        let mirror = params.mirror.borrow();
        let mirror = mirror.as_ref().expect("made ready");
        let (mut bound, mut copies) = (Vec::new(), Vec::new());
        for part in parts {
            let (machine, code) = (machine(part.program).expect("on the device"), &part.program.code);
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
                let addresses = Addresses { kept: &kept, ..machine.addresses(&fed, params, mirror) };
                let copy = |&(id, to)| Task::Copy { to, from: addresses.slot(id, &code.slots) };
                copies.push(other.iter().map(copy).collect::<Vec<_>>());
                runs.push(Bound::new(gpu, &machine.plan, code, &addresses)?);
            }
            bound.push(runs);
        }
        let refusals: Vec<(Buffer, Buffer)> = parts
            .iter()
            .map(|part| {
                let from = machine(part.program).expect("on the device").refusal.expect("reserved");
                (next_kept.take(&[size_of::<Refusal>()])[0], from)
            })
            .collect();
        let staging = gpu.staging(feeds)?;
        let graph = gpu.capture(|gpu| {
            gpu.upload_staged(fed, &staging)?;
            for (run, copies) in bound.iter().flatten().zip(&copies) {
                run.enqueue(gpu)?;
                copies.iter().try_for_each(|copy| copy.enqueue(gpu))?;
            }
            refusals.iter().try_for_each(|&(to, from)| gpu.copy(to, from))
        })?;
        Ok(Self { key, bound, graph, staging, ring, _arena: arena })
    }

    /// Whether the addresses and ranges in it are still those of the store.
    fn fits(&self, params: &Params, parts: &[Part<'_>]) -> bool {
        let mirror = params.mirror.borrow();
        let mirror = mirror.as_ref().expect("made ready");
        let mut firsts = self.bound.iter().map(|runs| runs.first()).zip(parts);
        firsts.all(|(bound, part)| bound.is_none_or(|b| b.fits(&part.program.code, params, mirror)))
    }

    /// Writes what is fed where the graph copies it from.
    fn feed(&self, parts: &[Part<'_>]) -> Result<(), Error> {
        let mut at = 0;
        for feed in parts.iter().flat_map(|part| part.feeds) {
            match feed {
                Feed::Real(x) => self.staging.write(at, x)?,
                Feed::U32(x) => self.staging.write(at, x)?,
            }
            at += Arena::padded(4 * feed.len());
        }
        Ok(())
    }

    /// Waits for the graph and reads what it kept.
    fn read(&self, gpu: &Gpu, parts: &[Part<'_>], outputs: &mut [Vec<Outputs>]) -> Result<(), Error> {
        let mut words = vec![0u32; self.ring.bytes() / 4];
        gpu.download(self.ring, &mut words)?;
        let mut rest = &words[..];
        let mut next = |words: usize| {
            let (piece, after) = rest.split_at(Arena::padded(4 * words) / 4);
            rest = after;
            &piece[..words]
        };
        for (part, runs) in parts.iter().zip(outputs) {
            let types: Vec<Type> = part.program.code.types(part.program.kept());
            for run in runs {
                for (ty, values) in types.iter().zip(&mut run.values) {
                    let kept: Vec<f32> = next(ty.len()).iter().map(|&bits| f32::from_bits(bits)).collect();
                    layout::read(&kept, &ty.shape, ty.layout, values);
                }
            }
        }
        for part in parts {
            let words = next(size_of::<Refusal>() / 4);
            let machine = machine(part.program).expect("on the device");
            machine.refuse(words.try_into().expect("four words"))?;
        }
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
