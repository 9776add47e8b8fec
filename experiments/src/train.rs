//! One training with its records: what parts 3 to 5 have in common.
use crate::{interrupt, progress::Progress};
use anyhow::Result;
use ferrotape_autograd::{Device, Input, ParamData, Params, Source, Tape, Update, Var};
use ferrotape_data::Loader;
use ferrotape_nn::{Module, Sequential, Step};
use std::{sync::Arc, time::Instant};

/// Images a forward-only program takes at a time: enough that threads seldom wait for each other. A chain works on few of
/// them at once, so more would not leave the cache.
const EVALUATION_BATCH: usize = 250;

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
    /// Passes over the training images, counted from the very first batch: a training that is gone on with makes
    /// what is left of them.
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
    /// Steps made, those before a training that was gone on with included.
    pub steps: u64,
    /// Wall-clock seconds, evaluations included.
    pub seconds: f64,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// The step at which the loss or a weight was no longer a finite number. What is recorded came before it, and the
    /// store is as it was at the last record, or at the start.
    pub diverged_at: Option<u64>,
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

/// Loss and right answers of a batch, then its update.
fn training_step<'a>(
    model: &'a Sequential,
    rule: impl Update + Clone + 'a,
    data: &'a Splits,
    device: &Device,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'a> {
    let step = Step::new(move |tape, n| {
        let (x, labels) = tape.batch(&data.source, data.input, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        loss.backward().step(rule.clone());
        vec![loss, logits.count_correct(labels)]
    });
    step.on(device.clone())
}

/// Trains `model` on the cross-entropy with the update `rule`, at the store's learning rate.
///
/// Batches are drawn from the store's seed, beginning at its cursor, which counts them: a store restored from a
/// snapshot goes on with the batch that came next. A first Ctrl-C ends the training after the current step.
///
/// A loss or weight that is no finite number ends the training too: [`History::diverged_at`].
///
/// # Errors
/// Where the machine fails.
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
    let mut step = training_step(model, rule, data, device);
    let validate = evaluation(model, &data.source, data.input, device);
    let mut watch = Watch { validate, data, eval_every: protocol.eval_every, sound: params.snapshot() };
    let mut loader = Loader::new(data.train.clone(), protocol.batch, params.seed());
    let per_epoch = loader.batches() as u64;
    let total = per_epoch.saturating_mul(protocol.epochs);
    let mut history = History { steps: params.cursor(), ..History::default() };
    while params.cursor() < total && !history.ended() {
        let (epoch, drawn) = (params.cursor() / per_epoch, params.cursor() % per_epoch);
        for batch in loader.epoch(epoch).skip(drawn as usize) {
            let outputs = step.run(params, batch)?;
            let (loss, correct) = (f64::from(outputs[0]), f64::from(outputs[1]));
            params.set_cursor(params.cursor() + 1);
            let done = params.cursor() == total;
            history.interrupted = !done && interrupt::requested();
            let last = done || history.interrupted;
            let train_acc = 100.0 * correct / batch.len() as f64;
            watch.step(params, (loss, train_acc), last, &mut history, progress)?;
            if history.ended() {
                break;
            }
        }
    }
    let everything: Vec<u32> = (0..data.test.len() as u32).collect();
    history.test_acc = accuracy(model, params, &data.test, data.input, &everything, device)?;
    history.seconds = started.elapsed().as_secs_f64();
    Ok(history)
}

impl History {
    /// Whether the training came to an end before its time.
    fn ended(&self) -> bool {
        self.interrupted || self.diverged_at.is_some()
    }
}

/// Looks at a training after each step.
struct Watch<'a, F> {
    validate: Evaluation<F>,
    data: &'a Splits,
    eval_every: u64,
    /// The store at the last record.
    sound: ParamData,
}

impl<F> Watch<'_, F>
where
    F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// Records where it is time to, and puts the store back where the step has led to NaN or infinities. Weights are
    /// searched for them before a record and after the `last` step: others show in the next loss.
    fn step(
        &mut self,
        params: &Params,
        (loss, train_acc): (f64, f64),
        last: bool,
        history: &mut History,
        progress: &mut Progress,
    ) -> Result<()> {
        let step = params.cursor();
        history.steps = step;
        let due = step.is_multiple_of(self.eval_every);
        let weights_are_finite = || params.data().values.iter().all(|v| v.is_finite());
        if !loss.is_finite() || ((due || last) && !weights_are_finite()) {
            history.diverged_at = Some(step);
            params.restore(self.sound.clone());
            return Ok(());
        }
        if due {
            let val_acc = self.validate.accuracy(params, &self.data.validation)?;
            history.loss.push(loss);
            history.train_acc.push(train_acc);
            history.val_acc.push(val_acc);
            progress.record(step, loss, train_acc, val_acc);
            self.sound = params.snapshot();
        }
        if history.interrupted {
            progress.note("interrupted: saving what there is; Ctrl-C again to leave at once");
        }
        Ok(())
    }
}
