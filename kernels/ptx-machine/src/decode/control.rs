//! Branches, barriers, fences.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::Op,
    parse::{ParseError, Statement, What},
    types::Type,
};

type Decoded = Result<(Op, Class), ParseError>;

impl<'a> Body<'a, '_> {
    pub(super) fn control(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Decoded {
        match op.base {
            "bra" => {
                op.take("uni");
                self.count(s, 1)?;
                let What::Name(label) = s.operands[0].what else {
                    return Err(self.error(s.operands[0].at, "expected a label"));
                };
                // The label may still be to come.
                let branch = (self.kernel.code.len(), self.scope, s.operands[0].at, label);
                self.branches.push(branch);
                Ok((Op::Branch(0), Class::Control))
            }
            "ret" | "exit" => {
                op.take("uni");
                self.count(s, 0)?;
                Ok((Op::Exit, Class::Control))
            }
            "trap" => {
                self.count(s, 0)?;
                Ok((Op::Trap, Class::Control))
            }
            "nanosleep" => {
                self.count(s, 1)?;
                self.source(&s.operands[0], Type::U32)?;
                Ok((Op::Nothing, Class::Control))
            }
            "bar" | "barrier" => self.barrier(op, s).map(|op| (op, Class::Barrier)),
            _ => self.fence(op, s).map(|op| (op, Class::Barrier)),
        }
    }

    fn barrier(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        self.count(s, 1)?;
        if op.base == "bar" && op.take("warp") {
            if !op.take("sync") {
                return Err(self.no_such(op, s));
            }
            return Ok(Op::WarpBarrier(self.source(&s.operands[0], Type::B32)?));
        }
        op.take("cta");
        // `bar.sync` is `barrier.sync.aligned`.
        let aligned = op.take("aligned") || op.base == "bar";
        if !op.take("sync") {
            return Err(self.no_such(op, s));
        }
        self.literal(&s.operands[0], 0).map_err(|_| {
            self.error(s.operands[0].at, "expected barrier 0: this machine has one, for the whole block")
        })?;
        Ok(Op::Barrier { aligned })
    }

    fn fence(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        self.count(s, 0)?;
        let good = if op.base == "membar" {
            op.take_one(&[("cta", ()), ("gl", ()), ("sys", ())]).is_some()
        } else {
            op.take_one(&[("acq_rel", ()), ("sc", ())]);
            op.take_one(&[("cta", ()), ("gpu", ()), ("sys", ())]).is_some()
        };
        if good { Ok(Op::Nothing) } else { Err(self.error(s.at, format!("`{}` needs a scope", op.text))) }
    }
}
