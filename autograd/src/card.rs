//! Operation cards: what is known of an operation as data, for everything that iterates over operations.
use crate::{Params, Shape, Tape, Var};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

/// A computation of a case: from its inputs to one variable.
pub type Body = for<'t> fn(&'t Tape<'t>, &[Var<'t>]) -> Var<'t>;

/// Name, equation, cases, refusals: no test logic.
#[derive(Copy, Clone, Debug)]
pub struct Card {
    /// The operation's name in listings, and its file's.
    pub name: &'static str,
    /// Equation and gradient in one line.
    pub equation: &'static str,
    /// What every check and parity test runs.
    pub cases: fn() -> Vec<Case>,
    /// Shapes that must be refused; the texts are snapshots.
    pub refusals: fn() -> Vec<Refusal>,
}

/// Families of cases: each has broken some framework.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Ordinary sizes.
    Plain,
    /// One element everywhere.
    OneElement,
    /// An operand used twice: gradients must add up.
    UsedTwice,
    /// Odd sizes, none a multiple of a vector.
    OddSizes,
    /// All sizes equal, where exchanged dimensions have the right shape.
    Square,
    /// Dimensions that a transposition would confuse.
    NonSquare,
    /// A batch of one.
    Batch1,
    /// An operand smaller than the result.
    Broadcast,
    /// Zeros around the input.
    Padding,
    /// Stride different from 1, or from the window.
    Stride,
    /// Operands in another order in memory.
    Layouts,
    /// Values at the edge of the domain.
    Edge,
}

/// One case: inputs and what is done with them.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its family.
    pub family: Family,
    /// What the inputs are.
    pub inputs: Vec<Input>,
    /// The computation.
    pub body: Body,
    /// Whether gradients flow to its real inputs.
    pub differentiable: bool,
}

impl Case {
    /// A case whose result has a gradient.
    pub fn new(family: Family, inputs: Vec<Input>, body: Body) -> Self {
        Self { family, inputs, body, differentiable: true }
    }

    /// For results through which no gradient flows.
    pub fn no_gradient(self) -> Self {
        Self { differentiable: false, ..self }
    }

    /// The inputs on `tape`, with values drawn from `seed`.
    pub fn inputs<'t>(&self, tape: &'t Tape<'t>, seed: u64) -> Vec<Var<'t>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        self.inputs.iter().map(|input| input.draw(tape, &mut rng)).collect()
    }
}

/// Values of one input.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its spoken shape.
    pub shape: Vec<usize>,
    /// How its values are drawn.
    pub domain: Domain,
}

/// Where the values of an input come from.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Domain {
    /// Uniform in `lo..hi`.
    Uniform {
        /// Least value.
        lo: f32,
        /// Greatest value.
        hi: f32,
    },
    /// Uniform in -1..1 but at least `margin` from `kink`, where the slope jumps.
    AwayFrom {
        /// Where the slope jumps.
        kink: f32,
        /// The distance kept.
        margin: f32,
    },
    /// All different: multiples of `gap` in random order, about zero.
    Distinct {
        /// The least difference.
        gap: f32,
    },
    /// Integers below a limit: labels, indices.
    Integers {
        /// The limit.
        below: u32,
    },
}

impl Input {
    /// Real numbers, uniform in -1..1.
    pub fn real(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), domain: Domain::Uniform { lo: -1.0, hi: 1.0 } }
    }

    /// Labels or indices.
    pub fn integers(len: usize, below: u32) -> Self {
        Self { shape: vec![len], domain: Domain::Integers { below } }
    }

    /// The same, uniform in `lo..hi`.
    pub fn within(self, lo: f32, hi: f32) -> Self {
        Self { domain: Domain::Uniform { lo, hi }, ..self }
    }

    /// The same, at least `margin` from `kink`.
    pub fn away_from(self, kink: f32, margin: f32) -> Self {
        Self { domain: Domain::AwayFrom { kink, margin }, ..self }
    }

    /// The same, no two values closer than `gap`.
    pub fn distinct(self, gap: f32) -> Self {
        Self { domain: Domain::Distinct { gap }, ..self }
    }

    pub(crate) fn draw<'t>(&self, tape: &'t Tape<'t>, rng: &mut ChaCha8Rng) -> Var<'t> {
        match self.values(rng) {
            Values::Reals(values) => tape.variable(Shape::new(&self.shape), &values),
            Values::Integers(values) => tape.input_u32(&values),
        }
    }

    pub(crate) fn values(&self, rng: &mut ChaCha8Rng) -> Values {
        let len = Shape::new(&self.shape).len();
        Values::Reals(match self.domain {
            Domain::Uniform { lo, hi } => (0..len).map(|_| uniform(rng, lo, hi)).collect(),
            Domain::AwayFrom { kink, margin } => (0..len)
                .map(|_| {
                    let distance = uniform(rng, margin, margin + 1.0);
                    if rng.random() { kink + distance } else { kink - distance }
                })
                .collect(),
            Domain::Distinct { gap } => {
                let mut values: Vec<f32> = (0..len).map(|i| gap * (i as f32 - len as f32 / 2.0)).collect();
                values.shuffle(rng);
                values
            }
            Domain::Integers { below } => {
                return Values::Integers((0..len).map(|_| rng.random_range(0..below)).collect());
            }
        })
    }
}

/// Real numbers of this shape, uniform in -1..1.
impl<const R: usize> From<[usize; R]> for Input {
    fn from(shape: [usize; R]) -> Self {
        Self::real(&shape)
    }
}

/// Values of an input, drawn.
pub(crate) enum Values {
    Reals(Vec<f32>),
    Integers(Vec<u32>),
}

/// Uniform in `lo..hi`, with all the bits an f32 has: coarser numbers would add up without rounding.
pub(crate) fn uniform(rng: &mut ChaCha8Rng, lo: f32, hi: f32) -> f32 {
    (f64::from(lo) + (f64::from(hi) - f64::from(lo)) * rng.random::<f64>()) as f32
}

/// Operands that must be refused with a text that names the rule and the numbers.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Spoken shapes of the operands.
    pub shapes: Vec<Vec<usize>>,
    /// What is tried with them.
    pub body: Body,
}

impl Refusal {
    /// `body` on operands of these shapes.
    pub fn new(shapes: &[&[usize]], body: Body) -> Self {
        Self { shapes: shapes.iter().map(|s| s.to_vec()).collect(), body }
    }

    /// The text it is refused with; `None` if it is not.
    pub fn message(&self) -> Option<String> {
        let refused = std::panic::catch_unwind(|| {
            let params = Params::default();
            let tape = Tape::recording(&params);
            let x: Vec<Var<'_>> = self.shapes.iter().map(|s| tape.feed(Shape::new(s))).collect();
            (self.body)(&tape, &x);
        });
        let payload = refused.err()?;
        let text = payload.downcast_ref::<String>().cloned();
        Some(text.or_else(|| payload.downcast_ref::<&str>().map(|s| s.to_string())).unwrap_or_default())
    }
}
