//! Elements of a gradient.
use super::Mismatch;
use crate::check::index::{index, stride};

/// An element of a gradient, as it is and as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Its index, a number a dimension.
    pub index: Vec<usize>,
    /// What the gradient says.
    pub analytic: f64,
    /// What it should say: from dual numbers, or from finite differences where there are none.
    pub truth: f64,
}

impl Mismatch {
    pub(super) fn element(&self, k: usize) -> Element {
        Element { index: index(self.shape, k), analytic: self.analytic[k], truth: self.truth[k] }
    }

    /// The elements beside `k` in each dimension, the last one first.
    pub(super) fn neighbours(&self, k: usize) -> Vec<Element> {
        let at = index(self.shape, k);
        let mut found = Vec::new();
        for d in (0..at.len()).rev() {
            let step = stride(self.shape, d);
            let before = (at[d] > 0).then(|| k - step);
            let after = (at[d] + 1 < self.shape.dim(d)).then(|| k + step);
            found.extend(before.into_iter().chain(after).map(|k| self.element(k)));
        }
        found
    }
}
