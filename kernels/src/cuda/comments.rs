//! PTX without its comments.

/// The text with spaces for comments: as long, so that what is found in it stands at the same place in the text.
pub(super) fn blanked(ptx: &str) -> String {
    let mut text = String::with_capacity(ptx.len());
    let mut rest = ptx;
    while let Some(at) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        let (code, comment) = rest.split_at(at);
        let end =
            if comment.starts_with("//") { comment.find('\n') } else { comment.find("*/").map(|i| i + 2) };
        let (comment, after) = comment.split_at(end.unwrap_or(comment.len()));
        text += code;
        text.extend(std::iter::repeat_n(' ', comment.len()));
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::blanked;

    #[test]
    fn comments_are_blank_and_nothing_moves() {
        assert_eq!(blanked("a // é /* \nb /* //\n*/ c"), "a          \nb          c");
        assert_eq!(blanked("a /* never ended"), "a               ");
    }
}
