//! The three marks of running text: `` `code` ``, `*emphasis*`, `**strong**`.

/// A stretch of text in one style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span<'a> {
    /// As it is.
    Plain(&'a str),
    /// Code.
    Code(&'a str),
    /// Emphasis.
    Emphasis(&'a str),
    /// Strong emphasis.
    Strong(&'a str),
}

/// Divides a text at its marks. A mark that is not closed is text.
pub fn spans(text: &str) -> Vec<Span<'_>> {
    let mut found = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        match marked(rest) {
            Some((span, length)) => {
                if plain < at {
                    found.push(Span::Plain(&text[plain..at]));
                }
                found.push(span);
                at += length;
                plain = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    if plain < text.len() {
        found.push(Span::Plain(&text[plain..]));
    }
    found
}

/// The marked stretch that `text` begins with, and its length with its marks.
fn marked(text: &str) -> Option<(Span<'_>, usize)> {
    let mark = ["`", "**", "*"].into_iter().find(|mark| text.starts_with(mark))?;
    let inner = &text[mark.len()..];
    let end = inner.find(mark).filter(|&end| end > 0)?;
    let inner = &inner[..end];
    let span = match mark {
        "`" => Span::Code(inner),
        "**" => Span::Strong(inner),
        _ => Span::Emphasis(inner),
    };
    Some((span, end + 2 * mark.len()))
}

#[cfg(test)]
mod tests {
    use super::{Span::*, spans};

    #[test]
    fn marks_are_found_in_pairs() {
        assert_eq!(
            spans("a `b*` *c* **d**"),
            [Plain("a "), Code("b*"), Plain(" "), Emphasis("c"), Plain(" "), Strong("d")]
        );
        assert_eq!(spans("2 * 3 ≠ `x"), [Plain("2 * 3 ≠ `x")]);
        assert_eq!(spans(""), []);
    }
}
