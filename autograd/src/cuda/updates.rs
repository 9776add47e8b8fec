//! An update: gradients brought to the flat buffer, the rule's kernels for each range, the last of which count the step.
use super::bound::{Addresses, Task};
use crate::{DynUpdate, Error, Instruction, Machine as _, ParamId, Place, Slot, memory::groups};
use ferrotape_kernels::cuda::{Arg, Gpu, RangeState, RunState};
use std::mem::offset_of;

/// The tasks of `rule` on the parameters `ids`, whose gradients are the operands of `i`.
///
/// # Errors
/// If a module does not load, or the rule has no kernels for a GPU.
pub(super) fn resolve(
    at: &Addresses<'_>,
    gpu: &Gpu,
    rule: &dyn DynUpdate,
    ids: &[ParamId],
    i: &Instruction,
    slots: &[Slot],
) -> Result<Vec<Task>, Error> {
    let table = at.params.table();
    let mut tasks = Vec::new();
    for (p, &grad) in ids.iter().zip(&i.x) {
        if slots[grad.index()].place != Place::Grad(*p) {
            let to = at.mirror.grads(table[p.index()].range.clone());
            tasks.extend(at.copies(to, at.slot(grad, slots)));
        }
    }
    let mut ranges = groups(&table, ids).peekable();
    while let Some((first, range)) = ranges.next() {
        let last = ranges.peek().is_none();
        let no_kernel = || Error::NoKernel { op: i.name(), device: at.machine.name(), loc: i.loc };
        let launches = rule.cuda(range.len()).ok_or_else(no_kernel)?;
        assert_eq!(launches.scratch, 0, "{}: an update has no scratch memory", rule.name());
        let buffer = |arg| match arg {
            Arg::Values => at.mirror.values(range.clone()),
            Arg::Grads => at.mirror.grads(range.clone()),
            Arg::Moment(k) => at.mirror.moment(k, range.clone()),
            Arg::Range => at.mirror.range(first.index()),
            Arg::Run => at.mirror.run(),
            Arg::Step if last => at.mirror.run().part(offset_of!(RunState, step), size_of::<u64>()),
            Arg::Step => at.mirror.range(first.index()).part(offset_of!(RangeState, idle), size_of::<u64>()),
            arg => panic!("{}: {arg:?} is not for updates", rule.name()),
        };
        for launch in &launches.list {
            tasks.push(at.launch(gpu, launch, buffer)?);
        }
    }
    Ok(tasks)
}
