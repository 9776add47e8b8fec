//! Running a chain: chunks of images go through all of its instructions, one chunk a thread at a time.
//!
//! Outputs that somebody else reads are split between the chunks; what only the chain reads lies in memory of the
//! thread, for the images of one chunk. A sum over images is summed for fixed parts of the batch, by whichever thread
//! has them, and then as a tree: chunks never change a bit.
use crate::{
    Action, Chain, Code, DType, DynOp, Feed, In, Instruction, Io, Out, ParamData, Place, Share, SlotId, Type,
    memory::{self, Inputs, Line, Memory, poison},
    plan::{buffers::Buffers, chain::MAX_CHAIN},
};
use arrayvec::ArrayVec;
use ferrotape_kernels::{Cpu, PARTS, Parts, Pool, reduce};
use std::{collections::VecDeque, mem, ops::Range, sync::Mutex};

/// Images of a chunk, about: so many rows fill a register tile of the input gradient, and the activations of so many
/// fit the second-level cache.
const IMAGES: usize = 13;
/// The same where nothing is summed over images.
const IMAGES_FORWARD: usize = 8;
/// The most chunks.
const MAX_CHUNKS: usize = 64;

/// Where an instruction of a chain finds an operand or leaves an output.
#[derive(Copy, Clone, Debug)]
enum At {
    /// Memory that the chain does not write.
    Outside(SlotId),
    /// The images of this chunk in an output of the chain.
    Piece(usize),
    /// A buffer of the thread.
    Local(u32),
    /// A sum over images.
    Sum(usize),
}

/// An operand or output.
#[derive(Copy, Clone, Debug)]
struct Value {
    at: At,
    share: Share,
    ty: Type,
}

/// A chain made ready to run.
#[derive(Debug)]
pub(crate) struct Runner {
    range: Range<usize>,
    /// For each instruction, its operands and outputs.
    values: Vec<(Vec<Value>, Vec<Value>)>,
    chunks: Vec<Chunk>,
    /// Outputs that are split between the chunks.
    pieces: Vec<SlotId>,
    /// Outputs that are sums, and the sums of the parts.
    sums: Vec<(SlotId, Vec<f32>)>,
    /// Memory that the pieces are taken from while the chain runs.
    taken: Vec<memory::Loan<f32>>,
    /// One a thread, taken in turn: all of them have the memory they need after the first run, whoever ran.
    threads: Mutex<VecDeque<Thread>>,
}

/// Some images of the batch.
#[derive(Clone, Debug)]
struct Chunk {
    images: Range<usize>,
    parts: Parts,
}

/// What a thread needs for a chunk.
#[derive(Debug)]
struct Thread {
    cpu: Cpu,
    reals: Vec<Vec<f32>>,
    words: Vec<Vec<u32>>,
}

/// Outputs of one chunk.
#[derive(Default)]
struct Task<'a> {
    pieces: ArrayVec<Out<'a, f32>, MAX_CHAIN>,
    sums: ArrayVec<&'a mut [f32], MAX_CHAIN>,
}

/// An output while its instruction runs.
enum Loan<'a> {
    Piece(usize, Out<'a, f32>),
    Sum(usize, &'a mut [f32]),
    Reals(u32, Vec<f32>),
    Words(u32, Vec<u32>),
}

impl Runner {
    pub fn new(code: &Code, chain: &Chain, cpu: &Cpu) -> Self {
        let mut places = Places { code, chain, known: Vec::new(), pieces: Vec::new(), sums: Vec::new() };
        let instructions = &code.instructions[chain.range.clone()];
        let locals = places.locals(instructions);
        let values: Vec<_> = instructions.iter().map(|i| places.values(i)).collect();
        let Places { pieces, sums, .. } = places;
        let chunks = chunks(chain.images, cpu.threads(), !sums.is_empty());
        let most = chunks.iter().map(|c| c.images.len()).max().unwrap_or(0);
        let thread = || Thread {
            cpu: Cpu::with_isa(&Pool::new(1), cpu.isa()).expect("the processor has it"),
            reals: locals.0.sizes().iter().map(|len| vec![0.0; len * most]).collect(),
            words: locals.1.sizes().iter().map(|len| vec![0; len * most]).collect(),
        };
        let sum = |id: SlotId| (id, vec![0.0; chain.images.min(PARTS) * code.slot(id).ty.len()]);
        Self {
            range: chain.range.clone(),
            values,
            taken: Vec::with_capacity(pieces.len()),
            threads: Mutex::new((0..cpu.threads().min(chunks.len())).map(|_| thread()).collect()),
            chunks,
            pieces,
            sums: sums.into_iter().map(sum).collect(),
        }
    }

    /// Runs the chain once.
    pub fn run(
        &mut self,
        code: &Code,
        feeds: &[Feed<'_>],
        memory: &mut Memory<f32>,
        params: &mut ParamData,
        cpu: &Cpu,
    ) {
        let (step, seed) = (params.step, params.seed);
        for &id in &self.pieces {
            self.taken.push(memory.lend(code.slot(id)));
        }
        let Self { range, values: operands, chunks, pieces, sums, taken, threads } = self;
        let threads = &*threads;
        let mut tasks = tasks(chunks, code, pieces, sums, taken);
        let outside = Outside { code, feeds, memory, params };
        cpu.pool().for_each_chunk(&mut tasks, 1, |c, task| {
            let mut thread =
                threads.lock().expect("no panic while locked").pop_front().expect("one a thread");
            for (i, (x, y)) in code.instructions[range.clone()].iter().zip(&*operands) {
                let _line = Line(i);
                let Action::Compute(op) = &i.action else { unreachable!("an update is in no chain") };
                execute(&**op, (x, y), &chunks[c], &mut task[0], &mut thread, &outside, (step, seed));
            }
            threads.lock().expect("no panic while locked").push_back(thread);
        });
        drop(tasks);
        self.taken.drain(..).for_each(|loan| memory.give_back(loan));
        for (id, partials) in &self.sums {
            let slot = code.slot(*id);
            let y = match slot.place {
                Place::Buffer(b) => &mut memory.reals[b as usize][..slot.ty.len()],
                Place::Grad(p) => &mut params.grads[params.table[p.index()].range.clone()],
                place => panic!("an instruction cannot write {place:?}"),
            };
            reduce::cpu::tree(partials, y, cpu);
        }
    }
}

/// What a chain reads and does not write.
struct Outside<'a> {
    code: &'a Code,
    feeds: &'a [Feed<'a>],
    memory: &'a Memory<f32>,
    params: &'a ParamData,
}

impl<'a> Outside<'a> {
    /// The slot, or its part that belongs to `images`.
    fn get(&self, id: SlotId, share: Share, images: &Range<usize>) -> In<'a, f32> {
        let slot = self.code.slot(id);
        let range = match share {
            Share::Each => {
                let image = slot.ty.len() / slot.ty.shape.dim(0);
                images.start * image..images.end * image
            }
            _ => 0..slot.ty.len(),
        };
        let whole = match (slot.place, slot.ty.dtype) {
            (place @ Place::Grad(_), _) => panic!("a chain does not read {place:?}"),
            (Place::Source(s), _) => In::Records(&*self.memory.sources[s as usize]),
            (Place::Fed(k), _) => self.feeds.input(k),
            (_, DType::Real) => In::Real(self.memory.reals(slot, self.params)),
            _ => In::U32(self.memory.words(slot)),
        };
        match whole {
            In::Real(x) => In::Real(&x[range]),
            In::U32(x) => In::U32(&x[range]),
            records => records,
        }
    }
}

/// Runs one instruction for one chunk.
fn execute(
    op: &dyn DynOp,
    (x, y): (&[Value], &[Value]),
    chunk: &Chunk,
    task: &mut Task<'_>,
    thread: &mut Thread,
    outside: &Outside<'_>,
    (step, seed): (u64, u64),
) {
    let n = chunk.images.len();
    let ty = |v: &Value| if v.share == Share::Each { v.ty.of_images(n) } else { v.ty };
    let mut loans: ArrayVec<Loan<'_>, { crate::MAX_OUTPUTS }> = y
        .iter()
        .map(|v| match (v.at, v.ty.dtype) {
            (At::Piece(k), _) => Loan::Piece(k, mem::replace(&mut task.pieces[k], Out::U32(&mut []))),
            (At::Sum(k), _) => Loan::Sum(k, mem::take(&mut task.sums[k])),
            (At::Local(b), DType::Real) => Loan::Reals(b, mem::take(&mut thread.reals[b as usize])),
            (At::Local(b), _) => Loan::Words(b, mem::take(&mut thread.words[b as usize])),
            (At::Outside(id), _) => unreachable!("{id} is written by the chain"),
        })
        .collect();
    let first_image = chunk.images.start;
    let mut io = Io { x: ArrayVec::new(), y: ArrayVec::new(), step, seed, first_image };
    for v in x {
        let ty = ty(v);
        let value = match (v.at, ty.dtype) {
            (At::Outside(id), _) => outside.get(id, v.share, &chunk.images),
            (At::Piece(k), _) => match &task.pieces[k] {
                Out::Real(x) => In::Real(x),
                Out::U32(x) => In::U32(x),
            },
            (At::Local(b), DType::Real) => In::Real(&thread.reals[b as usize][..ty.len()]),
            (At::Local(b), _) => In::U32(&thread.words[b as usize][..ty.len()]),
            (At::Sum(_), _) => unreachable!("a sum is not there before the chain has ended"),
        };
        io.x.push((ty, value));
    }
    for (v, loan) in y.iter().zip(&mut loans) {
        let ty = ty(v);
        let out = match loan {
            Loan::Piece(_, Out::Real(y)) => Out::Real(y),
            Loan::Piece(_, Out::U32(y)) => Out::U32(y),
            Loan::Sum(_, y) => Out::Real(y),
            Loan::Reals(_, y) => Out::Real(&mut y[..ty.len()]),
            Loan::Words(_, y) => Out::U32(&mut y[..ty.len()]),
        };
        io.y.push((ty, Some(poison(out))));
    }
    if y.iter().any(|v| v.share == Share::Sum) {
        op.cpu_parts(&mut io, &chunk.parts, &thread.cpu);
    } else {
        op.cpu(&mut io, &thread.cpu);
    }
    drop(io);
    for loan in loans {
        match loan {
            Loan::Piece(k, y) => task.pieces[k] = y,
            Loan::Sum(k, y) => task.sums[k] = y,
            Loan::Reals(b, y) => thread.reals[b as usize] = y,
            Loan::Words(b, y) => thread.words[b as usize] = y,
        }
    }
}

/// Splits the outputs of a chain between its chunks.
fn tasks<'a>(
    chunks: &[Chunk],
    code: &Code,
    pieces: &[SlotId],
    sums: &'a mut [(SlotId, Vec<f32>)],
    taken: &'a mut [memory::Loan<f32>],
) -> ArrayVec<Task<'a>, MAX_CHUNKS> {
    let mut tasks: ArrayVec<Task<'a>, MAX_CHUNKS> = chunks.iter().map(|_| Task::default()).collect();
    for (id, taken) in pieces.iter().zip(taken) {
        let ty = code.slot(*id).ty;
        let image = ty.len() / ty.shape.dim(0);
        let lens = chunks.iter().map(|c| c.images.len() * image);
        match taken {
            memory::Loan::Reals(_, v) => split(v, lens, |c, y| tasks[c].pieces.push(Out::Real(y))),
            memory::Loan::Words(_, v) => split(v, lens, |c, y| tasks[c].pieces.push(Out::U32(y))),
            memory::Loan::Grad => panic!("a chain does not split the gradient of a parameter"),
        }
    }
    for (id, partials) in sums {
        let lens = chunks.iter().map(|c| c.parts.len() * code.slot(*id).ty.len());
        split(partials, lens, |c, y| tasks[c].sums.push(y));
    }
    tasks
}

/// Calls `give` with each of the first pieces of `y`, which have these lengths.
fn split<'a, T>(y: &'a mut [T], lens: impl Iterator<Item = usize>, mut give: impl FnMut(usize, &'a mut [T])) {
    let mut rest = y;
    for (c, len) in lens.enumerate() {
        let (piece, after) = rest.split_at_mut(len);
        give(c, piece);
        rest = after;
    }
}

/// Equally many chunks for each thread, of whole parts where something is summed over images.
fn chunks(images: usize, threads: usize, sums: bool) -> Vec<Chunk> {
    let about = |len: usize| images.div_ceil(len).next_multiple_of(threads);
    let all = Parts::of(images);
    if sums {
        return all.split(about(IMAGES)).map(|parts| Chunk { images: parts.images(), parts }).collect();
    }
    let count = about(IMAGES_FORWARD).min(images).min(MAX_CHUNKS);
    let chunk = |c| Chunk { images: c * images / count..(c + 1) * images / count, parts: all.clone() };
    (0..count).map(chunk).collect()
}

/// Decides where everything lies.
struct Places<'a> {
    code: &'a Code,
    chain: &'a Chain,
    /// What the chain writes, so far.
    known: Vec<(SlotId, At)>,
    pieces: Vec<SlotId>,
    sums: Vec<SlotId>,
}

impl Places<'_> {
    /// Gives the local slots buffers, shared where their lives do not meet: (reals, integers), lengths an image.
    fn locals(&mut self, instructions: &[Instruction]) -> (Buffers, Buffers) {
        let mut buffers = (Buffers::default(), Buffers::default());
        let is_local = |id: &&SlotId| self.chain.local.contains(id);
        for (k, i) in instructions.iter().enumerate() {
            for id in i.y.iter().filter(is_local) {
                let ty = self.code.slot(*id).ty;
                let image = ty.len() / self.chain.images;
                let of = if ty.dtype == DType::Real { &mut buffers.0 } else { &mut buffers.1 };
                self.known.push((*id, At::Local(of.take(image))));
            }
            let mut done: Vec<SlotId> = i.x.iter().chain(&i.y).filter(is_local).copied().collect();
            done.retain(|id| !instructions[k + 1..].iter().any(|i| i.x.contains(id)));
            done.sort();
            done.dedup();
            for id in done {
                let at = self.known.iter().find(|(known, _)| *known == id);
                let Some((_, At::Local(b))) = at else { unreachable!("written before it is read") };
                let real = self.code.slot(id).ty.dtype == DType::Real;
                if real { &mut buffers.0 } else { &mut buffers.1 }.release(*b);
            }
        }
        buffers
    }

    /// Operands and outputs of the next instruction.
    fn values(&mut self, i: &Instruction) -> (Vec<Value>, Vec<Value>) {
        let Action::Compute(op) = &i.action else { unreachable!("an update is in no chain") };
        let by_image = op.by_image(&self.code.types(&i.x)).expect("it splits");
        let value = |id: SlotId, at, share| Value { at, share, ty: self.code.slot(id).ty };
        let at = |known: &[(SlotId, At)], id: SlotId| {
            known.iter().find(|(k, _)| *k == id).map_or(At::Outside(id), |(_, at)| *at)
        };
        let x =
            i.x.iter().zip(by_image.x).map(|(&id, &share)| value(id, at(&self.known, id), share)).collect();
        let mut y = Vec::new();
        for (&id, &share) in i.y.iter().zip(by_image.y) {
            let place = match (at(&self.known, id), share) {
                (local @ At::Local(_), _) => local,
                (_, Share::Sum) => {
                    self.sums.push(id);
                    At::Sum(self.sums.len() - 1)
                }
                _ => {
                    self.pieces.push(id);
                    At::Piece(self.pieces.len() - 1)
                }
            };
            self.known.push((id, place));
            y.push(value(id, place, share));
        }
        (x, y)
    }
}
