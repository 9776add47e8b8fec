//! All XOR trainings, several at a time: each is a thread's own, so their number changes no bit.
use super::{
    boundary::{Agreement, Grid},
    options::{Options, Reduction},
    xor::{self, Architecture, Points, Protocol},
};
use crate::{
    interrupt,
    progress::{Mode, Progress},
};
use anyhow::Result;
use std::{
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    thread,
};

/// Runs whose outputs over the grid are kept for the figure.
pub const PICTURED: usize = 5;

/// One training, without its network.
#[derive(Clone, Debug)]
pub struct Run {
    /// Seed of its weights.
    pub seed: u64,
    /// As [`xor::Trained`] has them.
    pub printed: Vec<f64>,
    /// Loss at every record.
    pub curve: Vec<f64>,
    /// Loss of the last epoch.
    pub last: f64,
    /// Percent of the validation points right.
    pub right: f64,
    /// Whether every point gets the same output.
    pub dead: bool,
    /// Where it diverged.
    pub diverged_at: Option<u64>,
    /// Digest of its weights.
    pub digest: u64,
    /// Outputs over the grid; given up after the first [`PICTURED`] runs.
    pub outputs: Vec<f32>,
}

/// All runs of one network under one reduction.
#[derive(Clone, Debug)]
pub struct Group {
    /// The network.
    pub architecture: Architecture,
    /// What is descended.
    pub reduction: Reduction,
    /// Its runs; fewer than asked for where the user stopped them.
    pub runs: Vec<Run>,
    /// How far they decide alike.
    pub agreement: Agreement,
}

enum Message {
    /// So many epochs more are done, the last with this loss.
    Epochs(u64, f64),
    /// Training number .0 is finished.
    Done(usize, Box<Run>),
    Failed(anyhow::Error),
}

/// Trains every network with every reduction asked for; groups without a finished run are left out.
///
/// # Errors
/// Where a machine fails.
pub fn train_all(options: &Options, points: &Points, grid: &Grid) -> Result<Vec<Group>> {
    let groups: Vec<(Reduction, Architecture)> =
        options.reductions().iter().flat_map(|&r| Architecture::ALL.map(|a| (r, a))).collect();
    let runs = usize::from(options.runs);
    let jobs = groups.len() * runs;
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = |send: Sender<Message>| {
        while !stop.load(Ordering::Relaxed) && !interrupt::requested() {
            let job = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(reduction, architecture)) = groups.get(job / runs) else { break };
            let message = match train_one(options, points, grid, architecture, reduction, job % runs, &send) {
                Ok(Some(run)) => Message::Done(job, Box::new(run)),
                Ok(None) => break,
                Err(error) => Message::Failed(error),
            };
            // The receiver lives as long as the workers.
            let _ = send.send(message);
        }
    };
    let mut finished: Vec<Option<Run>> = (0..jobs).map(|_| None).collect();
    let mut agreements = vec![Agreement::default(); groups.len()];
    let mut failure = None;
    thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..options.workers().min(jobs) {
            let send = send.clone();
            scope.spawn(|| work(send));
        }
        drop(send);
        let mode = if options.quiet { Mode::Quiet } else { Mode::Auto };
        let total = jobs as u64 * options.epochs;
        let mut progress = Progress::new(total, xor::TRAINING as u64, "XOR", mode).with_unit("points");
        let mut done = 0;
        for message in receive {
            match message {
                Message::Epochs(epochs, loss) => {
                    done += epochs;
                    progress.record(done, loss, None, None);
                }
                Message::Done(job, mut run) => {
                    agreements[job / runs].add(&run.outputs);
                    if job % runs >= PICTURED {
                        run.outputs = Vec::new();
                    }
                    finished[job] = Some(*run);
                }
                Message::Failed(error) => {
                    stop.store(true, Ordering::Relaxed);
                    failure = Some(error);
                }
            }
        }
        let complete = finished.iter().flatten().count();
        if interrupt::requested() {
            progress.note("interrupted: saving what there is; Ctrl-C again to leave at once");
        }
        progress.finish(&format!("{complete} of {jobs} trainings"));
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let mut finished = finished.into_iter();
    let group = |((reduction, architecture), agreement)| {
        let runs = finished.by_ref().take(runs).flatten().collect();
        Group { architecture, reduction, runs, agreement }
    };
    let groups: Vec<Group> = groups.into_iter().zip(agreements).map(group).collect();
    Ok(groups.into_iter().filter(|group| !group.runs.is_empty()).collect())
}

fn train_one(
    options: &Options,
    points: &Points,
    grid: &Grid,
    architecture: Architecture,
    reduction: Reduction,
    run: usize,
    send: &Sender<Message>,
) -> Result<Option<Run>> {
    let protocol =
        Protocol { epochs: options.epochs, lr: options.lr, reduction, eval_every: options.eval_every };
    let device = options.machine()?;
    let seed = options.seed.wrapping_add(run as u64);
    let mut reported = 0;
    let report = |epoch: u64, loss: f64| {
        let _ = send.send(Message::Epochs(epoch - reported, loss));
        reported = epoch;
    };
    let Some(trained) = xor::train(architecture, seed, points, &protocol, &device, report)? else {
        return Ok(None);
    };
    let _ = send.send(Message::Epochs(options.epochs - reported, trained.last));
    let outputs = grid.outputs(&trained.model, &trained.params, &device)?;
    Ok(Some(Run {
        seed,
        printed: trained.printed,
        curve: trained.curve,
        last: trained.last,
        right: trained.right,
        dead: trained.dead,
        diverged_at: trained.diverged_at,
        digest: trained.params.digest(),
        outputs,
    }))
}
