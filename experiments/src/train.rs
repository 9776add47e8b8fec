//! One training with its records: what all parts have in common.
use crate::{
    evaluate::{self, Evaluation, Images, evaluation},
    interrupt,
    progress::Progress,
};
use anyhow::Result;
use ferrotape_autograd::{
    Device, Feed, Input, Outputs, ParamData, ParamId, Params, Part, Sequence, Tape, Update, Var,
};
use ferrotape_data::Loader;
use ferrotape_nn::{Module, MultiStep, Schedule, Sequential, Step};
use serde::{Deserialize, Serialize};
use std::{mem, time::Instant};

/// The most steps that are submitted at once: a Ctrl-C is heard after them.
const MAX_BURST: u64 = 50;

/// The data of a training, and how bytes become numbers.
#[derive(Clone, Debug)]
pub struct Splits {
    /// What is learnt from.
    pub train: Images,
    /// What is looked at on the way.
    pub validation: Images,
    /// What is looked at in the end.
    pub test: Images,
    /// The normalisation.
    pub input: Input,
}

/// How long a training is, at which rate, and what is written down of it.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Passes over the training images, counted from the very first batch: a training that is gone on with makes
    /// what is left of them.
    pub epochs: u64,
    /// Images a step.
    pub batch: usize,
    /// Steps from one record to the next.
    pub eval_every: u64,
    /// Learning rate of each epoch.
    pub rate: MultiStep,
    /// Whether loss and training accuracy of a record are means over the batches since the last record, instead of those
    /// of its own batch.
    pub means: bool,
    /// Whether a record holds loss and accuracy of all validation images.
    pub validate: bool,
    /// Whether a record holds the norm of each layer's gradient.
    pub norms: bool,
}

impl Protocol {
    /// The homework's: 15 epochs in batches of 50, a record with validation every 10 steps, at the rate `lr`.
    pub fn new(lr: f64) -> Self {
        let rate = MultiStep { lr, milestones: Vec::new(), gamma: 1.0 };
        Self { epochs: 15, batch: 50, eval_every: 10, rate, means: false, validate: true, norms: false }
    }
}

/// What one training recorded. Accuracies are percent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Loss of the recorded step's batch, before its update.
    pub loss: Vec<f64>,
    /// Accuracy on that batch.
    pub train_acc: Vec<f64>,
    /// Loss on all validation images, after its update; empty unless asked for.
    pub val_loss: Vec<f64>,
    /// Accuracy on all validation images, after its update; empty unless asked for.
    pub val_acc: Vec<f64>,
    /// L2 norm of the gradient of each layer's weights (a list a layer, from the input on) on that batch; empty
    /// unless asked for.
    pub norms: Vec<Vec<f64>>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_at: Option<u64>,
}

/// The parameters that are weights, not biases: a layer each, from the input on.
pub fn weights(params: &Params) -> Vec<ParamId> {
    params.ids().filter(|&p| params.info(p).name.ends_with("weight")).collect()
}

/// Loss and right answers of a batch, with `norms` also of each layer's gradient, then the batch's update.
pub(crate) fn training_step<'a>(
    model: &'a Sequential,
    rule: impl Update + Clone + 'a,
    data: &'a Splits,
    params: &Params,
    norms: bool,
    device: &Device,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'a> {
    let layers = if norms { weights(params) } else { Vec::new() };
    let step = Step::new(move |tape, n| {
        let (x, labels) = tape.batch(&data.train.source, data.input, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        let gradients = loss.backward();
        let mut keep = vec![loss, logits.count_correct(labels)];
        // A layer that no gradient reaches has none of length 0.
        let norm = |&p: &ParamId| gradients.param(p).map_or_else(|| tape.input([], &[0.0]), Var::l2_norm);
        keep.extend(layers.iter().map(norm));
        gradients.step(rule.clone());
        keep
    });
    step.on(device.clone())
}

/// Trains `model` on the cross-entropy with the update `rule`.
///
/// Batches are drawn from the store's seed, beginning at its cursor, which counts them: a store restored from a
/// snapshot goes on with the batch that came next. A first Ctrl-C ends the training after the current step, or after the steps
/// that a GPU was given with it.
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
    let layers = if protocol.norms { weights(params).len() } else { 0 };
    let mut history =
        History { steps: params.cursor(), norms: vec![Vec::new(); layers], ..History::default() };
    let mut step = training_step(model, rule, data, params, protocol.norms, device);
    let validate = protocol.validate.then(|| evaluation(model, &data.validation, data.input, device));
    let (eval_every, means, sound) = (protocol.eval_every, protocol.means, params.snapshot());
    let mut watch = Watch { validate, eval_every, means, sum: Sum::default(), sound };
    let mut loader = Loader::new(data.train.indices.clone(), protocol.batch, params.seed());
    let per_epoch = loader.batches() as u64;
    let total = per_epoch.saturating_mul(protocol.epochs);
    let mut sequence = Sequence::default();
    while params.cursor() < total && !history.ended() {
        let (epoch, drawn) = (params.cursor() / per_epoch, params.cursor() % per_epoch);
        [&data.train, &data.validation, &data.test]
            .iter()
            .try_for_each(|images| images.source.check_unchanged())?;
        params.set_lr(protocol.rate.lr(epoch));
        let batches: Vec<&[u32]> = loader.epoch(epoch).skip(drawn as usize).collect();
        let mut rest = &batches[..];
        while !rest.is_empty() && !history.ended() {
            let (burst, after) = rest.split_at(watch.burst(params, rest, device));
            rest = after;
            let feeds: Vec<Feed<'_>> = burst.iter().map(|batch| Feed::U32(batch)).collect();
            let program = step.program(params, burst[0].len())?;
            let mut parts = vec![Part { program, runs: burst.len(), feeds: &feeds }];
            if watch.is_due(params.cursor() + burst.len() as u64) {
                parts.extend(watch.validate.as_mut().map(|validate| validate.part(params)).transpose()?);
            }
            let outputs = sequence.run(params, &mut parts)?;
            for (run, batch) in outputs[0].iter().zip(burst) {
                params.set_cursor(params.cursor() + 1);
                let done = params.cursor() == total;
                history.interrupted = !done && interrupt::requested();
                let last = done || history.interrupted;
                let validated = outputs.get(1).map(Vec::as_slice);
                watch.step(params, &Seen::new(run, batch.len()), validated, last, &mut history, progress)?;
                if history.ended() {
                    break;
                }
            }
        }
    }
    history.test_acc = evaluate::score(model, params, &data.test, data.input, device)?.accuracy;
    history.seconds = started.elapsed().as_secs_f64();
    Ok(history)
}

impl History {
    /// Whether the training came to an end before its time.
    fn ended(&self) -> bool {
        self.interrupted || self.diverged_at.is_some()
    }
}

/// What a step says of its batch.
struct Seen {
    loss: f64,
    train_acc: f64,
    norms: Vec<f64>,
}

impl Seen {
    fn new(outputs: &Outputs, batch: usize) -> Self {
        Self {
            loss: f64::from(outputs[0]),
            train_acc: 100.0 * f64::from(outputs[1]) / batch as f64,
            norms: (2..outputs.len()).map(|k| f64::from(outputs[k])).collect(),
        }
    }
}

/// Sums over the batches since the last record.
#[derive(Default)]
struct Sum {
    batches: f64,
    loss: f64,
    train_acc: f64,
}

/// Looks at a training after each step.
struct Watch<'a, F> {
    validate: Option<Evaluation<'a, F>>,
    eval_every: u64,
    means: bool,
    sum: Sum,
    /// The store at the last record.
    sound: ParamData,
}

impl<F> Watch<'_, F>
where
    F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// Whether a record comes after this step.
    fn is_due(&self, step: u64) -> bool {
        step.is_multiple_of(self.eval_every)
    }

    /// How many of the batches to come are submitted at once: on a device that runs ahead, those of one size up to the next
    /// record.
    fn burst(&self, params: &Params, batches: &[&[u32]], device: &Device) -> usize {
        if !device.runs_ahead() {
            return 1;
        }
        let alike = batches.iter().take_while(|batch| batch.len() == batches[0].len()).count();
        let until_record = self.eval_every - params.cursor() % self.eval_every;
        alike.min(until_record.min(MAX_BURST) as usize)
    }

    /// Records where it is time to, and puts the store back where the step has led to NaN or infinities. Weights are
    /// searched for them before a record and after the `last` step: others show in the next loss.
    fn step(
        &mut self,
        params: &Params,
        seen: &Seen,
        validated: Option<&[Outputs]>,
        last: bool,
        history: &mut History,
        progress: &mut Progress,
    ) -> Result<()> {
        let step = params.cursor();
        history.steps = step;
        let due = self.is_due(step);
        let weights_are_finite = || params.data().values.iter().all(|v| v.is_finite());
        if !seen.loss.is_finite() || ((due || last) && !weights_are_finite()) {
            history.diverged_at = Some(step);
            params.restore(self.sound.clone());
            return Ok(());
        }
        self.sum.batches += 1.0;
        self.sum.loss += seen.loss;
        self.sum.train_acc += seen.train_acc;
        if due {
            self.record(params, seen, validated, history, progress)?;
        }
        if history.interrupted {
            progress.note("interrupted: saving what there is; Ctrl-C again to leave at once");
        }
        Ok(())
    }

    fn record(
        &mut self,
        params: &Params,
        seen: &Seen,
        validated: Option<&[Outputs]>,
        history: &mut History,
        progress: &mut Progress,
    ) -> Result<()> {
        let scored = self.validate.as_mut().zip(validated);
        let score = scored.map(|(validate, whole)| validate.score_of(params, whole)).transpose()?;
        let Sum { batches, loss, train_acc } = mem::take(&mut self.sum);
        let (loss, train_acc) =
            if self.means { (loss / batches, train_acc / batches) } else { (seen.loss, seen.train_acc) };
        history.loss.push(loss);
        history.train_acc.push(train_acc);
        history.val_loss.extend(score.map(|s| s.loss));
        history.val_acc.extend(score.map(|s| s.accuracy));
        for (curve, &norm) in history.norms.iter_mut().zip(&seen.norms) {
            curve.push(norm);
        }
        progress.record(params.cursor(), loss, train_acc, score.map(|s| s.accuracy));
        self.sound = params.snapshot();
        Ok(())
    }
}
