//! The flags of part 5.
use crate::session::{self, Common};
use clap::Parser;
use std::path::PathBuf;

/// Part 5 of the homework: one network with three learning rates, then with a rate that falls where validation
/// accuracy stops rising, against Adam.
#[derive(Parser, Clone, Debug)]
#[command(name = "part5", version)]
pub struct Options {
    /// Flags that all parts share
    #[command(flatten)]
    pub common: Common,

    /// The network, any but mlp_1
    #[arg(long, default_value = "cnn_3", value_name = "NAME", value_parser = favourite)]
    pub model: String,

    /// Epochs of the three constant rates
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub epochs: u64,

    /// Epochs of the schedules; more where no plateau shows
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub schedule_epochs: u64,

    /// The most epochs of a training in which no plateau shows
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub max_epochs: u64,

    /// Epochs after which the rate falls, instead of looking for plateaus: to 0.01, to 0.001
    #[arg(long, value_name = "E1,E2", value_parser = points)]
    pub switch: Option<[u64; 2]>,

    /// Epochs of the training with Adam that the schedule is compared with
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub adam_epochs: u64,

    /// A result of part 3 to compare with instead of training with Adam
    #[arg(long, value_name = "part3_<name>.json")]
    pub adam: Option<PathBuf>,
}

fn favourite(name: &str) -> Result<String, String> {
    match session::network(name)? {
        name if name == "mlp_1" => Err("the homework asks for any network but mlp_1".into()),
        name => Ok(name),
    }
}

fn points(text: &str) -> Result<[u64; 2], String> {
    let numbers: Option<Vec<u64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[first, second]) if 0 < first && first < second => Ok([first, second]),
        _ => Err("expected two rising numbers of epochs, e.g. 10,20".into()),
    }
}
