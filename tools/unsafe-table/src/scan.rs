//! Unsafe code of a source file, found line by line: `cargo fmt` and clippy's `undocumented_unsafe_blocks` see to it that
//! lines and comments are where they are looked for.

/// The unsafe code of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Blocks and implementations, in order.
    pub entries: Vec<Entry>,
    /// Functions that ask something of their callers.
    pub functions: usize,
    /// Symbols that are exported under their own names.
    pub exported: usize,
}

/// A block or implementation.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The function around it, or the implementation.
    pub place: String,
    /// Why it is sound.
    pub argument: String,
}

impl File {
    /// Whether there is nothing unsafe.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads a file's text.
///
/// # Errors
/// The line of a block or implementation without an argument.
pub fn scan(text: &str) -> Result<File, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut file, mut before) = (File::default(), String::new());
    for (at, line) in lines.iter().enumerate() {
        let code = code(line);
        file.exported += code.matches("#[unsafe(no_mangle)]").count();
        for found in code.match_indices("unsafe ").map(|(start, _)| &code[start + "unsafe ".len()..]) {
            if found.starts_with("fn ") || (found.starts_with("extern ") && code.contains(" fn ")) {
                file.functions += 1;
            } else if found.starts_with('{') || found.starts_with("impl") {
                let argument = argument(&lines[..at]).ok_or(at + 1)?;
                // "As above": what was said last.
                if !argument.trim_end_matches('.').eq_ignore_ascii_case("as above") {
                    before = argument;
                }
                let place = if found.starts_with("impl") {
                    found.trim_end_matches(" {}").trim_end_matches(" {").to_owned()
                } else {
                    around(&lines[..=at])
                };
                file.entries.push(Entry { place, argument: before.clone() });
            }
        }
    }
    Ok(file)
}

/// A line without its comment and without what stands in quotes.
fn code(line: &str) -> String {
    let mut code = String::new();
    for (part, text) in line.split('"').enumerate() {
        if part % 2 == 0 {
            let comment = text.find("//");
            code.push_str(&text[..comment.unwrap_or(text.len())]);
            if comment.is_some() {
                break;
            }
        }
    }
    code
}

/// The comment `SAFETY: …` that stands above, past the beginning of the statement.
fn argument(above: &[&str]) -> Option<String> {
    let start = above.iter().rposition(|line| line.trim_start().starts_with("// SAFETY:"))?;
    let comment =
        above[start..].iter().map(|line| line.trim_start()).take_while(|line| line.starts_with("//"));
    let words: Vec<_> =
        comment.map(|line| line.trim_start_matches("// SAFETY:").trim_start_matches("//").trim()).collect();
    let between = above.len() - start - words.len();
    (between <= 6).then(|| words.join(" "))
}

/// The function, or macro, that encloses the last of `lines`: the last that begins further left.
fn around(lines: &[&str]) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut left = lines.last().map_or(0, |line| indent(line) + 1);
    for line in lines.iter().rev().filter(|line| !line.trim().is_empty()) {
        if indent(line) < left {
            let code = code(line);
            for keyword in ["fn ", "macro_rules! "] {
                let name =
                    code.split_once(keyword).filter(|(before, _)| before.is_empty() || before.ends_with(' '));
                if let Some((_, name)) = name {
                    return name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                }
            }
            left = indent(line).max(1);
        }
    }
    "the file".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_implementations_and_functions() {
        let text = r#"
// SAFETY: it is memory,
// which anyone may use.
unsafe impl Send for Pinned {}
// SAFETY: as above.
unsafe impl Sync for Pinned {}
fn outer() {
    let text = "unsafe { in quotes }"; // and unsafe { here }
    // SAFETY: the caller's.
    let x = inner(
        unsafe { *x },
    );
}
#[unsafe(no_mangle)]
unsafe extern "C" fn named() {}
"#;
        let file = scan(text).unwrap();
        let entry = |place: &str, argument: &str| Entry { place: place.into(), argument: argument.into() };
        let memory = "it is memory, which anyone may use.";
        assert_eq!(
            file.entries,
            [
                entry("impl Send for Pinned", memory),
                entry("impl Sync for Pinned", memory),
                entry("outer", "the caller's."),
            ]
        );
        assert_eq!((file.functions, file.exported), (1, 1));
        assert_eq!(scan("fn f() {\n    unsafe { g() }\n}\n"), Err(2));
    }
}
