//! How long instructions take: the median of many runs.
use super::{Inspector, same};
use ferrotape_autograd::{Error, Feed, Params, Program};
use std::time::{Duration, Instant};

impl Inspector {
    /// Runs the program `runs` times as recorded, as many as fused but without chains, and as many as planned, and notes the
    /// median of each instruction, each chain and the whole run. The store is as before when this returns.
    ///
    /// # Errors
    /// If the feeds are not those declared, or a machine fails.
    ///
    /// # Panics
    /// As [`Program::run`].
    #[track_caller]
    pub fn time(&mut self, params: &Params, feeds: &[Feed<'_>], runs: usize) -> Result<(), Error> {
        let before = params.snapshot();
        let Self { model, plain, fused, run } = self;
        for (i, ns) in model.recorded.instructions.iter_mut().zip(medians(plain, params, feeds, runs)?) {
            i.ns = Some(ns);
        }
        let alone = medians(fused, params, feeds, runs)?;
        for (i, ns) in fused.code().instructions().iter().zip(alone) {
            if let Some(i) = same(&mut model.planned, &i.recorded) {
                i.ns = Some(ns);
            }
        }
        let staged = medians(run, params, feeds, runs)?;
        for stage in &mut model.planned.stages {
            stage.ns = Some(staged[stage.first]);
        }
        model.run_ns = Some(whole(run, params, feeds, runs)?);
        params.restore(before);
        Ok(())
    }
}

/// Nanoseconds of each instruction; those of a chain at its first one.
fn medians(
    program: &mut Program,
    params: &Params,
    feeds: &[Feed<'_>],
    runs: usize,
) -> Result<Vec<f64>, Error> {
    let count = program.code().instructions().len();
    let mut samples = vec![Vec::with_capacity(runs); count];
    // The first run warms memory and caches, and is not counted.
    for k in 0..=runs.max(1) {
        let mut times = vec![Duration::ZERO; count];
        program.run_timed(params, feeds, &mut times)?;
        if k > 0 {
            samples.iter_mut().zip(times).for_each(|(all, time)| all.push(time.as_nanos() as f64));
        }
    }
    Ok(samples.into_iter().map(median).collect())
}

/// Nanoseconds of a run.
fn whole(program: &mut Program, params: &Params, feeds: &[Feed<'_>], runs: usize) -> Result<f64, Error> {
    let mut samples = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        program.run(params, feeds)?;
        samples.push(start.elapsed().as_nanos() as f64);
    }
    Ok(median(samples))
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
