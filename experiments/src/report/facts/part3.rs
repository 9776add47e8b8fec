//! How the architectures of part 3 compare.
use super::{data_name, weights};
use crate::{
    report::{curves, load::Results},
    results::Part3,
};
use ferrotape_nn::models::{Layer, Network, TABLE_A, TABLE_B};

/// Fully connected or convolutional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Fully connected.
    Mlp,
    /// Convolutional.
    Cnn,
}

/// One network in numbers. Accuracies are percent, means over the last records.
#[derive(Debug, Clone)]
pub struct Architecture {
    /// Its name.
    pub name: String,
    /// What it is.
    pub family: Family,
    /// Layers with weights, the prediction layer included; absent where no table has it.
    pub depth: Option<usize>,
    /// `Conv 3x3x16, ReLU, …`; absent where no table has it.
    pub layers: Option<String>,
    /// Trainable parameters.
    pub parameters: usize,
    /// Loss on training batches.
    pub loss: f64,
    /// Accuracy on training batches.
    pub train: f64,
    /// Accuracy on the validation images.
    pub validation: f64,
    /// Highest smoothed validation accuracy.
    pub best_validation: f64,
    /// Where in the training that was, between 0 and 1.
    pub best_at: f64,
    /// Accuracy on the test images, of the best run.
    pub test: f64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// How smooth its first layer's weights are.
    pub smoothness: Option<f64>,
    /// How alike its first layer's units are.
    pub likeness: Option<f64>,
}

impl Architecture {
    /// Of a result.
    pub fn of(result: &Part3) -> Self {
        let meta = &result.meta;
        let table = if data_name(meta).contains("mnist") { TABLE_B } else { TABLE_A };
        let network = Network::find(table, &result.name);
        let (at, best_validation) = curves::best(&result.val_acc_curve);
        Self {
            name: result.name.clone(),
            family: if result.name.starts_with("mlp") { Family::Mlp } else { Family::Cnn },
            depth: network.as_ref().map(|n| 1 + n.layers.iter().filter(|l| has_weights(l)).count()),
            layers: network
                .map(|n| n.layers.iter().map(|l| spelled(*l)).collect::<Vec<_>>().join(", ") + ", FC-10"),
            parameters: meta.parameters,
            loss: curves::at_the_end(&result.loss_curve),
            train: curves::at_the_end(&result.train_acc_curve),
            validation: curves::at_the_end(&result.val_acc_curve),
            best_validation,
            best_at: (at + 1) as f64 / result.val_acc_curve.len() as f64,
            test: result.test_acc,
            seconds: meta.seconds,
            smoothness: weights::neighbour_correlation(&result.weights),
            likeness: weights::likeness_of_units(&result.weights),
        }
    }

    /// Training accuracy less test accuracy, in points.
    pub fn gap(&self) -> f64 {
        self.train - self.test
    }

    /// How far validation accuracy fell from its best, in points.
    pub fn fall(&self) -> f64 {
        self.best_validation - self.validation
    }

    /// `cnn_4 (63.8 %)`: name and test accuracy.
    pub fn with_test(&self) -> String {
        format!("{} ({:.1} %)", self.name, self.test)
    }
}

fn has_weights(layer: &Layer) -> bool {
    matches!(layer, Layer::Conv { .. } | Layer::Fc { .. })
}

fn spelled(layer: Layer) -> String {
    match layer {
        Layer::Conv { kernel, channels } => format!("Conv {kernel}×{kernel}×{channels}"),
        Layer::Fc { units, bias: true } => format!("FC-{units}"),
        Layer::Fc { units, bias: false } => format!("FC-{units} (no bias)"),
        Layer::Act => "ReLU".into(),
        Layer::Pool => "MaxPool".into(),
        Layer::Dropout(p) => format!("Dropout {p}"),
    }
}

/// The networks of part 3.
pub fn architectures(results: &Results) -> Vec<Architecture> {
    results.part3.iter().map(|n| Architecture::of(&n.result)).collect()
}

/// The best on the test images, of a family or of all.
pub fn best_of(all: &[Architecture], family: Option<Family>) -> Option<&Architecture> {
    let members = all.iter().filter(|a| family.is_none_or(|f| a.family == f));
    members.max_by(|a, b| a.test.total_cmp(&b.test))
}

/// Correlation coefficient of test accuracy with another number, over networks that have it; needs three.
pub fn correlation_with(all: &[Architecture], number: impl Fn(&Architecture) -> Option<f64>) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = all.iter().filter_map(|a| Some((number(a)?, a.test))).collect();
    if pairs.len() < 3 {
        return None;
    }
    let n = pairs.len() as f64;
    let (mx, my) = pairs.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|&(x, y)| f(x - mx, y - my)).sum::<f64>();
    let scale = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    (scale > 0.0).then(|| sum(&|x, y| x * y) / scale)
}
