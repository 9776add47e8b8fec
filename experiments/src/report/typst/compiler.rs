//! Typst's compiler, where it is installed.
use crate::output;
use anyhow::{Context, Result, bail};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// Makes `pdf` of `source` with `compiler`, or the `typst` in PATH; where there is none, what to do about it.
///
/// # Errors
/// If a compiler that was named does not run, or one refuses the source, or the PDF cannot be written.
pub fn compile(compiler: Option<&Path>, source: &Path, pdf: &Path) -> Result<Result<PathBuf, String>> {
    let folder = source.parent().unwrap_or(Path::new("."));
    let temporary = tempfile::tempdir().context("a temporary folder for the PDF")?;
    let made = temporary.path().join("report.pdf");
    let program = compiler.unwrap_or(Path::new("typst"));
    let mut command = Command::new(program);
    // The fonts that come with the compiler are the same on every machine.
    command.arg("compile").arg("--ignore-system-fonts").arg("--root").arg(folder).arg(source).arg(&made);
    let done = match command.output() {
        Err(e) if e.kind() == io::ErrorKind::NotFound && compiler.is_none() => {
            let source = source.display();
            return Ok(Err(format!("Typst is not installed; with it, `typst compile {source}` makes one")));
        }
        done => {
            done.with_context(|| format!("{}: cannot run Typst's compiler (--typst)", program.display()))?
        }
    };
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr);
        let first = text
            .lines()
            .find(|line| line.starts_with("error"))
            .or(text.lines().next())
            .unwrap_or("no message");
        bail!("{}: {} refuses it: {first}", source.display(), program.display());
    }
    let bytes = fs::read(&made).with_context(|| format!("{}: wrote no PDF", program.display()))?;
    output::write_bytes(pdf, &bytes)?;
    Ok(Ok(pdf.to_owned()))
}
