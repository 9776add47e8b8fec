//! One training of one network.
use super::Session;
use crate::{
    progress::Progress,
    train::{History, Protocol, train},
};
use anyhow::{Context, Result};
use ferrotape_autograd::{Params, Update};
use ferrotape_nn::{
    Sequential,
    models::{Network, Variant},
    state_dict, summary,
};
use std::path::Path;

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
        let params = Params::seeded(job.seed);
        let model = job.network.build(&params, &job.variant);
        if let Some((path, bytes)) = job.init {
            state_dict::from_bytes(&params, bytes, path)?;
        }
        let before = first_weights(&params);
        let name =
            self.kept.as_ref().map(|kept| (kept, kept.name(job.network.name, &job.describe(), &self.splits)));
        let earlier = name.as_ref().map(|(kept, name)| kept.load(name, &params)).transpose()?.flatten();
        let history = match earlier {
            Some(history) => {
                self.say(&format!("{}: kept from before, test {:.2} %", job.label, history.test_acc));
                history
            }
            None => {
                let history = self.go_on(job, &model, &params)?;
                if let Some((kept, name)) = name.filter(|_| !history.interrupted) {
                    kept.save(&name, &history, &params)?;
                }
                history
            }
        };
        Ok(Run { model, params, before, history })
    }

    /// Whether an earlier call has kept the very same training.
    pub(super) fn is_kept<U: Update>(&self, job: &Job<'_, U>) -> bool {
        let kept = self.kept.as_ref();
        kept.is_some_and(|kept| kept.has(&kept.name(job.network.name, &job.describe(), &self.splits)))
    }

    /// Trains from where the store stands to the end of the protocol.
    fn go_on<U: Update + Clone>(
        &self,
        job: &Job<'_, U>,
        model: &Sequential,
        params: &Params,
    ) -> Result<History> {
        let Job { label, protocol, .. } = job;
        let batch = protocol.batch;
        let steps = self.splits.train.len().div_ceil(batch) as u64;
        let mut progress = Progress::new(steps * protocol.epochs, batch as u64, label, self.common.mode());
        if steps > 1 {
            progress = progress.with_epoch(steps);
        }
        let rule = job.rule.clone();
        let history = train(model, params, rule, &self.splits, protocol, &self.device, &mut progress)
            .with_context(|| label.clone())?;
        let diverged = history.diverged_at.map(|step| format!("diverged at step {step}, kept from before: "));
        let (test, digest) = (history.test_acc, params.digest());
        progress.finish(&format!("{}test {test:.2} %, digest {digest:016x}", diverged.unwrap_or_default()));
        Ok(history)
    }
}

impl<U: Update> Job<'_, U> {
    /// All that decides the training but its images.
    fn describe(&self) -> String {
        let Self { label: _, network, variant, seed, rule, protocol, init } = self;
        let init = init.map(|(_, bytes)| bytes);
        format!("{network:?} {variant:?} {seed} {rule:?} {protocol:?} {init:?}")
    }
}
