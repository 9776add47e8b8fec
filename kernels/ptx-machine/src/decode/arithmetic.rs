//! Arithmetic: `add` to `copysign`, of integers, f32 and f64.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::{D1, D2, F1, F2, I1, I2, I3, L1, L2, Mods, Op},
    parse::{ParseError, Statement},
    types::Type,
};

type Decoded = Result<(Op, Class), ParseError>;

impl<'a> Body<'a, '_> {
    pub(super) fn arithmetic(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let wide = op.base != "div" && op.take("wide");
        let [ty] = op.types[..] else {
            return Err(self.error(s.at, format!("`{}` needs one type", op.text)));
        };
        match ty {
            Type::F32 if !wide => self.arithmetic_f32(op, s),
            Type::F64 if !wide => self.arithmetic_f64(op, s),
            Type::U32 | Type::S32 if wide => self.widening(op, s, ty),
            Type::U32 | Type::S32 => self.arithmetic_32(op, s, ty),
            Type::U64 | Type::S64 if !wide => self.arithmetic_64(op, s, ty),
            _ => Err(self.no_such(op, s)),
        }
    }

    /// An opcode whose parts are known and have no meaning together.
    pub(super) fn no_such(&self, op: &Opcode<'a>, s: &Statement<'a>) -> ParseError {
        self.error(s.at, format!("instruction `{}` is unknown to this machine", op.text))
    }

    fn arithmetic_f32(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let mods = Mods { ftz: op.take("ftz"), sat: op.take("sat") };
        // Rounding to nearest is the only one here; `.approx` and `.full` may be more exact than on a GPU.
        let (nearest, approx) = (op.take("rn"), op.take("approx"));
        let full = op.base == "div" && op.take("full");
        let one = |f| Some((f, Class::Special));
        let unary = match op.base {
            "neg" => Some((F1::Neg, Class::Float)),
            "abs" => Some((F1::Abs, Class::Float)),
            "sqrt" if nearest || approx => one(F1::Sqrt),
            "rcp" if nearest || approx => one(F1::Rcp),
            "rsqrt" if approx => one(F1::Rsqrt),
            "ex2" if approx => one(F1::Ex2),
            "lg2" if approx => one(F1::Lg2),
            "sin" if approx => one(F1::Sin),
            "cos" if approx => one(F1::Cos),
            "tanh" if approx => one(F1::Tanh),
            _ => None,
        };
        let f32 = Type::F32;
        if let Some((f, class)) = unary {
            self.count(s, 2)?;
            let a = self.source(&s.operands[1], f32)?;
            return Ok((Op::F1(f, mods, self.dest(&s.operands[0], f32)?, a), class));
        }
        if op.base == "fma" && nearest {
            let [a, b, c] = self.three(s, f32, f32)?;
            return Ok((Op::Fma(mods, self.dest(&s.operands[0], f32)?, [a, b, c]), Class::Fma));
        }
        if op.base == "copysign" {
            let [a, b] = self.two(s, f32)?;
            return Ok((Op::I2(I2::CopySign, self.dest(&s.operands[0], f32)?, a, b), Class::Float));
        }
        let (f, class) = match op.base {
            "add" => (F2::Add, Class::Float),
            "sub" => (F2::Sub, Class::Float),
            "mul" => (F2::Mul, Class::Float),
            "min" => (F2::Min, Class::Float),
            "max" => (F2::Max, Class::Float),
            "div" if nearest || full => (F2::Div, Class::Special),
            "div" if approx => (F2::DivApprox, Class::Special),
            _ => {
                return Err(
                    self.error(s.at, format!("`{}` is unknown here, or lacks .rn or .approx", op.text))
                );
            }
        };
        let [a, b] = self.two(s, f32)?;
        Ok((Op::F2(f, mods, self.dest(&s.operands[0], f32)?, a, b), class))
    }

    fn arithmetic_f64(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let f64 = Type::F64;
        let nearest = op.take("rn");
        let unary = match op.base {
            "neg" => Some(D1::Neg),
            "abs" => Some(D1::Abs),
            "sqrt" if nearest => Some(D1::Sqrt),
            "rcp" if nearest => Some(D1::Rcp),
            _ => None,
        };
        if let Some(f) = unary {
            self.count(s, 2)?;
            let a = self.source(&s.operands[1], f64)?;
            return Ok((Op::D1(f, self.dest(&s.operands[0], f64)?, a), Class::Double));
        }
        if op.base == "fma" && nearest {
            let [a, b, c] = self.three(s, f64, f64)?;
            return Ok((Op::Fma64(self.dest(&s.operands[0], f64)?, [a, b, c]), Class::Double));
        }
        if op.base == "copysign" {
            let [a, b] = self.two(s, f64)?;
            return Ok((Op::L2(L2::CopySign, self.dest(&s.operands[0], f64)?, a, b), Class::Double));
        }
        let f = match op.base {
            "add" => D2::Add,
            "sub" => D2::Sub,
            "mul" => D2::Mul,
            "min" => D2::Min,
            "max" => D2::Max,
            "div" if nearest => D2::Div,
            _ => return Err(self.error(s.at, format!("`{}` is unknown here, or lacks .rn", op.text))),
        };
        let [a, b] = self.two(s, f64)?;
        Ok((Op::D2(f, self.dest(&s.operands[0], f64)?, a, b), Class::Double))
    }

    fn arithmetic_32(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>, ty: Type) -> Decoded {
        let signed = ty.signed();
        let (low, high) = (op.take("lo"), op.take("hi"));
        let saturate = signed && matches!(op.base, "add" | "sub") && op.take("sat");
        let unary = match op.base {
            "neg" if signed => Some(I1::Neg),
            "abs" if signed => Some(I1::Abs),
            _ => None,
        };
        if let Some(f) = unary {
            self.count(s, 2)?;
            let a = self.source(&s.operands[1], ty)?;
            return Ok((Op::I1(f, self.dest(&s.operands[0], ty)?, a), Class::Integer));
        }
        if op.base == "mad" && (low || high) {
            let f = match (low, signed) {
                (true, _) => I3::Mad,
                (false, false) => I3::MadHiU,
                (false, true) => I3::MadHiS,
            };
            let abc = self.three(s, ty, ty)?;
            return Ok((Op::I3(f, self.dest(&s.operands[0], ty)?, abc), Class::Integer));
        }
        let f = match (op.base, signed) {
            ("add", _) if saturate => I2::AddSat,
            ("sub", _) if saturate => I2::SubSat,
            ("add", _) => I2::Add,
            ("sub", _) => I2::Sub,
            ("mul", _) if low => I2::Mul,
            ("mul", false) if high => I2::MulHiU,
            ("mul", true) if high => I2::MulHiS,
            ("div", false) => I2::DivU,
            ("div", true) => I2::DivS,
            ("rem", false) => I2::RemU,
            ("rem", true) => I2::RemS,
            ("min", false) => I2::MinU,
            ("min", true) => I2::MinS,
            ("max", false) => I2::MaxU,
            ("max", true) => I2::MaxS,
            _ => return Err(self.no_such(op, s)),
        };
        let [a, b] = self.two(s, ty)?;
        Ok((Op::I2(f, self.dest(&s.operands[0], ty)?, a, b), Class::Integer))
    }

    fn arithmetic_64(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>, ty: Type) -> Decoded {
        let signed = ty.signed();
        let (low, high) = (op.take("lo"), op.take("hi"));
        let unary = match op.base {
            "neg" if signed => Some(L1::Neg),
            "abs" if signed => Some(L1::Abs),
            _ => None,
        };
        if let Some(f) = unary {
            self.count(s, 2)?;
            let a = self.source(&s.operands[1], ty)?;
            return Ok((Op::L1(f, self.dest(&s.operands[0], ty)?, a), Class::Integer));
        }
        if op.base == "mad" && low {
            let abc = self.three(s, ty, ty)?;
            return Ok((Op::Mad64(self.dest(&s.operands[0], ty)?, abc), Class::Integer));
        }
        let f = match (op.base, signed) {
            ("add", _) => L2::Add,
            ("sub", _) => L2::Sub,
            ("mul", _) if low => L2::Mul,
            ("mul", false) if high => L2::MulHiU,
            ("mul", true) if high => L2::MulHiS,
            ("div", false) => L2::DivU,
            ("div", true) => L2::DivS,
            ("rem", false) => L2::RemU,
            ("rem", true) => L2::RemS,
            ("min", false) => L2::MinU,
            ("min", true) => L2::MinS,
            ("max", false) => L2::MaxU,
            ("max", true) => L2::MaxS,
            _ => return Err(self.no_such(op, s)),
        };
        let [a, b] = self.two(s, ty)?;
        Ok((Op::L2(f, self.dest(&s.operands[0], ty)?, a, b), Class::Integer))
    }

    /// `mul.wide`, `mad.wide`: 32-bit factors, a 64-bit result.
    fn widening(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>, ty: Type) -> Decoded {
        let result = if ty.signed() { Type::S64 } else { Type::U64 };
        let op = match op.base {
            "mul" => {
                let [a, b] = self.two(s, ty)?;
                Op::MulWide(ty.signed(), self.dest(&s.operands[0], result)?, a, b)
            }
            "mad" => {
                let abc = self.three(s, ty, result)?;
                Op::MadWide(ty.signed(), self.dest(&s.operands[0], result)?, abc)
            }
            _ => return Err(self.no_such(op, s)),
        };
        Ok((op, Class::Integer))
    }

    /// Two operands behind the result.
    pub(super) fn two(&mut self, s: &Statement<'a>, ty: Type) -> Result<[u16; 2], ParseError> {
        self.count(s, 3)?;
        Ok([self.source(&s.operands[1], ty)?, self.source(&s.operands[2], ty)?])
    }

    /// Three operands behind the result; the last may have a type of its own.
    pub(super) fn three(&mut self, s: &Statement<'a>, ty: Type, last: Type) -> Result<[u16; 3], ParseError> {
        self.count(s, 4)?;
        let [a, b] = [self.source(&s.operands[1], ty)?, self.source(&s.operands[2], ty)?];
        Ok([a, b, self.source(&s.operands[3], last)?])
    }
}
