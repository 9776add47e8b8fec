//! What was computed, as the result file has it.
use super::{
    Options, Work,
    activations::Curve,
    trainings::{Group, Run},
};
use crate::results::{
    Origin, now,
    part1::{ActivationCheck, Part1, Range, Xor, XorRun},
};
use anyhow::Result;
use std::time::Instant;

impl Work {
    pub(super) fn result(&self, options: &Options, started: Instant) -> Result<Part1> {
        let asked =
            options.reductions().len() * super::xor::Architecture::ALL.len() * usize::from(options.runs);
        let finished: usize = self.groups.iter().map(|group| group.runs.len()).sum();
        let every = super::xor::print_every(options.epochs);
        Ok(Part1 {
            activations: self.curves.iter().map(check).collect(),
            printed_epochs: (0..options.epochs).step_by(every as usize).collect(),
            curve_every: options.eval_every,
            xor: self.groups.iter().map(xor).collect(),
            snapshots: self.snapshots.clone(),
            batches: self.batches.clone(),
            parameters: self.parameters.clone(),
            calibration: self.calibrated.numbers.clone(),
            meta: Origin {
                data_set: "XOR: Gaussian blobs, 1,000 training and 100 validation points".into(),
                seed: options.seed,
                flags: options.flags(),
                seconds: started.elapsed().as_secs_f64(),
                device: options.machine()?.machine()?.name(),
                date: now(),
                version: env!("CARGO_PKG_VERSION").into(),
                interrupted: finished < asked,
            },
        })
    }
}

fn check(curve: &Curve) -> ActivationCheck {
    ActivationCheck {
        name: curve.activation.to_string(),
        value_error: curve.float32.value,
        derivative_error: curve.float32.derivative,
        value_error_f64: curve.float64.value,
        derivative_error_f64: curve.float64.derivative,
    }
}

fn xor(group: &Group) -> Xor {
    let right = || group.runs.iter().map(|run| run.right);
    let accuracy = Range {
        mean: right().sum::<f64>() / group.runs.len() as f64,
        min: right().fold(f64::INFINITY, f64::min),
        max: right().fold(f64::NEG_INFINITY, f64::max),
    };
    Xor {
        network: group.architecture.to_string(),
        reduction: group.reduction.to_string(),
        accuracy,
        dead_runs: group.runs.iter().filter(|run| run.dead).count(),
        boundary_change: group.agreement.change(),
        runs: group.runs.iter().map(one_run).collect(),
    }
}

fn one_run(run: &Run) -> XorRun {
    XorRun {
        seed: run.seed,
        printed: run.printed.clone(),
        last_loss: run.last,
        val_acc: run.right,
        dead: run.dead,
        digest: format!("{:016x}", run.digest),
        loss_curve: run.curve.clone(),
        diverged_at: run.diverged_at,
    }
}
