//! What is to be checked, and how: the builder of a check, and its run.
use super::{
    Comparison, EXACT_TOLERANCE, Function, MAX_ENTRIES, Report, exact, explain, finite,
    plain::{Closures, Plain, PlainSubject},
    random,
    recorded::Recorded,
    second,
    subject::Subject,
    tape::OnTape,
};
use crate::{
    Params, Shape, Tape, Var,
    card::{Input, Values},
};
use rand::{SeedableRng, rngs::ChaCha8Rng};

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
