//! (d) Training with cross-entropy approximates P(y|x): shown on points whose true probabilities are known.
//!
//! The points are the XOR clouds, twice as wide, so that they overlap. In expectation the cross-entropy of a network q
//! is `H(P) + KL(P || q)`: least where q = P.
use crate::{metrics, results::part1};
use anyhow::Result;
use ferrotape_autograd::{Device, Feed, Params};
use ferrotape_data::{Loader, blobs::CENTRES};
use ferrotape_nn::{Adam, Linear, Module, Sequential, Step, Tanh};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, Normal};

/// Standard deviation of a cloud.
const STD: f64 = 0.8;
/// Points of the training, and fresh ones to judge it by.
const POINTS: usize = 20_000;
/// Hidden units.
const HIDDEN: usize = 16;
/// Passes over the training points.
const EPOCHS: u64 = 30;
/// Points a step.
const BATCH: usize = 100;
/// Adam's rate, and how many passes it is for; a tenth of it afterwards, so that the steps' noise dies down.
const LR: f64 = 3e-3;
const FAST_EPOCHS: u64 = 20;
/// Intervals of the predicted probability.
const BINS: usize = 10;

/// Numbers, and what the figure shows besides.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// The numbers.
    pub numbers: part1::Calibration,
    /// Probabilities along the line x₂ = 1.
    pub slice: Slice,
}

/// Probabilities of label 1 along a line.
#[derive(Clone, Debug)]
pub struct Slice {
    /// x₁.
    pub x: Vec<f64>,
    /// P(1|x).
    pub truth: Vec<f64>,
    /// What the network says.
    pub predicted: Vec<f64>,
}

/// Points with labels.
struct Points {
    x: Vec<[f32; 2]>,
    labels: Vec<u32>,
}

impl Points {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let noise = Normal::new(0.0, STD as f32).expect("the standard deviation is positive");
        let point = |at: usize| CENTRES[at % CENTRES.len()].map(|c| c + noise.sample(rng));
        let x = (0..POINTS).map(point).collect();
        Self { x, labels: (0..POINTS).map(|at| (at % CENTRES.len() % 2) as u32).collect() }
    }
}

/// P(1|x) by Bayes' rule: the share of the densities at x that belongs to clouds of label 1.
pub fn posterior(x: [f64; 2]) -> f64 {
    let squares = CENTRES.map(|centre| (0..2).map(|i| (x[i] - f64::from(centre[i])).powi(2)).sum::<f64>());
    // As shares of the nearest cloud's density: far out all of them underflow.
    let nearest = squares.into_iter().fold(f64::INFINITY, f64::min);
    let densities = squares.map(|square| ((nearest - square) / (2.0 * STD * STD)).exp());
    let of_label_1: f64 = densities.iter().skip(1).step_by(2).sum();
    of_label_1 / densities.iter().sum::<f64>()
}

/// Trains a small network with cross-entropy and compares its softmax output with the truth.
///
/// # Errors
/// Where the machine fails.
pub fn calibrate(seed: u64, device: &Device) -> Result<Calibrated> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (train, fresh) = (Points::draw(&mut rng), Points::draw(&mut rng));
    let params = Params::seeded(seed);
    let model: Sequential = vec![
        Box::new(Linear::new(&params, "0", 2, HIDDEN)),
        Box::new(Tanh),
        Box::new(Linear::new(&params, "2", HIDDEN, 2)),
    ];
    let untrained = probabilities(&model, &params, &fresh.x, device)?;
    fit(&model, &params, &train, device)?;
    let predicted = probabilities(&model, &params, &fresh.x, device)?;

    let line: Vec<[f32; 2]> = (-300..=300).map(|i| [i as f32 / 100.0, 1.0]).collect();
    let slice = Slice {
        x: line.iter().map(|p| f64::from(p[0])).collect(),
        truth: line.iter().map(|p| posterior(p.map(f64::from))).collect(),
        predicted: probabilities(&model, &params, &line, device)?,
    };
    Ok(Calibrated { numbers: judge(&fresh, &untrained, &predicted)?, slice })
}

fn fit(model: &Sequential, params: &Params, points: &Points, device: &Device) -> Result<()> {
    let mut step = Step::new(|tape, n| {
        let (x, labels) = (tape.feed([n, 2]), tape.feed_u32(n));
        let loss = model.forward(x).cross_entropy(labels);
        loss.backward().step(Adam::default());
        vec![loss]
    })
    .on(device.clone());
    let mut loader = Loader::new((0..POINTS as u32).collect(), BATCH, params.seed());
    for epoch in 0..EPOCHS {
        params.set_lr(if epoch < FAST_EPOCHS { LR } else { LR / 10.0 });
        for batch in loader.epoch(epoch) {
            let x: Vec<[f32; 2]> = batch.iter().map(|&i| points.x[i as usize]).collect();
            let labels: Vec<u32> = batch.iter().map(|&i| points.labels[i as usize]).collect();
            step.run_with(params, batch.len(), &[Feed::Real(x.as_flattened()), Feed::U32(&labels)])?;
        }
    }
    Ok(())
}

/// Softmax output for label 1: of two logits, `1 / (1 + e^(z_0 - z_1))`.
fn probabilities(model: &Sequential, params: &Params, x: &[[f32; 2]], device: &Device) -> Result<Vec<f64>> {
    let mut forward = Step::evaluation(|tape, n| vec![model.forward(tape.feed([n, 2]))]).on(device.clone());
    let logits = forward.run_with(params, x.len(), &[x.as_flattened().into()])?;
    let softmax = |z: &[f32]| 1.0 / (1.0 + (f64::from(z[0]) - f64::from(z[1])).exp());
    Ok(logits.values(0).chunks(2).map(softmax).collect())
}

fn judge(points: &Points, untrained: &[f64], predicted: &[f64]) -> Result<part1::Calibration> {
    let truth: Vec<f64> = points.x.iter().map(|p| posterior(p.map(f64::from))).collect();
    let happened: Vec<bool> = points.labels.iter().map(|&label| label == 1).collect();
    let mean = |of: &dyn Fn(usize) -> f64| (0..truth.len()).map(of).sum::<f64>() / truth.len() as f64;
    let apart = |q: &[f64]| mean(&|i| (q[i] - truth[i]).abs());
    let cross_entropy = |q: &[f64]| mean(&|i| -(if happened[i] { q[i] } else { 1.0 - q[i] }).ln());
    let right = |q: &[f64]| 100.0 * mean(&|i| f64::from(u8::from((q[i] > 0.5) == happened[i])));
    Ok(part1::Calibration {
        points: truth.len(),
        mean_difference: apart(predicted),
        mean_difference_untrained: apart(untrained),
        rms_difference: mean(&|i| (predicted[i] - truth[i]).powi(2)).sqrt(),
        cross_entropy: cross_entropy(predicted),
        least_cross_entropy: cross_entropy(&truth),
        accuracy: right(predicted),
        best_accuracy: right(&truth),
        reliability: metrics::calibration(predicted, &happened, BINS)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bayes_rule() {
        assert_eq!(posterior([0.0, 0.0]), 0.5, "all four clouds are as near");
        assert_eq!(posterior([0.0, 3.0]), 0.5, "by symmetry");
        // Centres (1, 1) and (1, -1): 2 apart in the square of the distance; the others are negligible far out.
        let expected = 1.0 / (1.0 + (-2.0 / (2.0 * STD * STD)).exp());
        assert!((posterior([50.0, -0.5]) - expected).abs() < 1e-12);
    }

    #[test]
    fn softmax_approximates_the_posterior() {
        let Calibrated { numbers: c, slice } = calibrate(1, &Device::Cpu).unwrap();
        assert!(c.mean_difference < 0.03 && c.mean_difference_untrained > 0.2, "{c:?}");
        assert!(c.reliability.error < 0.03, "{c:?}");
        // On these points some q may do better than P by chance, but not by much.
        assert!((-0.002..0.01).contains(&(c.cross_entropy - c.least_cross_entropy)), "{c:?}");
        assert!((c.accuracy - c.best_accuracy).abs() < 1.0, "{c:?}");
        assert_eq!(c.reliability.bins.iter().map(|b| b.count).sum::<u64>(), 20_000);
        assert_eq!((slice.x.len(), slice.truth.len(), slice.predicted.len()), (601, 601, 601));
    }
}
