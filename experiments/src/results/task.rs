//! The fourth source: `task1_<k>.json` and `task2_<k>.json`, the form is ours.

use serde::{Deserialize, Serialize};

use super::{Evaluation, Meta, ResultFile};

/// What a task says of one of its networks. Accuracies are percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// 1 or 2.
    pub task: u32,
    /// The network's number in it: 1, 2 or 3.
    pub network: u32,
    /// What it is, in a few words: `784-128-64-10, sigmoid, rate 1e-05`.
    pub description: String,
    /// Iterations (task 1) or epochs (task 2) that the values of all curves belong to.
    pub x: Vec<f64>,
    /// `iteration` or `epoch`.
    pub x_label: String,
    /// Loss on the training images.
    pub train_loss_curve: Vec<f64>,
    /// Loss on the test images.
    pub test_loss_curve: Vec<f64>,
    /// Accuracy on the training images.
    pub train_acc_curve: Vec<f64>,
    /// Accuracy on the test images.
    pub test_acc_curve: Vec<f64>,
    /// The answers on the test images in the end.
    pub test: Evaluation,
    /// Activations of the hidden layers on test images in the end.
    pub activations: Vec<Histogram>,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Task {
    fn stem(&self) -> String {
        format!("task{}_{}", self.task, self.network)
    }
}

/// How often numbers fall between two edges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// The layer's name.
    pub layer: String,
    /// Edges of the bins, one more than counts.
    pub edges: Vec<f64>,
    /// Numbers in each bin; the last one takes its upper edge too.
    pub counts: Vec<u64>,
    /// What is meant by near zero: less than this in absolute value.
    pub near: f64,
    /// Share of the numbers near zero, between 0 and 1.
    pub near_zero: f64,
}
