//! From a result to an exit status: 0, 1 with one line on stderr, or 130 after Ctrl-C. (clap exits with 2.)
use std::process::ExitCode;

/// The exit code of a binary; an error is printed with its causes on one line.
pub fn with(result: anyhow::Result<i32>) -> ExitCode {
    match result {
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
