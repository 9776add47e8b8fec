//! What can be checked: a function with a gradient.
use super::Hypothesis;
use crate::Shape;
use std::{ops::Range, panic::Location};

/// One array of the numbers that a gradient is taken with respect to.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// What reports call it: `input 0`, or a parameter's name.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Where its elements lie among those of all arrays.
    pub range: Range<usize>,
}

impl Array {
    /// Arrays of these names and shapes, one after the other.
    pub(super) fn rows(of: impl IntoIterator<Item = (String, Shape)>) -> Vec<Self> {
        let mut next = 0;
        let array = |(name, shape): (String, Shape)| {
            let range = next..next + shape.len();
            next = range.end;
            Self { name, shape, range }
        };
        of.into_iter().map(array).collect()
    }
}

/// `y = f(x)` and `Jᵀv` as somebody wrote it. x is all arrays, one after the other, each in spoken order.
pub(super) trait Subject {
    /// The arrays of x.
    fn arrays(&self) -> &[Array];

    /// Shape of y.
    fn output(&self) -> Shape;

    /// The x at which it is checked.
    fn point(&self) -> Vec<f64>;

    /// y.
    fn value(&mut self, x: &[f64]) -> Vec<f64>;

    /// `Jᵀv`: what is checked.
    fn vjp(&mut self, x: &[f64], v: &[f64]) -> Vec<f64>;

    /// `J u`, exact to rounding, where that can be had.
    fn jvp(&mut self, _x: &[f64], _u: &[f64]) -> Option<Vec<f64>> {
        None
    }

    /// The derivative of `Jᵀv` along u, exact to rounding, where that can be had: `H u` of the scalar `⟨v, f⟩`.
    fn hvp(&mut self, _x: &[f64], _v: &[f64], _u: &[f64]) -> Option<Vec<f64>> {
        None
    }

    /// Where it goes wrong, if f is made of operations with rules of their own.
    fn suspects(&mut self, _v: &[f64]) -> Vec<Suspect> {
        Vec::new()
    }
}

/// A part of a gradient that is wrong by itself, given what flows into it.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// What is wrong.
    pub fault: Fault,
    /// Shape of what the gradient is taken with respect to.
    pub shape: Shape,
    /// The gradient as it was recorded.
    pub(super) analytic: Vec<f64>,
    /// The gradient that it should be.
    pub(super) truth: Vec<f64>,
    /// What mistakes would give; NaN where that was not computed.
    pub(super) models: Vec<(Hypothesis, Vec<f64>)>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The rule of an operation, with respect to one of its operands.
    Rule {
        /// The operation.
        op: &'static str,
        /// Number of the operand.
        operand: usize,
        /// The line that called the operation.
        loc: &'static Location<'static>,
    },
    /// The sum of the gradients of a value that is read several times.
    Sum {
        /// The operations that read it.
        readers: Vec<&'static str>,
    },
}
