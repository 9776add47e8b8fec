//! Bits: logic, shifts, fields, counting.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::{Count64, I1, I2, I3, L1, L2, Op, P2, Shift},
    parse::{ParseError, Statement, What},
    types::Type,
};

type Decoded = Result<(Op, Class), ParseError>;

impl<'a> Body<'a, '_> {
    pub(super) fn logic(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let [ty] = op.types[..] else {
            return Err(self.error(s.at, format!("`{}` needs one type", op.text)));
        };
        let op = match ty {
            Type::Pred => self.logic_pred(op, s)?,
            Type::B32 | Type::U32 | Type::S32 => self.logic_32(op, s, ty)?,
            Type::B64 | Type::U64 | Type::S64 => self.logic_64(op, s, ty)?,
            _ => return Err(self.no_such(op, s)),
        };
        Ok((op, Class::Integer))
    }

    fn logic_pred(&mut self, op: &Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        let What::Name(name) = s.operands.first().map_or(&What::Name("_"), |operand| &operand.what) else {
            return Err(self.error(s.at, "expected a predicate to write to"));
        };
        let at = s.operands.first().map_or(s.at, |operand| operand.at);
        let d = self.predicate_dest(at, name)?.ok_or_else(|| self.error(at, "expected a predicate"))?;
        if op.base == "not" {
            self.count(s, 2)?;
            return Ok(Op::PNot(d, self.predicate(&s.operands[1])?));
        }
        let f = match op.base {
            "and" => P2::And,
            "or" => P2::Or,
            "xor" => P2::Xor,
            _ => return Err(self.no_such(op, s)),
        };
        self.count(s, 3)?;
        Ok(Op::P2(f, d, self.predicate(&s.operands[1])?, self.predicate(&s.operands[2])?))
    }

    fn logic_32(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>, ty: Type) -> Result<Op, ParseError> {
        let (bits, signed) = (ty.bits(), ty.signed());
        let unary = match op.base {
            "not" if bits => Some(I1::Not),
            "cnot" if bits => Some(I1::IsZero),
            "brev" if bits => Some(I1::Brev),
            "clz" if bits => Some(I1::Clz),
            "popc" if bits => Some(I1::Popc),
            "bfind" if signed => Some(I1::BfindS),
            "bfind" if !bits => Some(I1::BfindU),
            _ => None,
        };
        if let Some(f) = unary {
            self.count(s, 2)?;
            let counts = matches!(f, I1::Clz | I1::Popc | I1::BfindS | I1::BfindU);
            let a = self.source(&s.operands[1], ty)?;
            return Ok(Op::I1(f, self.dest(&s.operands[0], if counts { Type::U32 } else { ty })?, a));
        }
        let binary = match op.base {
            "and" if bits => Some(I2::And),
            "or" if bits => Some(I2::Or),
            "xor" if bits => Some(I2::Xor),
            "shl" if bits => Some(I2::Shl),
            "shr" if signed => Some(I2::ShrS),
            "shr" => Some(I2::ShrU),
            _ => None,
        };
        if let Some(f) = binary {
            self.count(s, 3)?;
            let second = if matches!(op.base, "shl" | "shr") { Type::B32 } else { ty };
            let [a, b] = [self.source(&s.operands[1], ty)?, self.source(&s.operands[2], second)?];
            return Ok(Op::I2(f, self.dest(&s.operands[0], ty)?, a, b));
        }
        match op.base {
            "bfe" if !bits => {
                self.count(s, 4)?;
                let [a, b] = [self.source(&s.operands[1], ty)?, self.source(&s.operands[2], Type::B32)?];
                let c = self.source(&s.operands[3], Type::B32)?;
                let f = if signed { I3::BfeS } else { I3::BfeU };
                Ok(Op::I3(f, self.dest(&s.operands[0], ty)?, [a, b, c]))
            }
            "bfi" if bits => {
                self.count(s, 5)?;
                let [a, b] = [self.source(&s.operands[1], ty)?, self.source(&s.operands[2], ty)?];
                let (at, len) =
                    (self.source(&s.operands[3], Type::B32)?, self.source(&s.operands[4], Type::B32)?);
                Ok(Op::Insert(self.dest(&s.operands[0], ty)?, [a, b, at, len]))
            }
            "shf" if bits => {
                let left = op.take_one(&[("l", true), ("r", false)]);
                let wrap = op.take_one(&[("wrap", true), ("clamp", false)]);
                let f = match (left, wrap) {
                    (Some(true), Some(true)) => I3::FunnelLeftWrap,
                    (Some(true), Some(false)) => I3::FunnelLeftClamp,
                    (Some(false), Some(true)) => I3::FunnelRightWrap,
                    (Some(false), Some(false)) => I3::FunnelRightClamp,
                    _ => return Err(self.no_such(op, s)),
                };
                let abc = self.three(s, ty, Type::B32)?;
                Ok(Op::I3(f, self.dest(&s.operands[0], ty)?, abc))
            }
            "prmt" if bits => {
                let abc = self.three(s, ty, Type::B32)?;
                Ok(Op::I3(I3::Permute, self.dest(&s.operands[0], ty)?, abc))
            }
            "lop3" if bits => {
                self.count(s, 5)?;
                let [a, b] = [self.source(&s.operands[1], ty)?, self.source(&s.operands[2], ty)?];
                let c = self.source(&s.operands[3], ty)?;
                let table = self.literal(&s.operands[4], 255)? as u8;
                Ok(Op::Logic3(table, self.dest(&s.operands[0], ty)?, [a, b, c]))
            }
            _ => Err(self.no_such(op, s)),
        }
    }

    fn logic_64(&mut self, op: &Opcode<'a>, s: &Statement<'a>, ty: Type) -> Result<Op, ParseError> {
        let (bits, signed) = (ty.bits(), ty.signed());
        match op.base {
            "not" | "brev" if bits => {
                self.count(s, 2)?;
                let a = self.source(&s.operands[1], ty)?;
                let f = if op.base == "not" { L1::Not } else { L1::Brev };
                Ok(Op::L1(f, self.dest(&s.operands[0], ty)?, a))
            }
            "clz" | "popc" if bits => {
                self.count(s, 2)?;
                let a = self.source(&s.operands[1], ty)?;
                let f = if op.base == "clz" { Count64::Clz } else { Count64::Popc };
                Ok(Op::Count64(f, self.dest(&s.operands[0], Type::U32)?, a))
            }
            "and" | "or" | "xor" if bits => {
                let [a, b] = self.two(s, ty)?;
                let f = match op.base {
                    "and" => L2::And,
                    "or" => L2::Or,
                    _ => L2::Xor,
                };
                Ok(Op::L2(f, self.dest(&s.operands[0], ty)?, a, b))
            }
            "shl" | "shr" if bits || op.base == "shr" => {
                self.count(s, 3)?;
                let [a, b] = [self.source(&s.operands[1], ty)?, self.source(&s.operands[2], Type::B32)?];
                let f = match (op.base, signed) {
                    ("shl", _) => Shift::Left,
                    (_, true) => Shift::RightS,
                    (_, false) => Shift::RightU,
                };
                Ok(Op::Shift64(f, self.dest(&s.operands[0], ty)?, a, b))
            }
            _ => Err(self.no_such(op, s)),
        }
    }
}
