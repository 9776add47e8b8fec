//! Which slots share a buffer.
use crate::{Code, DType, Place, Slot, SlotId, code::Stage};

/// Buffers of one element type: how many there are, and which are free, with their sizes.
#[derive(Default)]
pub(crate) struct Buffers {
    sizes: Vec<usize>,
    free: Vec<u32>,
}

impl Buffers {
    /// The smallest free buffer that holds `len`, else the largest free one (it grows), else a new one.
    pub fn take(&mut self, len: usize) -> u32 {
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

    /// Frees buffer `b`.
    pub fn release(&mut self, b: u32) {
        self.free.push(b);
    }

    /// The size of each buffer.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }
}

/// Gives every slot in a buffer its number anew: inputs and kept values one of their own, the others one that is
/// free from their first writing to their last reading. The slots of a chain are all alive from its beginning to its
/// end: one chunk of images may be at its end while another is at its beginning.
pub(super) fn share(code: &mut Code, keep: &[SlotId]) {
    let mut pools = Pools::default();
    let stages: Vec<_> = code.stages().collect();
    let ranges = stages.iter().map(|&stage| match stage {
        Stage::One(k) => k..k + 1,
        Stage::Chain(k) => code.chains[k].range.clone(),
    });
    let ranges: Vec<_> = ranges.collect();
    let mut last = vec![None; code.slots.len()];
    for (k, range) in ranges.iter().enumerate() {
        let touched = code.instructions[range.clone()].iter().flat_map(|i| i.x.iter().chain(&i.y));
        touched.for_each(|id| last[id.index()] = Some(k));
    }
    for id in code.given().copied().collect::<Vec<_>>() {
        pools.place(&mut code.slots[id.index()]);
        last[id.index()] = None;
    }
    keep.iter().for_each(|id| last[id.index()] = None);
    for (k, range) in ranges.into_iter().enumerate() {
        let instructions = &code.instructions[range];
        for y in instructions.iter().flat_map(|i| &i.y) {
            pools.place(&mut code.slots[y.index()]);
        }
        // Operands are released after the outputs are placed: an instruction never writes what it reads.
        let touched = instructions.iter().flat_map(|i| i.x.iter().chain(&i.y)).copied();
        let mut done: Vec<SlotId> = touched.filter(|id| last[id.index()] == Some(k)).collect();
        done.sort();
        done.dedup();
        done.iter().for_each(|id| pools.release(&code.slots[id.index()]));
    }
    code.buffers = (pools.reals.sizes.len() as u32, pools.words.sizes.len() as u32);
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
            self.of(slot.ty.dtype).release(b);
        }
    }
}
