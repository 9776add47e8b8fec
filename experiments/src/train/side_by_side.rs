//! Trainings in lock step: one program, as many stores as there are trainings.
use super::{
    History, Protocol, Splits, training_step,
    watch::{Record, Watch},
    weights,
};
use crate::{
    evaluate::{Evaluation, Score, evaluation},
    interrupt,
    progress::Progress,
    session::Checkpoints,
};
use anyhow::Result;
use ferrotape_autograd::{Device, Feed, Params, Part, Sequence, Tape, Update, Var};
use ferrotape_data::Loader;
use ferrotape_nn::{MultiStep, Schedule, Sequential, Step};
use std::time::Instant;

/// The most steps that are submitted at once: a Ctrl-C is heard after them.
const MAX_BURST: u64 = 50;

/// One of the trainings that are made side by side.
#[derive(Copy, Clone)]
pub struct Trainee<'a> {
    /// The network.
    pub model: &'a Sequential,
    /// Its parameters, with the seed of its batches and dropout.
    pub params: &'a Params,
    /// Learning rate of each epoch, instead of the protocol's.
    pub rate: &'a MultiStep,
    /// What an earlier call has recorded up to where the store stands.
    pub begun: Option<&'a History>,
    /// Where it is written down on the way.
    pub checkpoints: Option<&'a Checkpoints>,
}

/// [`train`](super::train) for several trainings of one network, which have made as many steps. A GPU makes a step of all of
/// them with the launches of one; elsewhere it is made for one after the other.
///
/// Each has the results that it has alone, bit for bit: one that diverges ends by itself, and a Ctrl-C ends all after the same
/// step. `progress` is told means over those that go on.
///
/// # Errors
/// Where the machine fails.
///
/// # Panics
/// If there is no training, or if the stores are not alike.
pub fn train_side_by_side(
    trainees: &[Trainee<'_>],
    rule: impl Update + Clone,
    data: &Splits,
    protocol: &Protocol,
    device: &Device,
    progress: &mut Progress,
) -> Result<Vec<History>> {
    let started = Instant::now();
    let mut histories = steps(trainees, rule, data, protocol, device, progress)?;
    let stores: Vec<&Params> = trainees.iter().map(|t| t.params).collect();
    let mut test = evaluation(trainees[0].model, stores[0], &data.test, data.input, device);
    let scores = test.scores(&stores)?;
    let share = started.elapsed().as_secs_f64() / trainees.len() as f64;
    for (history, score) in histories.iter_mut().zip(scores) {
        history.test_acc = score.accuracy;
        history.seconds += share;
    }
    Ok(histories)
}

/// All steps; what is recorded of them.
fn steps(
    trainees: &[Trainee<'_>],
    rule: impl Update + Clone,
    data: &Splits,
    protocol: &Protocol,
    device: &Device,
    progress: &mut Progress,
) -> Result<Vec<History>> {
    let Trainee { model, params: first, .. } = trainees[0];
    let evaluation = || evaluation(model, first, &data.validation, data.input, device);
    let mut together = LockStep {
        first,
        step: training_step(model, rule, data, first, protocol.norms, device),
        validate: protocol.validate.then(evaluation),
        sequence: Sequence::default(),
        eval_every: protocol.eval_every,
        runs_ahead: device.runs_ahead(),
    };
    let layers = if protocol.norms { weights(first).len() } else { 0 };
    let mut all: Vec<Watch<'_>> = trainees.iter().map(|t| Watch::new(t, protocol, layers)).collect();
    let loader = |t: &Trainee<'_>| Loader::new(data.train.indices.clone(), protocol.batch, t.params.seed());
    let mut loaders: Vec<Loader> = trainees.iter().map(loader).collect();
    let per_epoch = loaders[0].batches() as u64;
    let total = per_epoch.saturating_mul(protocol.epochs);
    let mut cursor = first.cursor();
    assert!(trainees.iter().all(|t| t.params.cursor() == cursor), "trainings that are not at one step");
    while cursor < total && all.iter().any(Watch::goes_on) {
        let epoch = cursor / per_epoch;
        let mut images = [&data.train, &data.validation, &data.test].into_iter();
        images.try_for_each(|images| images.source.check_unchanged())?;
        trainees.iter().for_each(|t| t.params.set_lr(t.rate.lr(epoch)));
        let batches: Vec<Vec<&[u32]>> = loaders.iter_mut().map(|l| l.epoch(epoch).collect()).collect();
        while cursor / per_epoch == epoch && all.iter().any(Watch::goes_on) {
            let at = (cursor % per_epoch) as usize;
            let burst = if together.runs_ahead { burst(&batches[0][at..], cursor, protocol) } else { 1 };
            cursor += burst as u64;
            let running = all.iter_mut().zip(&batches).filter(|(watch, _)| watch.goes_on());
            let mut running: Vec<_> =
                running.map(|(watch, batches)| (watch, &batches[at..][..burst])).collect();
            together.go(&mut running, cursor, total, progress)?;
        }
    }
    for (watch, trainee) in all.iter_mut().zip(trainees) {
        if let Some(step) = watch.history.diverged_at {
            let by = together.diagnose(trainee, step, data, protocol)?;
            progress.note(&format!("not finite at step {step}: {by}"));
            watch.history.diverged_by = Some(by);
        }
    }
    Ok(all.into_iter().map(|watch| watch.history).collect())
}

/// The programs of trainings that make each step together.
struct LockStep<'a, T, V> {
    /// The store that the programs are recorded with; they are right for the others, and when it has ended.
    first: &'a Params,
    step: Step<T>,
    validate: Option<Evaluation<'a, V>>,
    sequence: Sequence,
    eval_every: u64,
    /// Whether looking at the parameters after each step would hold the machine up.
    runs_ahead: bool,
}

impl<T, V> LockStep<'_, T, V>
where
    T: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
    V: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// The instruction of step `step` that first made a number that is not finite. The store is as it was at the last record, from
    /// where the steps up to it are made again, and the last of them by the definitions; in the end it is there again.
    fn diagnose(
        &mut self,
        trainee: &Trainee<'_>,
        step: u64,
        data: &Splits,
        protocol: &Protocol,
    ) -> Result<String> {
        let Trainee { params, rate, .. } = trainee;
        let sound = params.snapshot();
        let mut loader = Loader::new(data.train.indices.clone(), protocol.batch, params.seed());
        let per_epoch = loader.batches() as u64;
        let mut found = None;
        for cursor in params.cursor()..step {
            params.set_lr(rate.lr(cursor / per_epoch));
            let batch = loader.epoch(cursor / per_epoch).nth((cursor % per_epoch) as usize);
            let batch = batch.expect("a batch for each step");
            let program = self.step.program(self.first, batch.len())?;
            let feeds = [Feed::U32(batch)];
            if cursor + 1 == step {
                found = program.replay::<f32>(params).first_not_finite(&feeds)?;
            } else {
                program.run(params, &feeds)?;
            }
            params.set_cursor(cursor + 1);
        }
        params.restore(sound);
        Ok(found.map_or_else(|| "by its definitions the step stays finite".into(), |found| found.to_string()))
    }

    /// Makes a step for each of the batches, with which the trainings come to step `cursor` of `total`, and a record where it is
    /// time to.
    fn go(
        &mut self,
        running: &mut [(&mut Watch<'_>, &[&[u32]])],
        cursor: u64,
        total: u64,
        progress: &mut Progress,
    ) -> Result<()> {
        let (runs, images) = (running[0].1.len(), running[0].1[0].len());
        let due = cursor.is_multiple_of(self.eval_every);
        let stores: Vec<&Params> = running.iter().map(|(watch, _)| watch.params).collect();
        let batches = running.iter().flat_map(|(_, batches)| *batches);
        let feeds: Vec<Feed<'_>> = batches.map(|batch| Feed::U32(batch)).collect();
        let mut parts = vec![Part { program: self.step.program(self.first, images)?, runs, feeds: &feeds }];
        if due {
            parts.extend(self.validate.as_mut().map(|v| v.part(stores.len())).transpose()?);
        }
        let outputs = self.sequence.run_side_by_side(&stores, &mut parts)?;
        let interrupted = cursor < total && interrupt::requested();
        let search = !self.runs_ahead || due || interrupted || cursor == total;
        if search {
            Params::bring_all_home(&stores);
        }
        for ((watch, _), outputs) in running.iter_mut().zip(outputs) {
            watch.steps(&outputs[0], images, search);
        }
        if due {
            let scores: Vec<Option<Score>> = match &mut self.validate {
                Some(validate) => {
                    let whole = outputs.iter().map(|parts| &parts[1][..]);
                    validate.scores_of(&stores, whole)?.into_iter().map(Some).collect()
                }
                None => vec![None; stores.len()],
            };
            let recording =
                running.iter_mut().zip(outputs).zip(scores).filter(|(((w, _), _), _)| w.goes_on());
            let records: Vec<Record> = recording
                .map(|(((watch, _), outputs), score)| watch.record(&outputs[0][runs - 1], images, score))
                .collect();
            tell(progress, cursor, &records);
        }
        if interrupted {
            let ended = running.iter_mut().filter(|(watch, _)| watch.goes_on());
            ended.for_each(|(watch, _)| watch.interrupt());
            progress.note("interrupted: saving what there is; Ctrl-C again to leave at once");
        }
        Ok(())
    }
}

/// How many of the batches to come are submitted at once to a device that runs ahead: those of one size up to the next record.
fn burst(batches: &[&[u32]], cursor: u64, protocol: &Protocol) -> usize {
    let alike = batches.iter().take_while(|batch| batch.len() == batches[0].len()).count();
    let until_record = protocol.eval_every - cursor % protocol.eval_every;
    alike.min(until_record.min(MAX_BURST) as usize)
}

/// Tells means of what was recorded after a step.
fn tell(progress: &mut Progress, step: u64, records: &[Record]) {
    let mean = |of: fn(&Record) -> f64| records.iter().map(of).sum::<f64>() / records.len() as f64;
    if let Some(first) = records.first() {
        let val_acc = first.val_acc.map(|_| mean(|r| r.val_acc.unwrap_or_default()));
        progress.record(step, mean(|r| r.loss), mean(|r| r.train_acc), val_acc);
    }
}
