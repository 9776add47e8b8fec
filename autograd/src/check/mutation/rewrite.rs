//! What can be done to an instruction.
use super::exchange::Exchange;
use crate::{
    Action, Code, DType, DynOp, Instruction, Op, Phase, SlotId, check::recorded::Recorded, ops::Scale,
};
use std::{fmt, sync::Arc};

/// A factor that is not quite 1.
const FACTOR: f64 = 1.001;

/// Operations whose operands may be exchanged.
const COMMUTE: [&str; 2] = ["add", "mul"];

/// A fault put into one instruction of a gradient.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutation {
    /// An output is multiplied by 1.001.
    Scaled(usize),
    /// Only the first operand of an `add` is taken: the second is dropped.
    First,
    /// Only the second operand of an `add` is taken: it overwrites instead of adding up.
    Second,
    /// Two operands of one type are exchanged.
    Swapped(usize, usize),
    /// Two dimensions of an output are exchanged.
    Transposed(usize, usize),
    /// An operand is another value of its type, computed or given before.
    Stale(usize),
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mutation::Scaled(j) => write!(f, "output {j} x {FACTOR}"),
            Mutation::First => write!(f, "second term dropped"),
            Mutation::Second => write!(f, "overwritten by the second term"),
            Mutation::Swapped(a, b) => write!(f, "operands {a} and {b} swapped"),
            Mutation::Transposed(a, b) => write!(f, "dimensions {a} and {b} exchanged"),
            Mutation::Stale(i) => write!(f, "operand {i} stale"),
        }
    }
}

impl Recorded {
    /// The computation with its gradient spoilt, once for every mutation of every instruction that a gradient depends on.
    pub(super) fn spoilt(&self) -> Vec<(&'static str, Mutation, Self)> {
        let live = live(&self.code, &self.gradients.iter().flatten().copied().collect::<Vec<_>>());
        let backward = |k: &usize| self.code.instructions[*k].phase == Phase::Backward && live[*k];
        let mut all = Vec::new();
        for k in (0..self.code.instructions.len()).filter(backward) {
            for mutation in mutations(&self.code, k) {
                let mut spoilt = self.clone();
                if spoil(&mut spoilt.code, k, mutation) {
                    all.push((self.code.instructions[k].name(), mutation, spoilt));
                }
            }
        }
        all
    }
}

/// Which instructions `wanted` depends on.
fn live(code: &Code, wanted: &[SlotId]) -> Vec<bool> {
    let mut read = wanted.to_vec();
    let mut live = vec![false; code.instructions.len()];
    for (k, i) in code.instructions.iter().enumerate().rev() {
        if i.y.iter().any(|y| read.contains(y)) {
            live[k] = true;
            read.extend(&i.x);
        }
    }
    live
}

/// What can be done to instruction `k`.
fn mutations(code: &Code, k: usize) -> Vec<Mutation> {
    let i = &code.instructions[k];
    let real = |id: &SlotId| code.slot(*id).ty.dtype == DType::Real;
    let mut all: Vec<Mutation> = (0..i.y.len()).filter(|&j| real(&i.y[j])).map(Mutation::Scaled).collect();
    if i.name() == "add" {
        all.extend([Mutation::First, Mutation::Second]);
    }
    if !COMMUTE.contains(&i.name()) {
        let pairs = (0..i.x.len()).flat_map(|a| (a + 1..i.x.len()).map(move |b| (a, b)));
        let alike =
            |&(a, b): &(usize, usize)| i.x[a] != i.x[b] && code.slot(i.x[a]).ty == code.slot(i.x[b]).ty;
        all.extend(pairs.filter(alike).map(|(a, b)| Mutation::Swapped(a, b)));
    }
    if let Some(shape) = i.y.first().filter(|y| real(y)).map(|y| code.slot(*y).ty.shape) {
        let pairs =
            (1..shape.rank()).map(|b| (b - 1, b)).filter(|&(a, b)| shape.dim(a) > 1 && shape.dim(b) > 1);
        all.extend(pairs.map(|(a, b)| Mutation::Transposed(a, b)));
    }
    all.extend((0..i.x.len()).map(Mutation::Stale));
    all
}

/// Does it; false where there is nothing to do it with.
fn spoil(code: &mut Code, k: usize, mutation: Mutation) -> bool {
    match mutation {
        Mutation::Scaled(j) => after(code, k, j, Scale(FACTOR)),
        Mutation::Transposed(a, b) => after(code, k, 0, Exchange { a, b }),
        Mutation::First => only(code, k, 0),
        Mutation::Second => only(code, k, 1),
        Mutation::Swapped(a, b) => code.instructions[k].x.swap(a, b),
        Mutation::Stale(i) => {
            let Some(other) = stale(code, k, i) else { return false };
            code.instructions[k].x[i] = other;
        }
    }
    true
}

/// Puts `op` between instruction `k` and whoever reads its output `j`.
fn after(code: &mut Code, k: usize, j: usize, op: impl Op) {
    let y = code.instructions[k].y[j];
    let spoilt = code.push_buffer(code.slot(y).ty, false);
    code.instructions[k].y[j] = spoilt;
    let action = Action::Compute(Arc::new(op) as Arc<dyn DynOp>);
    let inserted = Instruction { action, x: vec![spoilt], y: vec![y], ..code.instructions[k].clone() };
    code.instructions.insert(k + 1, inserted);
}

/// Has instruction `k`, a sum of two, copy one of them.
fn only(code: &mut Code, k: usize, operand: usize) {
    let i = &mut code.instructions[k];
    i.action = Action::Compute(Arc::new(Scale(1.0)));
    i.x = vec![i.x[operand]];
}

/// The last value before instruction `k` that could stand for its operand: of the same type, and not among its operands.
fn stale(code: &Code, k: usize, operand: usize) -> Option<SlotId> {
    let i = &code.instructions[k];
    let ty = code.slot(i.x[operand]).ty;
    let before = code.instructions[..k].iter().rev().flat_map(|i| &i.y).chain(code.given());
    before.copied().find(|id| code.slot(*id).ty == ty && !i.x.contains(id))
}
