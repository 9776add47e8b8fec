//! What stands in double braces in a chapter, each on a line by itself:
//!
//! | directive | becomes |
//! |---|---|
//! | `{{#code FILE ITEM}}` | the [`item`](mod@crate::item) of the file that begins with this text, with file and line |
//! | `{{#output NAME}}` | `output/NAME.txt`: a command, and what it printed |
//! | `{{#table NAME}}` | a [`table`](mod@crate::table) of a committed record |
//! | `{{#figure NAME TEXT}}` | a [`figure`](mod@crate::figure), TEXT below it |
//!
//! Blocks that name a file (`file=…`, the steps of the worked example) get a caption.
use crate::{
    fence::{Piece, pieces},
    figure, formula, item, root, table,
};
use anyhow::{Context, Result, ensure};
use std::{fmt::Write, fs};

/// The chapter `name` as mdBook takes it.
///
/// # Errors
/// Naming chapter, line, and what was asked.
pub fn chapter(name: &str, text: &str) -> Result<String> {
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Line(number, line) => {
                let expanded =
                    directive(line).with_context(|| format!("book/text/{name}:{number}: {line}"))?;
                out += expanded.as_deref().unwrap_or(line);
            }
            Piece::Fence(fence) => {
                if let Some(file) = fence.file() {
                    let what = match (fence.language(), fence.has("spoil")) {
                        ("diff", true) => "change for now",
                        ("diff", false) => "change",
                        _ => "new file",
                    };
                    write!(out, "{}", caption(&format!("{what} <code>{file}</code>")))?;
                }
                let language = if fence.language().is_empty() { "text" } else { fence.language() };
                write!(out, "````{language}\n{}\n````", fence.body.join("\n"))?;
            }
        }
        out.push('\n');
    }
    formula::replace(&out).with_context(|| format!("book/text/{name}"))
}

/// What a line is replaced by, if it is a directive.
fn directive(line: &str) -> Result<Option<String>> {
    let Some(asked) = line.trim().strip_prefix("{{#").and_then(|rest| rest.strip_suffix("}}")) else {
        ensure!(!line.contains("{{#"), "a directive stands on a line by itself");
        return Ok(None);
    };
    let (word, rest) = asked.split_once(' ').unwrap_or((asked, ""));
    let (first, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    Ok(Some(match word {
        "code" => code(first, rest.trim())?,
        "output" => output(first)?,
        "table" => table::markdown(first)?,
        "figure" => {
            ensure!(figure::ALL.iter().any(|(name, _)| *name == first), "no such figure");
            format!(
                "<figure><img src=\"figures/{first}.svg\" alt=\"{rest}\"><figcaption>{rest}</figcaption></figure>"
            )
        }
        _ => anyhow::bail!("no such directive"),
    }))
}

fn code(file: &str, wanted: &str) -> Result<String> {
    let source = fs::read_to_string(root().join(file)).with_context(|| file.to_owned())?;
    let found = item::find(&source, wanted)?;
    let language = if file.ends_with(".rs") { "rust" } else { "text" };
    let place = format!("<a href=\"../../{file}\"><code>{file}</code></a>, line {}", found.line);
    Ok(format!("{}````{language}\n{}\n````", caption(&place), found.text))
}

fn output(name: &str) -> Result<String> {
    let file = format!("book/output/{name}.txt");
    let text = fs::read_to_string(root().join(&file)).context(file)?;
    Ok(format!("````text\n{}\n````", text.trim_end()))
}

fn caption(html: &str) -> String {
    format!("<p class=\"caption\">{html}</p>\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_shown_with_its_place() {
        let text = chapter("x.md", "{{#code book/src/lib.rs pub fn root}}").unwrap();
        assert!(
            text.contains("<a href=\"../../book/src/lib.rs\"><code>book/src/lib.rs</code></a>, line "),
            "{text}"
        );
        assert!(
            text.contains("````rust\n/// The root of the repository.\npub fn root() -> PathBuf {\n"),
            "{text}"
        );
    }

    #[test]
    fn errors_name_chapter_line_and_what_was_asked() {
        let error = |text| format!("{:#}", chapter("x.md", text).unwrap_err());
        assert_eq!(
            error("\n{{#code book/src/lib.rs fn nothing}}"),
            "book/text/x.md:2: {{#code book/src/lib.rs fn nothing}}: no item begins with `fn nothing`"
        );
        assert!(error("{{#code no/such.rs fn a}}").contains("no/such.rs"));
        assert!(error("see {{#code book/src/lib.rs fn a}}").contains("on a line by itself"));
        assert!(error("{{#picture a}}").contains("no such directive"));
    }
}
