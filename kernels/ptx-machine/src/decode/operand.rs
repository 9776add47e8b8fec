//! Operands: registers, immediates, addresses.
use super::Body;
use crate::{
    lex::Position,
    module::{Side, Special},
    op::{Address, Guard, Reg, Space},
    parse::{Number, Operand, ParseError, Statement, What},
    types::{File, Type},
};

impl<'a> Body<'a, '_> {
    /// Checks the number of operands.
    pub(super) fn count(&self, s: &Statement<'a>, wanted: usize) -> Result<(), ParseError> {
        if s.operands.len() == wanted {
            return Ok(());
        }
        let found = s.operands.len();
        Err(self.error(s.at, format!("`{}` has {found} operands, expected {wanted}", s.opcode)))
    }

    /// A register that is written, of type `ty`.
    pub(super) fn dest(&mut self, operand: &Operand<'a>, ty: Type) -> Result<Reg, ParseError> {
        let (found, reg, name) = self.written(operand, ty)?;
        if let Some(found) = found.filter(|found| !ty.takes(*found)) {
            let what = format!("`{name}` is .{}, expected .{}", found.name(), ty.name());
            return Err(self.error(operand.at, what));
        }
        Ok(reg)
    }

    /// A register that is written and may be wider than `ty`, and its file.
    pub(super) fn wide_dest(&mut self, operand: &Operand<'a>, ty: Type) -> Result<(File, Reg), ParseError> {
        let (found, reg, name) = self.written(operand, ty)?;
        match found {
            None => Ok((ty.file(), reg)),
            Some(found) if self.holds(found, ty) => Ok((found.file(), reg)),
            Some(found) => {
                let what = format!("`{name}` is .{}, which does not hold .{}", found.name(), ty.name());
                Err(self.error(operand.at, what))
            }
        }
    }

    /// A register that is read and may be wider than `ty`, and its file; or an immediate.
    pub(super) fn wide_source(&mut self, operand: &Operand<'a>, ty: Type) -> Result<(File, Reg), ParseError> {
        if let What::Name(name) = operand.what
            && let Some((found, reg)) = self.register(name)
        {
            if self.holds(found, ty) {
                return Ok((found.file(), reg));
            }
            let what = format!("`{name}` is .{}, which does not hold .{}", found.name(), ty.name());
            return Err(self.error(operand.at, what));
        }
        Ok((ty.file(), self.source(operand, ty)?))
    }

    /// Whether memory of type `ty` goes to and from a register: of its size, or an integer in a wider one.
    fn holds(&self, register: Type, ty: Type) -> bool {
        let wider = !ty.float() && !register.float() && register.bytes() > ty.bytes();
        register != Type::Pred && (wider || ty.takes(register))
    }

    fn written(
        &mut self,
        operand: &Operand<'a>,
        ty: Type,
    ) -> Result<(Option<Type>, Reg, &'a str), ParseError> {
        let What::Name(name) = operand.what else {
            return Err(self.error(operand.at, format!("expected a register (.{}) to write to", ty.name())));
        };
        if name == "_" {
            return Ok((None, self.new_registers(operand.at, ty.file(), 1)?, name));
        }
        let Some((found, reg)) = self.register(name) else {
            return Err(self.error(operand.at, format!("no register `{name}`")));
        };
        self.writes.push((found.file(), reg, name.into(), found));
        Ok((Some(found), reg, name))
    }

    /// An operand that is read: a register, something special, an immediate, or the address of a variable.
    pub(super) fn source(&mut self, operand: &Operand<'a>, ty: Type) -> Result<Reg, ParseError> {
        match operand.what {
            What::Name(name) => self.named_source(operand.at, name, ty),
            What::Number(number) => self.immediate(operand.at, number, ty),
            What::Offset(name, offset) => match self.variable(name) {
                Some((_, start)) if !ty.float() => {
                    self.immediate(operand.at, Number::Int(i128::from(start) + i128::from(offset)), ty)
                }
                _ => Err(self.error(operand.at, format!("`{name}` is no variable"))),
            },
            _ => {
                let what = format!("expected a register (.{}) or a number", ty.name());
                Err(self.error(operand.at, what))
            }
        }
    }

    fn named_source(&mut self, at: Position, name: &'a str, ty: Type) -> Result<Reg, ParseError> {
        if let Some((found, reg)) = self.register(name) {
            if ty.takes(found) {
                return Ok(reg);
            }
            let what = format!("`{name}` is .{}, expected .{}", found.name(), ty.name());
            return Err(self.error(at, what));
        }
        if name == "WARP_SZ" {
            return self.immediate(at, Number::Int(32), ty);
        }
        if let Some(special) = special(name) {
            if ty.bytes() != 4 || ty.float() {
                return Err(self.error(at, format!("`{name}` is .u32, expected .{}", ty.name())));
            }
            if let Some(reg) = self.specials.get(&special) {
                return Ok(*reg);
            }
            let reg = self.new_registers(at, File::Word, 1)?;
            self.specials.insert(special, reg);
            return Ok(reg);
        }
        match self.variable(name) {
            Some((_, start)) if !ty.float() && ty.bytes() >= 4 => {
                self.immediate(at, Number::Int(start.into()), ty)
            }
            Some(_) => Err(self.error(at, format!("the address of `{name}` is no .{}", ty.name()))),
            None => Err(self.error(at, format!("no register or variable `{name}`"))),
        }
    }

    /// The register that holds a number.
    pub(super) fn immediate(&mut self, at: Position, number: Number, ty: Type) -> Result<Reg, ParseError> {
        let Some(bits) = number.bits(ty.bytes().max(1), ty.float()) else {
            return Err(self.error(at, format!("a number that is no .{}", ty.name())));
        };
        if ty.file() == File::Wide {
            if let Some(reg) = self.wides.get(&bits) {
                return Ok(*reg);
            }
            let reg = self.new_registers(at, File::Wide, 1)?;
            self.wides.insert(bits, reg);
            return Ok(reg);
        }
        let bits = bits as u32;
        if let Some(reg) = self.words.get(&bits) {
            return Ok(*reg);
        }
        let reg = self.new_registers(at, File::Word, 1)?;
        self.words.insert(bits, reg);
        Ok(reg)
    }

    /// A number known now.
    pub(super) fn literal(&self, operand: &Operand<'a>, most: i128) -> Result<u32, ParseError> {
        match operand.what {
            What::Number(Number::Int(value)) if (0..=most).contains(&value) => Ok(value as u32),
            _ => Err(self.error(operand.at, format!("expected a number from 0 to {most}"))),
        }
    }

    /// A predicate that is read, `!` allowed.
    pub(super) fn predicate(&mut self, operand: &Operand<'a>) -> Result<Guard, ParseError> {
        match operand.what {
            What::Name(name) => Ok(Guard { pred: self.predicate_named(operand.at, name)?, negated: false }),
            What::Not(name) => Ok(Guard { pred: self.predicate_named(operand.at, name)?, negated: true }),
            _ => Err(self.error(operand.at, "expected a predicate")),
        }
    }

    pub(super) fn predicate_named(&self, at: Position, name: &str) -> Result<Reg, ParseError> {
        match self.register(name) {
            Some((Type::Pred, reg)) => Ok(reg),
            Some((ty, _)) => Err(self.error(at, format!("`{name}` is .{}, expected .pred", ty.name()))),
            None => Err(self.error(at, format!("no predicate `{name}`"))),
        }
    }

    /// A predicate that is written; `_` is none.
    pub(super) fn predicate_dest(&mut self, at: Position, name: &'a str) -> Result<Option<Reg>, ParseError> {
        if name == "_" {
            return Ok(None);
        }
        let reg = self.predicate_named(at, name)?;
        self.writes.push((File::Pred, reg, name.into(), Type::Pred));
        Ok(Some(reg))
    }

    /// A variable's memory and where it lies there.
    fn variable(&mut self, name: &'a str) -> Option<(Space, u32)> {
        if let Some(start) = self.shared_variable(name) {
            return Some((Space::Shared, start));
        }
        self.variables.constant(name).map(|start| (Space::Const, start))
    }

    /// `[%rd+4]`, `[name+4]`, `[64]`, in the memory the instruction names.
    pub(super) fn address(&mut self, operand: &Operand<'a>, space: Space) -> Result<Address, ParseError> {
        let What::Address(name, offset) = operand.what else {
            return Err(self.error(operand.at, "expected an address in brackets"));
        };
        let Some(name) = name else {
            return Ok(Address { base: None, offset });
        };
        if space == Space::Param {
            let Some(param) = self.kernel.params.iter().find(|param| param.name == name) else {
                return Err(self.error(operand.at, format!("no parameter `{name}`")));
            };
            return Ok(Address { base: None, offset: i64::from(param.offset).saturating_add(offset) });
        }
        if let Some((ty, reg)) = self.register(name) {
            let narrow = ty.bytes() == 4 && matches!(space, Space::Shared | Space::Const);
            if ty.float() || ty.bytes() != 8 && !narrow {
                return Err(self.error(operand.at, format!("`{name}` is .{}, no address here", ty.name())));
            }
            return Ok(Address { base: Some((ty.file(), reg)), offset });
        }
        match self.variable(name) {
            Some((found, start)) if found == space => {
                Ok(Address { base: None, offset: i64::from(start).saturating_add(offset) })
            }
            Some(_) => Err(self.error(operand.at, format!("`{name}` lies in other memory"))),
            None => Err(self.error(operand.at, format!("no register or variable `{name}`"))),
        }
    }
}

/// A special register.
fn special(name: &str) -> Option<Special> {
    let side = |side| Some(Special::LaneMask(side));
    match name {
        "%laneid" => return Some(Special::LaneId),
        "%warpid" => return Some(Special::WarpId),
        "%lanemask_eq" => return side(Side::Eq),
        "%lanemask_lt" => return side(Side::Lt),
        "%lanemask_le" => return side(Side::Le),
        "%lanemask_gt" => return side(Side::Gt),
        "%lanemask_ge" => return side(Side::Ge),
        _ => {}
    }
    let (name, axis) = name.split_once('.')?;
    let axis = ["x", "y", "z"].iter().position(|candidate| *candidate == axis)? as u8;
    match name {
        "%tid" => Some(Special::Tid(axis)),
        "%ntid" => Some(Special::Ntid(axis)),
        "%ctaid" => Some(Special::Ctaid(axis)),
        "%nctaid" => Some(Special::Nctaid(axis)),
        _ => None,
    }
}
