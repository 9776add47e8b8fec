//! The table of all unsafe code, `docs/unsafe.md`: every block and implementation of the workspace with the function that
//! it stands in and its argument, taken from the sources. `cargo run -p ferrotape-unsafe-table` writes it anew; the test
//! fails where it is not what the sources say, so a new block is seen in a review as a new line of the table.
mod scan;

use scan::File;
use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Places with sources of the workspace.
const FOLDERS: [&str; 9] =
    ["autograd", "benches", "data", "experiments", "fuzz", "kernels", "nn", "tests", "tools"];

const HEAD: &str = "# Unsafe code\n\n\
    Every `unsafe` block and implementation of the workspace, the function that it stands in, and why it is sound. Made from the\n\
    sources by `cargo run -p ferrotape-unsafe-table`; a test of that package fails where this page is not what they say.\n";

fn main() -> ExitCode {
    let page = root().join("docs/unsafe.md");
    let written = table(&root()).and_then(|text| fs::write(&page, text));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", page.display());
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The page's text.
///
/// # Errors
/// If a file cannot be read, or has unsafe code without an argument; the text names file and line.
fn table(root: &Path) -> io::Result<String> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        sources(&root.join(folder), &mut paths)?;
    }
    paths.sort();
    let (mut body, mut total) = (String::new(), 0);
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string().replace('\\', "/");
        let scanned = scan::scan(&fs::read_to_string(&path)?);
        let file = scanned
            .map_err(|line| io::Error::other(format!("{name}:{line}: unsafe code without `// SAFETY:`")))?;
        total += file.entries.len();
        if !file.is_empty() {
            section(&mut body, &name, &file);
        }
    }
    Ok(format!("{HEAD}\n{total} of them.\n{body}"))
}

fn section(page: &mut String, name: &str, file: &File) {
    let _ = writeln!(page, "\n## `{name}`");
    for (count, what) in [
        (file.functions, "`unsafe fn`, with what it asks of its callers in its documentation"),
        (
            file.exported,
            "`#[unsafe(no_mangle)]`: names of the driver's interface, which nothing else in the library exports",
        ),
    ] {
        if count > 0 {
            let _ = writeln!(page, "\n{count} x {what}.");
        }
    }
    if !file.entries.is_empty() {
        page.push_str("\n| in | why it is sound |\n|---|---|\n");
    }
    for entry in &file.entries {
        let _ = writeln!(page, "| `{}` | {} |", entry.place, entry.argument.replace('|', "\\|"));
    }
}

/// All sources under a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_the_sources() {
        let (root, text) = (root(), fs::read_to_string(root().join("docs/unsafe.md")).unwrap());
        let expected = table(&root).unwrap();
        let differs = text.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        assert!(
            differs.is_none() && text == expected,
            "docs/unsafe.md: run cargo run -p ferrotape-unsafe-table; {differs:?}"
        );
    }
}
