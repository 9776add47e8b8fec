//! Mutations: is the checker itself any good?
//!
//! Every instruction of a recorded gradient is spoilt in every way of [`Mutation`], one at a time; a check that is worth its name
//! notices each. What it does not notice is *equivalent* (the program computes the same), or shows that a case is missing.
//!
//! Nothing is spoilt that cannot change a result: instructions that no checked gradient depends on, and operands of `add` and
//! `mul` exchanged, which commute.
mod exchange;
mod rewrite;
mod table;

pub use rewrite::Mutation;
pub use table::{Row, of_cards};

use super::{
    EXACT_TOLERANCE, Mode, What, dot,
    finite::{self, Slopes},
    random,
    recorded::Recorded,
    subject::Subject,
    sum,
    tape::OnTape,
};
use crate::Var;
use rand::{SeedableRng, rngs::ChaCha8Rng};

/// A spoilt gradient, and who noticed.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// The operation that was spoilt.
    pub op: &'static str,
    /// How.
    pub mutation: Mutation,
    /// Whether dual numbers notice, along random directions with random cotangents.
    pub exact: bool,
    /// Whether finite differences do.
    pub finite: bool,
    /// Whether every element of the gradient of the *sum* of y being compared, as many suites do, notices.
    pub ones: bool,
}

impl Mutant {
    /// Whether one of our checks notices.
    pub fn killed(&self) -> bool {
        self.exact || self.finite
    }
}

/// Directions asked.
const DIRECTIONS: usize = 3;

/// What is known of a case before its gradient is spoilt.
struct Known {
    v: Vec<f64>,
    u: Vec<f64>,
    /// `⟨v, J u⟩` and the size of its terms.
    exact: (f64, f64),
    finite: Slopes,
    /// Size of `⟨v, y⟩`.
    scale: f64,
}

/// Spoils the gradient of `y` with respect to `x`, and to every parameter on the tape, in every way.
///
/// # Panics
/// If nothing wants a gradient.
#[track_caller]
pub fn mutants(x: &[Var<'_>], y: Var<'_>, seed: u64) -> Vec<Mutant> {
    let recorded = Recorded::new(x, y);
    let mut right = OnTape::new(recorded.clone());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let known: Vec<Known> = (0..DIRECTIONS).map(|_| Known::new(&mut right, &mut rng)).collect();
    let sum = sum::gradient(&mut right);
    let spoilt = recorded.spoilt().into_iter();
    spoilt
        .map(|(op, mutation, recorded)| {
            let mut subject = OnTape::new(recorded);
            let [exact, finite] = notice(&known, &mut subject);
            Mutant { op, mutation, exact, finite, ones: sum::differs(&sum, &mut subject) }
        })
        .collect()
}

impl Known {
    fn new(subject: &mut OnTape, rng: &mut ChaCha8Rng) -> Self {
        let x = subject.point();
        let (v, u) = (random(subject.output().len(), rng), random(x.len(), rng));
        let ju = subject.jvp(&x, &u).expect("a tape has duals");
        let size = ju.iter().zip(&v).map(|(a, b)| (a * b).abs()).sum();
        let scale = subject.value(&x).iter().zip(&v).map(|(y, v)| (y * v).abs()).sum();
        let mut along = |t| dot(&subject.value(&finite::moved(&x, &u, t)), &v);
        let finite = Slopes::sweep(&mut along, 1.0, scale);
        Self { exact: (dot(&ju, &v), size), finite, scale, v, u }
    }
}

/// Whether dual numbers and finite differences notice, in any direction.
fn notice(known: &[Known], subject: &mut OnTape) -> [bool; 2] {
    let x = subject.point();
    let mut noticed = [false; 2];
    for (k, known) in known.iter().enumerate() {
        let reverse = dot(&subject.vjp(&x, &known.v), &known.u);
        let (forward, size) = known.exact;
        let near = (forward - reverse).abs() <= EXACT_TOLERANCE * size;
        noticed[0] |= !near;
        noticed[1] |= !known.finite.against(Mode::Finite, What::Direction(k), reverse, known.scale).ok();
    }
    noticed
}
