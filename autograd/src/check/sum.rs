//! The check that many suites make, for comparison: the gradient of the sum of y, a cotangent of ones.
use super::{exact::columns, recorded::Recorded, subject::Subject, tape::OnTape};
use crate::Var;

/// Relative error that is granted: generous, as suites in f64 are.
const TOLERANCE: f64 = 1e-9;

/// Whether the gradient of the *sum* of `y`, with respect to `x` and to every parameter on the tape, is right in every element. It
/// cannot see what a [`GradCheck`](super::GradCheck) sees: a cotangent of ones is its own transpose, and hides what does not multiply it in.
///
/// # Panics
/// If nothing wants a gradient.
#[track_caller]
pub fn sum_check(x: &[Var<'_>], y: Var<'_>) -> bool {
    let mut subject = OnTape::new(Recorded::new(x, y));
    let sum = gradient(&mut subject);
    !differs(&sum, &mut subject)
}

/// The gradient of the sum of y, from dual numbers.
pub(super) fn gradient(subject: &mut OnTape) -> Vec<f64> {
    let x = subject.point();
    let columns = columns(subject, &x).expect("a tape has duals");
    columns.iter().map(|column| column.iter().sum()).collect()
}

/// Whether the gradient of the sum of y is another than `sum`.
pub(super) fn differs(sum: &[f64], subject: &mut OnTape) -> bool {
    let x = subject.point();
    let ones = vec![1.0; subject.output().len()];
    let largest = sum.iter().fold(f64::MIN_POSITIVE, |most, g| g.abs().max(most));
    let gradient = subject.vjp(&x, &ones);
    !sum.iter().zip(gradient).all(|(s, g)| (s - g).abs() <= TOLERANCE * largest)
}
