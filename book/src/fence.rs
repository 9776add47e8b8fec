//! Fenced blocks of a chapter.

/// A block between lines of three or more backticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Fence<'a> {
    /// The line that opens it, from 1.
    pub line: usize,
    /// What follows the backticks.
    pub info: &'a str,
    /// The lines between.
    pub body: Vec<&'a str>,
}

impl<'a> Fence<'a> {
    /// The language: the first word of the info string.
    pub fn language(&self) -> &'a str {
        self.info.split(',').next().unwrap_or("")
    }

    /// Whether the info string has this word behind the language.
    pub fn has(&self, word: &str) -> bool {
        self.info.split(',').skip(1).any(|w| w == word)
    }

    /// The file that it is, or changes.
    pub fn file(&self) -> Option<&'a str> {
        self.info.split(',').find_map(|word| word.strip_prefix("file="))
    }
}

/// A chapter in pieces, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece<'a> {
    /// A line of text, with its number from 1.
    Line(usize, &'a str),
    /// A block.
    Fence(Fence<'a>),
}

/// The pieces of `text`. A block that is never closed goes to the end.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            all.push(Piece::Line(number, line));
            continue;
        }
        let closes = |line: &str| line.len() >= ticks && line.chars().all(|c| c == '`');
        let body = lines.by_ref().map(|(line, _)| line).take_while(|line| !closes(line)).collect();
        all.push(Piece::Fence(Fence { line: number, info: line[ticks..].trim(), body }));
    }
    all
}

/// The blocks alone.
pub fn fences(text: &str) -> impl Iterator<Item = Fence<'_>> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Fence(fence) => Some(fence),
        Piece::Line(..) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_lines() {
        let all = pieces("a\n```rust,file=b.rs,spoil\nlet x;\n\n```\nc");
        let fence = Fence { line: 2, info: "rust,file=b.rs,spoil", body: vec!["let x;", ""] };
        assert_eq!([fence.language(), fence.file().unwrap()], ["rust", "b.rs"]);
        assert!(fence.has("spoil") && !fence.has("rust"));
        assert_eq!(all, [Piece::Line(1, "a"), Piece::Fence(fence), Piece::Line(6, "c")]);
    }
}
