//! Functions on slices, from outside any tape.
use super::subject::{Array, Subject};
use crate::{Dual, Scalar, Shape};

/// A function with a gradient written by hand, for the exact mode: the function is generic, so that it runs in dual
/// numbers too.
///
/// ```
/// use ferrotape_autograd::{Scalar, check::{Function, GradCheck}};
///
/// /// y_i = x_i³
/// struct Cube;
///
/// impl Function for Cube {
///     fn value<S: Scalar>(&self, x: &[S]) -> Vec<S> {
///         x.iter().map(|&x| x * x * x).collect()
///     }
///     fn vjp(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
///         x.iter().zip(v).map(|(x, v)| 3.0 * x * x * v).collect()
///     }
/// }
///
/// GradCheck::function(&Cube).input([5]).run().assert_ok();
/// ```
pub trait Function {
    /// y, a number of outputs that depends on the number of inputs alone.
    fn value<S: Scalar>(&self, x: &[S]) -> Vec<S>;

    /// `Jᵀv`: a number for each of x.
    fn vjp(&self, x: &[f64], v: &[f64]) -> Vec<f64>;
}

/// The same without a generic method.
pub(super) trait Plain {
    fn value(&self, x: &[f64]) -> Vec<f64>;
    fn vjp(&self, x: &[f64], v: &[f64]) -> Vec<f64>;
    fn jvp(&self, x: &[f64], u: &[f64]) -> Option<Vec<f64>>;
}

impl<F: Function> Plain for &F {
    fn value(&self, x: &[f64]) -> Vec<f64> {
        Function::value(*self, x)
    }

    fn vjp(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        Function::vjp(*self, x, v)
    }

    fn jvp(&self, x: &[f64], u: &[f64]) -> Option<Vec<f64>> {
        let x: Vec<Dual> = x.iter().zip(u).map(|(&x, &u)| Dual::new(x, u)).collect();
        Some(Function::value(*self, &x).into_iter().map(|y| y.eps).collect())
    }
}

/// A function and its vector-Jacobian product as closures: finite differences are the only other opinion.
pub(super) struct Closures<F, G> {
    pub f: F,
    pub vjp: G,
}

impl<F: Fn(&[f64]) -> Vec<f64>, G: Fn(&[f64], &[f64]) -> Vec<f64>> Plain for Closures<F, G> {
    fn value(&self, x: &[f64]) -> Vec<f64> {
        (self.f)(x)
    }

    fn vjp(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        (self.vjp)(x, v)
    }

    fn jvp(&self, _: &[f64], _: &[f64]) -> Option<Vec<f64>> {
        None
    }
}

/// A plain function at a point.
pub(super) struct PlainSubject<'a> {
    of: &'a dyn Plain,
    arrays: Vec<Array>,
    point: Vec<f64>,
    outputs: usize,
}

impl<'a> PlainSubject<'a> {
    pub(super) fn new(of: &'a dyn Plain, shapes: impl Iterator<Item = Shape>, point: Vec<f64>) -> Self {
        let named = shapes.enumerate().map(|(k, shape)| (format!("input {k}"), shape));
        let outputs = of.value(&point).len();
        Self { of, arrays: Array::rows(named), point, outputs }
    }
}

impl Subject for PlainSubject<'_> {
    fn arrays(&self) -> &[Array] {
        &self.arrays
    }

    fn output(&self) -> Shape {
        Shape::from([self.outputs])
    }

    fn point(&self) -> Vec<f64> {
        self.point.clone()
    }

    fn value(&mut self, x: &[f64]) -> Vec<f64> {
        let y = self.of.value(x);
        assert_eq!(y.len(), self.outputs, "gradcheck: f gave another number of outputs than before");
        y
    }

    fn vjp(&mut self, x: &[f64], v: &[f64]) -> Vec<f64> {
        let g = self.of.vjp(x, v);
        let (expected, given) = (x.len(), g.len());
        assert_eq!(expected, given, "gradcheck: {expected} inputs, but the gradient has {given} numbers");
        g
    }

    fn jvp(&mut self, x: &[f64], u: &[f64]) -> Option<Vec<f64>> {
        self.of.jvp(x, u)
    }
}
