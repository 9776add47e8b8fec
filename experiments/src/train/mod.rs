//! Trainings with their records: what all parts have in common.
mod side_by_side;
mod watch;

pub use side_by_side::{Trainee, train_side_by_side};

use crate::{evaluate::Images, progress::Progress};
use anyhow::Result;
use ferrotape_autograd::{Device, Input, ParamId, Params, Tape, Update, Var};
use ferrotape_nn::{Module, MultiStep, Sequential, Step};
use serde::{Deserialize, Serialize};

/// The data of a training, and how bytes become numbers.
#[derive(Clone, Debug)]
pub struct Splits {
    /// What is learnt from.
    pub train: Images,
    /// What is looked at on the way.
    pub validation: Images,
    /// What is looked at in the end.
    pub test: Images,
    /// The normalisation.
    pub input: Input,
}

/// How long a training is, at which rate, and what is written down of it.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Passes over the training images, counted from the very first batch: a training that is gone on with makes
    /// what is left of them.
    pub epochs: u64,
    /// Images a step.
    pub batch: usize,
    /// Steps from one record to the next.
    pub eval_every: u64,
    /// Learning rate of each epoch.
    pub rate: MultiStep,
    /// Whether loss and training accuracy of a record are means over the batches since the last record, instead of those
    /// of its own batch.
    pub means: bool,
    /// Whether a record holds loss and accuracy of all validation images.
    pub validate: bool,
    /// Whether a record holds the norm of each layer's gradient.
    pub norms: bool,
}

impl Protocol {
    /// The homework's: 15 epochs in batches of 50, a record with validation every 10 steps, at the rate `lr`.
    pub fn new(lr: f64) -> Self {
        let rate = MultiStep { lr, milestones: Vec::new(), gamma: 1.0 };
        Self { epochs: 15, batch: 50, eval_every: 10, rate, means: false, validate: true, norms: false }
    }
}

/// What one training recorded. Accuracies are percent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Loss of the recorded step's batch, before its update.
    pub loss: Vec<f64>,
    /// Accuracy on that batch.
    pub train_acc: Vec<f64>,
    /// Loss on all validation images, after its update; empty unless asked for.
    pub val_loss: Vec<f64>,
    /// Accuracy on all validation images, after its update; empty unless asked for.
    pub val_acc: Vec<f64>,
    /// L2 norm of the gradient of each layer's weights (a list a layer, from the input on) on that batch; empty
    /// unless asked for.
    pub norms: Vec<Vec<f64>>,
    /// Accuracy on all test images, at the end.
    pub test_acc: f64,
    /// Steps made, those before a training that was gone on with included.
    pub steps: u64,
    /// Wall-clock seconds, evaluations included; of trainings side by side, an equal share.
    pub seconds: f64,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// The step at which the loss or a weight was no longer a finite number. What is recorded came before it, and the
    /// store is as it was at the last record, or at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_at: Option<u64>,
    /// The first instruction of that step that made one, and the ranges of its operands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_by: Option<String>,
}

/// The parameters that are weights, not biases: a layer each, from the input on.
pub fn weights(params: &Params) -> Vec<ParamId> {
    params.ids().filter(|&p| params.info(p).name.ends_with("weight")).collect()
}

/// Loss and right answers of a batch, with `norms` also of each layer's gradient, then the batch's update.
pub(crate) fn training_step<'a>(
    model: &'a Sequential,
    rule: impl Update + Clone + 'a,
    data: &'a Splits,
    params: &Params,
    norms: bool,
    device: &Device,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'a> {
    let layers = if norms { weights(params) } else { Vec::new() };
    let step = Step::new(move |tape, n| {
        let (x, labels) = tape.batch(&data.train.source, data.input, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        let gradients = loss.backward();
        let mut keep = vec![loss, logits.count_correct(labels)];
        // A layer that no gradient reaches has none of length 0.
        let norm = |&p: &ParamId| gradients.param(p).map_or_else(|| tape.input([], &[0.0]), Var::l2_norm);
        keep.extend(layers.iter().map(norm));
        gradients.step(rule.clone());
        keep
    });
    step.on(device.clone())
}

/// Trains `model` on the cross-entropy with the update `rule`.
///
/// Batches are drawn from the store's seed, beginning at its cursor, which counts them: a store restored from a
/// snapshot goes on with the batch that came next. A first Ctrl-C ends the training after the current step, or after the steps
/// that a GPU was given with it.
///
/// A loss or weight that is no finite number ends the training too: [`History::diverged_at`].
///
/// # Errors
/// Where the machine fails.
pub fn train(
    model: &Sequential,
    params: &Params,
    rule: impl Update + Clone,
    data: &Splits,
    protocol: &Protocol,
    device: &Device,
    progress: &mut Progress,
) -> Result<History> {
    let one = [Trainee { model, params, rate: &protocol.rate, begun: None, checkpoints: None }];
    Ok(train_side_by_side(&one, rule, data, protocol, device, progress)?.remove(0))
}
