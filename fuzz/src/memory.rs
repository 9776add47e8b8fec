//! Bytes allocated by this thread, now and at most.
//!
//! A program that fuzzes declares [`Counting`] its global allocator; without that, nothing is counted, which
//! [`is_counting`] tells.
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ptr,
};

/// Where one thread has as much, the next request is refused, and the process ends with the system's message: better than
/// taking the machine along.
const MOST: usize = 2 << 30;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counted thread by thread. What another thread frees is counted there, never below zero.
pub struct Counting;

/// Begins to look for a new peak; what is allocated now.
pub fn restart() -> usize {
    let now = NOW.get();
    PEAK.set(now);
    now
}

/// The most allocated since [`restart`].
pub fn peak() -> usize {
    PEAK.get()
}

/// Whether allocations are counted at all.
pub fn is_counting() -> bool {
    let before = restart();
    drop(std::hint::black_box(vec![0u8; 1 << 16]));
    peak() >= before + (1 << 16)
}

/// Notes `bytes` more; whether they are to be had. No destructor runs at a thread's end, so this can be asked always.
fn take(bytes: usize) -> bool {
    let now = NOW.get().saturating_add(bytes);
    if now > MOST {
        return false;
    }
    NOW.set(now);
    PEAK.set(PEAK.get().max(now));
    true
}

fn give_back(bytes: usize) {
    NOW.set(NOW.get().saturating_sub(bytes));
}

// SAFETY: every request goes to the system's allocator as it is, or is refused with a null pointer, as the trait allows;
// the counters are plain cells of the thread, which allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: `memory` came from `System` with this layout, as all of this allocator's does.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While the bytes are moved there are both.
        if !take(size) {
            return ptr::null_mut();
        }
        // SAFETY: `memory` came from `System` with this layout; the caller's promise about `size` is passed on.
        let moved = unsafe { System.realloc(memory, layout, size) };
        give_back(if moved.is_null() { size } else { layout.size() });
        moved
    }
}
