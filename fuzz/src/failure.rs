//! A case that went wrong.
use std::{cell::RefCell, fmt, panic, path::PathBuf, sync::Once};

/// A case that went wrong, and how.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The reader.
    pub reader: &'static str,
    /// Number of the case.
    pub case: u64,
    /// Its bytes.
    pub file: Option<PathBuf>,
    /// What happened.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reader, case, file, what } = self;
        write!(f, "{reader}, case {case}: {what}")?;
        file.as_ref().map_or(Ok(()), |file| write!(f, "; the file is kept as {}", file.display()))
    }
}

thread_local! {
    /// What this thread's last panic said, while panics are caught.
    static SAID: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic's message and place in its stead.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = info.to_string();
            let quiet = SAID.with_borrow_mut(|said| said.as_mut().map(|said| *said = Some(text)).is_some());
            if !quiet {
                before(info);
            }
        }));
    });
    SAID.set(Some(None));
    let done = panic::catch_unwind(panic::AssertUnwindSafe(work));
    let said = SAID.take().flatten();
    done.map_err(|_| said.unwrap_or_default().replace('\n', " "))
}
