//! Task 2: convolutional networks with and without regularisation.
//!
//! The source gives neither networks nor the data set (its figures fit RGB CIFAR-10). Ours: per stage a 3x3
//! convolution, the activation, 2x2 max-pooling, dropout; then a hidden layer, the activation, dropout.
use super::{Spec, dashed, hidden, number};
use crate::{
    interrupt,
    session::{self, Common, Session},
    train::Protocol,
};
use anyhow::{Result, bail};
use clap::Parser;
use ferrotape_data::synthetic::Form;
use ferrotape_nn::{
    Sgd,
    models::{Activation, Layer, Network},
};

/// Task 2 of the fourth source: CNNs on CIFAR-10, without and with dropout and L2 regularisation.
#[derive(Parser, Clone, Debug)]
#[command(name = "task2", version)]
pub struct Options {
    /// Flags that all parts share
    #[command(flatten)]
    pub common: Common,

    /// Which networks: 1 narrowing, no regularisation; 2 the same, regularised; 3 widening, weaker regularisation, tanh
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "1,2,3", value_parser = number)]
    pub networks: Vec<u32>,

    /// Channels of the convolutions [default: the network's]
    #[arg(long, value_name = "CHANNELS", value_delimiter = ',', value_parser = session::at_least_one)]
    pub channels: Vec<usize>,

    /// Units of the hidden layer [default: the network's]
    #[arg(long, value_name = "UNITS", value_parser = session::at_least_one)]
    pub units: Option<usize>,

    /// Learning rate
    #[arg(long, default_value = "0.01", value_parser = session::rate)]
    pub lr: f64,

    /// Activation: relu, leaky_relu, sigmoid or tanh [default: the network's]
    #[arg(long)]
    pub activation: Option<Activation>,

    /// Probability that an output is dropped [default: the network's]
    #[arg(long, value_name = "P", value_parser = share)]
    pub dropout: Option<f64>,

    /// L2 regularisation: this times a weight is added to its gradient [default: the network's]
    #[arg(long, value_name = "LAMBDA", value_parser = share)]
    pub l2: Option<f64>,

    /// Passes over the training images [default: the network's: 20, 200, 40]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub epochs: Option<u64>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if (0.0..1.0).contains(&p) => Ok(p),
        _ => Err("expected a number from 0 to below 1".into()),
    }
}

/// What a network is, unless flags say otherwise.
struct Defaults {
    name: &'static str,
    channels: [usize; 2],
    units: usize,
    activation: Activation,
    dropout: f64,
    l2: f64,
    epochs: u64,
}

const NETWORKS: [Defaults; 3] = [
    Defaults {
        name: "task2_1",
        channels: [32, 16],
        units: 64,
        activation: Activation::Relu,
        dropout: 0.0,
        l2: 0.0,
        epochs: 20,
    },
    Defaults {
        name: "task2_2",
        channels: [32, 16],
        units: 64,
        activation: Activation::Relu,
        dropout: 0.3,
        l2: 1e-3,
        epochs: 200,
    },
    Defaults {
        name: "task2_3",
        channels: [16, 32],
        units: 128,
        activation: Activation::Tanh,
        dropout: 0.1,
        l2: 1e-4,
        epochs: 40,
    },
];

/// Runs task 2 as told; whether the user stopped it.
///
/// # Errors
/// Where data, output directory or device are not as they must be: the text names which; at the end where a training
/// diverged.
pub fn run(options: Options) -> Result<bool> {
    let session = Session::open_whole(&options.common, "task2", Form::Rgb32)?;
    super::run(&session, &options.specs(&session)?)
}

/// Seconds it will take on this machine.
///
/// # Errors
/// As [`run`].
pub fn estimate(options: Options) -> Result<f64> {
    let session = Session::open_whole(&options.common, "task2", Form::Rgb32)?;
    super::estimate(&session, &options.specs(&session)?)
}

impl Options {
    fn specs(&self, session: &Session) -> Result<Vec<Spec>> {
        self.networks.iter().map(|&number| self.spec(number, session)).collect()
    }

    fn spec(&self, number: u32, session: &Session) -> Result<Spec> {
        let d = &NETWORKS[number as usize - 1];
        let channels = if self.channels.is_empty() { d.channels.to_vec() } else { self.channels.clone() };
        let (units, activation) = (self.units.unwrap_or(d.units), self.activation.unwrap_or(d.activation));
        let (dropout, l2) = (self.dropout.unwrap_or(d.dropout), self.l2.unwrap_or(d.l2));
        let batch = self.common.batch;
        let stages = channels.len();
        let side = session.variant.image[1];
        if (0..stages)
            .try_fold(side, |side, _| side.checked_sub(2).map(|s| s / 2).filter(|&s| s > 0))
            .is_none()
        {
            bail!(
                "--channels: {stages} stages of a 3x3 convolution and 2x2 pooling leave nothing of {side}x{side}"
            );
        }
        Ok(Spec {
            task: 2,
            number,
            network: Network { name: d.name, layers: layers(&channels, units, dropout).into() },
            activation,
            rule: Sgd { momentum: 0.0, weight_decay: l2 },
            protocol: Protocol {
                epochs: self.epochs.unwrap_or(d.epochs),
                batch,
                eval_every: session.splits.train.len().div_ceil(batch) as u64,
                means: true,
                ..Protocol::new(self.lr)
            },
            unit: "epoch",
            description: format!(
                "convolutions 3x3 of {}, {units} units, {activation}, dropout {dropout}, L2 {l2}, SGD at {}",
                dashed(&channels),
                self.lr
            ),
        })
    }
}

fn layers(channels: &[usize], units: usize, dropout: f64) -> Vec<Layer> {
    let drop = || (dropout > 0.0).then_some(Layer::Dropout(dropout));
    let stage = |&channels: &usize| {
        [Layer::Conv { kernel: 3, channels }, Layer::Act, Layer::Pool].into_iter().chain(drop())
    };
    channels.iter().flat_map(stage).chain(hidden(&[units])).chain(drop()).collect()
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: Options) -> Result<i32> {
    interrupt::main(|| run(options))
}
