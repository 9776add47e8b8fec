//! Where and how a gradient is wrong.
mod curve;
mod element;
mod fit;
mod text;

pub use curve::Curve;
pub use element::Element;
pub use fit::Fit;

use super::{
    Hypothesis, dot,
    finite::{Slopes, moved},
    sampled,
    subject::{Fault, Subject, Suspect},
    unit,
};
use ferrotape_kernels::Shape;

/// What is wrong with a gradient.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The first fault on the way from y back to x, if f is on a tape; all that follows is then about it.
    pub fault: Option<Fault>,
    /// Other faults.
    pub others: Vec<Fault>,
    /// The array whose gradient is wrong: its name and shape.
    pub of: (String, Shape),
    /// The element that is most wrong.
    pub worst: Element,
    /// Its neighbours, along the last dimension first.
    pub neighbours: Vec<Element>,
    /// Elements that were looked at, and how many of them are wrong.
    pub wrong: [usize; 2],
    /// Finite differences along the worst element of x; of all of y, weighed by the cotangent.
    pub curve: Option<Curve>,
    /// What the mismatch looks like, the best fit first.
    pub fits: Vec<Fit>,
}

/// A wrong gradient by elements.
struct Mismatch {
    name: String,
    shape: Shape,
    analytic: Vec<f64>,
    /// NaN where it was not computed.
    truth: Vec<f64>,
    /// What mistakes would give.
    models: Vec<(Hypothesis, Vec<f64>)>,
    /// The first element of this array among all of x, if it is one of x.
    begin: Option<usize>,
}

/// Explains why the gradient of `⟨v, f⟩` is wrong; `None` if it is right for this v.
pub(super) fn explain(subject: &mut dyn Subject, v: &[f64]) -> Option<Explanation> {
    let x = subject.point();
    let analytic = subject.vjp(&x, v);
    let truth = truth(subject, &x, v);
    let whole = subject.arrays().iter().map(|array| Mismatch {
        name: array.name.clone(),
        shape: array.shape,
        analytic: analytic[array.range.clone()].to_vec(),
        truth: truth[array.range.clone()].to_vec(),
        models: Vec::new(),
        begin: Some(array.range.start),
    });
    let of_x = whole.max_by(|a, b| a.size().total_cmp(&b.size()));
    let curve = of_x.as_ref().and_then(|of_x| {
        let k = of_x.worst()?;
        let along = unit(x.len(), of_x.begin? + k);
        Some(Curve::new(&mut |t| dot(&subject.value(&moved(&x, &along, t)), v), of_x.analytic[k]))
    });
    let mut suspects = subject.suspects(v).into_iter();
    let first = suspects.next();
    let fault = first.as_ref().map(|suspect| suspect.fault.clone());
    let others = suspects.map(|suspect| suspect.fault).collect();
    let mismatch = first.map(Mismatch::from).or(of_x)?;
    mismatch.wrong().next()?;
    let worst = mismatch.worst()?;
    let looked = mismatch.truth.iter().filter(|t| !t.is_nan()).count();
    Some(Explanation {
        fault,
        others,
        worst: mismatch.element(worst),
        neighbours: mismatch.neighbours(worst),
        wrong: [mismatch.wrong().count(), looked],
        curve,
        fits: fit::fits(&mismatch),
        of: (mismatch.name, mismatch.shape),
    })
}

/// The gradient of `⟨v, f⟩` that should be: from dual numbers, else from finite differences.
fn truth(subject: &mut dyn Subject, x: &[f64], v: &[f64]) -> Vec<f64> {
    let scale = dot(&subject.value(x), v).abs().max(f64::MIN_POSITIVE);
    sampled(x.len(), |e| match subject.jvp(x, e) {
        Some(ju) => dot(&ju, v),
        None => Slopes::sweep(&mut |t| dot(&subject.value(&moved(x, e, t)), v), 1.0, scale).central.slope,
    })
}

impl From<Suspect> for Mismatch {
    fn from(suspect: Suspect) -> Self {
        let Suspect { fault, shape, analytic, truth, models } = suspect;
        let name = match fault {
            Fault::Rule { operand, .. } => format!("operand {operand}"),
            Fault::Sum { .. } => "a value read several times".into(),
        };
        Self { name, shape, analytic, truth, models, begin: None }
    }
}

impl Mismatch {
    /// Error of element `k`; 0 where nothing is known.
    fn error(&self, k: usize) -> f64 {
        let error = (self.analytic[k] - self.truth[k]).abs();
        match (self.truth[k].is_nan(), error.is_nan()) {
            (true, _) => 0.0,
            (false, true) => f64::INFINITY,
            _ => error,
        }
    }

    /// The length of all errors.
    fn size(&self) -> f64 {
        (0..self.truth.len()).map(|k| self.error(k).powi(2)).sum()
    }

    /// The largest element of what it should be and what it is.
    fn largest(&self) -> f64 {
        let all = self.truth.iter().chain(&self.analytic).filter(|g| g.is_finite());
        all.fold(0.0, |most, g| g.abs().max(most))
    }

    /// The elements that are wrong, beyond rounding and the errors of differences.
    fn wrong(&self) -> impl Iterator<Item = usize> {
        let allowed = 1e-6 * self.largest();
        (0..self.truth.len()).filter(move |&k| self.error(k) > allowed)
    }

    fn worst(&self) -> Option<usize> {
        (0..self.truth.len()).max_by(|&a, &b| self.error(a).total_cmp(&self.error(b)))
    }
}
