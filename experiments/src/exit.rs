//! From a result to an exit status: 0, 1 with one line on stderr, or 130 after Ctrl-C. (clap exits with 2.)
use crate::interrupt;
use ferrotape_data::Error::Stopped;
use std::process::ExitCode;

/// The exit code of a binary; an error is printed with its causes on one line.
pub fn with(result: anyhow::Result<i32>) -> ExitCode {
    let status = result.unwrap_or_else(|error| match error.downcast_ref() {
        Some(Stopped { .. }) => {
            eprintln!("interrupted: {error:#}");
            interrupt::EXIT_STATUS
        }
        _ => {
            eprintln!("error: {error:#}");
            1
        }
    });
    ExitCode::from(status as u8)
}
