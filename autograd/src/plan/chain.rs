//! Finds chains: neighbouring instructions that split over the images of a batch.
use crate::{Action, ByImage, Chain, Code, DType, Instruction, Place, Share, SlotId};
use std::ops::Range;

/// The most outputs of a chain.
pub(crate) const MAX_CHAIN: usize = 48;

/// Marks the chains of `code` that move at least so many bytes.
pub(super) fn find(code: &mut Code, keep: &[SlotId], least: u64) {
    hoist_constants(code);
    let mut runs: Vec<Run> = Vec::new();
    let mut open: Option<Run> = None;
    for (k, i) in code.instructions.iter().enumerate() {
        let Some((images, shares)) = split(code, i) else {
            runs.extend(open.take());
            continue;
        };
        if !open.as_ref().is_some_and(|run| run.images == images && run.takes(i, shares)) {
            runs.extend(open.take());
        }
        let run = open.get_or_insert_with(|| Run { range: k..k, images, written: Vec::new() });
        run.range.end = k + 1;
        run.written.extend(i.y.iter().copied().zip(shares.y.iter().copied()));
    }
    runs.extend(open);
    let worth = |run: &Run| {
        let instructions = &code.instructions[run.range.clone()];
        run.range.len() > 1 && instructions.iter().map(|i| code.cost(i).bytes).sum::<u64>() >= least
    };
    let chains = runs.iter().filter(|run| worth(run)).map(|run| {
        let Run { range, images, .. } = run.clone();
        Chain { range, images, local: run.local(code, keep) }
    });
    code.chains = chains.collect();
}

/// What depends on nothing is computed at the beginning of its phase, so that it stands in no chain's way.
fn hoist_constants(code: &mut Code) {
    for phase in code.instructions.chunk_by_mut(|a, b| a.phase == b.phase) {
        phase.sort_by_key(|i| !i.x.is_empty());
    }
}

/// How many images `i` splits over, and how, if it does.
fn split(code: &Code, i: &Instruction) -> Option<(usize, ByImage)> {
    let Action::Compute(op) = &i.action else { return None };
    let shares = op.by_image(&code.types(&i.x))?;
    let mut images = None;
    for (&id, share) in i.x.iter().zip(shares.x).chain(i.y.iter().zip(shares.y)) {
        let slot = code.slot(id);
        match (share, slot.place) {
            // A sum over images is written when the chain has ended; nothing else of it lies among the parameters.
            (Share::Each | Share::Whole, Place::Grad(_)) => return None,
            (Share::Each, _) => {
                let n = slot.ty.images()?;
                if images.replace(n).is_some_and(|other| other != n) {
                    return None;
                }
            }
            _ => {}
        }
    }
    images.filter(|&n| n > 1).map(|n| (n, shares))
}

/// Neighbours that split alike.
#[derive(Clone)]
struct Run {
    range: Range<usize>,
    images: usize,
    /// What they write.
    written: Vec<(SlotId, Share)>,
}

impl Run {
    /// Whether `i` may run for some images when the others have run for these only.
    fn takes(&self, i: &Instruction, shares: ByImage) -> bool {
        let written = |id: SlotId| self.written.iter().find(|(y, _)| *y == id).map(|(_, share)| *share);
        let fits = |(&x, share): (&SlotId, &Share)| match share {
            Share::Each => written(x).is_none_or(|by| by == Share::Each),
            _ => written(x).is_none(),
        };
        self.written.len() + i.y.len() <= MAX_CHAIN && i.x.iter().zip(shares.x).all(fits)
    }

    /// The outputs that nothing else reads.
    fn local(&self, code: &Code, keep: &[SlotId]) -> Vec<SlotId> {
        let (before, rest) = code.instructions.split_at(self.range.start);
        let after = &rest[self.range.len()..];
        let is_local = |&(id, share): &(SlotId, Share)| {
            debug_assert!(code.slot(id).ty.dtype != DType::U8);
            let in_buffer = matches!(code.slot(id).place, Place::Buffer(_));
            let outside = || keep.contains(&id) || before.iter().chain(after).any(|i| i.x.contains(&id));
            share == Share::Each && in_buffer && !outside()
        };
        self.written.iter().filter(|output| is_local(output)).map(|(id, _)| *id).collect()
    }
}
