//! Flags of everything that trains the homework's networks.
use super::{Every, Flags};
use crate::{
    options::{DataArgs, Defaults, DeviceArgs, Edition},
    progress::Mode,
};
use clap::{ArgAction, Args, ValueEnum};
use ferrotape_autograd::Input;
use std::path::PathBuf;

/// Flags of everything that trains the homework's networks.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Which data
    #[command(flatten)]
    pub data: DataArgs,

    /// Edition of the homework: sets data, networks, input, runs, prediction bias and learning rate; single flags override
    /// it
    #[arg(long, default_value = "2025", value_name = "2022|2023|2025")]
    pub edition: Edition,

    /// How bytes become numbers: rgb, rgb01, gray, raw255 or signed [default: the edition's]
    #[arg(long, value_name = "INPUT")]
    pub input: Option<Input>,

    /// Images a step
    #[arg(long, default_value = "50", value_name = "N", value_parser = at_least_one)]
    pub batch: usize,

    /// Steps from one record to the next
    #[arg(long, default_value_t = 10, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    pub eval_every: u64,

    /// Seed of the split, the weights and the order of the images
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Which machine
    #[command(flatten)]
    pub device: DeviceArgs,

    /// Trainings of one network that are made at a time. A GPU makes a step of all of them with the launches of one, in the memory
    /// of as many; results are the same for any N [default: on a GPU all, on the cpu 1]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub side_by_side: Option<usize>,

    /// Train on N images only, as many of each class
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub train_limit: Option<usize>,

    /// Whether the prediction layer has a bias [default: the edition's]
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    pub prediction_bias: Option<bool>,

    /// Directory of the results [default: `out/PART`]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Write results as Python pickles too, and first-layer weights as .npy
    #[arg(long)]
    pub pickle: bool,

    /// Keep finished trainings in DIR, and take from there those that an earlier call made from the same inputs
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,

    /// Write down every training on the way: after the first record that comes N steps, or X minutes, after the last time. Finished
    /// trainings are kept too, in `checkpoints` of the results unless `--keep` says where
    #[arg(long, value_name = "N|Xm")]
    pub checkpoint_every: Option<Every>,

    /// Go on with what an earlier call, with otherwise the same flags, has written down
    #[arg(long)]
    pub resume: bool,

    /// What a training that came to a number that is not finite is: a failure, once everything is written, or a result
    #[arg(long, value_enum, default_value_t = OnNan::Stop, value_name = "stop|ignore", hide_possible_values = true)]
    pub on_nan: OnNan,

    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// What becomes of a call one of whose trainings has diverged. What was recorded before is written in either case.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnNan {
    /// It fails, and says where the first such number came from.
    Stop,
    /// It goes on; the result says so.
    Ignore,
}

/// A whole number from 1 on.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected at least 1".into()),
        Ok(n) => Ok(n),
        Err(_) => Err("expected a whole number, at least 1".into()),
    }
}

/// A learning rate.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(lr) if lr.is_finite() && lr > 0.0 => Ok(lr),
        _ => Err("expected a positive number".into()),
    }
}

/// The name of a network.
pub(crate) fn network(name: &str) -> Result<String, String> {
    use ferrotape_nn::models::{Network, TABLE_A};
    let known = || TABLE_A.iter().map(|n| n.name).collect::<Vec<_>>().join(", ");
    match Network::find(TABLE_A, name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(format!("unknown model {name}, expected {}", known())),
    }
}

impl Common {
    /// What the edition sets.
    pub fn defaults(&self) -> Defaults {
        self.edition.defaults()
    }

    /// How bytes of images of so many channels become numbers.
    pub fn input(&self, channels: usize) -> Input {
        self.input.unwrap_or_else(|| self.edition.input(channels))
    }

    /// Whether trainings are written down on the way, or gone on with.
    pub(super) fn survives(&self) -> bool {
        self.checkpoint_every.is_some() || self.resume
    }

    /// How a training that the user stopped is gone on with.
    pub(super) fn to_go_on(&self) -> &'static str {
        match (self.checkpoint_every, self.resume) {
            (Some(_), true) => "to go on from the last record: the same command",
            (Some(_), false) => "to go on from the last record: the same command with --resume",
            (None, _) => {
                "it was not written down to be gone on with: that takes --checkpoint-every from the beginning"
            }
        }
    }

    /// How progress is shown.
    pub fn mode(&self) -> Mode {
        if self.quiet { Mode::Quiet } else { Mode::Auto }
    }

    /// Whether the prediction layer has a bias.
    pub fn prediction_bias(&self) -> bool {
        self.prediction_bias.unwrap_or(self.defaults().prediction_bias)
    }

    /// Where the results of `part` go.
    pub fn out(&self, part: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from("out").join(part))
    }

    /// Those that decide a result, as resolved; `data` and `input` are the data set found and
    /// its input.
    pub(super) fn flags(&self, data: &str, input: Input) -> Flags {
        let limit = self.train_limit.map_or("all".into(), |n| n.to_string());
        [
            ("data", data.into()),
            ("edition", self.edition.to_string()),
            ("input", input.to_string()),
            ("device", self.device.device.to_string()),
            ("seed", self.seed.to_string()),
            ("batch", self.batch.to_string()),
            ("eval_every", self.eval_every.to_string()),
            ("train_limit", limit),
            ("prediction_bias", self.prediction_bias().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
