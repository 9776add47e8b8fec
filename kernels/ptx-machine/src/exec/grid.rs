//! A launch: blocks over threads of the host.
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{
    block::{Block, Common, Stopped},
    stats::Stats,
    warp::thread_id,
};
use crate::{counters::Counters, fault::Fault};

/// Where the first block in order stopped that went wrong.
type First = Option<(u64, [u32; 3], Stopped)>;

/// Runs all blocks.
pub(crate) fn launch(common: &Common) -> Result<Counters, Fault> {
    let blocks = common.launch.grid.iter().map(|extent| u64::from(*extent)).product::<u64>();
    let (stats, first) =
        if common.launch.cooperative { together(common, blocks) } else { one_by_one(common, blocks) };
    match first {
        None => Ok(stats.finish(common.kernel)),
        Some((_, id, stopped)) => Err(fault(common, id, stopped)),
    }
}

/// Each worker takes the next block when it is done with one. When a block goes wrong, those before it are finished,
/// so that the fault that is told of is always the same one.
fn one_by_one(common: &Common, blocks: u64) -> (Stats, First) {
    let next = AtomicU64::new(0);
    let end = AtomicU64::new(blocks);
    let result = Mutex::new((Stats::new(common.kernel), None::<(u64, [u32; 3], Stopped)>));
    let work = || {
        let (mut block, mut stats) = (Block::default(), Stats::new(common.kernel));
        loop {
            let linear = next.fetch_add(1, Relaxed);
            if linear >= end.load(Relaxed) {
                break;
            }
            block.start(common, linear, &mut stats);
            loop {
                match block.turn(common, &mut stats) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(stopped) => {
                        end.fetch_min(linear, Relaxed);
                        let mut result = result.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                        if result.1.as_ref().is_none_or(|(first, ..)| linear < *first) {
                            result.1 = Some((linear, block.id, stopped));
                        }
                        break;
                    }
                }
            }
        }
        result.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).0.add(&stats);
    };
    let workers = (common.options.threads.max(1) as u64).min(blocks);
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    result.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// All blocks are there at once and have turns, in order, by one worker: blocks may wait for each other, and what is
/// counted while they do is always the same.
fn together(common: &Common, blocks: u64) -> (Stats, First) {
    let mut stats = Stats::new(common.kernel);
    let mut running: Vec<(u64, Block)> = Vec::new();
    for linear in 0..blocks {
        let mut block = Block::default();
        block.start(common, linear, &mut stats);
        running.push((linear, block));
    }
    while !running.is_empty() {
        let mut at = 0;
        while at < running.len() {
            let (linear, block) = &mut running[at];
            match block.turn(common, &mut stats) {
                Ok(true) => at += 1,
                Ok(false) => drop(running.remove(at)),
                Err(stopped) => return (stats, Some((*linear, block.id, stopped))),
            }
        }
    }
    (stats, None)
}

/// The message for where a block stopped.
pub(super) fn fault(common: &Common, block: [u32; 3], (pc, warp, stop): Stopped) -> Fault {
    let (kernel, note) = (common.kernel, &common.kernel.notes[pc as usize]);
    Fault {
        file: kernel.file().into(),
        kernel: kernel.name().into(),
        line: note.line,
        instruction: note.opcode.clone(),
        block,
        thread: thread_id(warp * 32 + stop.lane, common.launch.block),
        kind: stop.kind,
    }
}
