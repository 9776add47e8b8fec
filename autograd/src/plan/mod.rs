//! The planner: drops what nobody reads, fuses instructions, joins them to chains, and lets values whose lives do not
//! meet share a buffer.
//!
//! Nothing here changes a bit of any result, but for one case of NaNs that `fuse.rs` states.
pub(crate) mod buffers;
pub(crate) mod chain;
mod fuse;

use crate::{Action, Code, Place, SlotId};

/// What the planner may do to a program. All of it gives the same bits, where no number is NaN even in a pooling window
/// that another one won; to look at a program as it was written, or to time its instructions one by one, leave something
/// out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rewrites {
    /// Replace instructions by one that does the work of several, and write constants once.
    pub fuse: bool,
    /// Let a network's first convolution make numbers of a data set's bytes as it needs them, rather than a gather before it, if
    /// nobody else reads those. Not on a CPU, whose chains keep them in a cache.
    pub gather: bool,
    /// Run chains of instructions chunk by chunk of images where they move at least so many bytes: less fits a cache
    /// anyhow, and is not worth asking for threads.
    pub chain: Option<u64>,
}

impl Rewrites {
    /// Everything.
    pub const ALL: Self = Self { fuse: true, gather: true, chain: Some(1 << 20) };
    /// Nothing: instructions as they were recorded.
    pub const NONE: Self = Self { fuse: false, gather: false, chain: None };
}

/// Rewrites `code` for many runs; the values of `keep` survive each of them.
pub(crate) fn plan(mut code: Code, keep: &[SlotId], rewrites: Rewrites) -> Code {
    drop_unread(&mut code, keep);
    if rewrites.fuse {
        fuse::all(&mut code, keep);
    }
    if rewrites.gather {
        fuse::gather(&mut code, keep);
    }
    place_gradients(&mut code);
    if let Some(least) = rewrites.chain {
        chain::find(&mut code, keep, least);
    }
    buffers::share(&mut code, keep);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Params, Tape};

    /// A chain of n elementwise operations needs two buffers; its input stays where the caller has it.
    #[test]
    fn a_chain_shares_two_buffers() {
        let params = Params::default();
        let tape = Tape::recording(&params);
        let x = tape.feed([4]);
        let y = (0..10).fold(x, |v, _| v + v);
        let planned = plan(tape.code().clone(), &[y.id()], Rewrites::ALL);
        assert_eq!(planned.instructions.len(), 10);
        assert_eq!(planned.buffers, (2, 0), "two in turn");
    }

    #[test]
    fn what_nobody_reads_is_dropped() {
        let params = Params::default();
        let tape = Tape::recording(&params);
        let x = tape.feed([4]);
        let y = x + x;
        let _unread = y + y;
        assert_eq!(plan(tape.code().clone(), &[y.id()], Rewrites::ALL).instructions.len(), 1);
    }
}
