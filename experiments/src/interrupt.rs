//! Ctrl-C: the first asks a training to stop after its current step and write what it has, the second leaves at
//! once.
//!
//! `SIGINT` and `SIGTERM` are treated alike. `SIGHUP` is left alone, so that `nohup` does what it says.
use anyhow::Context;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// Exit status of an interrupted run: 128 + SIGINT, as a shell reports it.
pub const EXIT_STATUS: i32 = 130;

fn requests() -> &'static Arc<AtomicBool> {
    static REQUESTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    REQUESTED.get_or_init(Arc::default)
}

/// Installs the handlers; a second call does nothing.
///
/// # Errors
/// Where the system refuses.
pub fn install() -> io::Result<()> {
    static INSTALLED: OnceLock<io::Result<()>> = OnceLock::new();
    let done = INSTALLED.get_or_init(register).as_ref();
    done.copied().map_err(|e| io::Error::new(e.kind(), e.to_string()))
}

fn register() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // In this order: a signal that finds the flag set leaves at once, the first one only sets it.
        flag::register_conditional_shutdown(signal, EXIT_STATUS, requests().clone())?;
        flag::register(signal, requests().clone())?;
    }
    Ok(())
}

/// Installs the handlers and runs `part`, which says whether the user stopped it; the exit status.
///
/// # Errors
/// Where the system refuses, and as `part`.
pub fn main(part: impl FnOnce() -> anyhow::Result<bool>) -> anyhow::Result<i32> {
    install().context("cannot listen for Ctrl-C")?;
    Ok(if part()? { EXIT_STATUS } else { 0 })
}

/// Whether the user asked to stop. A training loop looks at it once a step.
pub fn requested() -> bool {
    requests().load(Ordering::Relaxed)
}
