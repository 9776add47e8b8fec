//! Flags that the binaries share.
use crate::progress::Mode;
use clap::Args;
use ferrotape_autograd::{Device, Input};
use ferrotape_data::{
    Choice, DataSet, Error, Published, resolve,
    synthetic::{self, Form},
};
use ferrotape_nn::models::{Network, TABLE_A, TABLE_B};
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
    /// Data set: `auto` takes the edition's (CIFAR-10 or Fashion-MNIST) where it finds it, else the built-in synthetic
    /// images
    #[arg(long, default_value = "auto", value_name = "auto|cifar10|mnist|fashion-mnist|synthetic")]
    pub data: Choice,

    /// Directory with `cifar-10-batches-bin/`, `fashion-mnist/` or `mnist/` (or the files of one of them); the built-in
    /// images are kept here too [default: datasets]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Fetch CIFAR-10 (170 MB) or Fashion-MNIST (31 MB) first, unless it is in the data directory
    #[cfg(feature = "download")]
    #[arg(long)]
    pub download: bool,

    /// Fetch from this address instead of the publisher's; the checksums stay the same
    #[cfg(feature = "download")]
    #[arg(long, value_name = "URL", requires = "download")]
    pub mirror: Option<String>,
}

impl DataArgs {
    /// Opens the data set, downloading it first where that is asked for, generating the built-in one on first use. `form`
    /// says which one `auto` looks for.
    ///
    /// # Errors
    /// Where a directory that was named does not exist, files are missing, damaged or cannot be written, or a download
    /// fails.
    pub fn open(&self, form: Form, mode: Mode) -> Result<DataSet, Error> {
        let dir = self.data_dir.as_deref().unwrap_or(Path::new(DATA_DIR));
        let recipe = synthetic::Recipe::of(form);
        let wanted = self.data.published(recipe.form);
        self.download(wanted, dir, mode)?;
        if let (Some(dir), Choice::Auto, Some(wanted)) = (&self.data_dir, self.data, wanted)
            && !dir.is_dir()
        {
            return Err(wanted.no_directory(dir));
        }
        resolve(self.data, dir, &recipe, &mut |_| {
            if crate::interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    #[cfg(feature = "download")]
    fn download(&self, wanted: Option<Published>, dir: &Path, mode: Mode) -> Result<(), Error> {
        if self.download { crate::download::fetch(wanted, self.mirror.as_deref(), dir, mode) } else { Ok(()) }
    }

    #[cfg(not(feature = "download"))]
    fn download(&self, _: Option<Published>, _: &Path, _: Mode) -> Result<(), Error> {
        Ok(())
    }
}

/// Which machine.
#[derive(Args, Clone, Debug)]
pub struct DeviceArgs {
    /// Machine: `cpu` (SIMD kernels), `reference` (plain loops, slow: the definitions), `cuda` or `cuda:N` (GPU number N,
    /// hand-written PTX), or `ptx-machine` (the same PTX, interpreted with every access checked; very slow)
    #[arg(long, default_value = "cpu", value_name = "cpu|reference|cuda[:N]|ptx-machine")]
    pub device: Kind,

    /// Threads of the cpu [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// A kind of machine.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SIMD kernels.
    Cpu,
    /// The definitions.
    Reference,
    /// The GPU of this number.
    Cuda(usize),
    /// Its kernels, interpreted.
    PtxMachine,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Cpu => f.write_str("cpu"),
            Kind::Reference => f.write_str("reference"),
            Kind::Cuda(0) => f.write_str("cuda"),
            Kind::Cuda(n) => write!(f, "cuda:{n}"),
            Kind::PtxMachine => f.write_str("ptx-machine"),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |n: &str| n.parse().ok().map(Kind::Cuda);
        let kind = match text {
            "cpu" => Some(Kind::Cpu),
            "reference" => Some(Kind::Reference),
            "cuda" => Some(Kind::Cuda(0)),
            "ptx-machine" => Some(Kind::PtxMachine),
            _ => text.strip_prefix("cuda:").and_then(number),
        };
        kind.ok_or_else(|| "expected cpu, reference, cuda, cuda:N (N from 0) or ptx-machine".into())
    }
}

impl DeviceArgs {
    /// The device.
    ///
    /// # Errors
    /// Where it cannot be had.
    pub fn device(&self) -> anyhow::Result<Device> {
        Ok(match (self.device, self.threads) {
            (Kind::Cpu, Some(n)) => Device::threads(n.into())?,
            (Kind::Cpu, None) => Device::Cpu,
            (Kind::Reference, _) => Device::Reference,
            #[cfg(feature = "cuda")]
            (Kind::Cuda(n), _) => opened(Device::Cuda(n))?,
            #[cfg(feature = "cuda")]
            (Kind::PtxMachine, _) => opened(Device::PtxMachine)?,
            #[cfg(not(feature = "cuda"))]
            (kind, _) => anyhow::bail!("--device {kind}: this program was built without the feature `cuda`"),
        })
    }
}

/// The device, once it is known that it can be had: before a data set is read for it.
#[cfg(feature = "cuda")]
fn opened(device: Device) -> Result<Device, ferrotape_autograd::Error> {
    device.machine().map(|_| device)
}

/// An edition of the homework: sets data, networks, input, runs, bias and rate at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Fashion-MNIST and the networks of table B, ten runs averaged, Adam at 0.01.
    E2022,
    /// Gray CIFAR-10, ten runs averaged, no bias in the prediction layer.
    E2023,
    /// RGB CIFAR-10, one run.
    E2025,
}

/// What an edition sets.
#[derive(Copy, Clone, Debug)]
pub struct Defaults {
    /// What the images look like: says which set `--data auto` looks for, and the form of the synthetic one.
    pub form: Form,
    /// The networks.
    pub table: &'static [Network],
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
            Edition::E2022 => 2022,
            Edition::E2023 => 2023,
            Edition::E2025 => 2025,
        }
    }

    /// What it sets.
    pub fn defaults(self) -> Defaults {
        let of_2025 = Defaults {
            form: Form::Rgb32,
            table: TABLE_A,
            input: Input::Rgb,
            runs: 1,
            prediction_bias: true,
            lr: 1e-3,
        };
        match self {
            Edition::E2022 => Defaults {
                form: Form::Gray28,
                table: TABLE_B,
                input: Input::Signed,
                runs: 10,
                prediction_bias: true,
                lr: 1e-2,
            },
            Edition::E2023 => Defaults { input: Input::Gray, runs: 10, prediction_bias: false, ..of_2025 },
            Edition::E2025 => of_2025,
        }
    }

    /// The networks for images of `shape` (C, H, W): its own, but table B for 28x28, whatever the edition.
    pub fn table(self, shape: [usize; 3]) -> &'static [Network] {
        match shape {
            [_, 28, 28] => TABLE_B,
            _ => self.defaults().table,
        }
    }

    /// How bytes become numbers for images of so many channels: its own way, or `signed` where that is not defined for
    /// them (RGB means and luma for gray images).
    pub fn input(self, channels: usize) -> Input {
        let own = self.defaults().input;
        if own.channels(channels).is_ok() { own } else { Input::Signed }
    }
}

impl FromStr for Edition {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "2022" => Ok(Edition::E2022),
            "2023" => Ok(Edition::E2023),
            "2025" => Ok(Edition::E2025),
            _ => Err(format!("unknown edition {s}, expected 2022, 2023 or 2025")),
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_read_back() {
        for edition in [Edition::E2022, Edition::E2023, Edition::E2025] {
            assert_eq!(edition.to_string().parse(), Ok(edition));
        }
        assert_eq!(
            "2024".parse::<Edition>().unwrap_err(),
            "unknown edition 2024, expected 2022, 2023 or 2025"
        );
    }

    #[test]
    fn gray_images_take_their_own_networks_and_input() {
        let [rgb, gray] = [Form::Rgb32, Form::Gray28].map(Form::shape);
        for edition in [Edition::E2022, Edition::E2023, Edition::E2025] {
            assert_eq!((edition.table(gray), edition.input(1)), (TABLE_B, Input::Signed));
        }
        assert_eq!((Edition::E2025.table(rgb), Edition::E2025.input(3)), (TABLE_A, Input::Rgb));
        assert_eq!((Edition::E2023.table(rgb), Edition::E2023.input(3)), (TABLE_A, Input::Gray));
        // Other images for the edition's own networks: the single flag `--data` overrides the data alone.
        assert_eq!((Edition::E2022.table(rgb), Edition::E2022.input(3)), (TABLE_B, Input::Signed));
    }
}
