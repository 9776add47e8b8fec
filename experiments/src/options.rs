//! Flags that the binaries share.
use clap::{Args, ValueEnum};
use ferrotape_autograd::{Device, Input};
use ferrotape_data::{Choice, DataSet, Error, resolve, synthetic};
use std::{
    fmt,
    ops::ControlFlow,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Where data sets are looked for, and the built-in one is written, unless told otherwise.
pub const DATA_DIR: &str = "datasets";

/// Which data.
#[derive(Args, Clone, Debug)]
pub struct DataArgs {
    /// Data set: `auto` takes CIFAR-10 where it finds it, else the built-in synthetic images
    #[arg(long, default_value = "auto", value_name = "auto|cifar10|synthetic")]
    pub data: Choice,

    /// Directory with `cifar-10-batches-bin/` (or its files); the built-in images are kept here too
    /// [default: datasets]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl DataArgs {
    /// Opens the data set, generating the built-in one on first use.
    ///
    /// # Errors
    /// Where a directory that was named does not exist, or files are missing, damaged or cannot be written.
    pub fn open(&self) -> Result<DataSet, Error> {
        let dir = self.data_dir.as_deref().unwrap_or(Path::new(DATA_DIR));
        if let (Some(dir), Choice::Auto) = (&self.data_dir, self.data)
            && !dir.is_dir()
        {
            return Err(Error::NoDirectory { dir: dir.clone() });
        }
        resolve(self.data, dir, &synthetic::Recipe::default(), &mut |_| {
            if crate::interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}

/// Which machine.
#[derive(Args, Clone, Debug)]
pub struct DeviceArgs {
    /// Machine: `cpu` (SIMD kernels) or `reference` (plain loops, slow: the definitions)
    #[arg(long, default_value = "cpu", value_name = "cpu|reference")]
    pub device: Kind,

    /// Threads of the cpu [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// A kind of machine.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// SIMD kernels.
    Cpu,
    /// The definitions.
    Reference,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Cpu => "cpu",
            Kind::Reference => "reference",
        })
    }
}

impl DeviceArgs {
    /// The device.
    ///
    /// # Errors
    /// Where it cannot be had.
    pub fn device(&self) -> Result<Device, ferrotape_autograd::Error> {
        match (self.device, self.threads) {
            (Kind::Cpu, Some(n)) => Device::threads(n.into()),
            (Kind::Cpu, None) => Ok(Device::Cpu),
            (Kind::Reference, _) => Ok(Device::Reference),
        }
    }
}

/// An edition of the homework: sets data, networks, input, runs, bias and rate at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Gray CIFAR-10, ten runs averaged, no bias in the prediction layer.
    E2023,
    /// RGB CIFAR-10, one run.
    E2025,
}

/// What an edition sets.
#[derive(Copy, Clone, Debug)]
pub struct Defaults {
    /// How bytes become numbers.
    pub input: Input,
    /// Trainings of each network.
    pub runs: usize,
    /// Whether the prediction layer has a bias.
    pub prediction_bias: bool,
    /// Adam's learning rate.
    pub lr: f64,
}

impl Edition {
    /// Its year.
    pub fn year(self) -> u32 {
        match self {
            Edition::E2023 => 2023,
            Edition::E2025 => 2025,
        }
    }

    /// What it sets.
    pub fn defaults(self) -> Defaults {
        match self {
            Edition::E2023 => Defaults { input: Input::Gray, runs: 10, prediction_bias: false, lr: 1e-3 },
            Edition::E2025 => Defaults { input: Input::Rgb, runs: 1, prediction_bias: true, lr: 1e-3 },
        }
    }
}

impl FromStr for Edition {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "2023" => Ok(Edition::E2023),
            "2025" => Ok(Edition::E2025),
            _ => Err(format!("unknown edition {s}, expected 2023 or 2025")),
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.year())
    }
}
