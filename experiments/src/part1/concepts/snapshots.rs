//! (a) Two snapshots of the weights give the gradient: gradient descent moves them by
//! `W_{k+1} = W_k - lr · dL/dW`, hence `dL/dW = (W_k - W_{k+1}) / lr`.
use crate::{
    part1::xor::{Architecture, Points, TRAINING},
    results::part1::Snapshots,
};
use anyhow::Result;
use ferrotape_autograd::{Device, Feed, ParamData, Params, Scalar, Tape};
use ferrotape_nn::{Module, Sgd, models::Activation};

/// Steps compared.
const STEPS: usize = 100;
/// Their learning rate.
const LR: f64 = 1e-3;
/// Unit roundoff of float32.
const U: f64 = f32::EPSILON as f64 / 2.0;

/// Largest differences so far.
#[derive(Default)]
struct Worst {
    relative: f64,
    share_of_bound: f64,
}

impl Worst {
    /// Compares the gradients that a step left behind with those that the weights before and after it give.
    fn note<S: Scalar>(&mut self, before: &ParamData<S>, after: &ParamData<S>) {
        let largest = after.grads.iter().map(|g| g.re().abs()).fold(0.0, f64::max);
        let weights = before.values.iter().zip(&after.values);
        for ((w, next), gradient) in weights.zip(&after.grads) {
            let (next, gradient) = (next.re(), gradient.re());
            let apart = ((w.re() - next) / LR - gradient).abs();
            // lr and lr · g are rounded, then the new weight.
            let bound = 2.0 * U * gradient.abs() + U * next.abs() / LR;
            self.relative = self.relative.max(apart / largest);
            self.share_of_bound = self.share_of_bound.max(apart / bound);
        }
    }
}

/// Trains the sigmoid XOR network for 100 steps of the *sum* and compares, in float32 on `device` and in float64.
///
/// # Errors
/// Where the machine fails.
pub fn compare(seed: u64, points: &Points, device: &Device) -> Result<Snapshots> {
    let params = Params::seeded(seed);
    params.set_lr(LR);
    let model = Architecture::both(Activation::Sigmoid).build(&params);
    let tape = Tape::recording(&params).with_device(device.clone());
    let error = model.forward(tape.feed([TRAINING, 2])) - tape.feed([TRAINING, 1]);
    let loss = 0.5 * error.sum_of_squares();
    loss.backward().step(Sgd::default());
    let mut program = tape.compile(&[loss]);
    let mut exact = tape.replay::<f64>(&[loss]);

    let feeds: [Feed<'_>; 2] = [points.train.points.as_flattened().into(), points.train.labels[..].into()];
    let (mut float32, mut float64) = (Worst::default(), Worst::default());
    for _ in 0..STEPS {
        let before = params.snapshot();
        program.run(&params, &feeds)?;
        float32.note(&before, &params.data());
        let before = exact.params.clone();
        exact.run(&feeds)?;
        float64.note(&before, &exact.params);
    }
    Ok(Snapshots {
        steps: STEPS,
        parameters: params.count(),
        lr: LR,
        difference: float32.relative,
        share_of_bound: float32.share_of_bound,
        difference_f64: float64.relative,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_give_the_gradient() {
        let found = compare(1, &Points::draw(1), &Device::Cpu).unwrap();
        assert_eq!((found.steps, found.parameters), (100, 17));
        assert!(found.difference > 0.0 && found.difference < 1e-3, "{found:?}");
        assert!(found.share_of_bound <= 1.0, "{found:?}");
        assert!(found.difference_f64 < 1e-11, "{found:?}");
    }

    /// Another rate than the one the step was made with does not give the gradient.
    #[test]
    fn a_wrong_gradient_shows() {
        let data = |value: f64, gradient: f64| ParamData {
            values: vec![value],
            grads: vec![gradient],
            ..Default::default()
        };
        let mut worst = Worst::default();
        worst.note(&data(1.0, 0.0), &data(1.0 - LR * 5.0, 5.0));
        assert!(worst.relative < 1e-12 && worst.share_of_bound < 1.0);
        worst.note(&data(1.0, 0.0), &data(1.0 - LR * 5.0, 4.0));
        assert!((worst.relative - 0.25).abs() < 1e-9 && worst.share_of_bound > 1.0);
    }
}
