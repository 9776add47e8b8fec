//! The planner: drops what nobody reads and lets values whose lives do not meet share a buffer.
//!
//! Nothing here changes a bit of any result.
use crate::{
    Action, Code, DType, Instruction, Op, Place, Slot, SlotId,
    ops::{Flatten, Gather},
};
use std::sync::Arc;

/// Rewrites `code` for many runs; the values of `keep` survive each of them.
pub(crate) fn plan(mut code: Code, keep: &[SlotId]) -> Code {
    drop_unread(&mut code, keep);
    fold_flatten(&mut code, keep);
    place_gradients(&mut code);
    share_buffers(&mut code, keep);
    code
}

/// Keeps the instructions that `keep` or an update depends on.
fn drop_unread(code: &mut Code, keep: &[SlotId]) {
    let mut read = vec![false; code.slots.len()];
    keep.iter().for_each(|id| read[id.index()] = true);
    let mut kept = Vec::with_capacity(code.instructions.len());
    for i in std::mem::take(&mut code.instructions).into_iter().rev() {
        let is_update = matches!(i.action, Action::Update(..));
        if is_update || i.y.iter().any(|y| read[y.index()]) {
            i.x.iter().for_each(|x| read[x.index()] = true);
            kept.push(i);
        }
    }
    kept.reverse();
    code.instructions = kept;
}

/// A gather whose images only a `flatten` reads writes rows at once: a fully connected network pays for no copy.
fn fold_flatten(code: &mut Code, keep: &[SlotId]) {
    let reads =
        |code: &Code, id: SlotId| code.instructions.iter().flat_map(|i| &i.x).filter(|x| **x == id).count();
    for k in (0..code.instructions.len()).rev() {
        if !is::<Flatten>(&code.instructions[k]) {
            continue;
        }
        let images = code.instructions[k].x[0];
        if reads(code, images) > 1 || keep.contains(&images) {
            continue;
        }
        let rows = code.instructions[k].y[0];
        let Some(gather) = code.instructions.iter_mut().find(|i| i.y.first() == Some(&images)) else {
            continue;
        };
        let Action::Compute(op) = &gather.action else { continue };
        if let Some(&Gather { input, flat: false }) = op.as_any().downcast_ref() {
            gather.action = Action::Compute(Arc::new(Gather { input, flat: true }));
            gather.y[0] = rows;
            code.instructions.remove(k);
        }
    }
}

/// Whether an instruction is an operation of type `T`.
fn is<T: Op>(i: &Instruction) -> bool {
    matches!(&i.action, Action::Compute(op) if op.as_any().is::<T>())
}

/// Has parameter gradients written straight into the flat gradient buffer, so that the update finds them there.
///
/// Only where one update stands in the program, and one output of an instruction at a time: the others are copied
/// by the update.
fn place_gradients(code: &mut Code) {
    let mut updates = code.instructions.iter().filter(|i| matches!(i.action, Action::Update(..)));
    let (Some(update), None) = (updates.next(), updates.next()) else { return };
    let Action::Update(_, ids) = &update.action else { return };
    let wanted: Vec<_> = ids.iter().copied().zip(update.x.iter().copied()).collect();
    for (p, grad) in wanted {
        let Some(by) = code.instructions.iter().find(|i| i.y.contains(&grad)) else { continue };
        let taken = by.y.iter().any(|y| matches!(code.slots[y.index()].place, Place::Grad(_)));
        if !taken {
            code.slots[grad.index()].place = Place::Grad(p);
        }
    }
}

/// Buffers of one element type: how many there are, and which are free, with their sizes.
#[derive(Default)]
struct Buffers {
    sizes: Vec<usize>,
    free: Vec<u32>,
}

impl Buffers {
    /// The smallest free buffer that holds `len`, else the largest free one (it grows), else a new one.
    fn take(&mut self, len: usize) -> u32 {
        let size = |&b: &u32| self.sizes[b as usize];
        let fitting = self.free.iter().copied().filter(|b| size(b) >= len).min_by_key(size);
        let Some(b) = fitting.or_else(|| self.free.iter().copied().max_by_key(size)) else {
            self.sizes.push(len);
            return self.sizes.len() as u32 - 1;
        };
        self.free.retain(|&f| f != b);
        let held = &mut self.sizes[b as usize];
        *held = len.max(*held);
        b
    }
}

/// Gives every slot in a buffer its number anew: inputs and kept values one of their own, the others one that is
/// free from their first writing to their last reading.
fn share_buffers(code: &mut Code, keep: &[SlotId]) {
    let mut pools = Pools::default();
    let mut last = last_reads(code);
    for id in code.given().copied().collect::<Vec<_>>() {
        pools.place(&mut code.slots[id.index()]);
        last[id.index()] = None;
    }
    keep.iter().for_each(|id| last[id.index()] = None);
    for (k, i) in code.instructions.iter().enumerate() {
        i.y.iter().for_each(|y| pools.place(&mut code.slots[y.index()]));
        // Operands are released after the outputs are placed: an instruction never writes what it reads.
        let mut done: Vec<SlotId> =
            i.x.iter().chain(&i.y).copied().filter(|id| last[id.index()] == Some(k)).collect();
        done.sort();
        done.dedup();
        done.iter().for_each(|id| pools.release(&code.slots[id.index()]));
    }
    code.buffers = (pools.reals.sizes.len() as u32, pools.words.sizes.len() as u32);
}

/// For each slot, the last instruction that reads or writes it.
fn last_reads(code: &Code) -> Vec<Option<usize>> {
    let mut last = vec![None; code.slots.len()];
    for (k, i) in code.instructions.iter().enumerate() {
        i.x.iter().chain(&i.y).for_each(|id| last[id.index()] = Some(k));
    }
    last
}

#[derive(Default)]
struct Pools {
    reals: Buffers,
    words: Buffers,
}

impl Pools {
    fn of(&mut self, dtype: DType) -> &mut Buffers {
        if dtype == DType::Real { &mut self.reals } else { &mut self.words }
    }

    fn place(&mut self, slot: &mut Slot) {
        if let Place::Buffer(b) = &mut slot.place {
            *b = self.of(slot.ty.dtype).take(slot.ty.len());
        }
    }

    fn release(&mut self, slot: &Slot) {
        if let Place::Buffer(b) = slot.place {
            self.of(slot.ty.dtype).free.push(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Params, Tape};

    /// A chain of n elementwise operations needs two buffers, its input and its kept result one each.
    #[test]
    fn a_chain_shares_two_buffers() {
        let params = Params::default();
        let tape = Tape::recording(&params);
        let x = tape.feed([4]);
        let y = (0..10).fold(x, |v, _| v + v);
        let planned = plan(tape.code().clone(), &[y.id()]);
        assert_eq!(planned.instructions.len(), 10);
        assert_eq!(planned.buffers, (3, 0), "the input, and two in turn");
    }

    #[test]
    fn what_nobody_reads_is_dropped() {
        let params = Params::default();
        let tape = Tape::recording(&params);
        let x = tape.feed([4]);
        let y = x + x;
        let _unread = y + y;
        assert_eq!(plan(tape.code().clone(), &[y.id()]).instructions.len(), 1);
    }
}
