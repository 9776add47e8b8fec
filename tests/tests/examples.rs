//! Every example has its output in its header, and prints just that.
//!
//! `cargo test` builds the examples of the packages it tests; one that is not built, or older than its source, is
//! skipped, and said so.
use anyhow::{Context, Result};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// The text block of a header.
fn promised(source: &str) -> Option<String> {
    let (_, block) = source.split_once("//! ```text\n")?;
    let (block, _) = block.split_once("//! ```\n")?;
    Some(
        block.lines().map(|line| line[3..].strip_prefix(' ').unwrap_or_default().to_owned() + "\n").collect(),
    )
}

/// Equal texts; numbers may differ as those of two mathematical libraries do.
fn agree(a: &str, b: &str) -> bool {
    let same = |(a, b): (&str, &str)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => (x - y).abs() <= 1e-5 * x.abs().max(y.abs()) || x.abs().max(y.abs()) < 1e-5,
        _ => a == b,
    };
    let (a, b) = (a.split_whitespace(), b.split_whitespace());
    a.clone().count() == b.clone().count() && a.zip(b).all(same)
}

/// The program built from `source`, if there is one and it is not older.
fn built(source: &Path) -> Result<Option<PathBuf>> {
    let test = env::current_exe()?;
    let target = test.ancestors().nth(2).context("a test lies in target/<profile>/deps")?;
    let name = source.file_stem().context("a file name")?;
    let program = target.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    let fresh = modified(&program).is_ok_and(|built| modified(source).is_ok_and(|written| built >= written));
    Ok(fresh.then_some(program))
}

#[test]
fn examples_print_what_their_headers_say() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?;
    let mut wrong = Vec::new();
    for package in ["autograd", "nn"] {
        for entry in fs::read_dir(root.join(package).join("examples"))? {
            let path = entry?.path();
            let Some(promised) = promised(&fs::read_to_string(&path)?) else {
                wrong.push(format!("{}: no output between ```text and ``` in the header", path.display()));
                continue;
            };
            let Some(program) = built(&path)? else {
                let text =
                    format!("\n*** SKIPPED {}: not built, or older than its source ***\n", path.display());
                std::io::stderr().write_all(text.as_bytes())?;
                continue;
            };
            let done = Command::new(program).output()?;
            let printed = String::from_utf8_lossy(&done.stdout).into_owned();
            if !done.status.success() || !agree(&promised, &printed) {
                wrong.push(format!("{}: {}\n{printed}", path.display(), done.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
