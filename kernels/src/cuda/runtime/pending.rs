//! What was put on the stream since the last synchronisation, and what must therefore live until the next.
use super::{graph::Captured, module::Function, staging::Pinned};
use std::sync::Arc;

/// Something that the device may still be using.
#[derive(Clone)]
pub(super) enum Kept {
    Function(Arc<Function>),
    Pinned(Arc<Pinned>),
    Graph(Arc<Captured>),
}

impl Kept {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Kept::Function(a), Kept::Function(b)) => Arc::ptr_eq(a, b),
            (Kept::Pinned(a), Kept::Pinned(b)) => Arc::ptr_eq(a, b),
            (Kept::Graph(a), Kept::Graph(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Each thing once, in the order of first use.
#[derive(Default)]
pub(super) struct Pending(Vec<Kept>);

impl Pending {
    pub fn keep(&mut self, thing: Kept) {
        // A training step has a few dozen kernels: looking through them costs less than hashing.
        if !self.0.iter().any(|kept| kept.is(&thing)) {
            self.0.push(thing);
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Names of the kernels, those of graphs included.
    pub fn kernels(&self) -> String {
        let mut names = Vec::new();
        self.names(&mut names);
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    fn names<'a>(&'a self, names: &mut Vec<&'a str>) {
        for kept in &self.0 {
            match kept {
                Kept::Function(function) if names.contains(&function.name()) => {}
                Kept::Function(function) => names.push(function.name()),
                Kept::Graph(graph) => graph.uses().names(names),
                Kept::Pinned(_) => {}
            }
        }
    }
}
