//! The steps of a chapter: edits and commands.
use crate::{edit::Edit, fence::fences};
use anyhow::{Context, Result, ensure};
use std::{collections::BTreeMap, fs, path::Path};

/// A step.
#[derive(Clone, Debug)]
pub enum Step {
    /// A file is written or changed.
    Edit(Edit),
    /// Commands are run, and print this.
    Run(Commands),
}

/// A block of commands (`$ …`) with what they print.
#[derive(Clone, Debug, PartialEq)]
pub struct Commands {
    /// Each command, and the lines expected of it.
    pub list: Vec<(String, Vec<String>)>,
    /// Whether they must fail.
    pub fail: bool,
}

/// The steps of a chapter, each with the line it stands at: blocks that name a file, and blocks marked `run` or `fails`.
///
/// # Errors
/// Where a block is not as it should be.
pub fn steps(chapter: &str) -> Result<Vec<(usize, Step)>> {
    let mut all = Vec::new();
    for fence in fences(chapter) {
        let at = || format!("line {}", fence.line);
        if let Some(edit) = Edit::of(&fence).with_context(at)? {
            all.push((fence.line, Step::Edit(edit)));
        } else if fence.has("run") || fence.has("fails") {
            let mut list: Vec<(String, Vec<String>)> = Vec::new();
            for line in &fence.body {
                match (line.strip_prefix("$ "), list.last_mut()) {
                    (Some(command), _) => list.push((command.to_owned(), Vec::new())),
                    (None, Some((_, printed))) => printed.push((*line).to_owned()),
                    (None, None) => {
                        anyhow::bail!("line {}: a block of commands begins with `$ `", fence.line)
                    }
                }
            }
            all.push((fence.line, Step::Run(Commands { list, fail: fence.has("fails") })));
        }
    }
    ensure!(!all.is_empty(), "no steps");
    Ok(all)
}

/// Applies the edits to the files below `root`, in memory; a mistake made on purpose is undone by the commands after it.
/// Returns the changed files.
///
/// # Errors
/// Where an edit does not apply.
pub fn apply_to_tree(root: &Path, steps: &[(usize, Step)]) -> Result<BTreeMap<String, String>> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (line, step) in steps {
        let Step::Edit(edit) = step else { continue };
        let before =
            files.get(&edit.file).cloned().or_else(|| fs::read_to_string(root.join(&edit.file)).ok());
        let after = edit.apply(before.as_deref()).with_context(|| format!("line {line}"))?;
        if !edit.spoils {
            files.insert(edit.file.clone(), after);
        }
    }
    Ok(files)
}

/// What of `expected` is not printed: its lines must occur in order, `…` in one stands for anything. As much space as there
/// is between words is not compared: the widths of columns depend on what else is in a table.
pub fn missing<'a>(expected: &'a [String], printed: &str) -> Option<&'a str> {
    let mut lines = printed.lines();
    expected
        .iter()
        .filter(|line| !["", "…"].contains(&line.trim()))
        .find(|wanted| !lines.any(|line| fits(&single_spaced(wanted), &single_spaced(line))))
        .map(String::as_str)
}

fn single_spaced(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fits(wanted: &str, line: &str) -> bool {
    let mut parts = wanted.split('…').map(str::trim);
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_lines_in_order_with_gaps() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let printed = "one\ntwo 17 ms\nthree";
        assert_eq!(missing(&lines("one\n…\nthree"), printed), None);
        assert_eq!(missing(&lines("two …  ms"), printed), None);
        assert_eq!(missing(&lines("three\none"), printed), Some("one"));
        assert_eq!(missing(&lines("two"), printed), Some("two"));
    }

    #[test]
    fn edits_and_commands() {
        let chapter =
            "```rust,file=a.rs\nfn a() {}\n```\n```console,run\n$ ls\na.rs\n$ pwd\n```\n```text\nb\n```";
        let steps = steps(chapter).unwrap();
        assert_eq!(steps.len(), 2);
        let Step::Run(commands) = &steps[1].1 else { panic!("commands") };
        assert_eq!(commands.list, [("ls".to_owned(), vec!["a.rs".to_owned()]), ("pwd".to_owned(), vec![])]);
    }
}
