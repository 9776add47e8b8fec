//! The bytes of an allocation: every thread of a launch may touch them at any time, so each access is atomic (relaxed,
//! which costs what a plain access costs).
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};

/// Bytes that threads share, and which of them were ever written.
pub(crate) struct Cells {
    data: Box<[AtomicU64]>,
    /// For each 32-bit word, a bit for each of its bytes.
    written: Box<[AtomicU8]>,
}

/// All four bytes of a word.
pub(crate) const WHOLE: u8 = 0xF;

impl Cells {
    /// `bytes` zeros that nobody wrote; pages are not touched until they are used.
    pub fn new(bytes: usize) -> Self {
        let data = Box::into_raw(vec![0u64; bytes.div_ceil(8)].into_boxed_slice());
        let written = Box::into_raw(vec![0u8; bytes.div_ceil(4)].into_boxed_slice());
        // SAFETY: both come from `into_raw`, and an atomic integer has the layout of its integer.
        let (data, written) =
            unsafe { (Box::from_raw(data as *mut [AtomicU64]), Box::from_raw(written as *mut [AtomicU8])) };
        Self { data, written }
    }

    pub fn u8s(&self) -> &[AtomicU8] {
        // SAFETY: the same memory in smaller pieces; it is only ever reached through shared references to atomics.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr().cast(), self.data.len() * 8) }
    }

    pub fn u16s(&self) -> &[AtomicU16] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr().cast(), self.data.len() * 4) }
    }

    pub fn u32s(&self) -> &[AtomicU32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr().cast(), self.data.len() * 2) }
    }

    pub fn u64s(&self) -> &[AtomicU64] {
        &self.data
    }

    /// The value of `bytes` (1, 2, 4 or 8) bytes at `offset`, a multiple of them.
    #[inline(always)]
    pub fn load(&self, offset: usize, bytes: u32) -> u64 {
        match bytes {
            1 => u64::from(self.u8s()[offset].load(Relaxed)),
            2 => u64::from(self.u16s()[offset / 2].load(Relaxed)),
            4 => u64::from(self.u32s()[offset / 4].load(Relaxed)),
            _ => self.u64s()[offset / 8].load(Relaxed),
        }
    }

    /// Stores `bytes` (1, 2, 4 or 8) bytes at `offset`, a multiple of them, and marks them as written.
    #[inline(always)]
    pub fn store(&self, offset: usize, bytes: u32, value: u64) {
        match bytes {
            1 => self.u8s()[offset].store(value as u8, Relaxed),
            2 => self.u16s()[offset / 2].store(value as u16, Relaxed),
            4 => self.u32s()[offset / 4].store(value as u32, Relaxed),
            _ => self.u64s()[offset / 8].store(value, Relaxed),
        }
        self.mark_one(offset, bytes);
    }

    /// Marks an aligned value as written.
    #[inline(always)]
    pub fn mark_one(&self, offset: usize, bytes: u32) {
        let word = offset / 4;
        match bytes {
            4 => self.written[word].store(WHOLE, Relaxed),
            8 => {
                self.written[word].store(WHOLE, Relaxed);
                self.written[word + 1].store(WHOLE, Relaxed);
            }
            _ => {
                self.written[word].fetch_or(part(offset, bytes), Relaxed);
            }
        }
    }

    /// Whether all bytes of an aligned value were written.
    #[inline(always)]
    pub fn written_one(&self, offset: usize, bytes: u32) -> bool {
        let word = offset / 4;
        match bytes {
            4 => self.written[word].load(Relaxed) == WHOLE,
            8 => self.written[word].load(Relaxed) & self.written[word + 1].load(Relaxed) == WHOLE,
            _ => self.written[word].load(Relaxed) & part(offset, bytes) == part(offset, bytes),
        }
    }

    /// The first byte of the range that nobody wrote.
    pub fn unwritten(&self, offset: usize, bytes: usize) -> Option<usize> {
        let mut at = offset;
        while at < offset + bytes {
            let mask = self.written[at / 4].load(Relaxed);
            if at.is_multiple_of(4) && mask == WHOLE {
                at += 4;
            } else if mask >> (at % 4) & 1 == 1 {
                at += 1;
            } else {
                return Some(at);
            }
        }
        None
    }

    /// Copies bytes in.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        let (head, middle, tail) = thirds(offset, bytes.len());
        let (mut at, mut from) = (offset, 0);
        for _ in 0..head {
            self.u8s()[at].store(bytes[from], Relaxed);
            (at, from) = (at + 1, from + 1);
        }
        for cell in &self.u64s()[at / 8..at / 8 + middle] {
            cell.store(u64::from_le_bytes(bytes[from..from + 8].try_into().unwrap()), Relaxed);
            from += 8;
        }
        at += middle * 8;
        for _ in 0..tail {
            self.u8s()[at].store(bytes[from], Relaxed);
            (at, from) = (at + 1, from + 1);
        }
        self.mark(offset, bytes.len());
    }

    /// Copies bytes out.
    pub fn read(&self, offset: usize, bytes: &mut [u8]) {
        let (head, middle, tail) = thirds(offset, bytes.len());
        let (mut at, mut to) = (offset, 0);
        for _ in 0..head {
            bytes[to] = self.u8s()[at].load(Relaxed);
            (at, to) = (at + 1, to + 1);
        }
        for cell in &self.u64s()[at / 8..at / 8 + middle] {
            bytes[to..to + 8].copy_from_slice(&cell.load(Relaxed).to_le_bytes());
            to += 8;
        }
        at += middle * 8;
        for _ in 0..tail {
            bytes[to] = self.u8s()[at].load(Relaxed);
            (at, to) = (at + 1, to + 1);
        }
    }

    /// Marks a range as written.
    pub fn mark(&self, offset: usize, bytes: usize) {
        let end = offset + bytes;
        let mut at = offset;
        while at < end {
            if at.is_multiple_of(4) && at + 4 <= end {
                self.written[at / 4].store(WHOLE, Relaxed);
                at += 4;
            } else {
                self.written[at / 4].fetch_or(1 << (at % 4), Relaxed);
                at += 1;
            }
        }
    }

    /// Takes the mark of a byte from another allocation: a copy of what nobody wrote is still unwritten.
    pub fn copy_mark(&self, offset: usize, from: &Cells, from_offset: usize) {
        if from.written[from_offset / 4].load(Relaxed) >> (from_offset % 4) & 1 == 1 {
            self.written[offset / 4].fetch_or(1 << (offset % 4), Relaxed);
        } else {
            self.written[offset / 4].fetch_and(!(1 << (offset % 4)), Relaxed);
        }
    }
}

/// The bits of `bytes` bytes at `offset` in their word's mark.
#[inline(always)]
fn part(offset: usize, bytes: u32) -> u8 {
    ((1 << bytes) - 1) << (offset % 4)
}

/// Bytes before the first multiple of eight, words of eight bytes, bytes after them.
fn thirds(offset: usize, bytes: usize) -> (usize, usize, usize) {
    let head = (offset.next_multiple_of(8) - offset).min(bytes);
    let middle = (bytes - head) / 8;
    (head, middle, bytes - head - middle * 8)
}
