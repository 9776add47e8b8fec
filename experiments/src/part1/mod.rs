//! Part 1: activation functions, XOR, and four concepts of training shown by numbers.
pub mod activations;
pub mod boundary;
pub mod concepts;
mod options;
mod pictures;
mod report;
mod result;
mod trainings;
pub mod xor;

pub use options::{Options, Reduction, Reductions};

use crate::{
    interrupt,
    output::OutDir,
    results::{ResultFile, part1 as results},
};
use activations::{ACTIVATIONS, Curve, curve};
use anyhow::{Result, bail};
use boundary::Grid;
use concepts::{
    batches,
    calibration::{self, Calibrated},
    parameters, snapshots,
};
use std::time::Instant;
use trainings::{Group, train_all};
use xor::Points;

/// All that is computed.
struct Work {
    curves: Vec<Curve>,
    points: Points,
    grid: Grid,
    /// Epochs from one record of their losses to the next.
    eval_every: u64,
    groups: Vec<Group>,
    snapshots: results::Snapshots,
    batches: Vec<results::Batches>,
    parameters: Vec<results::ParameterCount>,
    calibrated: Calibrated,
}

impl Work {
    fn new(options: &Options) -> Result<Self> {
        let device = options.machine()?;
        let points = Points::draw(options.seed);
        let grid = Grid::around(&points.validation);
        let groups = train_all(options, &points, &grid)?;
        Ok(Self {
            curves: ACTIVATIONS.into_iter().map(|a| curve(a, &device)).collect::<Result<_>>()?,
            snapshots: snapshots::compare(options.seed, &points, &device)?,
            batches: batches::count(options.seed),
            parameters: parameters::count(),
            calibrated: calibration::calibrate(options.seed, &device)?,
            points,
            grid,
            eval_every: options.eval_every,
            groups,
        })
    }
}

/// Runs part 1 as told, writing results and figures; whether the user stopped it.
///
/// # Errors
/// Where the device cannot be had or the output directory not be written. At the end also where a training diverged:
/// the text names network and epoch, and everything is written.
pub fn run(options: &Options) -> Result<bool> {
    let started = Instant::now();
    let out = OutDir::create(&options.out)?;
    let work = Work::new(options)?;
    let result = work.result(options, started)?;
    work.draw(&out)?;
    result.write(&out)?;
    if !options.quiet {
        report::print(&result, &out);
    }
    let diverged = |xor: &results::Xor| {
        let run = xor.runs.iter().find(|run| run.diverged_at.is_some())?;
        Some(format!("{} ({}) diverged at epoch {}", xor.network, xor.reduction, run.diverged_at?))
    };
    let diverged: Vec<String> = result.xor.iter().filter_map(diverged).collect();
    if !diverged.is_empty() {
        bail!("{}; try a lower --lr", diverged.join(", "));
    }
    Ok(result.meta.interrupted)
}

/// Whether the output directory holds what [`run`] would make: a result of the same flags and version, whole.
pub fn is_finished(options: &Options) -> bool {
    let found = results::Part1::read(&options.out.join("part1.json"));
    found.is_ok_and(|found| found.meta.is_of(&options.flags()))
}

/// Seconds it will take on this machine, from a hundredth of every training.
///
/// # Errors
/// Where the device cannot be had.
pub fn estimate(options: &Options) -> Result<f64> {
    let epochs = (options.epochs / 100).max(1);
    let few = Options { epochs, runs: 1, quiet: true, ..options.clone() };
    let points = Points::draw(options.seed);
    let grid = Grid::around(&points.validation);
    let started = Instant::now();
    train_all(&few, &points, &grid)?;
    let times = options.epochs as f64 / epochs as f64 * f64::from(options.runs);
    Ok(started.elapsed().as_secs_f64() * times)
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: &Options) -> Result<i32> {
    interrupt::main(|| run(options))
}
