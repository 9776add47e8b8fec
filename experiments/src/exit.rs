//! From a result to an exit status: 0, 1 with one line on stderr, or 130 after Ctrl-C. (clap exits with 2.)
use crate::interrupt;
use std::process::ExitCode;

/// The exit code of a binary; an error is printed with its causes on one line.
pub fn with(result: anyhow::Result<i32>) -> ExitCode {
    let status = result.unwrap_or_else(|error| match error.downcast_ref::<ferrotape_data::Error>() {
        Some(data) if data.is_stop() => {
            eprintln!("interrupted: {}", line(&error));
            interrupt::EXIT_STATUS
        }
        _ => {
            eprintln!("error: {}", line(&error));
            1
        }
    });
    ExitCode::from(status as u8)
}

/// The error and its causes, but for those whose words stand at the end already: many messages tell their cause. What a
/// message repeats of a file's text is one line of it too, and nothing that a terminal would obey.
pub fn line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for text in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = text;
        } else if !line.ends_with(&text) {
            line = format!("{line}: {text}");
        }
    }
    line.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_file_does_not_write_to_the_terminal() {
        let error = anyhow::anyhow!("unknown field `a\n\u{1b}[2J`");
        assert_eq!(line(&error), "unknown field `a\u{fffd}\u{fffd}[2J`");
    }

    #[test]
    fn a_cause_is_told_once() {
        let refused = std::io::Error::other("no space left");
        let error =
            ferrotape_data::Error::Io { path: "a.bin".into(), action: "write the file", source: refused };
        let result: anyhow::Result<()> = Err(error).context("cnn_3");
        assert_eq!(line(&result.unwrap_err()), "cnn_3: a.bin: cannot write the file: no space left");
    }
}
