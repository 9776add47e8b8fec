//! From text to tokens, each with its line and column.
use crate::parse::ParseError;

/// Where a token starts; both count from 1, columns in characters.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub line: u32,
    pub column: u32,
}

/// A token's text is enough to tell most of them apart; this says how it was recognised.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or opcode, dots included: `ld.global.f32`, `%tid.x`, `$L1`.
    Word,
    /// `.reg`, `.f32`.
    Directive,
    /// A number, unread: `12`, `0x1F`, `0f3F800000`, `1.5e-3`.
    Number,
    /// Text in quotes, without them.
    Text,
    /// One character.
    Punctuation,
    /// After the last token.
    End,
}

#[derive(Copy, Clone, Debug)]
pub(crate) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub at: Position,
}

/// All tokens of `text`, an end token last.
pub(crate) fn tokens<'a>(file: &str, text: &'a str) -> Result<Vec<Token<'a>>, ParseError> {
    let mut lexer = Lexer { file, text, byte: 0, at: Position { line: 1, column: 1 } };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        tokens.push(token);
        if token.kind == Kind::End {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a, 'f> {
    file: &'f str,
    text: &'a str,
    byte: usize,
    at: Position,
}

impl<'a> Lexer<'a, '_> {
    fn next(&mut self) -> Result<Token<'a>, ParseError> {
        self.skip_blanks()?;
        let (start, at) = (self.byte, self.at);
        let Some(first) = self.peek() else {
            return Ok(Token { kind: Kind::End, text: "end of file", at });
        };
        let kind = match first {
            'a'..='z' | 'A'..='Z' | '_' | '$' | '%' => {
                self.skip_while(|c| c.is_ascii_alphanumeric() || "_$.%".contains(c));
                Kind::Word
            }
            '.' => {
                self.bump();
                self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
                Kind::Directive
            }
            '0'..='9' => {
                self.skip_number();
                Kind::Number
            }
            '"' => {
                self.bump();
                let from = self.byte;
                self.skip_while(|c| c != '"' && c != '\n');
                let text = &self.text[from..self.byte];
                if self.peek() != Some('"') {
                    return Err(ParseError::new(self.file, at, "text without its closing quote"));
                }
                self.bump();
                return Ok(Token { kind: Kind::Text, text, at });
            }
            '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>' | ',' | ';' | ':' | '|' | '+' | '-' | '@' | '!'
            | '=' => {
                self.bump();
                Kind::Punctuation
            }
            other => return Err(ParseError::new(self.file, at, format!("`{other}` has no meaning in PTX"))),
        };
        Ok(Token { kind, text: &self.text[start..self.byte], at })
    }

    fn skip_blanks(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = &self.text[self.byte..];
            if rest.starts_with("//") {
                self.skip_while(|c| c != '\n');
            } else if rest.starts_with("/*") {
                let Some(end) = rest.find("*/") else {
                    return Err(ParseError::new(self.file, self.at, "comment without its end, `*/`"));
                };
                let end = self.byte + end + 2;
                while self.byte < end {
                    self.bump();
                }
            } else if self.peek().is_some_and(char::is_whitespace) {
                self.bump();
            } else {
                return Ok(());
            }
        }
    }

    /// A sign belongs to a number only after a decimal exponent's `e`.
    fn skip_number(&mut self) {
        let start = self.byte;
        self.skip_while(|c| c.is_ascii_alphanumeric() || c == '.');
        let text = &self.text[start..self.byte];
        let decimal = text.chars().all(|c| c.is_ascii_digit() || ".eE".contains(c));
        if decimal && text.ends_with(['e', 'E']) && matches!(self.peek(), Some('+' | '-')) {
            self.bump();
            self.skip_while(|c| c.is_ascii_digit());
        }
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.byte..].chars().next()
    }

    fn bump(&mut self) {
        let Some(c) = self.peek() else { return };
        self.byte += c.len_utf8();
        if c == '\n' {
            self.at = Position { line: self.at.line + 1, column: 1 };
        } else {
            self.at.column += 1;
        }
    }
}
