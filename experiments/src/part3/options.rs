//! The flags of part 3.
use crate::options::{DataArgs, Defaults, DeviceArgs, Edition};
use clap::{ArgAction, Parser};
use ferrotape_autograd::Input;
use ferrotape_nn::models::{Network, TABLE_A};
use std::{collections::BTreeMap, path::PathBuf};

/// Part 3 of the homework: trains five networks with Adam and writes curves, figures and weights.
#[derive(Parser, Clone, Debug)]
#[command(name = "part3", version)]
pub struct Options {
    /// Which data
    #[command(flatten)]
    pub data: DataArgs,

    /// Edition of the homework: sets input, runs, prediction bias and learning rate; single flags override it
    #[arg(long, default_value = "2025", value_name = "2023|2025")]
    pub edition: Edition,

    /// How bytes become numbers: rgb, rgb01, gray, raw255 or signed [default: the edition's]
    #[arg(long, value_name = "INPUT")]
    pub input: Option<Input>,

    /// Networks to train, by name: mlp_1, mlp_2, cnn_3, cnn_4, cnn_5 [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = network)]
    pub models: Vec<Named>,

    /// Passes over the training images
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub epochs: u64,

    /// Trainings of each network, from fresh weights; curves are averaged, the best run's weights kept
    /// [default: the edition's]
    #[arg(long, value_name = "R", value_parser = at_least_one)]
    pub runs: Option<usize>,

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

    /// Train on N images only, as many of each class
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub train_limit: Option<usize>,

    /// Whether the prediction layer has a bias [default: the edition's]
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    pub prediction_bias: Option<bool>,

    /// Adam's learning rate [default: the edition's]
    #[arg(long, value_parser = rate)]
    pub lr: Option<f64>,

    /// Start from these weights instead of fresh ones
    #[arg(long, value_name = "FILE.safetensors")]
    pub init: Option<PathBuf>,

    /// Directory of the results
    #[arg(long, default_value = "out/part3", value_name = "DIR")]
    pub out: PathBuf,

    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// A network of table A.
#[derive(Clone, Debug)]
pub struct Named(pub Network);

fn network(name: &str) -> Result<Named, String> {
    let known = || TABLE_A.iter().map(|n| n.name).collect::<Vec<_>>().join(", ");
    Network::find(TABLE_A, name)
        .map(Named)
        .ok_or_else(|| format!("unknown model {name}, expected {}", known()))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected at least 1".into()),
        Ok(n) => Ok(n),
        Err(_) => Err("expected a whole number, at least 1".into()),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(lr) if lr.is_finite() && lr > 0.0 => Ok(lr),
        _ => Err("expected a positive number".into()),
    }
}

impl Options {
    fn defaults(&self) -> Defaults {
        self.edition.defaults()
    }

    /// The networks to train, in the order given.
    pub fn networks(&self) -> Vec<Network> {
        if self.models.is_empty() { TABLE_A.to_vec() } else { self.models.iter().map(|m| m.0).collect() }
    }

    /// How bytes become numbers.
    pub fn input(&self) -> Input {
        self.input.unwrap_or(self.defaults().input)
    }

    /// Trainings of each network.
    pub fn runs(&self) -> usize {
        self.runs.unwrap_or(self.defaults().runs)
    }

    /// Whether the prediction layer has a bias.
    pub fn prediction_bias(&self) -> bool {
        self.prediction_bias.unwrap_or(self.defaults().prediction_bias)
    }

    /// Adam's learning rate.
    pub fn lr(&self) -> f64 {
        self.lr.unwrap_or(self.defaults().lr)
    }

    /// Everything that decides a result, as resolved, for its `meta`; `data` is the name of the data set found.
    pub fn flags(&self, data: &str) -> BTreeMap<String, String> {
        let threads = self.device.threads.map_or("default".into(), |n| n.to_string());
        let limit = self.train_limit.map_or("all".into(), |n| n.to_string());
        let init = self.init.as_ref().map_or("fresh".into(), |p| p.display().to_string());
        [
            ("data", data.into()),
            ("edition", self.edition.to_string()),
            ("input", self.input().to_string()),
            ("device", self.device.device.to_string()),
            ("threads", threads),
            ("seed", self.seed.to_string()),
            ("epochs", self.epochs.to_string()),
            ("runs", self.runs().to_string()),
            ("batch", self.batch.to_string()),
            ("eval_every", self.eval_every.to_string()),
            ("train_limit", limit),
            ("prediction_bias", self.prediction_bias().to_string()),
            ("lr", self.lr().to_string()),
            ("init", init),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
    }
}
