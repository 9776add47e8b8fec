//! Part 4: `part4_<name>.json` as the homework asks, and what it has no key for beside it.

use serde::{Deserialize, Serialize};

use super::{Meta, ResultFile};

/// What part 4 hands in for one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part4 {
    /// The network.
    pub name: String,
    /// Training loss at every record, with ReLU.
    pub relu_loss_curve: Vec<f64>,
    /// The same with the logistic sigmoid in its place.
    pub sigmoid_loss_curve: Vec<f64>,
    /// L2 norm of the gradient of the first layer's weights at every record, with ReLU.
    pub relu_grad_curve: Vec<f64>,
    /// The same with the sigmoid.
    pub sigmoid_grad_curve: Vec<f64>,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part4 {
    fn stem(&self) -> String {
        format!("part4_{}", self.name)
    }
}

/// Every layer's gradient, and how well the two trainings end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part4Details {
    /// The network.
    pub name: String,
    /// The layers with weights, from the input on, named as in a state dict.
    pub layers: Vec<String>,
    /// L2 norms of the gradients of each layer's weights at every record, with ReLU.
    pub relu_norms: Vec<Vec<f64>>,
    /// The same with the sigmoid.
    pub sigmoid_norms: Vec<Vec<f64>>,
    /// Training accuracy at every record, with ReLU, in percent.
    pub relu_train_acc_curve: Vec<f64>,
    /// The same with the sigmoid.
    pub sigmoid_train_acc_curve: Vec<f64>,
    /// Test accuracy with ReLU, in percent.
    pub relu_test_acc: f64,
    /// The same with the sigmoid.
    pub sigmoid_test_acc: f64,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part4Details {
    fn stem(&self) -> String {
        format!("part4_{}_details", self.name)
    }
}

/// The bonus: one network with other ranges of input, otherwise as in [`Part4`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part4Inputs {
    /// The network.
    pub name: String,
    /// The input forms, in the order of the curves.
    pub inputs: Vec<String>,
    /// `relu` or `sigmoid` curves of the loss, a list for each input form. A training that diverged ends early.
    pub relu_loss_curves: Vec<Vec<f64>>,
    /// The same with the sigmoid.
    pub sigmoid_loss_curves: Vec<Vec<f64>>,
    /// L2 norm of the first layer's gradient, a list for each input form.
    pub relu_grad_curves: Vec<Vec<f64>>,
    /// The same with the sigmoid.
    pub sigmoid_grad_curves: Vec<Vec<f64>>,
    /// Test accuracies in percent with ReLU, one for each input form.
    pub relu_test_accs: Vec<f64>,
    /// The same with the sigmoid.
    pub sigmoid_test_accs: Vec<f64>,
    /// Steps at which trainings with ReLU diverged; 0 where they did not.
    pub relu_diverged_at: Vec<u64>,
    /// The same with the sigmoid.
    pub sigmoid_diverged_at: Vec<u64>,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part4Inputs {
    fn stem(&self) -> String {
        format!("part4_inputs_{}", self.name)
    }
}
