//! Variables: constants of the module, and shared memory.
use std::collections::HashMap;

use super::{Number, ParseError, Parser};
use crate::{
    lex::{Kind, Position},
    types::Type,
};

/// Bytes of constant memory.
const MOST_CONSTANTS: usize = 65536;

/// Variables of the module itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables<'a> {
    /// Names and places in constant memory.
    constants: HashMap<&'a str, u32>,
    const_bytes: Vec<u8>,
    /// Shared memory declared outside of kernels: bytes and alignment. No size: what the launch adds.
    pub shared: HashMap<&'a str, (Option<u32>, u32)>,
}

impl Variables<'_> {
    /// Place of a constant.
    pub fn constant(&self, name: &str) -> Option<u32> {
        self.constants.get(name).copied()
    }

    /// All constants.
    pub fn const_bytes(&self) -> Vec<u8> {
        self.const_bytes.clone()
    }
}

/// A declared array (or single value).
pub(super) struct Declared<'a> {
    pub name: &'a str,
    pub ty: Type,
    /// Elements; `None` for `[]`.
    pub count: Option<u32>,
    pub align: u32,
}

impl Declared<'_> {
    pub fn bytes(&self) -> Option<u32> {
        self.count.map(|count| count * self.ty.bytes())
    }
}

impl<'a> Parser<'a> {
    /// A variable between kernels.
    pub(super) fn variable(&mut self) -> Result<(), ParseError> {
        let external = self.accept(".extern");
        let space = self.take();
        match space.text {
            ".shared" => {
                let declared = self.declared()?;
                self.expect(";")?;
                self.shared_of(declared, external)
            }
            ".const" if !external => self.constant(),
            other => Err(self.error(space.at, format!("`{other}`, expected .shared"))),
        }
    }

    fn shared_of(&mut self, declared: Declared<'a>, external: bool) -> Result<(), ParseError> {
        let at = self.tokens[self.next - 1].at;
        if external != declared.count.is_none() {
            let what = "shared memory has a size, or is .extern and has none";
            return Err(self.error(at, format!("`{}`: {what}", declared.name)));
        }
        let size = (declared.bytes(), declared.align);
        if self.variables.shared.insert(declared.name, size).is_some() {
            return Err(self.error(at, format!("a second `{}`", declared.name)));
        }
        Ok(())
    }

    fn constant(&mut self) -> Result<(), ParseError> {
        let at = self.peek().at;
        let declared = self.declared()?;
        let start = self.variables.const_bytes.len().next_multiple_of(declared.align as usize);
        let fits = |end: usize| if end > MOST_CONSTANTS { Err(self.too_many_constants(at)) } else { Ok(()) };
        fits(start + declared.bytes().unwrap_or(0) as usize)?;
        self.variables.const_bytes.resize(start, 0);
        let mut values = 0;
        if self.accept("=") {
            values = if self.accept("{") { self.values(&declared)? } else { self.value(&declared)? };
        }
        self.expect(";")?;
        let count = declared.count.unwrap_or(values);
        if values > count {
            let name = declared.name;
            return Err(self.error(at, format!("`{name}` has {count} elements and {values} values")));
        }
        // What has no value is zero.
        self.variables.const_bytes.resize(start + (count * declared.ty.bytes()) as usize, 0);
        if self.variables.const_bytes.len() > MOST_CONSTANTS {
            return Err(self.too_many_constants(at));
        }
        if self.variables.constants.insert(declared.name, start as u32).is_some() {
            return Err(self.error(at, format!("a second `{}`", declared.name)));
        }
        Ok(())
    }

    fn too_many_constants(&self, at: Position) -> ParseError {
        self.error(at, format!("more than {MOST_CONSTANTS} bytes of constants"))
    }

    fn values(&mut self, declared: &Declared) -> Result<u32, ParseError> {
        let mut values = 0;
        while !self.accept("}") {
            values += self.value(declared)?;
            if !self.accept(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(values)
    }

    fn value(&mut self, declared: &Declared) -> Result<u32, ParseError> {
        let at = self.peek().at;
        let number = self.number()?;
        let (ty, bytes) = (declared.ty, declared.ty.bytes());
        let Some(bits) = number.bits(bytes, ty.float()) else {
            return Err(self.error(at, format!("a value that is no .{}", ty.name())));
        };
        self.variables.const_bytes.extend(&bits.to_le_bytes()[..bytes as usize]);
        Ok(1)
    }

    /// A number with its sign.
    pub(super) fn number(&mut self) -> Result<Number, ParseError> {
        let negative = self.accept("-");
        let token = self.take();
        let number = if token.kind == Kind::Number { Number::read(token.text) } else { None };
        match number {
            Some(number) if negative => Ok(number.negated()),
            Some(number) => Ok(number),
            None => Err(self.error(token.at, format!("`{}`, expected a number", token.text))),
        }
    }

    /// `.align 16 .f32 name[4]`, `.u32 name`.
    pub(super) fn declared(&mut self) -> Result<Declared<'a>, ParseError> {
        let align = if self.accept(".align") { Some(self.alignment()?) } else { None };
        let ty = self.type_name()?;
        let name = self.word("a name")?.text;
        let mut count = Some(1u32);
        while self.accept("[") {
            if self.accept("]") {
                count = None;
            } else {
                let at = self.peek().at;
                let n = self.natural("a number of elements")?;
                count = count.and_then(|c| c.checked_mul(n)).filter(|c| *c < 1 << 28);
                if count.is_none() {
                    return Err(self.error(at, format!("`{name}` has too many elements")));
                }
                self.expect("]")?;
            }
        }
        Ok(Declared { name, ty, count, align: align.unwrap_or(ty.bytes()) })
    }

    pub(super) fn alignment(&mut self) -> Result<u32, ParseError> {
        let at = self.peek().at;
        let align = self.natural("an alignment")?;
        if align.is_power_of_two() {
            return Ok(align);
        }
        Err(self.error(at, format!("alignment {align}, expected a power of two")))
    }

    /// A type that has a size.
    pub(super) fn type_name(&mut self) -> Result<Type, ParseError> {
        let token = self.take();
        match Type::named(token.text.strip_prefix('.').unwrap_or("")) {
            Some(ty) if ty != Type::Pred => Ok(ty),
            _ => Err(self.error(token.at, format!("`{}`, expected a type, .f32 or such", token.text))),
        }
    }
}
