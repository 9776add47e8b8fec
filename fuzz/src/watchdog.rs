//! Notices a case that does not end.
use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Far beyond any case on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Looks at a case from another thread, and ends the process when it takes longer than [`PATIENCE`]: a loop without end
/// cannot be stopped from outside of it.
pub(crate) struct Watchdog(Arc<Mutex<Option<(Instant, String)>>>);

impl Watchdog {
    pub(crate) fn start() -> Self {
        let case = Arc::new(Mutex::new(None::<(Instant, String)>));
        let watched = Arc::downgrade(&case);
        thread::spawn(move || {
            while let Some(case) = watched.upgrade() {
                if let Some((since, what)) = &*case.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
                    && since.elapsed() > PATIENCE
                {
                    eprintln!("{what}: no end after {} s", PATIENCE.as_secs());
                    std::process::abort();
                }
                drop(case);
                thread::sleep(Duration::from_millis(200));
            }
        });
        Self(case)
    }

    /// A case begins, or (`None`) has ended.
    pub(crate) fn note(&self, case: Option<String>) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) =
            case.map(|what| (Instant::now(), what));
    }
}
