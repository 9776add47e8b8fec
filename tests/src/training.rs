//! One training step, run as it is written and replayed.
use ferrotape_autograd::{Device, Input, Params, Source, Tape, Update, Var};
use ferrotape_nn::{Module, Sequential, Step};
use std::sync::Arc;

/// What a step works on.
#[derive(Clone, Debug)]
pub struct Task {
    /// The images.
    pub source: Arc<dyn Source>,
    /// How their bytes become numbers.
    pub input: Input,
    /// Who computes.
    pub device: Device,
}

/// Runs a step at once: the loss of the batch before its update.
pub fn eager(task: &Task, params: &Params, model: &Sequential, rule: impl Update, batch: &[u32]) -> f32 {
    let tape = Tape::training(params).with_device(task.device.clone());
    let (x, labels) = tape.gather(tape.source(&task.source), tape.input_u32(batch), task.input);
    let loss = model.forward(x).cross_entropy(labels);
    loss.backward().step(rule);
    loss.item()
}

/// The same step, to be recorded and replayed.
pub fn recorded<'m>(
    task: &'m Task,
    model: &'m Sequential,
    rule: impl Update + Clone + 'm,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'm> {
    let step = Step::new(move |tape, n| {
        let (x, labels) = tape.batch(&task.source, task.input, n);
        let loss = model.forward(x).cross_entropy(labels);
        loss.backward().step(rule.clone());
        vec![loss]
    });
    step.on(task.device.clone())
}

/// The losses of replayed steps.
pub fn losses(
    task: &Task,
    params: &Params,
    model: &Sequential,
    rule: impl Update + Clone,
    batches: &[&[u32]],
) -> Vec<f32> {
    let mut step = recorded(task, model, rule);
    batches.iter().map(|batch| step.run(params, batch).expect("the feeds fit")[0]).collect()
}
