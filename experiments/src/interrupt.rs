//! Ctrl-C: the first asks a training to stop at its next step and write what it has, the second
//! leaves at once.
//!
//! `SIGINT`, `SIGTERM` and `SIGHUP` are treated alike.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status after a second interrupt: 128 + SIGINT, as a shell reports it.
pub const EXIT_STATUS: i32 = 130;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static INSTALLED: OnceLock<Result<(), String>> = OnceLock::new();

/// Installs the handler; later calls do nothing.
pub fn install() -> io::Result<()> {
    INSTALLED
        .get_or_init(|| ctrlc::set_handler(on_signal).map_err(|e| e.to_string()))
        .clone()
        .map_err(|reason| io::Error::other(format!("cannot listen for Ctrl-C: {reason}")))
}

/// Whether the user asked to stop. A training loop looks at it once a step.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

fn on_signal() {
    if REQUESTED.swap(true, Ordering::Relaxed) {
        std::process::exit(EXIT_STATUS);
    }
    // Not `eprintln!`: it panics on a closed stderr, and a dead handler hears no second Ctrl-C.
    let _ = writeln!(
        io::stderr(),
        "\ninterrupted: stopping after this step and writing what there is; again to leave at once"
    );
}
