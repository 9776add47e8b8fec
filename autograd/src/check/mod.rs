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
pub use hypothesis::Hypothesis;
pub use plain::Function;
pub use report::Report;
pub use subject::{Array, Fault, Suspect};
pub use sum::sum_check;
pub use variation::{End, Variation};

use crate::{
    Params, Shape, Tape, Var,
    card::{Input, Values, uniform},
};
use plain::{Closures, Plain, PlainSubject};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use recorded::Recorded;
use subject::Subject;
use tape::OnTape;

/// Largest error of the exact check, relative to `Σ |v_i (J u)_i|`.
pub const EXACT_TOLERANCE: f64 = 1e-12;

/// The largest Jacobian that is compared entry by entry.
pub const MAX_ENTRIES: usize = 1000;

/// Random directions a check tries, unless it is told otherwise.
const DIRECTIONS: usize = 3;

/// A check of a gradient: what is checked, at which point, and how. The same seed gives the same check.
pub struct GradCheck<'a> {
    of: Of<'a>,
    inputs: Vec<Given>,
    settings: Settings,
}

enum Of<'a> {
    Tape { f: Box<Recording<'a>>, params: Option<&'a Params> },
    Recorded(Box<Recorded>),
    Plain(Box<dyn Plain + 'a>),
}

type Recording<'a> = dyn for<'t> Fn(&'t Tape<'t>, &[Var<'t>]) -> Var<'t> + 'a;

/// An input: how its values are drawn, or which they are.
enum Given {
    Drawn(Input),
    Values(Shape, Vec<f64>),
}

#[derive(Copy, Clone, Debug)]
struct Settings {
    seed: u64,
    directions: usize,
    tolerance: f64,
    second_order: bool,
    /// Dual numbers, differences.
    modes: [bool; 2],
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            directions: DIRECTIONS,
            tolerance: EXACT_TOLERANCE,
            second_order: false,
            modes: [true; 2],
        }
    }
}

impl<'a> GradCheck<'a> {
    /// Of what `f` puts on a tape, with respect to its inputs and to every parameter it reads.
    pub fn of(f: impl for<'t> Fn(&'t Tape<'t>, &[Var<'t>]) -> Var<'t> + 'a) -> Self {
        Self::new(Of::Tape { f: Box::new(f), params: None })
    }

    /// Of `y`, on whatever tape it was recorded, with respect to `x` and to every parameter on the tape.
    ///
    /// # Panics
    /// If none of them wants a gradient, or they are on another tape than `y`.
    #[track_caller]
    pub fn recorded<'t>(x: &[Var<'t>], y: Var<'t>) -> Self {
        Self::new(Of::Recorded(Box::new(Recorded::new(x, y))))
    }

    /// Of code that is on no tape: `y = f(x)`, and `vjp(x, v)` which claims to be `Jᵀv`. All arrays of x come one after the other.
    ///
    /// ```
    /// # use ferrotape_autograd::check::GradCheck;
    /// let f = |x: &[f64]| vec![x[0] * x[1]];
    /// let vjp = |x: &[f64], v: &[f64]| vec![v[0] * x[1], v[0] * x[0]];
    /// GradCheck::closures(f, vjp).input([2]).run().assert_ok();
    /// ```
    pub fn closures(
        f: impl Fn(&[f64]) -> Vec<f64> + 'a,
        vjp: impl Fn(&[f64], &[f64]) -> Vec<f64> + 'a,
    ) -> Self {
        Self::new(Of::Plain(Box::new(Closures { f, vjp })))
    }

    /// Likewise, with a function that is generic, so that dual numbers can be asked too.
    pub fn function(f: &'a impl Function) -> Self {
        Self::new(Of::Plain(Box::new(f)))
    }

    fn new(of: Of<'a>) -> Self {
        Self { of, inputs: Vec::new(), settings: Settings::default() }
    }

    /// The next input: a shape, whose values are then drawn from -1..1, or an [`Input`] with a domain. Labels and indices are
    /// inputs without a gradient, for code on a tape only.
    pub fn input(mut self, input: impl Into<Input>) -> Self {
        self.inputs.push(Given::Drawn(input.into()));
        self
    }

    /// The next input, with these values.
    ///
    /// # Panics
    /// If there are not as many as the shape holds.
    #[track_caller]
    pub fn values(mut self, shape: impl Into<Shape>, values: &[f64]) -> Self {
        let (shape, given) = (shape.into(), values.len());
        assert!(shape.len() == given, "values: shape {shape} holds {} values, {given} given", shape.len());
        self.inputs.push(Given::Values(shape, values.to_vec()));
        self
    }

    /// The parameters that `f` reads; the seed of the check is theirs unless one is given after this.
    ///
    /// # Panics
    /// If there is no tape that could read them.
    #[track_caller]
    pub fn params(mut self, store: &'a Params) -> Self {
        let Of::Tape { params, .. } = &mut self.of else { panic!("params: nothing here reads parameters") };
        *params = Some(store);
        self.seed(store.seed())
    }

    /// The seed of inputs, directions and cotangents: 0 unless given.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Number of random directions: 3 unless given.
    pub fn directions(mut self, directions: usize) -> Self {
        self.settings.directions = directions;
        self
    }

    /// Relative tolerance of what is exact: [`EXACT_TOLERANCE`] unless given. That of differences is their error bar.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.settings.tolerance = tolerance;
        self
    }

    /// Checks the derivative of the gradient too.
    pub fn second_order(mut self) -> Self {
        self.settings.second_order = true;
        self
    }

    /// Asks dual numbers only: exact, and many times faster.
    pub fn exact_only(mut self) -> Self {
        self.settings.modes = [true, false];
        self
    }

    /// Asks finite differences only.
    pub fn finite_only(mut self) -> Self {
        self.settings.modes = [false, true];
        self
    }

    /// Runs the check.
    ///
    /// # Panics
    /// If nothing wants a gradient, or f itself panics.
    #[track_caller]
    pub fn run(self) -> Report {
        let Self { of, inputs, settings } = self;
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        match of {
            Of::Tape { f, params } => {
                let default = Params::default();
                let params = params.unwrap_or(&default);
                settings
                    .run(&mut OnTape::new(on_tape(&Tape::training(params), &f, &inputs, &mut rng)), &mut rng)
            }
            Of::Recorded(recorded) => {
                assert!(inputs.is_empty(), "gradcheck: what is recorded has its inputs already");
                settings.run(&mut OnTape::new(*recorded), &mut rng)
            }
            Of::Plain(plain) => {
                let drawn = |given: &Given| match given {
                    Given::Values(shape, values) => (*shape, values.clone()),
                    Given::Drawn(input) => match input.values(&mut rng) {
                        Values::Reals(x) => {
                            (Shape::new(&input.shape), x.into_iter().map(f64::from).collect())
                        }
                        Values::Integers(_) => panic!("gradcheck: integers are for code on a tape"),
                    },
                };
                let (shapes, points): (Vec<Shape>, Vec<Vec<f64>>) = inputs.iter().map(drawn).unzip();
                let mut subject = PlainSubject::new(&*plain, shapes.into_iter(), points.concat());
                assert!(!subject.point().is_empty(), "gradcheck: no input; say which with `input`");
                settings.run(&mut subject, &mut rng)
            }
        }
    }
}

/// What `f` puts on `tape`, with its gradient: one lifetime for tape and variables.
#[track_caller]
fn on_tape<'t>(
    tape: &'t Tape<'t>,
    f: impl Fn(&'t Tape<'t>, &[Var<'t>]) -> Var<'t>,
    inputs: &[Given],
    rng: &mut ChaCha8Rng,
) -> Recorded {
    let mut exact = Vec::new();
    let mut input = |given: &Given| match given {
        Given::Drawn(input) => input.draw(tape, rng),
        Given::Values(shape, values) => {
            let rounded: Vec<f32> = values.iter().map(|&x| x as f32).collect();
            let x = tape.variable(*shape, &rounded);
            exact.push((x.id(), values.clone()));
            x
        }
    };
    let x: Vec<Var<'t>> = inputs.iter().map(&mut input).collect();
    let mut recorded = Recorded::new(&x, f(tape, &x));
    exact.into_iter().for_each(|(x, values)| recorded.place(x, &values));
    recorded
}

impl Settings {
    fn run(self, subject: &mut dyn Subject, rng: &mut ChaCha8Rng) -> Report {
        let (inputs, outputs) = (subject.point().len(), subject.output().len());
        let [exact, finite] = self.modes;
        let mut comparisons = Vec::new();
        for k in 0..self.directions {
            let (v, u) = (random(outputs, rng), random(inputs, rng));
            if exact {
                comparisons.extend(exact::direction(subject, k, &v, &u, self.tolerance));
            }
            if finite {
                comparisons.push(finite::direction(subject, k, &v, &u));
            }
            if self.second_order {
                let w = random(inputs, rng);
                comparisons.extend(second::direction(subject, k, &v, [&u, &w], self.tolerance));
            }
        }
        if inputs * outputs <= MAX_ENTRIES {
            comparisons.extend(exact.then(|| exact::jacobian(subject, self.tolerance)).flatten());
            comparisons.extend(finite.then(|| finite::jacobian(subject)).flatten());
        }
        assert!(!comparisons.is_empty(), "gradcheck: nothing was compared");
        let ok = comparisons.iter().all(Comparison::ok);
        let explanation = (!ok).then(|| explain::explain(subject, &random(outputs, rng)));
        Report { seed: self.seed, comparisons, explanation: explanation.flatten() }
    }
}

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
