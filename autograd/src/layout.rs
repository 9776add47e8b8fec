//! Between spoken order, in which people and files have values, and the order of a layout in memory.
use crate::Type;
use ferrotape_kernels::{Layout, MAX_RANK, Shape};

impl Type {
    /// Values that lie as this type says, in spoken order.
    pub fn spoken<T: Copy>(&self, memory: &[T]) -> Vec<T> {
        to_spoken(memory, &self.shape, self.layout)
    }
}

/// Memory offset of each spoken index, in spoken order.
fn offsets(shape: &Shape, layout: Layout) -> impl Iterator<Item = usize> {
    let (sizes, strides) = (*shape, layout.strides(shape));
    (0..shape.len()).map(move |mut flat| {
        let mut offset = 0;
        for d in (0..sizes.rank().min(MAX_RANK)).rev() {
            offset += flat % sizes.dim(d) * strides[d];
            flat /= sizes.dim(d);
        }
        offset
    })
}

/// Values in spoken order, put into the order of `layout`.
pub(crate) fn to_memory<T: Copy + Default>(spoken: &[T], shape: &Shape, layout: Layout) -> Vec<T> {
    let mut memory = vec![T::default(); spoken.len()];
    write(spoken, shape, layout, &mut memory);
    memory
}

/// The same into a slice, allocating nothing.
pub(crate) fn write<T: Copy>(spoken: &[T], shape: &Shape, layout: Layout, memory: &mut [T]) {
    if layout == Layout::Rows {
        return memory.copy_from_slice(spoken);
    }
    for (&value, offset) in spoken.iter().zip(offsets(shape, layout)) {
        memory[offset] = value;
    }
}

/// Values in the order of `layout`, put into spoken order.
pub(crate) fn to_spoken<T: Copy>(memory: &[T], shape: &Shape, layout: Layout) -> Vec<T> {
    offsets(shape, layout).map(|offset| memory[offset]).collect()
}

/// The same into a slice, allocating nothing.
pub(crate) fn read<T: Copy>(memory: &[T], shape: &Shape, layout: Layout, spoken: &mut [T]) {
    for (value, offset) in spoken.iter_mut().zip(offsets(shape, layout)) {
        *value = memory[offset];
    }
}
