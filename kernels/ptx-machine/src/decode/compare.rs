//! Comparisons and selections.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::{Compare, Kind, Of, Op, P2, Test},
    parse::{ParseError, Statement, What},
    types::{File, Type},
};

type Decoded = Result<(Op, Class), ParseError>;

impl<'a> Body<'a, '_> {
    pub(super) fn compare(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        match op.base {
            "setp" => self.setp(op, s),
            "set" => self.set(op, s),
            "testp" => self.testp(op, s),
            _ => self.select(op, s),
        }
    }

    /// The comparison of an opcode; unsigned names are plain ones.
    fn comparison(
        &self,
        op: &mut Opcode<'a>,
        s: &Statement<'a>,
        ty: Type,
    ) -> Result<(Compare, Of), ParseError> {
        let of = match ty {
            Type::U32 | Type::B32 => Of::U32,
            Type::S32 => Of::S32,
            Type::F32 => Of::F32,
            Type::U64 | Type::B64 => Of::U64,
            Type::S64 => Of::S64,
            Type::F64 => Of::F64,
            _ => return Err(self.no_such(op, s)),
        };
        let equality = [("eq", Compare::Eq), ("ne", Compare::Ne)];
        let order = [("lt", Compare::Lt), ("le", Compare::Le), ("gt", Compare::Gt), ("ge", Compare::Ge)];
        let unsigned = [("lo", Compare::Lt), ("ls", Compare::Le), ("hi", Compare::Gt), ("hs", Compare::Ge)];
        let unordered = [
            ("equ", Compare::Equ),
            ("neu", Compare::Neu),
            ("ltu", Compare::Ltu),
            ("leu", Compare::Leu),
            ("gtu", Compare::Gtu),
            ("geu", Compare::Geu),
            ("num", Compare::Num),
            ("nan", Compare::Nan),
        ];
        let mut found = op.take_one(&equality);
        if !ty.bits() {
            found = found.or_else(|| op.take_one(&order));
        }
        if matches!(ty, Type::U32 | Type::U64) {
            found = found.or_else(|| op.take_one(&unsigned));
        }
        if ty.float() {
            found = found.or_else(|| op.take_one(&unordered));
        }
        match found {
            Some(compare) => Ok((compare, of)),
            None => Err(self.error(s.at, format!("`{}` has no comparison of .{}", op.text, ty.name()))),
        }
    }

    /// Operands `a, b` and perhaps `c` from the second on.
    fn test(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>, ty: Type) -> Result<Test, ParseError> {
        let (compare, of) = self.comparison(op, s, ty)?;
        let ftz = op.take("ftz");
        let with = op.take_one(&[("and", P2::And), ("or", P2::Or), ("xor", P2::Xor)]);
        self.count(s, 3 + usize::from(with.is_some()))?;
        let (a, b) = (self.source(&s.operands[1], ty)?, self.source(&s.operands[2], ty)?);
        let with = match with {
            Some(with) => Some((with, self.predicate(&s.operands[3])?)),
            None => None,
        };
        Ok(Test { compare, of, ftz, a, b, with })
    }

    fn setp(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let [ty] = op.types[..] else {
            return Err(self.error(s.at, format!("`{}` needs one type", op.text)));
        };
        let test = self.test(op, s, ty)?;
        let to = &s.operands[0];
        let (d, inverse) = match to.what {
            What::Name(name) => (self.predicate_dest(to.at, name)?, None),
            What::Pair(name, inverse) => {
                (self.predicate_dest(to.at, name)?, self.predicate_dest(to.at, inverse)?)
            }
            _ => return Err(self.error(to.at, "expected a predicate to write to")),
        };
        Ok((Op::SetP(test, d, inverse), class_of(ty)))
    }

    fn set(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let [to @ (Type::U32 | Type::S32 | Type::F32), from] = op.types[..] else {
            return Err(self.no_such(op, s));
        };
        let test = self.test(op, s, from)?;
        Ok((Op::Set(test, to.float(), self.dest(&s.operands[0], to)?), class_of(from)))
    }

    fn select(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        self.count(s, 4)?;
        let ty = match (op.base, &op.types[..]) {
            ("selp", [ty]) | ("slct", [ty, Type::S32 | Type::F32]) if ty.bytes() >= 2 => *ty,
            _ => return Err(self.no_such(op, s)),
        };
        let (a, b) = (self.source(&s.operands[1], ty)?, self.source(&s.operands[2], ty)?);
        let wide = ty.file() == File::Wide;
        if op.base == "selp" {
            // A negated predicate exchanges the operands.
            let p = self.predicate(&s.operands[3])?;
            let (a, b) = if p.negated { (b, a) } else { (a, b) };
            let d = self.dest(&s.operands[0], ty)?;
            let op = if wide { Op::Select64(d, a, b, p.pred) } else { Op::Select(d, a, b, p.pred) };
            return Ok((op, Class::Move));
        }
        let sign = op.types[1];
        op.take("ftz");
        let c = self.source(&s.operands[3], sign)?;
        let d = self.dest(&s.operands[0], ty)?;
        let float = sign.float();
        let op =
            if wide { Op::SelectSign64(float, d, [a, b, c]) } else { Op::SelectSign(float, d, [a, b, c]) };
        Ok((op, Class::Move))
    }

    fn testp(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        self.count(s, 2)?;
        let kind = op.take_one(&[
            ("finite", Kind::Finite),
            ("infinite", Kind::Infinite),
            ("number", Kind::Number),
            ("notanumber", Kind::NotANumber),
            ("normal", Kind::Normal),
            ("subnormal", Kind::Subnormal),
        ]);
        let (Some(kind), [ty @ (Type::F32 | Type::F64)]) = (kind, &op.types[..]) else {
            return Err(self.no_such(op, s));
        };
        let a = self.source(&s.operands[1], *ty)?;
        let to = &s.operands[0];
        let What::Name(name) = to.what else {
            return Err(self.error(to.at, "expected a predicate to write to"));
        };
        let d = self.predicate_dest(to.at, name)?.ok_or_else(|| self.error(to.at, "expected a predicate"))?;
        let op = if *ty == Type::F32 { Op::TestP(kind, d, a) } else { Op::TestP64(kind, d, a) };
        Ok((op, class_of(*ty)))
    }
}

/// Class of a comparison.
fn class_of(ty: Type) -> Class {
    match ty {
        Type::F32 => Class::Float,
        Type::F64 => Class::Double,
        _ => Class::Integer,
    }
}
