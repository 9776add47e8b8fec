//! Handles: numbers that are never used twice, so that one of something destroyed is known as such.
use super::{
    code::INVALID_HANDLE,
    report::{Answer, refuse},
};
use std::collections::HashMap;

/// A pointer of the API that nobody looks behind.
pub(super) type Handle = usize;

/// Things of one kind, by handle.
pub(super) struct Table<T> {
    kind: &'static str,
    /// Number of the kind, in a handle's upper half: a stream is no event.
    tag: usize,
    made: usize,
    things: HashMap<Handle, T>,
}

impl<T> Table<T> {
    pub fn new(kind: &'static str, tag: usize) -> Self {
        Self { kind, tag, made: 0, things: HashMap::new() }
    }

    pub fn insert(&mut self, thing: T) -> Handle {
        self.made += 1;
        let handle = (self.tag << 32) | self.made;
        self.things.insert(handle, thing);
        handle
    }

    pub fn get(&self, handle: Handle) -> Answer<&T> {
        match self.things.get(&handle) {
            Some(thing) => Ok(thing),
            None => self.unknown(handle),
        }
    }

    pub fn get_mut(&mut self, handle: Handle) -> Answer<&mut T> {
        if !self.things.contains_key(&handle) {
            return self.unknown(handle);
        }
        Ok(self.things.get_mut(&handle).expect("just seen"))
    }

    pub fn remove(&mut self, handle: Handle) -> Answer<T> {
        match self.things.remove(&handle) {
            Some(thing) => Ok(thing),
            None => self.unknown(handle),
        }
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.values_mut()
    }

    /// Removes what `drop` holds for.
    pub fn remove_where(&mut self, mut drop: impl FnMut(&T) -> bool) {
        self.things.retain(|_, thing| !drop(thing));
    }

    fn unknown<U>(&self, handle: Handle) -> Answer<U> {
        let kind = self.kind;
        let was = handle >> 32 == self.tag && (1..=self.made).contains(&(handle & 0xffff_ffff));
        let why = if was { format!("the {kind} was destroyed") } else { format!("{handle:#x} is no {kind}") };
        refuse(INVALID_HANDLE, why)
    }
}
