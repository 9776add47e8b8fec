//! Finds an item of a source file: from the line that begins with a text to the line that closes it at the same indentation.
use anyhow::{Result, bail};

/// Lines of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The number of the first one, from 1.
    pub line: usize,
    /// Without the indentation that all of them have.
    pub text: String,
}

/// The item that begins with `path`: a text, or several with ` > ` between them, each found within the one before.
/// Comments and attributes right above belong to it. An empty path is the whole file.
///
/// # Errors
/// Where no line begins so, or several do.
pub fn find(source: &str, path: &str) -> Result<Item> {
    let lines: Vec<&str> = source.lines().collect();
    let (mut from, mut to) = (0, lines.len());
    for wanted in path.split(" > ").map(str::trim).filter(|part| !part.is_empty()) {
        let starts: Vec<usize> = (from..to).filter(|&i| begins(lines[i], wanted)).collect();
        let &[start] = &starts[..] else {
            let numbers = starts.iter().map(|i| (i + 1).to_string()).collect::<Vec<_>>().join(", ");
            match starts.len() {
                0 => bail!("no item begins with `{wanted}`"),
                _ => bail!("lines {numbers} begin with `{wanted}`"),
            }
        };
        to = end(&lines, start);
        from = start;
    }
    if !path.is_empty() {
        while from > 0 && belongs_to_next(lines[from - 1]) {
            from -= 1;
        }
    }
    let indent = lines[from..to].iter().filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min();
    let text =
        lines[from..to].iter().map(|line| line.get(indent.unwrap_or(0)..).unwrap_or("")).collect::<Vec<_>>();
    Ok(Item { line: from + 1, text: text.join("\n") })
}

/// Whether `line` begins with whole words.
fn begins(line: &str, wanted: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.trim_start()
        .strip_prefix(wanted)
        .is_some_and(|rest| !(wanted.ends_with(word) && rest.starts_with(word)))
}

/// The line after the last one of the item that begins at `start`.
fn end(lines: &[&str], start: usize) -> usize {
    let first = lines[start].trim_end();
    let opened = first.matches(['{', '(', '[']).count();
    let closed = first.matches(['}', ')', ']']).count();
    if opened == closed && (first.ends_with([';', '}', ',']) || first.trim_start().starts_with("//")) {
        return start + 1;
    }
    let closes = |line: &&str| {
        let rest = line.trim();
        indent(line) == indent(lines[start])
            && rest.starts_with(['}', ')', ']'])
            && rest.chars().all(|c| "})];,".contains(c))
    };
    lines[start..].iter().position(closes).map_or(lines.len(), |k| start + k + 1)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn belongs_to_next(line: &str) -> bool {
    let line = line.trim_start();
    (line.starts_with("//") && !line.starts_with("//!")) || line.starts_with("#[")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
//! A module.
use a::b;

/// Numbers.
const N: [u32; 2] = [
    1,
];

impl Op for Relu {
    /// The name.
    fn name(
        &self,
    ) -> &str {
        \"relu\"
    }

    fn other(&self) {}
}
// A kernel.
.visible .entry relu(.param .u64 x)
.maxntid 256
{
    ret;
}
";

    #[test]
    fn items_end_where_they_are_closed() {
        let text = |path| find(SOURCE, path).unwrap().text;
        assert_eq!(text("use a"), "use a::b;");
        assert_eq!(
            find(SOURCE, "const N").unwrap(),
            Item { line: 4, text: "/// Numbers.\nconst N: [u32; 2] = [\n    1,\n];".into() }
        );
        let name = "/// The name.\nfn name(\n    &self,\n) -> &str {\n    \"relu\"\n}";
        assert_eq!(text("impl Op > fn name"), name);
        assert_eq!(text("fn other"), "fn other(&self) {}");
        assert_eq!(
            text(".visible .entry relu"),
            "// A kernel.\n.visible .entry relu(.param .u64 x)\n.maxntid 256\n{\n    ret;\n}"
        );
        assert_eq!(text(""), SOURCE.trim_end());
    }

    #[test]
    fn what_is_not_there_or_not_one_is_refused() {
        assert_eq!(find(SOURCE, "fn nothing").unwrap_err().to_string(), "no item begins with `fn nothing`");
        assert_eq!(find(SOURCE, "fn").unwrap_err().to_string(), "lines 11, 17 begin with `fn`");
    }
}
