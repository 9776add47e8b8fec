//! Recorded outputs: `output/NAME.txt` begins with `$ command`, and goes on with what the command printed.
use crate::root;
use anyhow::{Context, Result, ensure};
use std::{fs, path::PathBuf, process::Command};

/// The recorded outputs whose numbers are times or shares of a peak: another run prints others.
pub const TIMES: &[&str] = &["times"];

/// A recorded output.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its name.
    pub name: String,
    /// The command, as for a shell.
    pub command: String,
    /// What it printed.
    pub printed: String,
}

/// All of them, by name.
///
/// # Errors
/// Where one cannot be read, or does not begin with a command.
pub fn all() -> Result<Vec<Recorded>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("book/output"))? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let (command, printed) = text
            .strip_prefix("$ ")
            .and_then(|text| text.split_once('\n'))
            .with_context(|| format!("{}: does not begin with `$ command`", path.display()))?;
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        all.push(Recorded { name, command: command.to_owned(), printed: printed.to_owned() });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

impl Recorded {
    /// Its file.
    pub fn path(&self) -> PathBuf {
        root().join("book/output").join(format!("{}.txt", self.name))
    }

    /// Runs `command` in the repository's root; what it printed.
    ///
    /// # Errors
    /// Where it cannot be run, or fails.
    pub fn run(&self, command: &str) -> Result<String> {
        let output =
            Command::new("bash").args(["-o", "pipefail", "-c", command]).current_dir(root()).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{command}: {}\n{errors}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs the command again and writes down what it prints.
    ///
    /// # Errors
    /// As [`Recorded::run`].
    pub fn renew(&self) -> Result<()> {
        let printed = self.run(&self.command)?;
        fs::write(self.path(), format!("$ {}\n{printed}", self.command))?;
        Ok(())
    }
}
