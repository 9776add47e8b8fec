//! The result file of part 1: `part1.json`. Accuracies are percent, losses mean squared errors.
use super::{Origin, ResultFile};
use crate::metrics;
use serde::{Deserialize, Serialize};

/// What part 1 hands in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part1 {
    /// The activation functions, differentiated by the tape.
    pub activations: Vec<ActivationCheck>,
    /// The epochs whose losses are in `printed`.
    pub printed_epochs: Vec<u64>,
    /// Epochs from one value of `loss_curve` to the next; the first is of epoch 0.
    pub curve_every: u64,
    /// The XOR networks, each under each reduction.
    pub xor: Vec<Xor>,
    /// Concept (a): gradients from weights.
    pub snapshots: Snapshots,
    /// Concept (b): batches an epoch.
    pub batches: Vec<Batches>,
    /// Concept (c): numbers of parameters.
    pub parameters: Vec<ParameterCount>,
    /// Concept (d): softmax outputs as probabilities.
    pub calibration: Calibration,
    /// Where the numbers come from.
    pub meta: Origin,
}

/// Largest differences of an activation and its derivative, as the tape computes them, from the formulas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationCheck {
    /// The activation.
    pub name: String,
    /// Of the values, in float32.
    pub value_error: f64,
    /// Of the derivatives, in float32.
    pub derivative_error: f64,
    /// Of the values, in float64.
    pub value_error_f64: f64,
    /// Of the derivatives, in float64.
    pub derivative_error_f64: f64,
}

/// All trainings of one network under one reduction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Xor {
    /// The network: `2-4-1 tanh`, `2-4-1 relu, sigmoid output`, `2-1 sigmoid`.
    pub network: String,
    /// `sum` or `mean` of the squared errors, half of which is descended.
    pub reduction: String,
    /// Mean, smallest and largest validation accuracy of the runs.
    pub accuracy: Range,
    /// Runs that end with the same output for every point.
    pub dead_runs: usize,
    /// Percent of the plane that two runs decide differently, averaged over pairs; absent for one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary_change: Option<f64>,
    /// Each run.
    pub runs: Vec<XorRun>,
}

impl Xor {
    /// Whether it has no hidden layer.
    pub fn is_single_layer(&self) -> bool {
        self.network.starts_with("2-1 ")
    }
}

/// Statistics of several runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Their mean.
    pub mean: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// One training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XorRun {
    /// Seed of its weights.
    pub seed: u64,
    /// Loss at `printed_epochs`.
    pub printed: Vec<f64>,
    /// Loss of the last epoch.
    pub last_loss: f64,
    /// Validation accuracy.
    pub val_acc: f64,
    /// Whether every point gets the same output.
    pub dead: bool,
    /// Hexadecimal digest of its weights.
    pub digest: String,
    /// Loss at every record.
    pub loss_curve: Vec<f64>,
    /// The epoch whose loss was no finite number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_at: Option<u64>,
}

/// Gradients computed as (W_k - W_{k+1}) / lr against those of `backward`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshots {
    /// Steps compared.
    pub steps: usize,
    /// Parameters compared at each step.
    pub parameters: usize,
    /// Learning rate.
    pub lr: f64,
    /// Largest difference over the largest gradient of its step, in float32.
    pub difference: f64,
    /// Largest difference as a share of what rounding weights and update to float32 may make.
    pub share_of_bound: f64,
    /// Largest difference over the largest gradient of its step, in float64.
    pub difference_f64: f64,
}

/// Batches counted on the loader against ceil(N / B).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batches {
    /// N.
    pub images: usize,
    /// B.
    pub batch: usize,
    /// E.
    pub epochs: usize,
    /// ceil(N / B).
    pub formula_an_epoch: usize,
    /// E ceil(N / B).
    pub formula_steps: usize,
    /// Batches of the first epoch, counted.
    pub counted_an_epoch: usize,
    /// Batches of all epochs, counted.
    pub counted_steps: usize,
    /// Images in the last batch of an epoch.
    pub last_batch: usize,
}

/// Parameters by the formula against those of the built network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterCount {
    /// `A` or `B`.
    pub table: String,
    /// The network.
    pub network: String,
    /// Input kind.
    pub input: String,
    /// Channels, height, width.
    pub image: [usize; 3],
    /// Whether the prediction layer has a bias.
    pub prediction_bias: bool,
    /// By the formula.
    pub formula: usize,
    /// Of the network.
    pub built: usize,
}

/// A network trained with cross-entropy against the probabilities it ought to approximate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Fresh points it is judged on.
    pub points: usize,
    /// Mean |softmax - P(1|x)|.
    pub mean_difference: f64,
    /// The same before training.
    pub mean_difference_untrained: f64,
    /// Root of the mean square of that difference.
    pub rms_difference: f64,
    /// Mean cross-entropy of the network.
    pub cross_entropy: f64,
    /// Mean cross-entropy of P(y|x) itself: no network does better on average.
    pub least_cross_entropy: f64,
    /// Percent the network gets right.
    pub accuracy: f64,
    /// Percent right by the true probabilities (Bayes' rule).
    pub best_accuracy: f64,
    /// Reliability of the probabilities of label 1.
    pub reliability: metrics::Calibration,
}

impl ResultFile for Part1 {
    fn stem(&self) -> String {
        "part1".into()
    }
}
