//! The flags of part 3.
use crate::session::{self, Common};
use clap::Parser;
use std::path::PathBuf;

/// Part 3 of the homework: trains five networks with Adam and writes curves, figures and weights.
#[derive(Parser, Clone, Debug)]
#[command(name = "part3", version)]
pub struct Options {
    /// Flags that all parts share
    #[command(flatten)]
    pub common: Common,

    /// Networks to train, by name: mlp_1, mlp_2, cnn_3, cnn_4, cnn_5 [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = session::network)]
    pub models: Vec<String>,

    /// Passes over the training images
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub epochs: u64,

    /// Trainings of each network, from fresh weights; curves are averaged, the best run's weights kept
    /// [default: the edition's]
    #[arg(long, value_name = "R", value_parser = session::at_least_one)]
    pub runs: Option<usize>,

    /// Adam's learning rate [default: the edition's]
    #[arg(long, value_parser = session::rate)]
    pub lr: Option<f64>,

    /// Start from these weights instead of fresh ones
    #[arg(long, value_name = "FILE.safetensors")]
    pub init: Option<PathBuf>,
}

impl Options {
    /// Trainings of each network.
    pub fn runs(&self) -> usize {
        self.runs.unwrap_or(self.common.defaults().runs)
    }

    /// Adam's learning rate.
    pub fn lr(&self) -> f64 {
        self.lr.unwrap_or(self.common.defaults().lr)
    }
}
