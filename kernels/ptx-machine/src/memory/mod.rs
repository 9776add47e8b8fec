//! Global memory: allocations that know their size, their name, and what was written.
//!
//! A device pointer is the number of its allocation above an offset of 40 bits, so whether an address is inside of its
//! allocation is seen without a search, an overrun never lands in a neighbour, and numbers are not used twice, so a
//! pointer to what was freed is known as one.
mod cells;
mod error;

use std::sync::{RwLock, RwLockReadGuard};

pub(crate) use cells::Cells;
pub use error::MemoryError;

/// Bits of a pointer that are the offset in its allocation.
pub(crate) const OFFSET_BITS: u32 = 40;
/// The most allocations a memory makes in its life.
const MOST: usize = (1 << (64 - OFFSET_BITS)) - 1;

/// Device memory.
pub struct Memory {
    capacity: u64,
    table: RwLock<Table>,
}

struct Table {
    /// Allocation `n` of an address is `slots[n - 1]`: the null pointer is in none.
    slots: Vec<Slot>,
    used: u64,
}

/// An allocation, or what is known of it after its end.
pub(crate) enum Slot {
    Live(Allocation),
    Freed { label: String },
}

/// Some bytes under a name.
pub(crate) struct Allocation {
    pub cells: Cells,
    pub bytes: u64,
    pub label: String,
}

/// All allocations, held still: nothing is allocated or freed while it is alive.
pub(crate) struct Snapshot<'a>(RwLockReadGuard<'a, Table>);

impl Snapshot<'_> {
    pub fn slots(&self) -> &[Slot] {
        &self.0.slots
    }
}

/// Number of the allocation of an address, from 0; `usize::MAX` for the null page.
#[inline(always)]
pub(crate) fn slot_of(address: u64) -> usize {
    ((address >> OFFSET_BITS) as usize).wrapping_sub(1)
}

/// Offset of an address in its allocation.
#[inline(always)]
pub(crate) fn offset_of(address: u64) -> u64 {
    address & ((1 << OFFSET_BITS) - 1)
}

impl Table {
    fn find(&self, address: u64) -> Result<&Allocation, MemoryError> {
        match self.slots.get(slot_of(address)) {
            Some(Slot::Live(allocation)) => Ok(allocation),
            Some(Slot::Freed { label }) => Err(MemoryError::Freed { address, label: label.clone() }),
            None => Err(MemoryError::NotAnAddress { address }),
        }
    }

    /// The allocation of a range that lies inside of it, and where in it.
    fn range(&self, address: u64, bytes: u64) -> Result<(&Allocation, usize), MemoryError> {
        let (allocation, offset) = (self.find(address)?, offset_of(address));
        if offset + bytes > allocation.bytes {
            let (label, size) = (allocation.label.clone(), allocation.bytes);
            return Err(MemoryError::OutOfBounds { label, offset, bytes, size });
        }
        Ok((allocation, offset as usize))
    }
}

impl Memory {
    /// Memory of this many bytes. It takes from the host only what is used.
    pub fn new(capacity: u64) -> Self {
        Self { capacity, table: RwLock::new(Table { slots: Vec::new(), used: 0 }) }
    }

    /// Bytes there are.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Bytes allocated and not freed.
    pub fn used(&self) -> u64 {
        self.read_table().0.used
    }

    /// Names and sizes of what is allocated and not freed, oldest first.
    pub fn live(&self) -> Vec<(String, u64)> {
        let live = |slot: &Slot| match slot {
            Slot::Live(allocation) => Some((allocation.label.clone(), allocation.bytes)),
            Slot::Freed { .. } => None,
        };
        self.snapshot().slots().iter().filter_map(live).collect()
    }

    /// Address of new memory, which nobody wrote. `label` is its name in messages. Aligned to any power of two up to
    /// 2^40.
    ///
    /// # Errors
    /// If there is not as much left.
    pub fn alloc(&self, bytes: u64, label: &str) -> Result<u64, MemoryError> {
        let mut table = self.table.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (label, free) = (label.to_owned(), self.capacity - table.used);
        if bytes == 0 {
            return Err(MemoryError::Empty { label });
        }
        if bytes > free || bytes >= 1 << OFFSET_BITS || table.slots.len() == MOST {
            return Err(MemoryError::OutOfMemory { label, bytes, free, capacity: self.capacity });
        }
        table.used += bytes;
        table.slots.push(Slot::Live(Allocation { cells: Cells::new(bytes as usize), bytes, label }));
        Ok((table.slots.len() as u64) << OFFSET_BITS)
    }

    /// Gives memory back. Pointers into it are faults from now on.
    ///
    /// # Errors
    /// If `address` is not what [`Memory::alloc`] returned, or was freed before.
    pub fn free(&self, address: u64) -> Result<(), MemoryError> {
        let mut table = self.table.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let allocation = table.find(address)?;
        let (label, bytes, offset) = (allocation.label.clone(), allocation.bytes, offset_of(address));
        if offset != 0 {
            return Err(MemoryError::NotTheStart { label, offset });
        }
        table.slots[slot_of(address)] = Slot::Freed { label };
        table.used -= bytes;
        Ok(())
    }

    /// Start and size of the allocation that an address is in.
    ///
    /// # Errors
    /// If it is in none.
    pub fn allocation(&self, address: u64) -> Result<(u64, u64), MemoryError> {
        let bytes = self.read_table().0.find(address)?.bytes;
        Ok((address - offset_of(address), bytes))
    }

    /// Copies bytes of the host to `address`.
    ///
    /// # Errors
    /// If they do not lie inside one allocation.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), MemoryError> {
        let table = self.read_table();
        let (allocation, offset) = table.0.range(address, bytes.len() as u64)?;
        allocation.cells.write(offset, bytes);
        Ok(())
    }

    /// Copies bytes at `address` to the host.
    ///
    /// # Errors
    /// If they do not lie inside one allocation, or one of them was never written.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), MemoryError> {
        let table = self.read_table();
        let (allocation, offset) = table.0.range(address, bytes.len() as u64)?;
        if let Some(offset) = allocation.cells.unwritten(offset, bytes.len()) {
            let (label, offset) = (allocation.label.clone(), offset as u64);
            return Err(MemoryError::NeverWritten { label, offset });
        }
        allocation.cells.read(offset, bytes);
        Ok(())
    }

    /// As [`Memory::read`], but bytes that were never written are zeros.
    ///
    /// # Errors
    /// If they do not lie inside one allocation.
    pub fn peek(&self, address: u64, bytes: &mut [u8]) -> Result<(), MemoryError> {
        let table = self.read_table();
        let (allocation, offset) = table.0.range(address, bytes.len() as u64)?;
        allocation.cells.read(offset, bytes);
        Ok(())
    }

    /// Writes `pattern` (1, 2, 4, ... bytes) `count` times from `address` on.
    ///
    /// # Errors
    /// If that does not lie inside one allocation.
    pub fn fill(&self, address: u64, pattern: &[u8], count: u64) -> Result<(), MemoryError> {
        let table = self.read_table();
        let bytes = pattern.len() as u64 * count;
        let (allocation, mut offset) = table.0.range(address, bytes)?;
        let end = offset + bytes as usize;
        let piece = pattern.repeat((4096 / pattern.len().max(1)).max(1));
        while offset < end {
            let take = piece.len().min(end - offset);
            allocation.cells.write(offset, &piece[..take]);
            offset += take;
        }
        Ok(())
    }

    /// Copies within device memory. What was never written is never written in the copy too.
    ///
    /// # Errors
    /// If one of the two ranges does not lie inside one allocation.
    pub fn copy(&self, to: u64, from: u64, bytes: u64) -> Result<(), MemoryError> {
        let table = self.read_table();
        let (source, start) = table.0.range(from, bytes)?;
        let (target, end) = table.0.range(to, bytes)?;
        let bytes = bytes as usize;
        let mut data = vec![0; bytes];
        source.cells.read(start, &mut data);
        let whole = source.cells.unwritten(start, bytes).is_none();
        target.cells.write(end, &data);
        if !whole {
            (0..bytes).for_each(|i| target.cells.copy_mark(end + i, &source.cells, start + i));
        }
        Ok(())
    }

    /// All allocations, for as long as the launch takes.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        self.read_table()
    }

    fn read_table(&self) -> Snapshot<'_> {
        Snapshot(self.table.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}
