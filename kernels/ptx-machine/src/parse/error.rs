//! What is wrong with a text.
use crate::lex::Position;

/// What is wrong with a module's text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
pub struct ParseError {
    /// The file's name, as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// What was found and what was expected.
    pub what: String,
}

impl ParseError {
    /// Control characters of the text are not repeated: the message is one line, and goes to a terminal.
    pub(crate) fn new(file: &str, at: Position, what: impl Into<String>) -> Self {
        let what = what.into().replace(char::is_control, "\u{fffd}");
        Self { file: file.to_owned(), line: at.line, column: at.column, what }
    }
}
