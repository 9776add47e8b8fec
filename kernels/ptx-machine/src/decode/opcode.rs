//! An opcode taken apart at its dots.
use crate::types::Type;

/// `ld.global.v4.f32`: a base, types, and other modifiers, each of which some decoder must take.
pub(crate) struct Opcode<'a> {
    pub text: &'a str,
    pub base: &'a str,
    pub types: Vec<Type>,
    modifiers: Vec<&'a str>,
}

impl<'a> Opcode<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut parts = text.split('.');
        let base = parts.next().unwrap_or("");
        let (mut types, mut modifiers) = (Vec::new(), Vec::new());
        for part in parts {
            match Type::named(part) {
                Some(ty) => types.push(ty),
                None => modifiers.push(part),
            }
        }
        Self { text, base, types, modifiers }
    }

    /// Takes a modifier; whether it was there.
    pub fn take(&mut self, name: &str) -> bool {
        let found = self.modifiers.iter().position(|modifier| *modifier == name);
        found.map(|at| self.modifiers.remove(at)).is_some()
    }

    /// Takes the first of these modifiers that is there.
    pub fn take_one<T: Copy>(&mut self, choices: &[(&str, T)]) -> Option<T> {
        choices.iter().find(|(name, _)| self.take(name)).map(|(_, value)| *value)
    }

    /// A modifier that nobody took.
    pub fn left(&self) -> Option<&'a str> {
        self.modifiers.first().copied()
    }
}
