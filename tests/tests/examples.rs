//! Every example has its output in its header, and prints just that; the numbered ones are short, and all there.
//!
//! A word that begins with `~` is measured on the machine at hand: any other that does stands for it.
//!
//! `cargo test` builds the examples of the packages it tests; one that is not built, or older than its source, is
//! skipped, and said so. `BLESS=1` writes what was printed into the headers. Where that changes their length, or the
//! lines that an output names, build and bless once more.
use anyhow::{Context, Result};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// Lines that a numbered example has fewer than.
const LINES: usize = 80;

const OPEN: &str = "//! ```text\n";
const CLOSE: &str = "//! ```\n";

/// What comes before the text block of a header, the block, and what comes behind it.
fn parts(source: &str) -> Option<(&str, &str, &str)> {
    let start = source.find(OPEN)? + OPEN.len();
    let end = start + source[start..].find(CLOSE)?;
    Some((&source[..start], &source[start..end], &source[end..]))
}

/// A block as it would be printed.
fn unquoted(block: &str) -> String {
    block.lines().map(|line| line[3..].strip_prefix(' ').unwrap_or_default().to_owned() + "\n").collect()
}

/// What was printed as a block.
fn quoted(printed: &str) -> String {
    printed.lines().map(|line| format!("//! {line}").trim_end().to_owned() + "\n").collect()
}

/// Equal texts; numbers may differ as those of two mathematical libraries do, measured ones as they like.
fn agree(a: &str, b: &str) -> bool {
    let same = |(a, b): (&str, &str)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => (x - y).abs() <= 1e-5 * x.abs().max(y.abs()) || x.abs().max(y.abs()) < 1e-5,
        _ => a == b || a.starts_with('~') && b.starts_with('~'),
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

/// Every file in an `examples` folder of a package.
fn examples() -> Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?;
    let mut packages = vec![root.join("kernels/ptx-machine")];
    for entry in fs::read_dir(root)? {
        packages.push(entry?.path());
    }
    let mut files = Vec::new();
    for folder in packages.iter().map(|package| package.join("examples")).filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    Ok(files)
}

/// The number that its name begins with.
fn number(path: &Path) -> Option<u32> {
    path.file_stem()?.to_str()?.split_once('_')?.0.parse().ok()
}

#[test]
fn the_numbered_examples_are_all_there_and_short() -> Result<()> {
    let examples = examples()?;
    assert!(examples.iter().filter_map(|path| number(path)).eq(1..=12), "{examples:?}");
    for path in examples.iter().filter(|path| number(path).is_some()) {
        let lines = fs::read_to_string(path)?.lines().count();
        assert!(lines < LINES, "{}: {lines} lines, expected fewer than {LINES}", path.display());
    }
    Ok(())
}

#[test]
fn examples_print_what_their_headers_say() -> Result<()> {
    let mut wrong = Vec::new();
    for path in examples()? {
        let source = fs::read_to_string(&path)?;
        let Some((before, block, behind)) = parts(&source) else {
            if number(&path).is_some() {
                wrong.push(format!("{}: no output between ```text and ``` in the header", path.display()));
            }
            continue;
        };
        let Some(program) = built(&path)? else {
            let text = format!("\n*** SKIPPED {}: not built, or older than its source ***\n", path.display());
            std::io::stderr().write_all(text.as_bytes())?;
            continue;
        };
        let done = Command::new(program).output()?;
        let printed = String::from_utf8_lossy(&done.stdout).into_owned();
        if done.status.success() && agree(&unquoted(block), &printed) {
            continue;
        }
        if done.status.success() && env::var_os("BLESS").is_some() {
            fs::write(&path, [before, &quoted(&printed), behind].concat())?;
            continue;
        }
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        wrong.push(format!("{}: {}\n{printed}{error}", path.display(), done.status));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn measured_words_stand_for_each_other_and_no_others_do() {
    assert!(agree("in ~3.1 ms: 0.5000000", "in ~12.0 ms: 0.5000001"));
    for (a, b) in [("~3.1 ms", "3.1 ms"), ("0.50", "0.51"), ("ms", "s"), ("a b", "a")] {
        assert!(!agree(a, b), "{a} {b}");
    }
}
