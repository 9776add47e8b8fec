//! Names for messages: the API passes none, so a caller who knows the machine tells them beforehand.
use std::{
    cell::RefCell,
    ffi::{CStr, c_char},
};

thread_local! {
    /// Of the module that this thread loads next.
    pub(super) static MODULE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Of the memory that this thread allocates next.
    pub(super) static ALLOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// # Safety
/// `name` ends with a 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn ptx_machine_name_module(name: *const c_char) {
    // SAFETY: as the caller promises.
    MODULE.set(Some(unsafe { text(name) }));
}

/// # Safety
/// `name` ends with a 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn ptx_machine_name_allocation(name: *const c_char) {
    // SAFETY: as the caller promises.
    ALLOCATION.set(Some(unsafe { text(name) }));
}

/// # Safety
/// `name` ends with a 0.
unsafe fn text(name: *const c_char) -> String {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
}
