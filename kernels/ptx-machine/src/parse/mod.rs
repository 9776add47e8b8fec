//! From tokens to a module: directives here, kernels in `entry`, statements in `statement`, numbers in `number`.
mod entry;
mod error;
mod number;
mod statement;
mod variable;

use std::{collections::HashMap, sync::Arc};

pub use error::ParseError;
pub(crate) use number::Number;
pub(crate) use statement::{Operand, Statement, What};
pub(crate) use variable::Variables;

use crate::{
    lex::{self, Kind, Position, Token},
    module::Module,
};

/// The newest and the oldest ISA whose meaning this machine was written for.
const VERSIONS: std::ops::RangeInclusive<f64> = 6.3..=9.0;

/// See [`Module::parse`].
pub(crate) fn module(file: &str, text: &str) -> Result<Module, ParseError> {
    let tokens = lex::tokens(file, text)?;
    let (file, text) = (Arc::from(file), Arc::from(text));
    let mut parser = Parser { file, text, tokens, next: 0, variables: Variables::default() };
    parser.header()?;
    let mut kernels: Vec<Arc<_>> = Vec::new();
    let mut names = HashMap::new();
    while parser.peek().kind != Kind::End {
        let at = parser.peek().at;
        if let Some(kernel) = parser.top_level()? {
            if names.insert(kernel.name.clone(), ()).is_some() {
                return Err(parser.error(at, format!("a second kernel `{}`", kernel.name)));
            }
            kernels.push(kernel);
        }
    }
    // One piece of constant memory for all kernels; it is complete only now.
    let constants: Arc<[u8]> = parser.variables.const_bytes().into();
    for kernel in &mut kernels {
        let kernel = Arc::get_mut(kernel).expect("nobody else has it yet");
        kernel.constants = Arc::clone(&constants);
    }
    Ok(Module { kernels })
}

pub(crate) struct Parser<'a> {
    file: Arc<str>,
    text: Arc<str>,
    tokens: Vec<Token<'a>>,
    next: usize,
    variables: Variables<'a>,
}

impl<'a> Parser<'a> {
    fn header(&mut self) -> Result<(), ParseError> {
        self.expect(".version")?;
        let version = self.take();
        if !version.text.parse().is_ok_and(|version: f64| VERSIONS.contains(&version)) {
            let (first, last) = (VERSIONS.start(), VERSIONS.end());
            let what = format!("version `{}`, expected {first:.1} to {last:.1}", version.text);
            return Err(self.error(version.at, what));
        }
        self.expect(".target")?;
        loop {
            let target = self.take();
            if target.kind != Kind::Word || !target.text.starts_with("sm_") {
                return Err(
                    self.error(target.at, format!("target `{}`, expected sm_75 or such", target.text))
                );
            }
            if !self.accept(",") {
                break;
            }
        }
        self.expect(".address_size")?;
        let size = self.take();
        if size.text != "64" {
            return Err(self.error(size.at, format!("address size `{}`, expected 64", size.text)));
        }
        Ok(())
    }

    /// A kernel, or something between kernels.
    fn top_level(&mut self) -> Result<Option<Arc<crate::module::Kernel>>, ParseError> {
        let token = self.peek();
        match token.text {
            ".visible" | ".weak" => {
                self.take();
            }
            ".extern" | ".shared" | ".const" => self.variable()?,
            ".entry" => {
                self.take();
                return self.entry().map(|kernel| Some(Arc::new(kernel)));
            }
            ".file" => self.skip_line(token.at),
            ".pragma" => self.skip_past(";")?,
            _ => {
                let expected = "expected .entry, .const, .shared or .file";
                return Err(self.error(token.at, format!("`{}`, {expected}", token.text)));
            }
        }
        Ok(None)
    }

    fn peek(&self) -> Token<'a> {
        self.tokens[self.next]
    }

    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        if token.kind != Kind::End {
            self.next += 1;
        }
        token
    }

    /// Takes the next token if it reads `text`.
    fn accept(&mut self, text: &str) -> bool {
        let found = self.peek().text == text && self.peek().kind != Kind::Text;
        if found {
            self.take();
        }
        found
    }

    fn expect(&mut self, text: &str) -> Result<Token<'a>, ParseError> {
        let token = self.peek();
        if self.accept(text) {
            return Ok(token);
        }
        Err(self.error(token.at, format!("`{}`, expected `{text}`", token.text)))
    }

    fn word(&mut self, what: &str) -> Result<Token<'a>, ParseError> {
        let token = self.take();
        if token.kind == Kind::Word {
            return Ok(token);
        }
        Err(self.error(token.at, format!("`{}`, expected {what}", token.text)))
    }

    /// A whole number that is not negative.
    fn natural(&mut self, what: &str) -> Result<u32, ParseError> {
        let token = self.take();
        match Number::read(token.text) {
            Some(Number::Int(value)) if token.kind == Kind::Number && value <= u32::MAX.into() => {
                Ok(value as u32)
            }
            _ => Err(self.error(token.at, format!("`{}`, expected {what}", token.text))),
        }
    }

    /// Debug information ends with its line.
    fn skip_line(&mut self, at: Position) {
        while self.peek().kind != Kind::End && self.peek().at.line == at.line {
            self.take();
        }
    }

    fn skip_past(&mut self, end: &str) -> Result<(), ParseError> {
        while self.peek().kind != Kind::End && self.peek().text != end {
            self.take();
        }
        self.expect(end).map(drop)
    }

    fn error(&self, at: Position, what: impl Into<String>) -> ParseError {
        ParseError::new(&self.file, at, what)
    }
}
