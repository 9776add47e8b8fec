//! XOR: a small network learns four clouds of points, or cannot.
use super::options::Reduction;
use crate::interrupt;
use anyhow::Result;
use ferrotape_autograd::{Device, Feed, Params};
use ferrotape_data::blobs::{self, Blobs};
use ferrotape_nn::{Init, LayerOptions, Linear, Module, Sequential, Sgd, Step, models::Activation};
use std::fmt;

/// Training points.
pub const TRAINING: usize = 1000;
/// Validation points.
pub const VALIDATION: usize = 100;
/// Hidden units, where there is a hidden layer.
const HIDDEN: usize = 4;
/// An output above it says 1.
pub const THRESHOLD: f32 = 0.5;

/// A network from two coordinates to one output.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Activation of the four hidden units; without one there is a single layer.
    pub hidden: Option<Activation>,
    /// Activation of the output.
    pub output: Activation,
}

impl Architecture {
    /// The activation under test in both layers: the homework's network.
    pub const fn both(activation: Activation) -> Self {
        Self { hidden: Some(activation), output: activation }
    }

    /// Every network of part 1: the three activations in both layers, those that differ with a sigmoid output, and
    /// single layers.
    pub const ALL: [Self; 8] = [
        Self::both(Activation::Tanh),
        Self::both(Activation::Sigmoid),
        Self::both(Activation::Relu),
        Self { hidden: Some(Activation::Tanh), output: Activation::Sigmoid },
        Self { hidden: Some(Activation::Relu), output: Activation::Sigmoid },
        Self { hidden: None, output: Activation::Tanh },
        Self { hidden: None, output: Activation::Sigmoid },
        Self { hidden: None, output: Activation::Relu },
    ];

    /// Its layers: weights N(0, 1), biases 0.
    pub fn build(self, params: &Params) -> Sequential {
        let options = LayerOptions { init: Init::Normal, ..LayerOptions::default() };
        let layers = match self.hidden {
            Some(hidden) => vec![(2, HIDDEN, hidden), (HIDDEN, 1, self.output)],
            None => vec![(2, 1, self.output)],
        };
        let mut modules = Sequential::new();
        for (fan_in, units, activation) in layers {
            let name = modules.len().to_string();
            modules.push(Box::new(Linear::with(params, &name, fan_in, units, options)));
            modules.push(activation.module());
        }
        modules
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let output = self.output;
        f.pad(&match self.hidden {
            Some(hidden) if hidden == output => format!("2-{HIDDEN}-1 {hidden}"),
            Some(hidden) => format!("2-{HIDDEN}-1 {hidden}, {output} output"),
            None => format!("2-1 {output}"),
        })
    }
}

/// How a network is trained: full-batch gradient descent.
#[derive(Copy, Clone, Debug)]
pub struct Protocol {
    /// Steps.
    pub epochs: u64,
    /// Learning rate.
    pub lr: f64,
    /// What is descended.
    pub reduction: Reduction,
    /// Epochs from one record of the loss to the next.
    pub eval_every: u64,
}

/// Epochs from one printed loss to the next: ten are printed.
pub fn print_every(epochs: u64) -> u64 {
    epochs.div_ceil(10)
}

/// Training and validation points, the same for every run.
#[derive(Clone, Debug)]
pub struct Points {
    /// What is learnt.
    pub train: Blobs,
    /// What is asked.
    pub validation: Blobs,
}

impl Points {
    /// The homework's 1,000 and 100 points.
    pub fn draw(seed: u64) -> Self {
        let (train, validation) = blobs::xor(TRAINING, VALIDATION, seed);
        Self { train, validation }
    }
}

/// One training and what came of it.
pub struct Trained {
    /// The weights, and the seed they began from.
    pub params: Params,
    /// The layers.
    pub model: Sequential,
    /// Mean squared error over the training points at every [`print_every`] epochs from 0.
    pub printed: Vec<f64>,
    /// The same at epochs 0, `eval_every`, ….
    pub curve: Vec<f64>,
    /// The same in the last epoch.
    pub last: f64,
    /// Percent of the validation points on the right side of the threshold.
    pub right: f64,
    /// Whether it gives every training point the very same output: no gradient tells them apart.
    pub dead: bool,
    /// The epoch whose loss was no finite number; the weights are those of the last record.
    pub diverged_at: Option<u64>,
}

/// Trains a network; `None` where the user stops it. `report` hears of the loss at every record.
///
/// # Errors
/// Where the machine fails.
pub fn train(
    architecture: Architecture,
    seed: u64,
    points: &Points,
    protocol: &Protocol,
    device: &Device,
    mut report: impl FnMut(u64, f64),
) -> Result<Option<Trained>> {
    let params = Params::seeded(seed);
    params.set_lr(protocol.lr);
    let model = architecture.build(&params);
    let mut step = Step::new(|tape, n| {
        let error = model.forward(tape.feed([n, 2])) - tape.feed([n, 1]);
        let (sum, mean) = (error.sum_of_squares(), 1.0 / n as f64);
        let factor = match protocol.reduction {
            Reduction::Sum => 0.5,
            Reduction::Mean => 0.5 * mean,
        };
        (factor * sum).backward().step(Sgd::default());
        vec![sum * mean]
    })
    .on(device.clone());
    let feeds: [Feed<'_>; 2] = [points.train.points.as_flattened().into(), points.train.labels[..].into()];
    let (mut printed, mut curve, mut last) = (Vec::new(), Vec::new(), f64::NAN);
    let mut diverged_at = None;
    let mut sound = params.snapshot();
    for epoch in 0..protocol.epochs {
        if interrupt::requested() {
            return Ok(None);
        }
        let loss = f64::from(step.run_with(&params, points.train.labels.len(), &feeds)?[0]);
        if !loss.is_finite() {
            diverged_at = Some(epoch);
            params.restore(sound);
            break;
        }
        last = loss;
        if epoch.is_multiple_of(print_every(protocol.epochs)) {
            printed.push(loss);
        }
        if epoch.is_multiple_of(protocol.eval_every) {
            curve.push(loss);
            sound = params.snapshot();
            report(epoch, loss);
        }
    }
    drop(step);
    let outputs = |points: &Blobs| outputs(&model, &params, points.points.as_flattened(), device);
    let (right, learnt) =
        (percent_right(&outputs(&points.validation)?, &points.validation), outputs(&points.train)?);
    let dead = learnt.iter().all(|&y| y == learnt[0]);
    Ok(Some(Trained { params, model, printed, curve, last, right, dead, diverged_at }))
}

/// Points a forward pass takes at a time.
const BATCH: usize = 4096;

/// The network's outputs at points (x, y), one after another.
///
/// # Errors
/// Where the machine fails.
pub fn outputs(model: &Sequential, params: &Params, points: &[f32], device: &Device) -> Result<Vec<f32>> {
    let mut forward = Step::evaluation(|tape, n| vec![model.forward(tape.feed([n, 2]))]).on(device.clone());
    let mut outputs = Vec::with_capacity(points.len() / 2);
    for batch in points.chunks(2 * BATCH) {
        outputs.extend_from_slice(forward.run_with(params, batch.len() / 2, &[batch.into()])?.values(0));
    }
    Ok(outputs)
}

fn percent_right(outputs: &[f32], points: &Blobs) -> f64 {
    let agree = |&(&out, &label): &(&f32, &f32)| (out > THRESHOLD) == (label == 1.0);
    let right = outputs.iter().zip(&points.labels).filter(agree).count();
    100.0 * right as f64 / outputs.len() as f64
}
