//! From a planned program to the lives of its values.
use crate::model::{Buffer, Life, Memory};
use ferrotape_autograd::{DType, Place, Program, SlotId};
use std::{cmp::Reverse, collections::BTreeMap};

/// Where the values of `program` lie: those in buffers, not parameters and their gradients, which the store has, nor what is
/// fed, which the caller has.
pub(super) fn of(name: &str, program: &Program) -> Memory {
    let code = program.code();
    let count = code.instructions().len();
    let mut sizes: BTreeMap<(bool, u32), u64> = BTreeMap::new();
    let mut found = Vec::new();
    for id in code.slot_ids() {
        let slot = code.slot(id);
        let (Place::Buffer(number), Some((first, last))) = (slot.place, life(program, id)) else { continue };
        let (bytes, key) = (slot.ty.bytes(), (slot.ty.dtype == DType::Real, number));
        let local = code.is_local(id);
        if !local {
            let size = sizes.entry(key).or_default();
            *size = bytes.max(*size);
        }
        let slot = id.number() as usize;
        let life = Life { slot, name: code.spelled(id), bytes, buffer: None, first, last };
        found.push(((!local).then_some(key), life));
    }
    let mut order: Vec<_> = sizes.into_iter().collect();
    order.sort_by_key(|&(key, bytes)| (Reverse(bytes), key));
    let place = |key: (bool, u32)| order.iter().position(|(other, _)| *other == key);
    let lives = found.into_iter().map(|(key, life)| Life { buffer: key.and_then(place), ..life }).collect();
    let buffers = order.iter().map(|&((real, _), bytes)| Buffer { real, bytes }).collect();
    Memory { name: name.to_owned(), instructions: count, buffers, lives }
}

/// The first and the last instruction that `id` must be there for, if any.
fn life(program: &Program, id: SlotId) -> Option<(usize, usize)> {
    let code = program.code();
    let end = code.instructions().len().checked_sub(1)?;
    if code.given().any(|&given| given == id) {
        return Some((0, end));
    }
    let touches = |k: &usize| {
        let i = &code.instructions()[*k];
        i.x.contains(&id) || i.y.contains(&id)
    };
    let mut all = (0..=end).filter(touches);
    let first = all.next()?;
    let last = if program.kept().contains(&id) { end } else { all.next_back().unwrap_or(first) };
    // The values of a chain are all there from its beginning to its end.
    let chain = |k: usize| code.chains().iter().find(|chain| chain.range.contains(&k));
    Some((
        chain(first).map_or(first, |chain| chain.range.start),
        chain(last).map_or(last, |chain| chain.range.end - 1),
    ))
}
