//! Trainings of one network.
use super::{Checkpoints, Session, fnv::Fnv, kept::Kept};
use crate::{
    progress::Progress,
    train::{History, Protocol, Trainee, train_side_by_side},
};
use anyhow::{Context, Result};
use ferrotape_autograd::{Params, Update};
use ferrotape_nn::{
    MultiStep, Sequential,
    models::{Network, Variant},
    state_dict, summary,
};
use std::{collections::BTreeSet, path::Path, slice};

/// What is to be trained, and how.
#[derive(Clone, Debug)]
pub struct Job<'a, U> {
    /// What progress lines begin with.
    pub label: String,
    /// The network.
    pub network: &'a Network,
    /// What it is built for.
    pub variant: Variant,
    /// Seed of its weights and of the order of the images.
    pub seed: u64,
    /// The optimiser.
    pub rule: U,
    /// Length, rates, records.
    pub protocol: Protocol,
    /// A weight file and what it holds, to start from instead of fresh weights.
    pub init: Option<(&'a Path, &'a [u8])>,
}

/// A training that came to its end, or to the user's.
pub struct Run {
    /// The network.
    pub model: Sequential,
    /// Its parameters.
    pub params: Params,
    /// The first layer's weights before the training, in PyTorch's layout.
    pub before: Vec<f32>,
    /// What was recorded.
    pub history: History,
}

impl Run {
    /// The first layer's weights now, and their shape, in PyTorch's layout.
    pub fn first_layer(&self) -> (Vec<usize>, Vec<f32>) {
        let first = self.params.ids().next().expect("a network has weights");
        (self.params.info(first).shape.to_vec(), self.params.values(first))
    }
}

/// Values of the first layer's weights, in PyTorch's layout.
fn first_weights(params: &Params) -> Vec<f32> {
    params.ids().next().map(|p| params.values(p)).unwrap_or_default()
}

/// A training on its way to a [`Run`].
struct Pending<'a, 'j, U> {
    job: &'a Job<'j, U>,
    model: Sequential,
    params: Params,
    before: Vec<f32>,
    /// Where it is kept once it is finished, and its name there.
    place: Option<(&'a Kept, String)>,
    /// All that decides it, for a file's reader.
    note: String,
    checkpoints: Option<Checkpoints>,
    /// What an earlier call has recorded up to where the store stands.
    begun: Option<History>,
    history: Option<History>,
}

impl<U> Pending<'_, '_, U> {
    fn trainee(&self) -> Trainee<'_> {
        let Self { job, model, params, begun, checkpoints, .. } = self;
        let (begun, checkpoints) = (begun.as_ref(), checkpoints.as_ref());
        Trainee { model, params, rate: &job.protocol.rate, begun, checkpoints }
    }

    /// Keeps what has come to its own end.
    fn end(&mut self, history: History) {
        if let Some((kept, name)) = self.place.as_ref().filter(|_| !history.interrupted) {
            // Results can be written all the same.
            match kept.save(name, &self.note, &history, &self.params) {
                Ok(()) => self.checkpoints.iter().for_each(Checkpoints::remove),
                Err(e) => eprintln!("warning: {}: not kept: {e:#}", self.job.label),
            }
        }
        self.history = Some(history);
    }

    fn run(self) -> Run {
        let Self { model, params, before, history, .. } = self;
        Run { model, params, before, history: history.expect("kept or made") }
    }
}

impl Session {
    /// The table of a network's modules, with a heading.
    pub fn summary(&self, network: &Network, variant: &Variant) -> String {
        let params = Params::default();
        let model = network.build(&params, variant);
        format!("{}\n{}", network.name, summary(&model, &params, &variant.image))
    }

    /// Trains, unless an earlier call has kept the very same training.
    ///
    /// # Errors
    /// Where the machine fails, the initial weights do not fit, or what was kept cannot be read.
    pub fn train<U: Update + Clone>(&self, job: &Job<'_, U>) -> Result<Run> {
        Ok(self.train_side_by_side(slice::from_ref(job))?.remove(0))
    }

    /// Trains side by side those of the jobs that no earlier call has kept: jobs that differ in nothing but label, seed, rate and
    /// initial weights. Each gives what it gives alone.
    ///
    /// # Errors
    /// As [`Session::train`].
    ///
    /// # Panics
    /// If the jobs differ in more.
    pub fn train_side_by_side<U: Update + Clone>(&self, jobs: &[Job<'_, U>]) -> Result<Vec<Run>> {
        assert!(jobs.iter().all(|job| job.kind() == jobs[0].kind()), "jobs of one kind stand side by side");
        let mut all: Vec<Pending<'_, '_, U>> =
            jobs.iter().map(|job| self.pending(job)).collect::<Result<_>>()?;
        // Those that stand at one step go on together.
        let unfinished = all.iter().filter(|run| run.history.is_none());
        let cursors: BTreeSet<u64> = unfinished.map(|run| run.params.cursor()).collect();
        for cursor in cursors {
            let mut here: Vec<&mut Pending<'_, '_, U>> =
                all.iter_mut().filter(|run| run.history.is_none() && run.params.cursor() == cursor).collect();
            let (open, trainees): (Vec<_>, Vec<_>) = here.iter().map(|run| (run.job, run.trainee())).unzip();
            let histories = self.go_on(&open, &trainees)?;
            for (run, history) in here.iter_mut().zip(histories) {
                run.end(history);
            }
        }
        Ok(all.into_iter().map(Pending::run).collect())
    }

    /// A training as it stands: before its first step, where an earlier call has left it, or finished by one.
    fn pending<'a, U: Update>(&'a self, job: &'a Job<'a, U>) -> Result<Pending<'a, 'a, U>> {
        let params = Params::seeded(job.seed);
        let model = job.network.build(&params, &job.variant);
        if let Some((path, bytes)) = job.init {
            state_dict::from_bytes(&params, bytes, path)?;
        }
        let before = first_weights(&params);
        let mut run = Pending {
            job,
            model,
            params,
            before,
            place: None,
            note: format!("{}, {}, version {}", self.data.name, job.describe(), env!("CARGO_PKG_VERSION")),
            checkpoints: None,
            begun: None,
            history: None,
        };
        let Some(kept) = &self.kept else { return Ok(run) };
        let name = kept.name(job.network.name, &job.describe(), &self.splits);
        run.history = kept.load(&name, &run.params)?;
        if let Some(history) = &run.history {
            self.say(&format!("{}: kept from before, test {:.2} %", job.label, history.test_acc));
        }
        if self.common.survives() {
            let checkpoints =
                Checkpoints::new(kept.unfinished(&name), self.common.checkpoint_every, &run.note);
            if self.common.resume && run.history.is_none() {
                run.begun = checkpoints.go_on(&run.params)?;
            }
            if run.begun.is_some() {
                self.say(&format!("{}: goes on after step {}", job.label, run.params.cursor()));
            }
            run.checkpoints = Some(checkpoints);
        }
        run.place = Some((kept, name));
        Ok(run)
    }

    /// How many trainings of one kind are made at a time.
    pub fn at_a_time(&self) -> usize {
        let usual = if self.device.runs_ahead() { usize::MAX } else { 1 };
        self.common.side_by_side.unwrap_or(usual)
    }

    /// Whether an earlier call has kept the very same training.
    pub(super) fn is_kept<U: Update>(&self, job: &Job<'_, U>) -> bool {
        let kept = self.kept.as_ref();
        kept.is_some_and(|kept| kept.has(&kept.name(job.network.name, &job.describe(), &self.splits)))
    }

    /// Trains from where the stores stand to the end of the protocol.
    fn go_on<U: Update + Clone>(
        &self,
        jobs: &[&Job<'_, U>],
        trainees: &[Trainee<'_>],
    ) -> Result<Vec<History>> {
        let first = jobs[0];
        let (protocol, batch) = (&first.protocol, first.protocol.batch);
        let label = match jobs.len() {
            1 => first.label.clone(),
            n => format!("{} and {} beside it", first.label, n - 1),
        };
        let steps = self.splits.train.len().div_ceil(batch) as u64;
        let images = (batch * jobs.len()) as u64;
        let mut progress = Progress::new(steps * protocol.epochs, images, &label, self.common.mode());
        if steps > 1 {
            progress = progress.with_epoch(steps);
        }
        progress = progress.resumed_at(trainees[0].params.cursor());
        let rule = first.rule.clone();
        let histories =
            train_side_by_side(trainees, rule, &self.splits, protocol, &self.device, &mut progress)
                .with_context(|| label.clone())?;
        if histories.iter().any(|history| history.interrupted) {
            progress.note(self.common.to_go_on());
        }
        let ends: Vec<String> = trainees.iter().zip(&histories).map(|(t, h)| end(h, t.params)).collect();
        if let [only] = &ends[..] {
            progress.finish(only);
        } else {
            for (job, end) in jobs.iter().zip(&ends) {
                progress.note(&format!("{}: {end}", job.label));
            }
            progress.finish(&format!("all {}", jobs.len()));
        }
        Ok(histories)
    }
}

/// How a training ended, in a few words.
fn end(history: &History, params: &Params) -> String {
    let diverged = history.diverged_at.map(|step| format!("diverged at step {step}, kept from before: "));
    let (test, digest) = (history.test_acc, params.digest());
    format!("{}test {test:.2} %, digest {digest:016x}", diverged.unwrap_or_default())
}

impl<U: Update> Job<'_, U> {
    /// All that decides the training but its images.
    fn describe(&self) -> String {
        let Self { label: _, network, variant, seed, rule, protocol, init } = self;
        let init = init.map_or_else(|| "fresh".into(), |(_, bytes)| format!("from {}", Fnv::of(bytes)));
        format!("{network:?} {variant:?} seed {seed} {rule:?} {protocol:?} weights {init}")
    }

    /// What it has in common with those that it can be trained side by side with.
    fn kind(&self) -> String {
        let Self { network, variant, rule, protocol, .. } = self;
        let rate = MultiStep { lr: 0.0, milestones: Vec::new(), gamma: 1.0 };
        let protocol = Protocol { rate, ..protocol.clone() };
        format!("{network:?} {variant:?} {rule:?} {protocol:?}")
    }
}
