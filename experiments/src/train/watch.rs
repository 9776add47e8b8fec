//! What is looked at in a training after each of its steps.
use super::{History, Protocol, Trainee};
use crate::{evaluate::Score, session::Checkpoints};
use ferrotape_autograd::{Outputs, ParamData, Params};
use std::mem;

/// One training, its records so far, and where it goes back to where a step leads to NaN or infinities.
pub(super) struct Watch<'a> {
    pub params: &'a Params,
    pub history: History,
    /// Whether records are means.
    means: bool,
    sum: Sum,
    /// The store at the last record.
    sound: ParamData,
    checkpoints: Option<&'a Checkpoints>,
}

/// Sums over the batches since the last record.
#[derive(Default)]
struct Sum {
    batches: f64,
    loss: f64,
    train_acc: f64,
}

/// What a record says, for whoever watches. Accuracies are percent.
#[derive(Copy, Clone, Debug)]
pub(super) struct Record {
    pub loss: f64,
    pub train_acc: f64,
    pub val_acc: Option<f64>,
}

impl<'a> Watch<'a> {
    /// Before the first step, or after those that an earlier call has made, of as many layers' gradients.
    pub(super) fn new(trainee: &Trainee<'a>, protocol: &Protocol, layers: usize) -> Self {
        let &Trainee { params, begun, checkpoints, .. } = trainee;
        let fresh = || History { norms: vec![Vec::new(); layers], ..History::default() };
        Self {
            params,
            history: History { steps: params.cursor(), ..begun.cloned().unwrap_or_else(fresh) },
            means: protocol.means,
            sum: Sum::default(),
            sound: params.snapshot(),
            checkpoints,
        }
    }

    /// The user has stopped it: what has been done up to the last record can be gone on with.
    pub(super) fn interrupt(&mut self) {
        if let Some(checkpoints) = self.checkpoints {
            checkpoints.write(&self.sound, &self.history);
        }
        self.history.interrupted = true;
    }

    /// Whether nothing has ended it before its time.
    pub(super) fn goes_on(&self) -> bool {
        !self.history.interrupted && self.history.diverged_at.is_none()
    }

    /// Counts steps on batches of so many images, of which `seen` was kept. One that has led to NaN or infinities ends the
    /// training, and the store is put back. They show in what is kept; those of a gradient in the weights that it has changed, which
    /// may be searched after the last of the steps.
    pub(super) fn steps(&mut self, seen: &[Outputs], batch: usize, search: bool) {
        let last = seen.len() - 1;
        for (k, seen) in seen.iter().enumerate() {
            let step = self.params.cursor() + 1;
            self.params.set_cursor(step);
            self.history.steps = step;
            let finite = (0..seen.len()).all(|k| seen[k].is_finite());
            if !finite || (search && k == last && !self.weights_are_finite()) {
                self.history.diverged_at = Some(step);
                self.params.restore(self.sound.clone());
                return;
            }
            self.sum.batches += 1.0;
            self.sum.loss += f64::from(seen[0]);
            self.sum.train_acc += train_acc(seen, batch);
        }
    }

    fn weights_are_finite(&self) -> bool {
        // Whole pieces rather than up to the first: that is vector code.
        let finite = |piece: &[f32]| piece.iter().fold(true, |so_far, v| so_far & v.is_finite());
        self.params.data().values.chunks(4096).all(finite)
    }

    /// Writes down the step that was counted last, and the score after it.
    pub(super) fn record(&mut self, seen: &Outputs, batch: usize, score: Option<Score>) -> Record {
        let Sum { batches, loss, train_acc: right } = mem::take(&mut self.sum);
        let (loss, train_acc) = if self.means {
            (loss / batches, right / batches)
        } else {
            (f64::from(seen[0]), train_acc(seen, batch))
        };
        let history = &mut self.history;
        history.loss.push(loss);
        history.train_acc.push(train_acc);
        history.val_loss.extend(score.map(|s| s.loss));
        history.val_acc.extend(score.map(|s| s.accuracy));
        for (k, curve) in history.norms.iter_mut().enumerate() {
            curve.push(f64::from(seen[2 + k]));
        }
        self.sound = self.params.snapshot();
        if let Some(checkpoints) = self.checkpoints {
            checkpoints.offer(&self.sound, &self.history);
        }
        Record { loss, train_acc, val_acc: score.map(|s| s.accuracy) }
    }
}

/// Percent of a batch that was classified right.
fn train_acc(seen: &Outputs, batch: usize) -> f64 {
    100.0 * f64::from(seen[1]) / batch as f64
}
