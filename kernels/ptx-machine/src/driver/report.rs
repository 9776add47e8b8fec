//! Failures with their reasons: the driver's API has only numbers, so the reason of the last one is kept.
use super::code::{Code, INVALID_VALUE, SUCCESS};
use std::{
    cell::RefCell,
    ffi::{CString, c_char},
    ptr,
};

/// A call that fails.
#[derive(Debug)]
pub(super) struct Refused {
    pub code: Code,
    pub why: String,
}

pub(super) type Answer<T = ()> = Result<T, Refused>;

/// A failure with `code` because of `why`.
pub(super) fn refuse<T>(code: Code, why: impl Into<String>) -> Answer<T> {
    Err(Refused { code, why: why.into() })
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
    /// Text handed out last, which must stay.
    static SAID: RefCell<CString> = RefCell::default();
}

/// What a function returns for `answer`, whose reason is kept.
pub(super) fn code_of(answer: Answer) -> Code {
    match answer {
        Ok(()) => SUCCESS,
        Err(Refused { code, why }) => {
            LAST.with(|last| *last.borrow_mut() = text(&why));
            code
        }
    }
}

/// Writes a result where the caller wants it.
pub(super) fn put<T>(to: Option<&mut T>, value: T) -> Answer {
    match to {
        Some(to) => *to = value,
        None => return refuse(INVALID_VALUE, "the pointer for the result is null"),
    }
    Ok(())
}

/// Hands out text that lives until this thread asks for the next.
pub(super) fn say(said: &str) -> *const c_char {
    SAID.with(|text_| {
        *text_.borrow_mut() = text(said);
        text_.borrow().as_ptr()
    })
}

/// Why the last call of this thread that failed did so; null if none did.
#[unsafe(no_mangle)]
extern "C" fn ptx_machine_last_fault() -> *const c_char {
    LAST.with(|last| if last.borrow().is_empty() { ptr::null() } else { last.borrow().as_ptr() })
}

fn text(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).expect("no byte is 0")
}
