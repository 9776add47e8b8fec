//! Kernels: parameters, registers, shared memory, labels, instructions.
use super::{ParseError, Parser};
use crate::{
    decode::Body,
    lex::Kind,
    module::{Kernel, Param},
    types::Type,
};

/// The most bytes of parameters that a kernel takes.
const MOST_PARAMS: u32 = 4096;
/// Every name is looked for in all scopes around it, so they are bounded.
const MOST_SCOPES: usize = 64;

impl<'a> Parser<'a> {
    /// A kernel, from its name on.
    pub(super) fn entry(&mut self) -> Result<Kernel, ParseError> {
        let start = self.next;
        let kernel = self.entry_at(0)?;
        if !kernel.dynamic_shared || kernel.shared_bytes == 0 {
            return Ok(kernel);
        }
        // What the launch adds lies behind what the kernel declares, whose size is known only now.
        self.next = start;
        self.entry_at(kernel.shared_bytes)
    }

    fn entry_at(&mut self, dynamic_at: u32) -> Result<Kernel, ParseError> {
        let name = self.word("the kernel's name")?.text;
        let mut kernel = Kernel {
            file: self.file.clone(),
            text: self.text.clone(),
            name: name.to_owned(),
            ..Kernel::default()
        };
        if self.accept("(") {
            while !self.accept(")") {
                self.parameter(&mut kernel)?;
                if !self.accept(",") {
                    self.expect(")")?;
                    break;
                }
            }
        }
        self.limits(&mut kernel)?;
        let open = self.expect("{")?;
        let variables = std::mem::take(&mut self.variables);
        let mut body = Body::new(kernel, &variables, dynamic_at);
        let result = self.body(&mut body, open.at);
        let kernel = result.and_then(|()| body.finish());
        self.variables = variables;
        kernel
    }

    /// `.param .u64 .ptr .global .align 4 name`, `.param .align 8 .b8 name[16]`.
    fn parameter(&mut self, kernel: &mut Kernel) -> Result<(), ParseError> {
        let at = self.expect(".param")?.at;
        let mut align = if self.accept(".align") { Some(self.alignment()?) } else { None };
        let ty = self.type_name()?;
        if self.accept(".ptr") {
            // Where the pointer points to: a promise to the compiler.
            for space in [".global", ".shared", ".const"] {
                self.accept(space);
            }
            if self.accept(".align") {
                self.alignment()?;
            }
        }
        let name = self.word("a parameter's name")?.text;
        let mut bytes = ty.bytes();
        if self.accept("[") {
            bytes = bytes.saturating_mul(self.natural("a number of elements")?);
            self.expect("]")?;
        }
        let align = *align.get_or_insert(ty.bytes());
        let offset = kernel.param_bytes.next_multiple_of(align);
        let end = offset.saturating_add(bytes);
        if end > MOST_PARAMS {
            return Err(self.error(at, format!("more than {MOST_PARAMS} bytes of parameters")));
        }
        kernel.param_bytes = end;
        if kernel.params.iter().any(|param| param.name == name) {
            return Err(self.error(at, format!("a second parameter `{name}`")));
        }
        kernel.params.push(Param { name: name.to_owned(), bytes, align, offset });
        Ok(())
    }

    /// `.maxntid 256, 1, 1` and its kin.
    fn limits(&mut self, kernel: &mut Kernel) -> Result<(), ParseError> {
        loop {
            let directive = self.peek();
            match directive.text {
                ".maxntid" | ".reqntid" => {
                    self.take();
                    let mut block = [1; 3];
                    for extent in &mut block {
                        *extent = self.natural("a number of threads")?;
                        if !self.accept(",") {
                            break;
                        }
                    }
                    let threads: u64 = block.iter().map(|extent| u64::from(*extent)).product();
                    if !(1..=1024).contains(&threads) || block.iter().any(|extent| *extent > 1024) {
                        let what = format!("`{}` of {block:?} threads, expected 1 to 1024", directive.text);
                        return Err(self.error(directive.at, what));
                    }
                    if directive.text == ".maxntid" {
                        kernel.max_block = Some(block);
                    } else {
                        kernel.required_block = Some(block);
                    }
                }
                // Advice to a compiler.
                ".minnctapersm" | ".maxnreg" | ".maxnctapersm" => {
                    self.take();
                    self.natural("a number")?;
                }
                ".pragma" => self.skip_past(";")?,
                _ => return Ok(()),
            }
        }
    }

    /// Everything between a kernel's braces.
    fn body(&mut self, body: &mut Body<'a, '_>, open: crate::lex::Position) -> Result<(), ParseError> {
        let mut depth = 1;
        while depth > 0 {
            let token = self.peek();
            match (token.kind, token.text) {
                (Kind::Punctuation, "{") => {
                    self.take();
                    if depth == MOST_SCOPES {
                        return Err(
                            self.error(token.at, format!("more than {MOST_SCOPES} braces in each other"))
                        );
                    }
                    body.open();
                    depth += 1;
                }
                (Kind::Punctuation, "}") => {
                    self.take();
                    body.close();
                    depth -= 1;
                }
                (Kind::Directive, ".reg") => self.registers(body)?,
                (Kind::Directive, ".shared") => {
                    self.take();
                    let declared = self.declared()?;
                    self.expect(";")?;
                    let Some(bytes) = declared.bytes() else {
                        return Err(self.error(token.at, "shared memory of a kernel needs a size"));
                    };
                    body.declare_shared(token.at, declared.name, bytes, declared.align)?;
                }
                (Kind::Directive, ".extern") => {
                    // As between kernels: one piece of memory under any name.
                    self.variable_in(body)?;
                }
                (Kind::Directive, ".loc" | ".file") => self.skip_line(token.at),
                (Kind::Directive, ".pragma") => self.skip_past(";")?,
                (Kind::Word, name) if self.tokens[self.next + 1].text == ":" => {
                    self.take();
                    self.take();
                    body.label(token.at, name)?;
                }
                (Kind::Word, _) | (Kind::Punctuation, "@") => {
                    let statement = self.statement()?;
                    body.instruction(&statement)?;
                }
                (Kind::Punctuation, ";") => {
                    self.take();
                }
                (Kind::End, _) => return Err(self.error(open, "`{` without its `}`")),
                (_, text) => {
                    return Err(self.error(token.at, format!("`{text}`, expected an instruction or .reg")));
                }
            }
        }
        Ok(())
    }

    fn variable_in(&mut self, body: &mut Body<'a, '_>) -> Result<(), ParseError> {
        let at = self.expect(".extern")?.at;
        self.expect(".shared")?;
        let declared = self.declared()?;
        self.expect(";")?;
        if declared.count.is_some() {
            return Err(self.error(at, "memory whose size the launch says is declared with `[]`"));
        }
        body.declare_dynamic(at, declared.name)
    }

    /// `.reg .f32 %f<8>, %sum;`
    fn registers(&mut self, body: &mut Body<'a, '_>) -> Result<(), ParseError> {
        self.expect(".reg")?;
        let token = self.take();
        let Some(ty) = Type::named(token.text.strip_prefix('.').unwrap_or("")) else {
            return Err(self.error(token.at, format!("`{}`, expected a type, .f32 or such", token.text)));
        };
        loop {
            let name = self.word("a register's name")?;
            if self.accept("<") {
                let count = self.natural("a number of registers")?;
                self.expect(">")?;
                body.declare_registers(name.at, name.text, count, ty)?;
            } else {
                body.declare_register(name.at, name.text, ty)?;
            }
            if !self.accept(",") {
                return self.expect(";").map(drop);
            }
        }
    }
}
