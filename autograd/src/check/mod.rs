//! Gradient checks: is the gradient that `backward` appends the derivative of what was recorded?
//!
//! Two independent opinions, both on the tape as recorded, so no user code is generic:
//!
//! - **dual numbers**: `⟨v, J u⟩` with J u from one forward replay in [`Dual`](crate::Dual), against
//!   `⟨Jᵀ v, u⟩` from the recorded gradient. Exact to rounding, at kinks too: the dual takes the branch its value
//!   takes.
//! - **finite differences** in f64, which share no code with any gradient.
//!
//! The cotangent v and the direction u are random: a cotangent of ones cannot see a transposed gradient of a square
//! operand, nor anything about a softmax, whose outputs sum to one.
mod dual;
mod finite;
pub mod parity;

use crate::{Arithmetic, Params, Replay, Shape, Tape, Var, card::uniform};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::fmt;

/// Largest error of the dual check, relative to `Σ |v_i (J u)_i|`.
pub const DUAL_TOLERANCE: f64 = 1e-12;

/// Checks the gradient of `f` with respect to inputs of these shapes, drawn from -1..1, and to every parameter it
/// reads.
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
    on_tape(&Tape::training(params), shapes, f)
}

/// The same with one lifetime for tape and variables.
#[track_caller]
fn on_tape<'t>(
    tape: &'t Tape<'t>,
    shapes: &[&[usize]],
    f: impl Fn(&'t Tape<'t>, &[Var<'t>]) -> Var<'t>,
) -> Report {
    let seed = tape.params().seed();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let draw = |s: &&[usize]| {
        let shape = Shape::new(s);
        let values: Vec<f32> = (0..shape.len()).map(|_| uniform(&mut rng, -1.0, 1.0)).collect();
        tape.variable(shape, &values)
    };
    let x: Vec<Var<'t>> = shapes.iter().map(draw).collect();
    of(&x, f(tape, &x), seed)
}

/// Checks the gradient of `y`, on whatever tape it was recorded, with respect to `x` and to every parameter on the
/// tape. Cotangent and directions are drawn from `seed`.
///
/// # Panics
/// If none of them wants a gradient, or they are on another tape than `y`.
#[track_caller]
pub fn of<'t>(x: &[Var<'t>], y: Var<'t>, seed: u64) -> Report {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let recorded = Recorded::new(x, y, &mut rng);
    let directions = (0..DIRECTIONS)
        .map(|_| {
            let u = recorded.direction(&mut rng);
            Direction { dual: dual::check(&recorded, &u), finite: finite::check(&recorded, &u) }
        })
        .collect();
    Report { directions }
}

/// Random directions a check tries.
const DIRECTIONS: usize = 3;

/// A computation with its gradient on one tape.
struct Recorded<'t> {
    tape: &'t Tape<'t>,
    /// Inputs and parameters that want a gradient, with what `backward` gave them; `None` counts as zeros.
    x: Vec<(Var<'t>, Option<Var<'t>>)>,
    y: Var<'t>,
    /// The cotangent, in spoken order.
    v: Vec<f64>,
}

impl<'t> Recorded<'t> {
    #[track_caller]
    fn new(x: &[Var<'t>], y: Var<'t>, rng: &mut ChaCha8Rng) -> Self {
        let tape = y.tape();
        let v: Vec<f32> = (0..y.shape().len()).map(|_| uniform(rng, -1.0, 1.0)).collect();
        let gradients = y.backward_with(tape.input(y.shape(), &v));
        let params: Vec<Var<'t>> = tape.code().params.iter().map(|used| Var::new(tape, used.slot)).collect();
        let wanting = x.iter().chain(&params).filter(|x| x.needs_grad());
        let x: Vec<_> = wanting.map(|&x| (x, gradients.get(x))).collect();
        assert!(!x.is_empty(), "gradcheck: no input or parameter wants a gradient");
        Self { tape, x, y, v: v.into_iter().map(f64::from).collect() }
    }

    /// What a replay must keep.
    fn keep(&self) -> Vec<Var<'t>> {
        self.x.iter().filter_map(|&(_, gradient)| gradient).chain([self.y]).collect()
    }

    /// `⟨Jᵀ v, u⟩` from the gradients of a replay that has run.
    fn reverse<S: Arithmetic>(&self, replay: &Replay<S>, u: &[Vec<f64>]) -> f64 {
        let products =
            self.x.iter().zip(u).filter_map(|((_, gradient), u)| Some((replay.values((*gradient)?.id()), u)));
        products.flat_map(|(g, u)| g.into_iter().zip(u).map(|(g, u)| g.re() * u)).sum()
    }

    /// A direction: for each input or parameter, a number an element, in spoken order.
    fn direction(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
        let mut draw = |len| (0..len).map(|_| rng.random_range(-1.0..1.0)).collect();
        self.x.iter().map(|(x, _)| draw(x.shape().len())).collect()
    }
}

/// What both opinions say along one direction.
#[derive(Clone, Debug)]
pub struct Direction {
    /// Dual numbers against the gradient.
    pub dual: Comparison,
    /// Finite differences against the gradient.
    pub finite: Comparison,
}

/// A directional derivative from two sides.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// `⟨v, J u⟩`, from the function.
    pub forward: f64,
    /// `⟨Jᵀ v, u⟩`, from the gradient.
    pub reverse: f64,
    /// How far they may lie apart.
    pub tolerance: f64,
}

impl Comparison {
    /// How far they lie apart.
    pub fn error(&self) -> f64 {
        (self.forward - self.reverse).abs()
    }

    /// Whether that is within the tolerance; never where something is NaN.
    pub fn ok(&self) -> bool {
        self.error() <= self.tolerance
    }
}

/// The outcome of a check.
#[derive(Clone, Debug)]
pub struct Report {
    /// One entry a random direction.
    pub directions: Vec<Direction>,
}

impl Report {
    /// Whether every comparison holds.
    pub fn ok(&self) -> bool {
        self.directions.iter().all(|d| d.dual.ok() && d.finite.ok())
    }

    /// # Panics
    /// If a comparison does not hold; the text is the whole report.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.ok(), "gradcheck failed\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, d) in self.directions.iter().enumerate() {
            for (mode, c) in [("dual numbers", &d.dual), ("finite differences", &d.finite)] {
                let verdict = if c.ok() { "ok" } else { "WRONG" };
                writeln!(
                    f,
                    "direction {k}, {mode:<18}  forward {:+.15e}  reverse {:+.15e}  apart {:.1e}  allowed {:.1e}  {verdict}",
                    c.forward,
                    c.reverse,
                    c.error(),
                    c.tolerance
                )?;
            }
        }
        Ok(())
    }
}

/// Sets every element of an input or parameter of a replay, in spoken order, from its value there and its index.
fn displace<S: crate::Arithmetic>(
    replay: &mut crate::Replay<S>,
    x: Var<'_>,
    mut to: impl FnMut(S, usize) -> S,
) {
    let mut values = replay.values(x.id());
    for (k, value) in values.iter_mut().enumerate() {
        *value = to(*value, k);
    }
    replay.set(x.id(), &values);
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
        assert!(report.directions.iter().all(|d| !d.dual.ok() && !d.finite.ok()), "{report}");
    }
}
