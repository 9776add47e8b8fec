//! A statement's guard, opcode and operands, not yet understood.
use super::{Number, ParseError, Parser};
use crate::lex::{Kind, Position};

/// `@%p opcode operand, operand;`
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub at: Position,
    /// The predicate, and whether it is negated.
    pub guard: Option<(Position, &'a str, bool)>,
    pub opcode: &'a str,
    pub operands: Vec<Operand<'a>>,
}

/// An operand and where it stands.
#[derive(Debug)]
pub(crate) struct Operand<'a> {
    pub at: Position,
    pub what: What<'a>,
}

/// An operand.
#[derive(Debug)]
pub(crate) enum What<'a> {
    /// A register, label, variable, or `_`.
    Name(&'a str),
    /// `name+4`.
    Offset(&'a str, i64),
    /// `!%p`.
    Not(&'a str),
    Number(Number),
    /// `{%a, %b}`.
    Vector(Vec<Operand<'a>>),
    /// `[name+4]`.
    Address(Option<&'a str>, i64),
    /// `%p|%q`.
    Pair(&'a str, &'a str),
}

impl<'a> Parser<'a> {
    /// An instruction, up to its semicolon.
    pub(super) fn statement(&mut self) -> Result<Statement<'a>, ParseError> {
        let at = self.peek().at;
        let mut guard = None;
        if self.accept("@") {
            let negated = self.accept("!");
            let name = self.word("a predicate")?;
            guard = Some((name.at, name.text, negated));
        }
        let opcode = self.word("an instruction")?;
        let mut operands = Vec::new();
        if !self.accept(";") {
            loop {
                operands.push(self.operand()?);
                if !self.accept(",") {
                    self.expect(";")?;
                    break;
                }
            }
        }
        Ok(Statement {
            at: if guard.is_some() { opcode.at } else { at },
            guard,
            opcode: opcode.text,
            operands,
        })
    }

    fn operand(&mut self) -> Result<Operand<'a>, ParseError> {
        let token = self.peek();
        let what = match (token.kind, token.text) {
            (Kind::Word, name) => {
                self.take();
                if self.accept("|") {
                    What::Pair(name, self.word("a register")?.text)
                } else if self.peek().text == "+" || self.peek().text == "-" {
                    What::Offset(name, self.offset()?)
                } else {
                    What::Name(name)
                }
            }
            (Kind::Punctuation, "!") => {
                self.take();
                What::Not(self.word("a predicate")?.text)
            }
            (Kind::Punctuation, "{") => {
                self.take();
                let mut parts = vec![self.part()?];
                while self.accept(",") {
                    parts.push(self.part()?);
                }
                self.expect("}")?;
                What::Vector(parts)
            }
            (Kind::Punctuation, "[") => {
                self.take();
                let mut name = None;
                if self.peek().kind == Kind::Word {
                    name = Some(self.take().text);
                }
                let offset = if self.peek().text == "]" { 0 } else { self.offset()? };
                self.expect("]")?;
                What::Address(name, offset)
            }
            (Kind::Number, _) | (Kind::Punctuation, "-") => What::Number(self.number()?),
            (_, text) => return Err(self.error(token.at, format!("`{text}`, expected an operand"))),
        };
        Ok(Operand { at: token.at, what })
    }

    /// A part of a vector, which is no vector itself.
    fn part(&mut self) -> Result<Operand<'a>, ParseError> {
        match self.peek().text {
            "{" => Err(self.error(self.peek().at, "`{` within `{`, expected a register or a number")),
            _ => self.operand(),
        }
    }

    /// `+4`, `-4`, `+-4`, `4`.
    fn offset(&mut self) -> Result<i64, ParseError> {
        let at = self.peek().at;
        self.accept("+");
        match self.number()? {
            Number::Int(value) => {
                i64::try_from(value).map_err(|_| self.error(at, "an offset beyond 64 bits"))
            }
            _ => Err(self.error(at, "an offset that is no whole number")),
        }
    }
}
