//! Loads, stores, atomics.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::{Access, Atomic, AtomicAccess, Op, Reg, Space},
    parse::{Operand, ParseError, Statement, What},
    types::{File, Type},
};

type Decoded = Result<(Op, Class), ParseError>;

/// How far an order reaches; here memory is always in order, everywhere.
const SCOPES: [(&str, ()); 3] = [("cta", ()), ("gpu", ()), ("sys", ())];

impl<'a> Body<'a, '_> {
    pub(super) fn memory(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        match op.base {
            "ld" | "ldu" | "st" => self.load_store(op, s),
            "atom" | "red" => self.atomic(op, s).map(|op| (op, Class::Atomic)),
            _ => {
                // A prefetch changes nothing that can be seen here.
                op.take("global");
                op.take_one(&[("L1", ()), ("L2", ())]);
                self.count(s, 1)?;
                self.address(&s.operands[0], Space::Global)?;
                Ok((Op::Nothing, Class::Move))
            }
        }
    }

    fn space(&self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Space, ParseError> {
        let space = op.take_one(&[
            ("param", Space::Param),
            ("const", Space::Const),
            ("global", Space::Global),
            ("shared", Space::Shared),
        ]);
        space.ok_or_else(|| {
            let expected = "expected .global, .shared, .const or .param";
            self.error(s.at, format!("`{}` does not say which memory, {expected}", op.text))
        })
    }

    fn load_store(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        let space = self.space(op, s)?;
        let load = op.base != "st";
        let order = if load { "acquire" } else { "release" };
        let ordered = op.take(order) || op.take("relaxed");
        if ordered && op.take_one(&SCOPES).is_none() {
            return Err(self.error(s.at, format!("`{}` needs a scope, .cta, .gpu or .sys", op.text)));
        }
        let concurrent = op.take("volatile") || ordered;
        if load && space == Space::Global {
            op.take("nc");
        }
        // Hints to caches.
        op.take_one(&[("ca", ()), ("cg", ()), ("cs", ()), ("cv", ()), ("lu", ()), ("wb", ()), ("wt", ())]);
        let count = op.take_one(&[("v2", 2), ("v4", 4)]).unwrap_or(1);
        let [ty] = op.types[..] else {
            return Err(self.error(s.at, format!("`{}` needs one type", op.text)));
        };
        if ty == Type::Pred || u32::from(count) * ty.bytes() > 16 {
            return Err(self.no_such(op, s));
        }
        if !load && matches!(space, Space::Param | Space::Const) {
            return Err(self.no_such(op, s));
        }
        self.count(s, 2)?;
        let (address, values) =
            if load { (&s.operands[1], &s.operands[0]) } else { (&s.operands[0], &s.operands[1]) };
        let address = self.address(address, space)?;
        let (file, regs) = self.values(values, ty, count, load)?;
        let access = Access { space, ty, count, file, regs, address, concurrent };
        if space == Space::Param {
            let end = address.offset.saturating_add(i64::from(ty.bytes()) * i64::from(count));
            if address.base.is_some() || address.offset < 0 || end > self.kernel.param_bytes.into() {
                return Err(self.error(s.operands[1].at, "outside of the parameters"));
            }
            if address.offset % (i64::from(ty.bytes()) * i64::from(count)) != 0 {
                return Err(self.error(s.operands[1].at, "a misaligned parameter"));
            }
        }
        let class = match (space, load) {
            (Space::Param, _) => Class::Move,
            (Space::Const, _) => Class::LoadConst,
            (Space::Global, true) => Class::LoadGlobal,
            (Space::Global, false) => Class::StoreGlobal,
            (Space::Shared, true) => Class::LoadShared,
            (Space::Shared, false) => Class::StoreShared,
        };
        Ok((if load { Op::Load(access) } else { Op::Store(access) }, class))
    }

    /// The registers of a load or store.
    fn values(
        &mut self,
        operand: &Operand<'a>,
        ty: Type,
        count: u8,
        load: bool,
    ) -> Result<(File, [Reg; 4]), ParseError> {
        let mut value = |operand: &Operand<'a>| {
            if load { self.wide_dest(operand, ty) } else { self.wide_source(operand, ty) }
        };
        let mut regs = [0; 4];
        let (mut file, mut found) = (ty.file(), 1);
        match &operand.what {
            What::Vector(parts) => {
                found = parts.len();
                for (i, part) in parts.iter().enumerate().take(4) {
                    let (this, reg) = value(part)?;
                    if i > 0 && this != file {
                        return Err(self.error(part.at, "a register of another size than the first"));
                    }
                    (file, regs[i]) = (this, reg);
                }
            }
            _ => (file, regs[0]) = value(operand)?,
        }
        if found != count.into() {
            return Err(self.error(operand.at, format!("{found} registers, expected {count}")));
        }
        Ok((file, regs))
    }

    fn atomic(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        let space = self.space(op, s)?;
        let order = op.take_one(&[("relaxed", ()), ("acquire", ()), ("release", ()), ("acq_rel", ())]);
        let scope = op.take_one(&SCOPES);
        if order.is_some() && scope.is_none() {
            return Err(self.error(s.at, format!("`{}` needs a scope, .cta, .gpu or .sys", op.text)));
        }
        let f = op.take_one(&[
            ("add", Atomic::Add),
            ("min", Atomic::Min),
            ("max", Atomic::Max),
            ("and", Atomic::And),
            ("or", Atomic::Or),
            ("xor", Atomic::Xor),
            ("exch", Atomic::Exchange),
            ("cas", Atomic::CompareExchange),
            ("inc", Atomic::Inc),
            ("dec", Atomic::Dec),
        ]);
        let returns = op.base == "atom";
        let ([ty], Some(f)) = (&op.types[..], f) else { return Err(self.no_such(op, s)) };
        let (ty, f) = (*ty, f);
        let good = match f {
            Atomic::Add => matches!(ty, Type::U32 | Type::S32 | Type::U64 | Type::F32 | Type::F64),
            Atomic::Min | Atomic::Max => matches!(ty, Type::U32 | Type::S32 | Type::U64 | Type::S64),
            Atomic::And | Atomic::Or | Atomic::Xor => matches!(ty, Type::B32 | Type::B64),
            Atomic::Exchange | Atomic::CompareExchange => returns && matches!(ty, Type::B32 | Type::B64),
            Atomic::Inc | Atomic::Dec => ty == Type::U32,
        };
        if !good || matches!(space, Space::Param | Space::Const) {
            return Err(self.no_such(op, s));
        }
        let first = usize::from(returns);
        let operands = first + 2 + usize::from(f == Atomic::CompareExchange);
        self.count(s, operands)?;
        let address = self.address(&s.operands[first], space)?;
        let a = self.source(&s.operands[first + 1], ty)?;
        let b = match f {
            Atomic::CompareExchange => self.source(&s.operands[first + 2], ty)?,
            _ => a,
        };
        let d = if returns { Some(self.dest(&s.operands[0], ty)?) } else { None };
        debug_assert!(matches!(ty.file(), File::Word | File::Wide));
        Ok(Op::Atomic(AtomicAccess { space, op: f, ty, d, address, a, b }))
    }
}
