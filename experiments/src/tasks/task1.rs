//! Task 1: two hidden layers, gradient descent on all training images at once.
//!
//! The source descends on the cross-entropy *summed* over the images at the rate 1e-5 (inferred: with the mean nothing is
//! learnt). Here the loss is the mean, so its rate is the sum's times the number of images: the same steps.
use super::{Spec, dashed, hidden, number};
use crate::{
    interrupt,
    session::{self, Common, Session},
    train::Protocol,
};
use anyhow::Result;
use clap::Parser;
use ferrotape_autograd::Input;
use ferrotape_data::synthetic::Form;
use ferrotape_nn::{
    Sgd,
    models::{Activation, Network},
};

/// Task 1 of the fourth source: fully connected networks, full-batch gradient descent on Fashion-MNIST.
#[derive(Parser, Clone, Debug)]
#[command(name = "task1", version)]
pub struct Options {
    /// Flags that all parts share
    #[command(flatten)]
    pub common: Common,

    /// Which networks: 1 narrowing, sigmoid; 2 narrowing, ReLU; 3 widening, ReLU
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "1,2,3", value_parser = number)]
    pub networks: Vec<u32>,

    /// Widths of the hidden layers [default: 128,64 narrowing, 128,256 widening]
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',', value_parser = session::at_least_one)]
    pub widths: Vec<usize>,

    /// Learning rate on the sum over the images [default: 1e-5, 5e-6, 5e-6 for 60,000 images, as much more as there are fewer]
    #[arg(long, value_parser = session::rate)]
    pub lr: Option<f64>,

    /// Activation: relu, leaky_relu, sigmoid or tanh [default: the network's]
    #[arg(long)]
    pub activation: Option<Activation>,

    /// Passes over all training images, one update each
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub iterations: u64,
}

/// Images of the source's training set, which its rates belong to.
const IMAGES: f64 = 60_000.0;

/// Widths, activation and rate of each network; the source says "lower" of the second rate.
const NETWORKS: [(&str, [usize; 2], Activation, f64); 3] = [
    ("task1_1", [128, 64], Activation::Sigmoid, 1e-5),
    ("task1_2", [128, 64], Activation::Relu, 5e-6),
    ("task1_3", [128, 256], Activation::Relu, 5e-6),
];

/// Runs task 1 as told; whether the user stopped it.
///
/// # Errors
/// Where data, output directory or device are not as they must be: the text names which; at the end where a training
/// diverged.
pub fn run(options: Options) -> Result<bool> {
    let session = options.session()?;
    super::run(&session, &options.specs(&session))
}

/// Seconds it will take on this machine.
///
/// # Errors
/// As [`run`].
pub fn estimate(options: Options) -> Result<f64> {
    let session = options.session()?;
    super::estimate(&session, &options.specs(&session))
}

impl Options {
    fn session(&self) -> Result<Session> {
        let input = Some(self.common.input.unwrap_or(Input::Rgb01));
        Session::open_whole(&Common { input, ..self.common.clone() }, "task1", Form::Gray28)
    }

    fn specs(&self, session: &Session) -> Vec<Spec> {
        self.networks.iter().map(|&number| self.spec(number, session)).collect()
    }

    fn spec(&self, number: u32, session: &Session) -> Spec {
        let (name, widths, activation, lr) = NETWORKS[number as usize - 1];
        let widths = if self.widths.is_empty() { widths.to_vec() } else { self.widths.clone() };
        let images = session.splits.train.len();
        let lr = self.lr.unwrap_or(lr * IMAGES / images as f64);
        let activation = self.activation.unwrap_or(activation);
        let inputs: usize = session.variant.image.iter().product();
        let shape = dashed(&[&[inputs], &*widths, &[session.variant.classes]].concat());
        Spec {
            task: 1,
            number,
            network: Network { name, layers: hidden(&widths).collect() },
            activation,
            rule: Sgd::default(),
            protocol: Protocol {
                epochs: self.iterations,
                batch: images,
                eval_every: 1,
                ..Protocol::new(lr * images as f64)
            },
            unit: "iteration",
            description: format!(
                "{shape}, {activation}, all {images} images a step, rate {lr:e} on the summed loss"
            ),
        }
    }
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: Options) -> Result<i32> {
    interrupt::main(|| run(options))
}
