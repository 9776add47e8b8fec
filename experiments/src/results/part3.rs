//! Part 3: `part3_<name>.json` as the homework asks, `part3_<name>_details.json` beside it.

use serde::{Deserialize, Serialize};

use super::{Meta, Nested, ResultFile};

/// What part 3 hands in for one network. Accuracies are percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part3 {
    /// The network: `mlp_1` … `cnn_5`.
    pub name: String,
    /// Training loss at every record, averaged over the runs.
    pub loss_curve: Vec<f64>,
    /// Training accuracy at every record, averaged over the runs.
    pub train_acc_curve: Vec<f64>,
    /// Validation accuracy at every record, averaged over the runs.
    pub val_acc_curve: Vec<f64>,
    /// Best test accuracy of the runs.
    pub test_acc: f64,
    /// First-layer weights of that run, in PyTorch's layout.
    pub weights: Nested,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part3 {
    fn stem(&self) -> String {
        format!("part3_{}", self.name)
    }
}

/// What the homework has no key for: the spread over runs, and the best run's answers on the test images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part3Details {
    /// The network.
    pub name: String,
    /// Standard deviation over the runs of the training loss, a value a record; empty for a single run.
    pub loss_std: Vec<f64>,
    /// The same of the training accuracy.
    pub train_acc_std: Vec<f64>,
    /// The same of the validation accuracy.
    pub val_acc_std: Vec<f64>,
    /// The best run on the test images.
    pub test: Evaluation,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part3Details {
    fn stem(&self) -> String {
        format!("part3_{}_details", self.name)
    }
}

/// How a network answers on a set of images, class by class. Shares are between 0 and 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Names of the classes, in label order.
    pub classes: Vec<String>,
    /// Images of class `row` that were taken for class `column`.
    pub confusion: Vec<Vec<u64>>,
    /// Of the images taken for a class, the share that belong to it.
    pub precision: Vec<f64>,
    /// Of the images of a class, the share that were taken for it: the class's own accuracy.
    pub recall: Vec<f64>,
    /// Harmonic mean of the two.
    pub f1: Vec<f64>,
    /// One class against the rest: true-positive rate over false-positive rate.
    pub roc: Vec<Curve>,
    /// One class against the rest: precision over recall.
    pub precision_recall: Vec<Curve>,
}

/// A curve, thinned to what can be seen, and the area under all of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Abscissas, rising.
    pub x: Vec<f64>,
    /// Ordinates.
    pub y: Vec<f64>,
    /// Area under the whole curve.
    pub area: f64,
}
