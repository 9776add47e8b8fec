//! What names mean, scope by scope.
use std::collections::{HashMap, HashSet};

use super::Body;
use crate::{
    lex::Position,
    op::{Pc, Reg},
    parse::ParseError,
    types::{File, Type},
};

/// Names declared between two braces.
#[derive(Default)]
pub(super) struct Scope<'a> {
    parent: usize,
    registers: HashMap<&'a str, (Type, Reg)>,
    /// `%r<8>`: first register and how many.
    families: HashMap<&'a str, (Type, Reg, u32)>,
    pub labels: HashMap<&'a str, Pc>,
    pub shared: HashMap<&'a str, u32>,
    dynamic: HashSet<&'a str>,
}

impl<'a> Body<'a, '_> {
    /// A brace opens.
    pub fn open(&mut self) {
        self.scopes.push(Scope { parent: self.scope, ..Scope::default() });
        self.scope = self.scopes.len() - 1;
    }

    /// And closes.
    pub fn close(&mut self) {
        self.scope = self.scopes[self.scope].parent;
    }

    /// Looks in a scope and those around it.
    pub(super) fn find<T>(&self, mut scope: usize, look: impl Fn(&Scope<'a>) -> Option<T>) -> Option<T> {
        loop {
            let found = look(&self.scopes[scope]);
            if found.is_some() || scope == 0 {
                return found;
            }
            scope = self.scopes[scope].parent;
        }
    }

    pub fn declare_register(&mut self, at: Position, name: &'a str, ty: Type) -> Result<(), ParseError> {
        let reg = self.new_registers(at, ty.file(), 1)?;
        if self.scopes[self.scope].registers.insert(name, (ty, reg)).is_some() {
            return Err(self.error(at, format!("a second register `{name}`")));
        }
        Ok(())
    }

    pub fn declare_registers(
        &mut self,
        at: Position,
        name: &'a str,
        count: u32,
        ty: Type,
    ) -> Result<(), ParseError> {
        let first = self.new_registers(at, ty.file(), count)?;
        if self.scopes[self.scope].families.insert(name, (ty, first, count)).is_some() {
            return Err(self.error(at, format!("a second family of registers `{name}`")));
        }
        Ok(())
    }

    /// Type and number of a register.
    pub(super) fn register(&self, name: &str) -> Option<(Type, Reg)> {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (family, index) = name.split_at(name.len() - digits);
        self.find(self.scope, |scope| {
            let single = scope.registers.get(name).copied();
            single.or_else(|| {
                // The name's own digits may begin before the index: `%w1<4>` declares `%w10`. An index has ten at most.
                (0..digits)
                    .rev()
                    .take(10)
                    .map(|keep| (&name[..family.len() + keep], &index[keep..]))
                    .find_map(|(family, index)| {
                        let (ty, first, count) = scope.families.get(family).copied()?;
                        let plain = index == "0" || !index.starts_with('0');
                        let index = index.parse::<u32>().ok().filter(|index| plain && *index < count)?;
                        Some((ty, first + index as Reg))
                    })
            })
        })
    }

    /// `count` registers of a file; the first of them.
    pub(super) fn new_registers(&mut self, at: Position, file: File, count: u32) -> Result<Reg, ParseError> {
        let used = match file {
            File::Pred => &mut self.kernel.preds,
            File::Word => &mut self.kernel.words,
            File::Wide => &mut self.kernel.wides,
        };
        let first = *used;
        *used += count as usize;
        if *used > Reg::MAX.into() {
            return Err(self.error(at, format!("more than {} registers of a size", Reg::MAX)));
        }
        Ok(first as Reg)
    }

    pub fn label(&mut self, at: Position, name: &'a str) -> Result<(), ParseError> {
        let pc = self.kernel.code.len() as Pc;
        if self.scopes[self.scope].labels.insert(name, pc).is_some() {
            return Err(self.error(at, format!("a second label `{name}`")));
        }
        Ok(())
    }

    pub fn declare_shared(
        &mut self,
        at: Position,
        name: &'a str,
        bytes: u32,
        align: u32,
    ) -> Result<(), ParseError> {
        let start = self.new_shared(bytes, align);
        if self.scopes[self.scope].shared.insert(name, start).is_some() {
            return Err(self.error(at, format!("a second `{name}`")));
        }
        Ok(())
    }

    pub fn declare_dynamic(&mut self, at: Position, name: &'a str) -> Result<(), ParseError> {
        if self.scopes[self.scope].dynamic.insert(name) {
            return Ok(());
        }
        Err(self.error(at, format!("a second `{name}`")))
    }

    /// More than 32 bits can say is as much as they can, and refused by every launch.
    fn new_shared(&mut self, bytes: u32, align: u32) -> u32 {
        let start = self.kernel.shared_bytes.checked_next_multiple_of(align).unwrap_or(u32::MAX);
        self.kernel.shared_bytes = start.saturating_add(bytes);
        start
    }

    /// Where a shared variable lies. One that is declared between kernels takes memory of those that name it.
    pub(super) fn shared_variable(&mut self, name: &'a str) -> Option<u32> {
        let mine = self.find(self.scope, |scope| scope.shared.get(name).copied());
        if mine.is_some() {
            return mine;
        }
        if self.find(self.scope, |scope| scope.dynamic.contains(name).then_some(())).is_some() {
            self.kernel.dynamic_shared = true;
            return Some(self.dynamic_at);
        }
        match *self.variables.shared.get(name)? {
            (None, _) => {
                self.kernel.dynamic_shared = true;
                Some(self.dynamic_at)
            }
            (Some(bytes), align) => match self.adopted.get(name) {
                Some(start) => Some(*start),
                None => {
                    let start = self.new_shared(bytes, align);
                    self.adopted.insert(name, start);
                    Some(start)
                }
            },
        }
    }
}
