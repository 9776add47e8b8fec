//! From statements to instructions: names become numbers, and every opcode, type and modifier must be known.
mod arithmetic;
mod compare;
mod control;
mod convert;
mod logic;
mod memory;
mod opcode;
mod operand;
mod scope;
mod warp;

use std::collections::HashMap;

pub(crate) use opcode::Opcode;

use crate::{
    counters::Class,
    lex::Position,
    module::{Kernel, Special},
    op::{Guard, Inst, Note, Op, Reg},
    parse::{ParseError, Statement, Variables},
    types::{File, Type},
};
use scope::Scope;

/// A kernel while its body is read.
pub(crate) struct Body<'a, 'v> {
    kernel: Kernel,
    variables: &'v Variables<'a>,
    /// All scopes there were, and which one is open.
    scopes: Vec<Scope<'a>>,
    scope: usize,
    /// Where memory begins whose size the launch says.
    dynamic_at: u32,
    /// Branches, the scope they stand in, and the label they want.
    branches: Vec<(usize, usize, Position, &'a str)>,
    words: HashMap<u32, Reg>,
    wides: HashMap<u64, Reg>,
    specials: HashMap<Special, Reg>,
    /// Shared memory that is declared between kernels and used in this one.
    adopted: HashMap<&'a str, u32>,
    /// Registers the current instruction writes.
    writes: Vec<(File, Reg, Box<str>, Type)>,
}

impl<'a, 'v> Body<'a, 'v> {
    pub fn new(kernel: Kernel, variables: &'v Variables<'a>, dynamic_at: u32) -> Self {
        Self {
            kernel,
            variables,
            scopes: vec![Scope::default()],
            scope: 0,
            dynamic_at: dynamic_at.checked_next_multiple_of(16).unwrap_or(u32::MAX),
            branches: Vec::new(),
            words: HashMap::new(),
            wides: HashMap::new(),
            specials: HashMap::new(),
            adopted: HashMap::new(),
            writes: Vec::new(),
        }
    }

    /// Decodes one statement.
    pub fn instruction(&mut self, statement: &Statement<'a>) -> Result<(), ParseError> {
        let guard = match statement.guard {
            None => None,
            Some((at, name, negated)) => Some(Guard { pred: self.predicate_named(at, name)?, negated }),
        };
        let mut opcode = Opcode::new(statement.opcode);
        self.writes.clear();
        let (op, class) = self.decode(&mut opcode, statement)?;
        if let Some(modifier) = opcode.left() {
            let what = format!("`{}`: modifier `.{modifier}` is unknown here", statement.opcode);
            return Err(self.error(statement.at, what));
        }
        self.kernel.code.push(Inst { guard, op });
        let (line, opcode) = (statement.at.line, statement.opcode.into());
        self.kernel.notes.push(Note { line, class, opcode, writes: std::mem::take(&mut self.writes) });
        Ok(())
    }

    fn decode(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<(Op, Class), ParseError> {
        match op.base {
            "add" | "sub" | "mul" | "div" | "min" | "max" | "neg" | "abs" | "fma" | "mad" | "rem"
            | "sqrt" | "rcp" | "rsqrt" | "ex2" | "lg2" | "sin" | "cos" | "tanh" | "copysign" => {
                self.arithmetic(op, s)
            }
            "and" | "or" | "xor" | "not" | "cnot" | "shl" | "shr" | "shf" | "bfe" | "bfi" | "brev"
            | "clz" | "popc" | "bfind" | "lop3" | "prmt" => self.logic(op, s),
            "mov" | "cvt" | "cvta" => self.convert(op, s),
            "setp" | "set" | "selp" | "slct" | "testp" => self.compare(op, s),
            "ld" | "ldu" | "st" | "atom" | "red" | "prefetch" | "prefetchu" => self.memory(op, s),
            "bra" | "ret" | "exit" | "bar" | "barrier" | "membar" | "fence" | "nanosleep" | "trap" => {
                self.control(op, s)
            }
            "shfl" | "vote" | "match" | "activemask" => self.warp(op, s),
            _ => Err(self.error(s.at, format!("instruction `{}` is unknown to this machine", s.opcode))),
        }
    }

    /// The finished kernel.
    pub fn finish(mut self) -> Result<Kernel, ParseError> {
        for (at, scope, position, name) in std::mem::take(&mut self.branches) {
            let Some(target) = self.find(scope, |scope| scope.labels.get(name).copied()) else {
                return Err(self.error(position, format!("no label `{name}`")));
            };
            self.kernel.code[at].op = Op::Branch(target);
        }
        // A kernel may end without `ret`, and a label may stand behind the last instruction.
        self.kernel.code.push(Inst { guard: None, op: Op::Exit });
        let line = self.kernel.notes.last().map_or(1, |note| note.line);
        let opcode = "end".into();
        self.kernel.notes.push(Note { line, class: Class::Control, opcode, writes: Vec::new() });
        self.kernel.word_constants = self.words.into_iter().map(|(value, reg)| (reg, value)).collect();
        self.kernel.wide_constants = self.wides.into_iter().map(|(value, reg)| (reg, value)).collect();
        self.kernel.specials = self.specials.into_iter().map(|(special, reg)| (reg, special)).collect();
        Ok(self.kernel)
    }

    pub(crate) fn error(&self, at: Position, what: impl Into<String>) -> ParseError {
        ParseError::new(&self.kernel.file, at, what)
    }
}
