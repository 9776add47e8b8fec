//! Faults by hand: gradients wrong in the subtle ways that frameworks have really been wrong in.
//!
//! Each operation is written anew in plain loops, with a gradient operation that can make one of several mistakes. Without a
//! mistake it passes every check; with any of them it must fail.
mod bias;
mod conv2d;
mod cross_entropy;
mod dropout;
mod matmul;
mod max_pool2d;

use ferrotape_autograd::{
    Params, Tape, Var,
    card::{Case, Input},
    check::{GradCheck, Report, sum_check},
};

/// A mistake in the gradient of an operation.
#[derive(Copy, Clone)]
pub struct Fault {
    /// The operation.
    pub op: &'static str,
    /// What is wrong.
    pub mistake: &'static str,
    /// The computation that has it.
    pub case: fn() -> Case,
    /// The same in shapes, and with values, that hide it as well as can be.
    pub hidden: fn() -> Case,
}

/// An operation written by hand without a mistake.
pub type Right = (&'static str, fn() -> Case);

/// All mistakes.
pub fn all() -> Vec<Fault> {
    [bias::FAULTS, conv2d::FAULTS, cross_entropy::FAULTS, dropout::FAULTS, matmul::FAULTS, max_pool2d::FAULTS]
        .concat()
}

/// The operations that make them, when they make none.
pub fn right() -> Vec<Right> {
    vec![bias::RIGHT, conv2d::RIGHT, cross_entropy::RIGHT, dropout::RIGHT, matmul::RIGHT, max_pool2d::RIGHT]
}

/// A case under our checks.
pub fn check(case: &Case) -> Report {
    let params = Params::seeded(1);
    let tape = Tape::training(&params);
    let x = case.inputs(&tape, 2);
    GradCheck::recorded(&x, (case.body)(&tape, &x)).seed(3).run()
}

/// Whether a comparison of the gradients of the sum of y, with a cotangent of ones, notices.
pub fn ones_notice(case: &Case) -> bool {
    let params = Params::seeded(1);
    let tape = Tape::training(&params);
    let x = case.inputs(&tape, 2);
    !sum_check(&x, (case.body)(&tape, &x))
}

/// Real inputs of these shapes.
fn reals<const N: usize>(shapes: [&[usize]; N]) -> Vec<Input> {
    shapes.map(Input::real).to_vec()
}

/// The only output of an operation on `x`.
fn apply<'t>(tape: &'t Tape<'t>, op: impl ferrotape_autograd::Op, x: &[Var<'t>]) -> Var<'t> {
    tape.apply(op, x)
}
