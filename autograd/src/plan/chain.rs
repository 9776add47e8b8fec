//! Finds chains: neighbouring instructions that split over the images of a batch.
use crate::{Action, Chain, Code, DType, Instruction, Place, Share, SlotId};

/// The most outputs of a chain.
pub(crate) const MAX_CHAIN: usize = 48;

/// Marks the chains of `code` that move at least so many bytes.
pub(super) fn find(code: &mut Code, keep: &[SlotId], least: u64) {
    hoist_constants(code);
    let mut chains = Vec::new();
    let mut open: Option<Chain> = None;
    for (k, i) in code.instructions.iter().enumerate() {
        let images = images(code, i);
        if let (Some(chain), Some(n)) = (&mut open, images)
            && chain.images == n
            && joins(code, &code.instructions[chain.range.clone()], i)
        {
            chain.range.end = k + 1;
            continue;
        }
        chains.extend(open.take());
        open = images.map(|images| Chain { range: k..k + 1, images, local: Vec::new() });
    }
    chains.extend(open);
    chains.retain(|chain| {
        let instructions = &code.instructions[chain.range.clone()];
        chain.range.len() > 1 && instructions.iter().map(|i| code.cost(i).bytes).sum::<u64>() >= least
    });
    for chain in &mut chains {
        chain.local = local(code, chain, keep);
    }
    code.chains = chains;
}

/// What depends on nothing is computed at the beginning of its phase, so that it stands in no chain's way.
fn hoist_constants(code: &mut Code) {
    for phase in code.instructions.chunk_by_mut(|a, b| a.phase == b.phase) {
        phase.sort_by_key(|i| !i.x.is_empty());
    }
}

/// How many images `i` splits over, if it does.
fn images(code: &Code, i: &Instruction) -> Option<usize> {
    let Action::Compute(op) = &i.action else { return None };
    let share = op.by_image(&code.types(&i.x))?;
    let shares = i.x.iter().zip(share.x).chain(i.y.iter().zip(share.y));
    let mut images = None;
    for (&id, share) in shares {
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
    images.filter(|&n| n > 1)
}

/// Whether `i` may run for some images when the instructions before it in the chain have run for these only.
fn joins(code: &Code, before: &[Instruction], i: &Instruction) -> bool {
    let shares = |i: &Instruction| match &i.action {
        Action::Compute(op) => op.by_image(&code.types(&i.x)).expect("it splits"),
        Action::Update(..) => unreachable!("an update does not split"),
    };
    let by_image = |id: SlotId| {
        let outputs = before.iter().flat_map(|i| i.y.iter().zip(shares(i).y));
        outputs.into_iter().find(|(y, _)| **y == id).is_none_or(|(_, share)| *share == Share::Each)
    };
    let written = |id: SlotId| before.iter().any(|i| i.y.contains(&id));
    let outputs = before.iter().map(|i| i.y.len()).sum::<usize>() + i.y.len();
    let fits = |(&x, share): (&SlotId, &Share)| match share {
        Share::Each => by_image(x),
        _ => !written(x),
    };
    outputs <= MAX_CHAIN && i.x.iter().zip(shares(i).x).all(fits)
}

/// The outputs that nothing outside the chain reads.
fn local(code: &Code, chain: &Chain, keep: &[SlotId]) -> Vec<SlotId> {
    let (before, rest) = code.instructions.split_at(chain.range.start);
    let (inside, after) = rest.split_at(chain.range.len());
    let outside = |id: &SlotId| before.iter().chain(after).any(|i| i.x.contains(id));
    let mut local = Vec::new();
    for i in inside {
        let Action::Compute(op) = &i.action else { continue };
        let share = op.by_image(&code.types(&i.x)).expect("it splits");
        for (id, share) in i.y.iter().zip(share.y) {
            let in_buffer = matches!(code.slot(*id).place, Place::Buffer(_));
            debug_assert!(code.slot(*id).ty.dtype != DType::U8);
            if *share == Share::Each && in_buffer && !keep.contains(id) && !outside(id) {
                local.push(*id);
            }
        }
    }
    local
}
