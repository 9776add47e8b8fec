//! Softmax and cross-entropy in one: the loss of a classifier, as the mean over a batch.
pub mod cpu;
pub mod cuda;
pub mod reference;

use crate::{Shape, ShapeError, shape_error};

/// What is made of the logits beside the loss: outputs in this order, those that are asked for.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Also {
    /// `p = softmax(x)`, (N, classes).
    pub probabilities: bool,
    /// `dx`, the gradient of the logits, (N, classes).
    pub gradient: bool,
    /// `db[c] = Σ_n dx[n,c]`, the gradient of a bias that the logits have, (classes); only with the gradient.
    pub bias_gradient: bool,
    /// The number of right answers, [`count_correct`](crate::count_correct).
    pub count: bool,
}

/// Sizes of logits (N, C) against labels (N) -> loss (), probabilities (N, C).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct CrossEntropy {
    /// Rows of the batch.
    pub n: usize,
    /// Classes.
    pub classes: usize,
}

impl CrossEntropy {
    /// The spec of the cross-entropy of `logits` against `labels`.
    ///
    /// # Errors
    /// Where ranks or sizes do not fit, or there is nothing to take the mean of.
    pub fn new(logits: &Shape, labels: &Shape) -> Result<Self, ShapeError> {
        let [n, classes] =
            logits.dims().ok_or_else(|| shape_error!("logits must be (N, classes), got shape {logits}"))?;
        if n == 0 || classes == 0 {
            return Err(shape_error!("logits need at least one row and one class, got shape {logits}"));
        }
        if labels.dims() != Some([n]) {
            return Err(shape_error!("labels must have shape [{n}], one a row of the logits, got {labels}"));
        }
        Ok(Self { n, classes })
    }

    /// Shape of the logits and of the probabilities.
    pub fn logits(&self) -> Shape {
        Shape::from([self.n, self.classes])
    }

    /// Checks that every label names one of the classes.
    ///
    /// # Panics
    /// Where one does not; the text names row, label and number of classes.
    pub fn check(&self, labels: &[u32]) {
        assert_eq!(labels.len(), self.n, "one label a row");
        if let Some(row) = labels.iter().position(|&label| label as usize >= self.classes) {
            panic!("row {row} has label {}, but the logits have {} classes", labels[row], self.classes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_errors() {
        let text = |logits: &[usize], labels: &[usize]| {
            CrossEntropy::new(&Shape::new(logits), &Shape::new(labels)).unwrap_err().to_string()
        };
        assert_eq!(text(&[4], &[4]), "logits must be (N, classes), got shape [4]");
        assert_eq!(text(&[0, 3], &[0]), "logits need at least one row and one class, got shape [0, 3]");
        assert_eq!(text(&[4, 3], &[5]), "labels must have shape [4], one a row of the logits, got [5]");
    }
}
