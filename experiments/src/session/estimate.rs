//! How long trainings will take here, from a few steps of each.
use super::{Job, Session};
use crate::{
    evaluate::evaluation,
    train::{Protocol, training_step},
};
use anyhow::Result;
use ferrotape_autograd::{Params, Update};
use std::time::Instant;

/// Steps that are timed, after one that records the program.
const STEPS: usize = 4;

impl Session {
    /// Seconds that `jobs` will take; those that are kept take none.
    ///
    /// Jobs of one network, activation and rule are timed once, alone: side by side they take less. A machine that is busy later
    /// takes longer.
    ///
    /// # Errors
    /// Where the machine fails.
    pub fn estimate<U: Update + Clone>(&self, jobs: &[Job<'_, U>]) -> Result<f64> {
        let mut known: Vec<(String, Times)> = Vec::new();
        let mut total = 0.0;
        for job in jobs.iter().filter(|job| !self.is_kept(job)) {
            let kind = format!("{:?} {:?} {:?} {}", job.network, job.variant, job.rule, job.protocol.norms);
            let times = match known.iter().find(|(seen, _)| *seen == kind) {
                Some((_, times)) => *times,
                None => {
                    let times = self.time(job)?;
                    known.push((kind, times));
                    times
                }
            };
            total += self.seconds(&job.protocol, times);
        }
        Ok(total)
    }

    fn seconds(&self, protocol: &Protocol, times: Times) -> f64 {
        let steps = self.splits.train.len().div_ceil(protocol.batch) as u64 * protocol.epochs;
        let records = if protocol.validate { steps / protocol.eval_every } else { 0 };
        let images = records * self.splits.validation.len() as u64 + self.splits.test.len() as u64;
        steps as f64 * times.step + images as f64 * times.image
    }

    /// Times a step and the evaluation of an image, on parameters of their own.
    fn time<U: Update + Clone>(&self, job: &Job<'_, U>) -> Result<Times> {
        let params = Params::seeded(job.seed);
        let model = job.network.build(&params, &job.variant);
        let batch: Vec<u32> = self.splits.train.indices.iter().copied().take(job.protocol.batch).collect();
        let mut step =
            training_step(&model, job.rule.clone(), &self.splits, &params, job.protocol.norms, &self.device);
        step.run(&params, &batch)?;
        let started = Instant::now();
        for _ in 0..STEPS {
            step.run(&params, &batch)?;
        }
        let seconds = started.elapsed().as_secs_f64() / STEPS as f64;
        let mut few = self.splits.test.clone();
        few.indices.truncate(500);
        let mut evaluation = evaluation(&model, &params, &few, self.splits.input, &self.device);
        evaluation.scores(&[&params])?;
        let started = Instant::now();
        evaluation.scores(&[&params])?;
        Ok(Times { step: seconds, image: started.elapsed().as_secs_f64() / few.len() as f64 })
    }
}

/// Seconds of a training step, and of the evaluation of an image.
#[derive(Copy, Clone, Debug)]
struct Times {
    step: f64,
    image: f64,
}
