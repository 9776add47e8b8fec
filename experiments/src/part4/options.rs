//! The flags of part 4.
use crate::session::{self, Common};
use clap::Parser;
use ferrotape_autograd::Input;

/// Part 4 of the homework: trains each network with ReLU and with the logistic sigmoid by plain gradient descent, and
/// follows the gradients of its layers.
#[derive(Parser, Clone, Debug)]
#[command(name = "part4", version)]
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

    /// Learning rate of the gradient descent
    #[arg(long, default_value = "0.01", value_parser = session::rate)]
    pub lr: f64,

    /// The bonus: train some networks again with these inputs, e.g. raw255,rgb01
    #[arg(long, value_name = "INPUTS", value_delimiter = ',')]
    pub inputs: Vec<Input>,

    /// The networks of the bonus
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "mlp_1,cnn_3", value_parser = session::network)]
    pub inputs_models: Vec<String>,
}
