//! Gradient checks: is a gradient the derivative of what was computed?
//!
//! ```
//! # use ferrotape_autograd::check::GradCheck;
//! let report = GradCheck::of(|_, x| x[0].matmul(x[1]).tanh()).input([2, 3]).input([3, 5]).run();
//! report.assert_ok();
//! ```
//!
//! What is asked, on the tape as recorded, so that no user code is generic:
//!
//! - **dual numbers**: `⟨v, J u⟩` with J u from one forward replay in [`Dual`](crate::Dual), against
//!   `⟨Jᵀ v, u⟩` from the recorded gradient. Exact to rounding, at kinks too: the dual takes the branch its value
//!   takes.
//! - **finite differences** in f64, which share no code with any gradient: a step from a sweep, Richardson's extrapolation, an error
//!   bar that the comparison must hold. At a kink, anything between the slopes on either side will do.
//! - **the whole Jacobian**, entry by entry, where it has at most [`MAX_ENTRIES`].
//! - **second order**, if asked for ([`GradCheck::second_order`]): the symmetry `⟨w, H u⟩ = ⟨u, H w⟩`, and differences of the
//!   gradient.
//!
//! The cotangent v and the direction u are random: a cotangent of ones cannot see a transposed gradient of a square
//! operand, nor anything about a softmax, whose outputs sum to one.
//!
//! Code outside our tape is checked alike: [`GradCheck::closures`] with finite differences, [`GradCheck::function`] with dual numbers
//! too. A check that fails says where and how: [`Explanation`].
mod compare;
mod exact;
mod explain;
mod finite;
mod gradcheck;
mod hypothesis;
mod index;
pub mod mutation;
pub mod parity;
mod plain;
mod recorded;
mod report;
mod second;
mod single;
mod subject;
mod sum;
mod tape;
mod variation;

pub use compare::{Comparison, Mode, What};
pub use explain::{Curve, Element, Explanation, Fit};
pub use gradcheck::GradCheck;
pub use hypothesis::Hypothesis;
pub use plain::Function;
pub use report::Report;
pub use subject::{Array, Fault, Suspect};
pub use sum::sum_check;
pub use variation::{End, Variation};

use crate::{
    Params, Tape, Var,
    card::{Input, uniform},
};
use rand::rngs::ChaCha8Rng;

/// Largest error of the exact check, relative to `Σ |v_i (J u)_i|`.
pub const EXACT_TOLERANCE: f64 = 1e-12;

/// The largest Jacobian that is compared entry by entry.
pub const MAX_ENTRIES: usize = 1000;

/// Checks the gradient of `f` with respect to inputs of these shapes, drawn from -1..1, and to every parameter it
/// reads: [`GradCheck`] in short.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// gradcheck(&params, &[&[2, 3], &[3]], |_, x| x[0] + x[1]).assert_ok();
/// ```
#[track_caller]
pub fn gradcheck(
    params: &Params,
    shapes: &[&[usize]],
    f: impl for<'t> Fn(&'t Tape<'t>, &[Var<'t>]) -> Var<'t>,
) -> Report {
    shapes.iter().fold(GradCheck::of(f).params(params), |check, shape| check.input(Input::real(shape))).run()
}

/// Random numbers in -1..1.
fn random(len: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    (0..len).map(|_| f64::from(uniform(rng, -1.0, 1.0))).collect()
}

/// The k-th unit vector.
fn unit(len: usize, k: usize) -> Vec<f64> {
    let mut e = vec![0.0; len];
    e[k] = 1.0;
    e
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The most elements of a gradient that an explanation computes one by one.
const SAMPLES: usize = 4096;

/// `f` of unit vectors: of all, or of every so manieth, where there are too many; the others are NaN.
fn sampled(len: usize, mut f: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let stride = len.div_ceil(SAMPLES).max(1);
    (0..len).map(|k| if k % stride == 0 { f(&unit(len, k)) } else { f64::NAN }).collect()
}

/// The device that tests of GPU code run on: the PTX machine; with `DEVICE=gpu` card 0. Without a card it says so and is
/// none, and the test is skipped; with `GPU_REQUIRED=1` that is a failure.
///
/// # Panics
/// As [`test_gpu`](ferrotape_kernels::cuda::testing::test_gpu).
#[cfg(feature = "cuda")]
pub fn gpu() -> Option<crate::Device> {
    let gpu = ferrotape_kernels::cuda::testing::test_gpu()?;
    Some(if gpu.is_ptx_machine() { crate::Device::PtxMachine } else { crate::Device::Cuda(0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Io, Op, Scalar, ShapeError, Site, Type, ops::Mul};

    /// A product whose gradient rule forgets its second operand.
    #[derive(Debug)]
    struct Forgetful;

    impl Op for Forgetful {
        fn name(&self) -> &'static str {
            "forgetful"
        }
        fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
            Ok(vec![x[0]])
        }
        fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
            Mul.reference(io)
        }
        fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
            if wrt == 0 { Mul.vjp(wrt, at, dy) } else { None }
        }
    }

    #[test]
    fn a_missing_gradient_is_a_wrong_one() {
        let params = Params::default();
        let shapes: [&[usize]; 2] = [&[3, 2], &[3, 2]];
        gradcheck(&params, &shapes, |t, x| t.apply(Mul, x)).assert_ok();
        let report = gradcheck(&params, &shapes, |t, x| t.apply(Forgetful, x));
        assert!(report.comparisons.iter().all(|c| !c.ok()), "{report}");
    }
}
