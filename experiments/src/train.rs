//! One training with its records: what parts 3 to 5 have in common.
use crate::{interrupt, progress::Progress};
use anyhow::{Result, bail};
use ferrotape_autograd::{Device, Input, Params, Source, Tape, Update, Var};
use ferrotape_data::Loader;
use ferrotape_nn::{Module, Sequential, Step};
use std::{sync::Arc, time::Instant};

/// Images a forward-only program takes at a time. Small, so that a layer's images are still in cache for the next.
const EVALUATION_BATCH: usize = 50;

/// The data of a training: records of a source by index, in three parts, and how bytes become numbers.
#[derive(Clone, Debug)]
pub struct Splits {
    /// Training and validation records.
    pub source: Arc<dyn Source>,
    /// Test records.
    pub test: Arc<dyn Source>,
    /// Indices of the training images in `source`.
    pub train: Vec<u32>,
    /// Indices of the validation images in `source`.
    pub validation: Vec<u32>,
    /// The normalisation.
    pub input: Input,
}

/// How long a training is and how often it is looked at.
#[derive(Copy, Clone, Debug)]
pub struct Protocol {
    /// Passes over the training images.
    pub epochs: u64,
    /// Images a step.
    pub batch: usize,
    /// Steps from one record to the next.
    pub eval_every: u64,
}

/// What one training recorded. Accuracies are percent.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Loss of the recorded step's batch, before its update.
    pub loss: Vec<f64>,
    /// Accuracy on that batch.
    pub train_acc: Vec<f64>,
    /// Accuracy on all validation images, after its update.
    pub val_acc: Vec<f64>,
    /// Accuracy on all test images, at the end.
    pub test_acc: f64,
    /// Steps made.
    pub steps: u64,
    /// Wall-clock seconds, evaluations included.
    pub seconds: f64,
    /// Whether the user stopped it.
    pub interrupted: bool,
}

/// A forward-only pass that counts right answers, compiled once and used again and again.
struct Evaluation<F> {
    step: Step<F>,
}

impl<F> Evaluation<F>
where
    F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// Share of the images at `indices` that are classified right, in percent.
    fn accuracy(&mut self, params: &Params, indices: &[u32]) -> Result<f64> {
        let mut correct = 0.0;
        for batch in indices.chunks(EVALUATION_BATCH) {
            correct += f64::from(self.step.run(params, batch)?[0]);
        }
        Ok(100.0 * correct / indices.len() as f64)
    }
}

fn evaluation<'a>(
    model: &'a Sequential,
    source: &'a Arc<dyn Source>,
    input: Input,
    device: &Device,
) -> Evaluation<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + use<'a>> {
    let step = Step::evaluation(move |tape, n| {
        let (x, labels) = tape.batch(source, input, n);
        vec![model.forward(x).count_correct(labels)]
    });
    Evaluation { step: step.on(device.clone()) }
}

/// Share of the images of `source` at `indices` that `model` classifies right, in percent.
///
/// # Errors
/// Where the machine fails.
pub fn accuracy(
    model: &Sequential,
    params: &Params,
    source: &Arc<dyn Source>,
    input: Input,
    indices: &[u32],
    device: &Device,
) -> Result<f64> {
    evaluation(model, source, input, device).accuracy(params, indices)
}

/// Trains `model` on the cross-entropy with the update `rule`, at the store's learning rate.
///
/// Batches are drawn from the store's seed. A first Ctrl-C ends the training after the current step.
///
/// # Errors
/// If the loss stops being a finite number, naming the step; or where the machine fails.
pub fn train(
    model: &Sequential,
    params: &Params,
    rule: impl Update + Clone,
    data: &Splits,
    protocol: &Protocol,
    device: &Device,
    progress: &mut Progress,
) -> Result<History> {
    let started = Instant::now();
    let mut step = Step::new(|tape, n| {
        let (x, labels) = tape.batch(&data.source, data.input, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        loss.backward().step(rule.clone());
        vec![loss, logits.count_correct(labels)]
    })
    .on(device.clone());
    let mut validate = evaluation(model, &data.source, data.input, device);
    let mut loader = Loader::new(data.train.clone(), protocol.batch, params.seed());
    let mut history = History::default();
    'training: for epoch in 0..protocol.epochs {
        for batch in loader.epoch(epoch) {
            let outputs = step.run(params, batch)?;
            let (loss, correct) = (f64::from(outputs[0]), f64::from(outputs[1]));
            history.steps += 1;
            if !loss.is_finite() {
                bail!(
                    "the loss is {loss} at step {}: the training has diverged; try a lower --lr",
                    history.steps
                );
            }
            if history.steps.is_multiple_of(protocol.eval_every) {
                let train_acc = 100.0 * correct / batch.len() as f64;
                let val_acc = validate.accuracy(params, &data.validation)?;
                history.loss.push(loss);
                history.train_acc.push(train_acc);
                history.val_acc.push(val_acc);
                progress.record(history.steps, loss, train_acc, val_acc);
            }
            if interrupt::requested() {
                history.interrupted = true;
                progress.note("interrupted: saving what there is; Ctrl-C again to leave at once");
                break 'training;
            }
        }
    }
    let everything: Vec<u32> = (0..data.test.len() as u32).collect();
    history.test_acc = accuracy(model, params, &data.test, data.input, &everything, device)?;
    history.seconds = started.elapsed().as_secs_f64();
    Ok(history)
}
