//! The flags of part 1.
use crate::{
    options::{DeviceArgs, Kind},
    session,
};
use clap::{Parser, ValueEnum};
use ferrotape_autograd::Device;
use std::{collections::BTreeMap, fmt, path::PathBuf, thread};

/// Part 1 of the homework: activation functions, XOR, and four concepts of training shown by numbers.
#[derive(Parser, Clone, Debug)]
#[command(name = "part1", version)]
pub struct Options {
    /// Steps of each XOR training, every one on all 1,000 points
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub epochs: u64,

    /// Trainings of each XOR network, from fresh weights
    #[arg(long, default_value = "5", value_name = "R", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub runs: u16,

    /// Gradient of half the sum or half the mean of the squared errors
    #[arg(long, default_value = "both", value_name = "sum|mean|both")]
    pub reduction: Reductions,

    /// Learning rate of the XOR trainings
    #[arg(long, default_value_t = 1e-3, value_parser = session::rate)]
    pub lr: f64,

    /// Epochs from one record of the loss to the next
    #[arg(long, default_value_t = 50, value_name = "EPOCHS", value_parser = clap::value_parser!(u64).range(1..))]
    pub eval_every: u64,

    /// Seed of the points and of the first run's weights
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Which machine; threads each make trainings of their own
    #[command(flatten)]
    pub device: DeviceArgs,

    /// Directory of the results
    #[arg(long, default_value = "out/part1", value_name = "DIR")]
    pub out: PathBuf,

    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// What is made one number of the squared errors of all points; half of it is descended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their sum: the homework's update.
    Sum,
    /// Their mean: a thousandth of that step.
    Mean,
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sum => "sum",
            Self::Mean => "mean",
        })
    }
}

/// One of them or both.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum Reductions {
    /// The sum.
    Sum,
    /// The mean.
    Mean,
    /// First the sum, then the mean.
    Both,
}

impl Options {
    /// The reductions to train with.
    pub fn reductions(&self) -> &'static [Reduction] {
        match self.reduction {
            Reductions::Sum => &[Reduction::Sum],
            Reductions::Mean => &[Reduction::Mean],
            Reductions::Both => &[Reduction::Sum, Reduction::Mean],
        }
    }

    /// Trainings made at a time.
    pub fn workers(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, |n| n.get());
        self.device.threads.map_or_else(cores, usize::from)
    }

    /// The machine of one training, on its worker's thread alone.
    ///
    /// # Errors
    /// Where it cannot be had.
    pub fn machine(&self) -> anyhow::Result<Device> {
        match self.device.device {
            Kind::Cpu => Ok(Device::threads(1)?),
            _ => self.device.device(),
        }
    }

    /// Everything that decides a result, for its `meta`.
    pub fn flags(&self) -> BTreeMap<String, String> {
        let reductions: Vec<String> = self.reductions().iter().map(Reduction::to_string).collect();
        [
            ("epochs", self.epochs.to_string()),
            ("runs", self.runs.to_string()),
            ("reduction", reductions.join(",")),
            ("lr", self.lr.to_string()),
            ("eval_every", self.eval_every.to_string()),
            ("seed", self.seed.to_string()),
            ("device", self.device.device.to_string()),
            ("threads", self.workers().to_string()),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
    }
}
