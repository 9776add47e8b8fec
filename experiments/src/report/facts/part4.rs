//! ReLU against the sigmoid, in numbers.
use crate::{
    report::{curves, load::Results},
    results::{Part4, Part4Details},
};

/// What a classifier that knows nothing loses on ten classes, and how far below it one has to come to have learnt.
const CHANCE: f64 = std::f64::consts::LN_10;
const LEARNT: f64 = 0.05;

/// Whether a loss over ten classes is clearly below that of guessing, ln 10.
pub fn learns(loss: f64) -> bool {
    loss < CHANCE - LEARNT
}

/// Both trainings of a network, as means over the last records; pairs are ReLU, sigmoid.
#[derive(Debug, Clone)]
pub struct Descent {
    /// The network.
    pub name: String,
    /// Training loss.
    pub loss: [f64; 2],
    /// Norm of the first layer's gradient.
    pub gradient: [f64; 2],
    /// Norms of the gradients of every layer over the first epochs' worth of records, first layer first.
    pub layers: Option<[Vec<f64>; 2]>,
    /// Test accuracy in percent.
    pub test: Option<[f64; 2]>,
}

impl Descent {
    /// Of a result.
    pub fn of(result: &Part4, details: Option<&Part4Details>) -> Self {
        let end = curves::at_the_end;
        Self {
            name: result.name.clone(),
            loss: [end(&result.relu_loss_curve), end(&result.sigmoid_loss_curve)],
            gradient: [end(&result.relu_grad_curve), end(&result.sigmoid_grad_curve)],
            layers: details.map(|d| {
                [&d.relu_norms, &d.sigmoid_norms].map(|norms| norms.iter().map(|n| start(n)).collect())
            }),
            test: details.map(|d| [d.relu_test_acc, d.sigmoid_test_acc]),
        }
    }

    /// Layers with weights.
    pub fn depth(&self) -> Option<usize> {
        self.layers.as_ref().map(|layers| layers[0].len())
    }

    /// Gradient of the first layer over that of the last one at the start, with ReLU and with the sigmoid.
    pub fn decay(&self) -> Option<[f64; 2]> {
        let ratio = |norms: &Vec<f64>| match (norms.first(), norms.last()) {
            (Some(first), Some(&last)) if last > 0.0 => Some(first / last),
            _ => None,
        };
        let [relu, sigmoid] = self.layers.as_ref()?;
        Some([ratio(relu)?, ratio(sigmoid)?])
    }
}

/// The mean of a norm's first records: before a training that fails has no gradient left to speak of.
fn start(norms: &[f64]) -> f64 {
    curves::mean(&norms[..norms.len().min(curves::LAST)])
}

/// The networks of part 4.
pub fn descents(results: &Results) -> Vec<Descent> {
    results.part4.iter().map(|n| Descent::of(&n.result, n.details.as_ref())).collect()
}
