//! Changes of files, as chapters state them.
use crate::fence::Fence;
use anyhow::{Context, Result, bail, ensure};

/// What a block does to a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The file.
    pub file: String,
    /// Its new text, or the changes.
    pub change: Change,
    /// Only for the next commands: a mistake, made to see it noticed.
    pub spoils: bool,
}

/// A new file, or hunks.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The text of a file that is not there yet.
    New(String),
    /// Lines to find, and lines to put there.
    Hunks(Vec<(String, String)>),
}

impl Edit {
    /// The edit of a block whose info string names a file; `None` for other blocks.
    ///
    /// # Errors
    /// Where a line of a diff has none of the three marks.
    pub fn of(fence: &Fence<'_>) -> Result<Option<Self>> {
        let Some(file) = fence.file() else { return Ok(None) };
        let change = match fence.language() {
            "diff" => Change::Hunks(
                fence.body.split(|line| line.starts_with("@@")).map(hunk).collect::<Result<Vec<_>>>()?,
            ),
            _ => Change::New(fence.body.join("\n") + "\n"),
        };
        Ok(Some(Self { file: file.to_owned(), change, spoils: fence.has("spoil") }))
    }

    /// The file's text with the change, from its text before, if it was there.
    ///
    /// # Errors
    /// Where a new file is there already, or the lines to change are not there exactly once.
    pub fn apply(&self, before: Option<&str>) -> Result<String> {
        match (&self.change, before) {
            (Change::New(text), None) => Ok(text.clone()),
            (Change::New(_), Some(_)) => bail!("{}: is there already", self.file),
            (Change::Hunks(_), None) => bail!("{}: is not there", self.file),
            (Change::Hunks(hunks), Some(before)) => hunks
                .iter()
                .try_fold(before.to_owned(), |text, (from, to)| replace(&text, from, to))
                .context(self.file.clone()),
        }
    }

    /// Lines added and removed.
    pub fn lines(&self) -> (usize, usize) {
        let count = |text: &str| text.lines().count();
        match &self.change {
            Change::New(text) => (count(text), 0),
            Change::Hunks(hunks) => hunks.iter().fold((0, 0), |(added, removed), (from, to)| {
                let kept = to.lines().filter(|line| from.lines().any(|other| other == *line)).count();
                (added + count(to) - kept, removed + count(from).saturating_sub(kept))
            }),
        }
    }
}

/// The lines before (kept and removed) and after (kept and added).
fn hunk(lines: &[&str]) -> Result<(String, String)> {
    let (mut from, mut to) = (String::new(), String::new());
    for line in lines {
        let (mark, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        ensure!([" ", "+", "-"].contains(&mark), "`{line}` begins with none of space, + and -");
        if mark != "+" {
            from += &format!("{rest}\n");
        }
        if mark != "-" {
            to += &format!("{rest}\n");
        }
    }
    Ok((from, to))
}

/// `text` with whole lines `from`, which occur once, replaced.
fn replace(text: &str, from: &str, to: &str) -> Result<String> {
    let at: Vec<usize> = text
        .match_indices(from)
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || text[..at].ends_with('\n'))
        .collect();
    match at[..] {
        [at] => Ok([&text[..at], to, &text[at + from.len()..]].concat()),
        [] => bail!("these lines are not there:\n{from}"),
        _ => bail!("these lines are there {} times:\n{from}", at.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fence::fences;

    fn edit(chapter: &str) -> Edit {
        Edit::of(&fences(chapter).next().unwrap()).unwrap().unwrap()
    }

    #[test]
    fn new_files_and_hunks() {
        let new = edit("```rust,file=a.rs\nfn a() {}\n```");
        assert_eq!(new.apply(None).unwrap(), "fn a() {}\n");
        assert_eq!(new.apply(Some("")).unwrap_err().to_string(), "a.rs: is there already");
        let diff = edit("```diff,file=a.rs\n one\n+two\n@@\n-four\n+5\n```");
        assert_eq!(diff.apply(Some("one\nthree\nfour\n")).unwrap(), "one\ntwo\nthree\n5\n");
        assert_eq!(diff.lines(), (2, 1));
        let twice = diff.apply(Some("one\none\nfour\n")).unwrap_err();
        assert_eq!(format!("{twice:#}"), "a.rs: these lines are there 2 times:\none\n");
        assert!(diff.apply(Some("one more\nfour\n")).is_err(), "whole lines");
    }
}
