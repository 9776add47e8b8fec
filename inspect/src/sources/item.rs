//! Finds items in Rust files that `rustfmt` has formatted: there an item ends at the first brace as far left as it begins.
use super::{Excerpt, File};

/// The doc comment above the line `at` up to its example, without its marks.
fn doc_above(lines: &[&str], at: usize) -> String {
    let is_doc = |line: &str| line.starts_with("///");
    let attribute = |line: &str| line.starts_with("#[");
    let above = lines[..at].iter().rev().skip_while(|line| attribute(line)).take_while(|line| is_doc(line));
    let mut doc: Vec<&str> = above.map(|line| line[3..].strip_prefix(' ').unwrap_or(&line[3..])).collect();
    doc.reverse();
    let said = doc.iter().take_while(|line| !line.starts_with("```"));
    // A paragraph is one line; points and rows of tables begin theirs.
    let mut text = String::new();
    let mut before = "";
    for &line in said {
        let apart = |line: &str| line.is_empty() || line.starts_with('|');
        if !text.is_empty() {
            text.push(if apart(line) || apart(before) || line.starts_with("- ") { '\n' } else { ' ' });
        }
        // The name of a point, `- **Shapes**: …`, needs no mark.
        let point = line.strip_prefix("- **").map(|point| point.replacen("**", "", 1));
        text.push_str(point.as_deref().unwrap_or(line.trim_start()));
        before = line;
    }
    text.trim_end().to_owned()
}

/// The lines from `at` to the first that is `end`, as an excerpt.
fn block(file: File, lines: &[&str], at: usize, end: &str) -> Excerpt {
    let length = match lines[at].ends_with([';', '}']) {
        true => 1,
        false => 1 + lines[at..].iter().position(|line| *line == end).unwrap_or(0),
    };
    let indent = lines[at].len() - lines[at].trim_start().len();
    let text = lines[at..at + length].iter().map(|line| line.get(indent..).unwrap_or(""));
    Excerpt { path: file.path, line: at + 1, text: text.collect::<Vec<_>>().join("\n") }
}

/// Where `impl TRAIT for NAME {` stands, whichever trait of an operation or update it is; an update's name is that of its type,
/// but for the first letter.
fn implementation(lines: &[&str], name: &str) -> Option<usize> {
    lines.iter().position(|line| {
        let ty = line.strip_prefix("impl Op for ").or_else(|| line.strip_prefix("impl Update for "));
        ty.and_then(|ty| ty.strip_suffix(" {")).is_some_and(|ty| ty == name || ty.to_lowercase() == name)
    })
}

/// What is said of the type `name`: its equation, as a rule.
pub(super) fn doc(file: File, name: &str) -> Option<String> {
    let lines: Vec<&str> = file.text.lines().collect();
    let declares = |line: &&str| {
        line.strip_prefix("pub struct ")
            .is_some_and(|rest| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with([';', ' ', '('])))
    };
    let at = lines.iter().position(declares).or_else(|| implementation(&lines, name))?;
    Some(doc_above(&lines, at)).filter(|doc| !doc.is_empty())
}

/// The method `method` of the operation or update `name`.
pub(super) fn method(file: File, name: &str, method: &str) -> Option<Excerpt> {
    let lines: Vec<&str> = file.text.lines().collect();
    let from = implementation(&lines, name)?;
    let end = from + lines[from..].iter().position(|line| *line == "}")?;
    let begins = |line: &&str| {
        let rest = line.strip_prefix("    fn ").and_then(|rest| rest.strip_prefix(method));
        rest.is_some_and(|rest| rest.starts_with(['(', '<']))
    };
    let at = from + lines[from..end].iter().position(begins)?;
    Some(block(file, &lines, at, "    }"))
}

/// The names that are called in `caller`.
fn names(caller: &Excerpt) -> Vec<&str> {
    let words = caller.text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '('));
    let calls = words.flat_map(|word| word.split_inclusive('(')).filter_map(|call| call.strip_suffix('('));
    calls.filter(|name| !name.is_empty()).collect()
}

/// The function that a line begins, if it does: free ones, and those of types.
fn begun(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line =
        ["pub(super) ", "pub(crate) ", "pub "].iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// What `caller`, a method of an operation in `file`, calls in that file: not what every operation has.
pub(super) fn helpers(caller: &Excerpt, file: File) -> Vec<Excerpt> {
    let names = names(caller);
    let lines: Vec<&str> = file.text.lines().collect();
    let mut of_trait = false;
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !line.starts_with(' ') {
            of_trait = line.starts_with("impl Op for ") || line.starts_with("impl Update for ");
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        if !of_trait && indent.len() <= 4 && begun(line).is_some_and(|name| names.contains(&name)) {
            found.push(block(file, &lines, at, &format!("{indent}}}")));
        }
    }
    found
}

/// The public functions of `files` that one of `callers` calls.
pub(super) fn called(callers: &[Excerpt], files: &[File]) -> Vec<Excerpt> {
    let names: Vec<&str> = callers.iter().flat_map(names).collect();
    let mut found = Vec::new();
    for &file in files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if line.starts_with("pub fn ") && begun(line).is_some_and(|name| names.contains(&name)) {
                found.push(block(file, &lines, at, "}"));
            }
        }
    }
    found
}
