//! Which of the usual mistakes a wrong gradient looks like.
use super::Mismatch;
use crate::check::{Hypothesis, Variation, index::index};

/// A model that leaves more than this share of the mismatch (squared lengths) explains nothing.
const POOR: f64 = 1e-6;

/// How well a hypothesis fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The mistake.
    pub hypothesis: Hypothesis,
    /// Share of the mismatch that it leaves: `|g - model|² / |g - truth|²`.
    pub left: f64,
}

/// The hypotheses that fit, the simplest first.
pub(super) fn fits(m: &Mismatch) -> Vec<Fit> {
    let mut all = Vec::new();
    let mut model = |hypothesis, of: &[f64]| all.push(Fit { hypothesis, left: m.left(of) });
    let scaled = |c: f64| m.truth.iter().map(|t| c * t).collect::<Vec<f64>>();
    model(Hypothesis::Missing, &scaled(0.0));
    model(Hypothesis::Sign, &scaled(-1.0));
    let scale = m.scale();
    model(Hypothesis::Scale(scale), &scaled(scale));
    for how in Variation::all(m.shape).into_iter().filter(|how| *how != Variation::Ones) {
        model(Hypothesis::Read(how), &how.of(&m.truth, m.shape));
    }
    m.models.iter().for_each(|(hypothesis, of)| model(*hypothesis, of));
    all.extend(m.places());
    all.retain(|fit| fit.left <= POOR);
    all
}

impl Mismatch {
    /// Share of the mismatch that is left if the gradient should be `model`, where both are known.
    fn left(&self, model: &[f64]) -> f64 {
        let known = || (0..self.truth.len()).filter(|&k| !self.truth[k].is_nan() && !model[k].is_nan());
        let off = |from: &[f64]| known().map(|k| (self.analytic[k] - from[k]).powi(2)).sum::<f64>();
        off(model) / off(&self.truth)
    }

    /// The factor on the truth that comes nearest.
    fn scale(&self) -> f64 {
        let known = || (0..self.truth.len()).filter(|&k| !self.truth[k].is_nan());
        let product = |a: &[f64], b: &[f64]| known().map(|k| a[k] * b[k]).sum::<f64>();
        product(&self.analytic, &self.truth) / product(&self.truth, &self.truth)
    }

    /// Hypotheses about the places that are wrong: right or not, nothing between.
    fn places(&self) -> Vec<Fit> {
        let wrong: Vec<usize> = self.wrong().collect();
        let right = (0..self.truth.len()).filter(|k| !self.truth[*k].is_nan() && !wrong.contains(k));
        let right: Vec<usize> = right.filter(|&k| self.truth[k] != 0.0).collect();
        let mut found = Vec::new();
        if right.is_empty() || wrong.is_empty() {
            return Vec::new();
        }
        let shape = self.shape;
        let at_border = |k: usize, d: usize| [0, shape.dim(d) - 1].contains(&index(shape, k)[d]);
        if wrong.iter().all(|&k| self.analytic[k] == 0.0) {
            found.push(Hypothesis::Holes);
        }
        let wide = |d: &usize| shape.dim(*d) > 2;
        let border = (0..shape.rank()).filter(wide).find(|&d| wrong.iter().all(|&k| at_border(k, d)));
        found.extend(border.map(Hypothesis::Border));
        let last = shape.rank().saturating_sub(2)..shape.rank();
        let edge = |k: usize| last.clone().any(|d| wide(&d) && at_border(k, d));
        if border.is_none() && right.iter().all(|&k| edge(k)) && wrong.iter().any(|&k| !edge(k)) {
            found.push(Hypothesis::Inside);
        }
        found.into_iter().map(|hypothesis| Fit { hypothesis, left: 0.0 }).collect()
    }
}
