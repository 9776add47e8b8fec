//! Memory of a machine in this process, and the one way an instruction is run in it.
use crate::{
    Action, DType, DynOp, DynUpdate, Feed, In, Instruction, Io, Out, ParamData, ParamId, ParamInfo, Place,
    Slot, SlotId, Source, update::Range,
};
use arrayvec::ArrayVec;
use ferrotape_kernels::Scalar;
use std::{ops, sync::Arc};

/// Numbered buffers of reals and of integers, and the data sets instructions read.
#[derive(Debug)]
pub(crate) struct Memory<S> {
    pub(crate) reals: Vec<Vec<S>>,
    pub(crate) words: Vec<Vec<u32>>,
    pub(crate) sources: Vec<Arc<dyn Source>>,
}

impl<S> Default for Memory<S> {
    fn default() -> Self {
        Self { reals: Vec::new(), words: Vec::new(), sources: Vec::new() }
    }
}

/// The kernels of one machine.
pub(crate) trait Kernels<S> {
    fn compute(&self, op: &dyn DynOp, io: &mut Io<'_, S>);
    fn update(&self, rule: &dyn DynUpdate, range: Range<'_, S>);
}

/// The values that came with a run.
pub(crate) trait Inputs<S> {
    /// Those of input `k`, in the order of its layout.
    fn input(&self, k: u32) -> In<'_, S>;
}

impl Inputs<f32> for [Feed<'_>] {
    fn input(&self, k: u32) -> In<'_, f32> {
        match self[k as usize] {
            Feed::Real(x) => In::Real(x),
            Feed::U32(x) => In::U32(x),
        }
    }
}

/// Values that came with a run, in the arithmetic of the machine.
#[derive(Debug)]
pub(crate) struct Owned<S>(pub Vec<Value<S>>);

/// Those of one input.
#[derive(Debug)]
pub(crate) enum Value<S> {
    Reals(Vec<S>),
    Words(Vec<u32>),
}

impl<S> Default for Owned<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S> Inputs<S> for Owned<S> {
    fn input(&self, k: u32) -> In<'_, S> {
        match &self.0[k as usize] {
            Value::Reals(x) => In::Real(x),
            Value::Words(x) => In::U32(x),
        }
    }
}

/// Names the instruction and the user's line when a kernel panics (a label out of range).
pub(crate) struct Line<'a>(pub &'a Instruction);

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("  in {} at {}", self.0.name(), self.0.loc);
        }
    }
}

/// An output on loan from where it lies.
#[derive(Debug)]
pub(crate) enum Loan<S> {
    Reals(u32, Vec<S>),
    Words(u32, Vec<u32>),
    /// Lies in the flat gradient buffer, which is split around it.
    Grad,
}

impl<S: Scalar> Memory<S> {
    /// Makes room for `slot` in its buffer.
    pub(crate) fn reserve(&mut self, slot: &Slot) {
        fn grow<T: Copy>(buffers: &mut Vec<Vec<T>>, b: usize, len: usize, fill: T) {
            if buffers.len() <= b {
                buffers.resize_with(b + 1, Vec::new);
            }
            if buffers[b].len() < len {
                buffers[b].resize(len, fill);
            }
        }
        if let Place::Buffer(b) = slot.place {
            match slot.ty.dtype {
                DType::Real => grow(&mut self.reals, b as usize, slot.ty.len(), S::ZERO),
                _ => grow(&mut self.words, b as usize, slot.ty.len(), 0),
            }
        }
    }

    /// Writes real values into an input, in memory order.
    pub(crate) fn write_reals(&mut self, slot: &Slot, values: impl Iterator<Item = S>) {
        let Place::Buffer(b) = slot.place else { panic!("an input lies in a buffer") };
        for (memory, value) in self.reals[b as usize][..slot.ty.len()].iter_mut().zip(values) {
            *memory = value;
        }
    }

    /// Writes integers into an input.
    pub(crate) fn write_words(&mut self, slot: &Slot, values: &[u32]) {
        let Place::Buffer(b) = slot.place else { panic!("an input lies in a buffer") };
        self.words[b as usize][..slot.ty.len()].copy_from_slice(values);
    }

    /// Real values of a slot in memory order.
    pub(crate) fn reals<'a>(&'a self, slot: &Slot, params: &'a ParamData<S>) -> &'a [S] {
        match slot.place {
            Place::Buffer(b) => &self.reals[b as usize][..slot.ty.len()],
            Place::Param(p) => &params.values[params.table[p.index()].range.clone()],
            Place::Grad(p) => &params.grads[params.table[p.index()].range.clone()],
            place => panic!("the machine has no real values in {place:?}"),
        }
    }

    /// Integers of a slot in memory order.
    pub(crate) fn words(&self, slot: &Slot) -> &[u32] {
        let Place::Buffer(b) = slot.place else { panic!("integers lie in buffers") };
        &self.words[b as usize][..slot.ty.len()]
    }

    /// Runs one instruction: eager execution and replay are this.
    ///
    /// Outputs are taken out of their buffers and put back, so inputs and outputs can be borrowed at the same time
    /// and nothing is allocated.
    pub(crate) fn execute(
        &mut self,
        i: &Instruction,
        slots: &[Slot],
        inputs: &(impl Inputs<S> + ?Sized),
        params: &mut ParamData<S>,
        kernels: &impl Kernels<S>,
    ) {
        let _line = Line(i);
        match &i.action {
            Action::Compute(op) => self.compute(&**op, i, slots, inputs, params, kernels),
            Action::Update(rule, ids) => self.update((&**rule, ids, &i.x), slots, inputs, params, kernels),
        }
    }

    fn compute(
        &mut self,
        op: &dyn DynOp,
        i: &Instruction,
        slots: &[Slot],
        inputs: &(impl Inputs<S> + ?Sized),
        params: &mut ParamData<S>,
        kernels: &impl Kernels<S>,
    ) {
        let (step, seed) = (params.step, params.seed);
        let grad_out = i.y.iter().find_map(|y| grad_range(&slots[y.index()], params));
        let (before, mut out, after) = split(&mut params.grads, grad_out.clone());
        let mut loans: ArrayVec<Loan<S>, { crate::MAX_OUTPUTS }> =
            i.y.iter().map(|y| self.lend(&slots[y.index()])).collect();

        let mut io = Io { x: ArrayVec::new(), y: ArrayVec::new(), step, seed, first_image: 0 };
        for x in &i.x {
            let slot = &slots[x.index()];
            let len = slot.ty.len();
            let value = match (slot.place, slot.ty.dtype) {
                (Place::Buffer(b), DType::Real) => In::Real(&self.reals[b as usize][..len]),
                (Place::Buffer(b), _) => In::U32(&self.words[b as usize][..len]),
                (Place::Param(p), _) => In::Real(&params.values[params.table[p.index()].range.clone()]),
                (Place::Grad(p), _) => {
                    let r = params.table[p.index()].range.clone();
                    In::Real(if r.end <= before.len() {
                        &before[r]
                    } else {
                        let skip = grad_out.as_ref().map_or(0, |o| o.end);
                        &after[r.start - skip..r.end - skip]
                    })
                }
                (Place::Fed(k), _) => inputs.input(k),
                (Place::Source(s), _) => In::Records(&*self.sources[s as usize]),
            };
            io.x.push((slot.ty, value));
        }
        for (y, loan) in i.y.iter().zip(&mut loans) {
            let ty = slots[y.index()].ty;
            let value = match loan {
                Loan::Reals(_, v) => Out::Real(&mut v[..ty.len()]),
                Loan::Words(_, v) => Out::U32(&mut v[..ty.len()]),
                Loan::Grad => Out::Real(out.take().expect("one output in the gradient buffer")),
            };
            io.y.push((ty, Some(poison(value))));
        }
        kernels.compute(op, &mut io);
        drop(io);
        loans.into_iter().for_each(|loan| self.give_back(loan));
    }

    /// Takes what an output lies in out of the memory.
    pub(crate) fn lend(&mut self, slot: &Slot) -> Loan<S> {
        match (slot.place, slot.ty.dtype) {
            (Place::Buffer(b), DType::Real) => Loan::Reals(b, std::mem::take(&mut self.reals[b as usize])),
            (Place::Buffer(b), _) => Loan::Words(b, std::mem::take(&mut self.words[b as usize])),
            (Place::Grad(_), _) => Loan::Grad,
            (place, _) => panic!("an instruction cannot write {place:?}"),
        }
    }

    /// Undoes [`Self::lend`].
    pub(crate) fn give_back(&mut self, loan: Loan<S>) {
        match loan {
            Loan::Reals(b, v) => self.reals[b as usize] = v,
            Loan::Words(b, v) => self.words[b as usize] = v,
            Loan::Grad => {}
        }
    }

    fn update(
        &self,
        (rule, ids, grads): (&dyn DynUpdate, &[ParamId], &[SlotId]),
        slots: &[Slot],
        inputs: &(impl Inputs<S> + ?Sized),
        params: &mut ParamData<S>,
        kernels: &impl Kernels<S>,
    ) {
        for (&p, g) in ids.iter().zip(grads) {
            self.gather_gradient(p, &slots[g.index()], inputs, params);
        }
        params.step += 1;
        params.version += 1;
        ids.iter().for_each(|&p| count(rule, params, p));
        let ParamData { table, values, grads, moments, lr, .. } = params;
        for (first, range) in groups(table, ids) {
            let &ParamInfo { updates, lr_scale, .. } = &table[first.index()];
            let moments = moments.iter_mut().take(rule.moments());
            let moments = moments.map(|m| &mut m[range.clone()]).collect();
            let (values, grads) = (&mut values[range.clone()], &grads[range]);
            kernels.update(rule, Range { values, grads, moments, step: updates, lr: *lr * lr_scale });
        }
    }

    /// Puts the gradient of `p` into the flat buffer, unless the planner had it written there.
    fn gather_gradient(
        &self,
        p: ParamId,
        slot: &Slot,
        inputs: &(impl Inputs<S> + ?Sized),
        params: &mut ParamData<S>,
    ) {
        let to = params.table[p.index()].range.clone();
        match slot.place {
            Place::Grad(q) if q == p => {}
            Place::Grad(q) => params.grads.copy_within(params.table[q.index()].range.clone(), to.start),
            Place::Buffer(b) => params.grads[to].copy_from_slice(&self.reals[b as usize][..slot.ty.len()]),
            Place::Param(q) => {
                let ParamData { grads, values, table, .. } = params;
                grads[to].copy_from_slice(&values[table[q.index()].range.clone()]);
            }
            Place::Fed(k) => match inputs.input(k) {
                In::Real(x) => params.grads[to].copy_from_slice(x),
                _ => unreachable!("a gradient is real"),
            },
            Place::Source(_) => unreachable!("a gradient is no data set"),
        }
    }
}

fn grad_range<S>(slot: &Slot, params: &ParamData<S>) -> Option<ops::Range<usize>> {
    match slot.place {
        Place::Grad(p) => Some(params.table[p.index()].range.clone()),
        _ => None,
    }
}

/// Splits the gradient buffer around the range that is about to be written.
fn split<S>(grads: &mut [S], out: Option<ops::Range<usize>>) -> (&[S], Option<&mut [S]>, &[S]) {
    let Some(range) = out else { return (grads, None, &[]) };
    let (before, rest) = grads.split_at_mut(range.start);
    let (out, after) = rest.split_at_mut(range.len());
    (before, Some(out), after)
}

/// Counts one more update of `p` by `rule`.
fn count<S: Scalar>(rule: &dyn DynUpdate, params: &mut ParamData<S>, p: ParamId) {
    params.adopt(rule, p);
    params.table[p.index()].updates += 1;
}

impl<S: Scalar> ParamData<S> {
    /// Whether `p` was last updated by `rule`, whose moments are there.
    #[cfg(feature = "cuda")]
    pub(crate) fn is_of(&self, rule: &dyn DynUpdate, p: ParamId) -> bool {
        self.moments.len() >= rule.moments() && self.table[p.index()].rule == rule.name()
    }

    /// Makes `p` a parameter that `rule` updates: its moments start at zero where another rule had it before.
    pub(crate) fn adopt(&mut self, rule: &dyn DynUpdate, p: ParamId) {
        let Self { table, moments, values, .. } = self;
        while moments.len() < rule.moments() {
            moments.push(vec![S::ZERO; values.len()]);
        }
        let p = &mut table[p.index()];
        if p.rule != rule.name() {
            moments.iter_mut().for_each(|m| m[p.range.clone()].fill(S::ZERO));
            (p.rule, p.updates) = (rule.name().to_owned(), 0);
        }
    }
}

/// `ids` (sorted) in groups of those that lie together and are updated alike: the first of each, and where it lies.
pub(crate) fn groups<'a>(
    table: &'a [ParamInfo],
    ids: &'a [ParamId],
) -> impl Iterator<Item = (ParamId, ops::Range<usize>)> + 'a {
    let mut rest = ids;
    std::iter::from_fn(move || {
        let id = *rest.first()?;
        let first = &table[id.index()];
        let mut range = first.range.clone();
        let mut count = 1;
        for p in &rest[1..] {
            let next = &table[p.index()];
            let alike = (next.lr_scale, next.updates) == (first.lr_scale, first.updates);
            if !alike || next.range.start != range.end {
                break;
            }
            range.end = next.range.end;
            count += 1;
        }
        rest = &rest[count..];
        Some((id, range))
    })
}

/// In debug builds an output starts as NaN, so a kernel that leaves an element unwritten is found out.
pub(crate) fn poison<S: Scalar>(out: Out<'_, S>) -> Out<'_, S> {
    match out {
        Out::Real(y) if cfg!(debug_assertions) => {
            y.fill(S::from_f64(f64::NAN));
            Out::Real(y)
        }
        Out::U32(y) if cfg!(debug_assertions) => {
            y.fill(u32::MAX);
            Out::U32(y)
        }
        out => out,
    }
}
