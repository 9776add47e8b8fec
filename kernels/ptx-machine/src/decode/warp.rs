//! Shuffles, votes, matches.
use super::{Body, Opcode};
use crate::{
    counters::Class,
    op::{Op, Shuffle, Vote},
    parse::{ParseError, Statement, What},
    types::Type,
};

impl<'a> Body<'a, '_> {
    pub(super) fn warp(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<(Op, Class), ParseError> {
        if op.base != "activemask" && !op.take("sync") {
            return Err(self.error(s.at, format!("`{}` needs .sync", op.text)));
        }
        let ty = op.types.first().copied();
        if op.types.len() != 1 {
            return Err(self.error(s.at, format!("`{}` needs one type", op.text)));
        }
        let op = match (op.base, ty) {
            ("activemask", Some(Type::B32)) => {
                self.count(s, 1)?;
                Op::ActiveMask(self.dest(&s.operands[0], Type::B32)?)
            }
            ("shfl", Some(Type::B32)) => self.shuffle(op, s)?,
            ("vote", Some(Type::Pred)) => self.vote(op, s)?,
            ("vote", Some(Type::B32)) if op.take("ballot") => {
                self.count(s, 3)?;
                let pred = self.predicate(&s.operands[1])?;
                let members = self.source(&s.operands[2], Type::B32)?;
                Op::Ballot { d: self.dest(&s.operands[0], Type::B32)?, pred, members }
            }
            ("match", Some(Type::B32)) if op.take("any") => {
                self.count(s, 3)?;
                let a = self.source(&s.operands[1], Type::B32)?;
                let members = self.source(&s.operands[2], Type::B32)?;
                Op::Match { d: self.dest(&s.operands[0], Type::B32)?, a, members }
            }
            _ => return Err(self.no_such(op, s)),
        };
        Ok((op, Class::Warp))
    }

    fn shuffle(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        self.count(s, 5)?;
        let how = op.take_one(&[
            ("up", Shuffle::Up),
            ("down", Shuffle::Down),
            ("bfly", Shuffle::Butterfly),
            ("idx", Shuffle::Index),
        ]);
        let Some(how) = how else { return Err(self.no_such(op, s)) };
        let b32 = Type::B32;
        let (a, b) = (self.source(&s.operands[1], b32)?, self.source(&s.operands[2], b32)?);
        let (c, members) = (self.source(&s.operands[3], b32)?, self.source(&s.operands[4], b32)?);
        let to = &s.operands[0];
        let (d, pred) = match to.what {
            What::Pair(name, pred) => {
                let pred = self.predicate_dest(to.at, pred)?;
                let to = crate::parse::Operand { at: to.at, what: What::Name(name) };
                (self.dest(&to, b32)?, pred)
            }
            _ => (self.dest(to, b32)?, None),
        };
        Ok(Op::Shuffle { how, d, pred, a, b, c, members })
    }

    fn vote(&mut self, op: &mut Opcode<'a>, s: &Statement<'a>) -> Result<Op, ParseError> {
        self.count(s, 3)?;
        let how = op.take_one(&[("all", Vote::All), ("any", Vote::Any), ("uni", Vote::Uniform)]);
        let Some(how) = how else { return Err(self.no_such(op, s)) };
        let pred = self.predicate(&s.operands[1])?;
        let members = self.source(&s.operands[2], Type::B32)?;
        let to = &s.operands[0];
        let What::Name(name) = to.what else {
            return Err(self.error(to.at, "expected a predicate to write to"));
        };
        let d = self.predicate_dest(to.at, name)?.ok_or_else(|| self.error(to.at, "expected a predicate"))?;
        Ok(Op::Vote { how, d, pred, members })
    }
}
