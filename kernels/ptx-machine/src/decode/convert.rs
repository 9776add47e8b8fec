//! Moves and conversions.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::{Convert, Guard, I1, L1, Mods, Op, Reg, Rounding},
    parse::{Number, Operand, ParseError, Statement, What},
    types::{File, Type},
};

type Decoded = Result<(Op, Class), ParseError>;

impl<'a> Body<'a, '_> {
    pub(super) fn convert(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        self.count(s, 2)?;
        match op.base {
            "mov" => self.mov(op, s).map(|op| (op, Class::Move)),
            "cvta" => {
                // Addresses of a space are generic addresses here too.
                op.take("to");
                let space = op.take_one(&[("global", ()), ("shared", ())]);
                if space.is_none() || op.types[..] != [Type::U64] {
                    return Err(self.no_such(op, s));
                }
                let a = self.source(&s.operands[1], Type::U64)?;
                Ok((Op::L1(L1::Mov, self.dest(&s.operands[0], Type::U64)?, a), Class::Move))
            }
            _ => self.cvt(op, s).map(|op| (op, Class::Convert)),
        }
    }

    fn mov(&mut self, op: &Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        let [ty] = op.types[..] else {
            return Err(self.error(s.at, format!("`{}` needs one type", op.text)));
        };
        let (to, from) = (&s.operands[0], &s.operands[1]);
        let half = match ty {
            Type::B64 => Type::B32,
            Type::B32 => Type::B16,
            _ => Type::Pred,
        };
        match (&to.what, &from.what) {
            (What::Vector(parts), _) if half != Type::Pred => {
                let [low, high] = &parts[..] else {
                    return Err(self.error(to.at, "expected two registers in braces"));
                };
                let a = self.source(from, ty)?;
                let low = self.part(low, half)?;
                let high = self.part(high, half)?;
                Ok(if ty == Type::B64 { Op::Unpack(low, high, a) } else { Op::Unpack16(low, high, a) })
            }
            (_, What::Vector(parts)) if half != Type::Pred => {
                let [low, high] = &parts[..] else {
                    return Err(self.error(from.at, "expected two registers in braces"));
                };
                let (low, high) = (self.source(low, half)?, self.source(high, half)?);
                let d = self.dest(to, ty)?;
                Ok(if ty == Type::B64 { Op::Pack(d, low, high) } else { Op::Pack16(d, low, high) })
            }
            _ if ty == Type::Pred => self.mov_pred(to, from),
            _ if ty.bytes() == 1 => Err(self.no_such(op, s)),
            _ => {
                let a = self.source(from, ty)?;
                let d = self.dest(to, ty)?;
                Ok(if ty.file() == File::Wide { Op::L1(L1::Mov, d, a) } else { Op::I1(I1::Mov, d, a) })
            }
        }
    }

    fn part(&mut self, operand: &Operand<'a>, ty: Type) -> Result<Option<Reg>, ParseError> {
        if matches!(operand.what, What::Name("_")) {
            return Ok(None);
        }
        self.dest(operand, ty).map(Some)
    }

    fn mov_pred(&mut self, to: &Operand<'a>, from: &Operand<'a>) -> Result<Op, ParseError> {
        let What::Name(name) = to.what else {
            return Err(self.error(to.at, "expected a predicate to write to"));
        };
        let d = self.predicate_dest(to.at, name)?.ok_or_else(|| self.error(to.at, "expected a predicate"))?;
        if let What::Number(Number::Int(value)) = from.what {
            return Ok(Op::PSet(d, value != 0));
        }
        let a = self.predicate(from)?;
        Ok(Op::PNot(d, Guard { negated: !a.negated, ..a }))
    }

    fn cvt(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        let [to, from] = op.types[..] else {
            return Err(self.error(s.at, format!("`{}` needs two types", op.text)));
        };
        if to.bits() || from.bits() || to == Type::Pred || from == Type::Pred {
            return Err(self.no_such(op, s));
        }
        let rounding = op.take_one(&[
            ("rn", Rounding::Nearest),
            ("rz", Rounding::Zero),
            ("rm", Rounding::Down),
            ("rp", Rounding::Up),
            ("rni", Rounding::IntNearest),
            ("rzi", Rounding::IntZero),
            ("rmi", Rounding::IntDown),
            ("rpi", Rounding::IntUp),
        ]);
        let rounding = rounding.unwrap_or(Rounding::None);
        let mods = Mods { ftz: op.take("ftz"), sat: op.take("sat") };
        self.check_rounding(op, s, (to, from), rounding)?;
        let (a_file, a) = self.wide_source(&s.operands[1], from)?;
        let (d_file, d) = self.wide_dest(&s.operands[0], to)?;
        Ok(Op::Convert(Convert { to, from, rounding, mods, d, a, d_file, a_file }))
    }

    /// Conversions that round must say how, and others must not.
    fn check_rounding(
        &self,
        op: &Opcode<'a>,
        s: &Statement<'a>,
        (to, from): (Type, Type),
        rounding: Rounding,
    ) -> Result<(), ParseError> {
        let to_integer_value = matches!(
            rounding,
            Rounding::IntNearest | Rounding::IntZero | Rounding::IntDown | Rounding::IntUp
        );
        let none = rounding == Rounding::None;
        let good = match (to.float(), from.float()) {
            (false, false) => none,
            (false, true) => to_integer_value,
            (true, false) => !none && !to_integer_value,
            (true, true) if to == from => none || to_integer_value,
            (true, true) if to == Type::F32 => !none && !to_integer_value,
            (true, true) => none,
        };
        if good {
            return Ok(());
        }
        let expected = match (to.float(), from.float()) {
            (false, true) => "a rounding to an integer (.rni, .rzi, .rmi, .rpi)",
            (true, false) => "a rounding (.rn, .rz, .rm, .rp)",
            (true, true) if to == Type::F32 && from == Type::F64 => "a rounding (.rn, .rz, .rm, .rp)",
            (true, true) if to == from => "no rounding but one to an integer value",
            _ => "no rounding",
        };
        Err(self.error(s.at, format!("`{}` takes {expected}", op.text)))
    }
}
