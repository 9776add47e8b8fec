//! Pinned memory of the host: plain memory, whose addresses are remembered, because only from there may a graph copy.
use super::{
    capture,
    code::{Code, INVALID_VALUE, OUT_OF_MEMORY},
    report::{code_of, put, refuse},
    state::{Context, with},
};
use std::alloc::{self, Layout};

/// A page: what a driver aligns to.
const PAGE: usize = 4096;

/// Memory that [`cuMemHostAlloc`] gave; its address is the key it is kept under.
pub(super) struct Pinned(Layout);

impl Pinned {
    pub fn bytes(&self) -> usize {
        self.0.size()
    }
}

#[unsafe(no_mangle)]
extern "C" fn cuMemHostAlloc(address: Option<&mut usize>, bytes: usize, _flags: u32) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuMemHostAlloc")?;
        let layout = match Layout::from_size_align(bytes, PAGE) {
            Ok(layout) if bytes > 0 => layout,
            _ => return refuse(INVALID_VALUE, format!("cuMemHostAlloc: {bytes} bytes")),
        };
        // SAFETY: its size is not 0.
        let memory = unsafe { alloc::alloc(layout) };
        if memory.is_null() {
            return refuse(OUT_OF_MEMORY, format!("cuMemHostAlloc: {bytes} bytes"));
        }
        context.pinned.insert(memory.expose_provenance(), Pinned(layout));
        put(address, memory.expose_provenance())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemFreeHost(address: usize) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuMemFreeHost")?;
        let Some(Pinned(layout)) = context.pinned.remove(&address) else {
            return refuse(
                INVALID_VALUE,
                format!("cuMemFreeHost: {address:#x} is not the start of pinned memory"),
            );
        };
        // SAFETY: `cuMemHostAlloc` allocated it with this layout, and it was in the table, so it was not freed.
        unsafe { alloc::dealloc(std::ptr::with_exposed_provenance_mut(address), layout) };
        Ok(())
    }))
}

impl Context {
    /// Whether these bytes of the host are pinned.
    pub fn is_pinned(&self, address: usize, bytes: usize) -> bool {
        let before = self.pinned.range(..=address).next_back();
        before.is_some_and(|(&start, pinned)| address + bytes <= start + pinned.bytes())
    }
}
