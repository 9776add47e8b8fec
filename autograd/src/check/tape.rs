//! What is on a tape as something to be checked.
use super::{
    recorded::Recorded,
    subject::{Array, Subject, Suspect},
};
use crate::{Dual, Replay, Shape};

/// A recorded computation with the replays that were needed so far.
pub(super) struct OnTape {
    recorded: Recorded,
    forward: Option<Replay<f64>>,
    whole: Option<Replay<f64>>,
    forward_dual: Option<Replay<Dual>>,
    whole_dual: Option<Replay<Dual>>,
}

impl OnTape {
    pub fn new(recorded: Recorded) -> Self {
        Self { recorded, forward: None, whole: None, forward_dual: None, whole_dual: None }
    }
}

impl Subject for OnTape {
    fn arrays(&self) -> &[Array] {
        self.recorded.arrays()
    }

    fn output(&self) -> Shape {
        self.recorded.output()
    }

    fn point(&self) -> Vec<f64> {
        self.recorded.point.clone()
    }

    fn value(&mut self, x: &[f64]) -> Vec<f64> {
        let replay = self.forward.get_or_insert_with(|| self.recorded.forward());
        self.recorded.run(replay, |k| x[k], None);
        self.recorded.y(replay)
    }

    fn vjp(&mut self, x: &[f64], v: &[f64]) -> Vec<f64> {
        let replay = self.whole.get_or_insert_with(|| self.recorded.whole());
        self.recorded.run(replay, |k| x[k], Some(v));
        self.recorded.gradients(replay)
    }

    fn jvp(&mut self, x: &[f64], u: &[f64]) -> Option<Vec<f64>> {
        let replay = self.forward_dual.get_or_insert_with(|| self.recorded.forward());
        self.recorded.run(replay, |k| Dual::new(x[k], u[k]), None);
        Some(self.recorded.y(replay).into_iter().map(|y| y.eps).collect())
    }

    fn hvp(&mut self, x: &[f64], v: &[f64], u: &[f64]) -> Option<Vec<f64>> {
        let replay = self.whole_dual.get_or_insert_with(|| self.recorded.whole());
        self.recorded.run(replay, |k| Dual::new(x[k], u[k]), Some(v));
        Some(self.recorded.gradients(replay).into_iter().map(|g| g.eps).collect())
    }

    fn suspects(&mut self, v: &[f64]) -> Vec<Suspect> {
        self.recorded.wrong(v)
    }
}
