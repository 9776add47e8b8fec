//! The flags of `reproduce`.
use crate::{
    options::{DataArgs, DeviceArgs, Edition},
    session,
};
use clap::{Parser, ValueEnum};
use ferrotape_data::Choice;
use std::path::PathBuf;

/// How often an unfinished training is written down: what a kill or a power cut costs at most.
const CHECKPOINT_EVERY: &str = "1m";

/// The whole homework: every part, then the report. Trainings are kept, unfinished ones too: called again, it goes on.
#[derive(Parser, Clone, Debug)]
#[command(name = "reproduce", version)]
pub struct Options {
    /// Which data
    #[command(flatten)]
    pub data: DataArgs,

    /// Edition of the homework: sets data, networks, input, runs, prediction bias and learning rate
    #[arg(long, default_value = "2025", value_name = "2022|2023|2025")]
    pub edition: Edition,

    /// A few epochs on part of the images: minutes (this is the default)
    #[arg(long, conflicts_with = "full")]
    pub quick: bool,

    /// The protocols as written: hours
    #[arg(long)]
    pub full: bool,

    /// Only these: part1, part2, part3, part4, part5, task1, task2
    #[arg(long, value_name = "PARTS", value_delimiter = ',')]
    pub only: Vec<Piece>,

    /// Trainings of each network in part 3 [default: the edition's]
    #[arg(long, value_name = "R", value_parser = session::at_least_one)]
    pub runs: Option<usize>,

    /// Trainings of one network that are made at a time, as in the parts [default: on a GPU all, on the cpu 1]
    #[arg(long, value_name = "N", value_parser = session::at_least_one)]
    pub side_by_side: Option<usize>,

    /// Seed of everything
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Which machine
    #[command(flatten)]
    pub device: DeviceArgs,

    /// Directory of results and report
    #[arg(long, default_value = "out/reproduce", value_name = "DIR")]
    pub out: PathBuf,

    /// Write results as Python pickles too, and first-layer weights as .npy
    #[arg(long)]
    pub pickle: bool,

    /// Say what would run and how long it would take, and stop
    #[arg(long)]
    pub estimate: bool,

    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// A part of the homework, or a task of the fourth source.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum Piece {
    /// Activations, XOR, concepts.
    Part1,
    /// A convolution's forward pass.
    Part2,
    /// Architectures.
    Part3,
    /// Activation functions.
    Part4,
    /// Learning rates.
    Part5,
    /// Fully connected networks, full batch.
    Task1,
    /// Regularised CNNs.
    Task2,
}

impl Piece {
    /// Its name, which is that of its binary and of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Piece::Part1 => "part1",
            Piece::Part2 => "part2",
            Piece::Part3 => "part3",
            Piece::Part4 => "part4",
            Piece::Part5 => "part5",
            Piece::Task1 => "task1",
            Piece::Task2 => "task2",
        }
    }

    /// Flags of a quick call: as short as still shows what the part is about.
    fn quick(self) -> &'static [&'static str] {
        match self {
            Piece::Part1 | Piece::Part2 => &[],
            Piece::Part3 => &["--train-limit", "5000", "--epochs", "6", "--eval-every", "20"],
            Piece::Part4 => &["--train-limit", "5000", "--epochs", "6"],
            #[rustfmt::skip]
            Piece::Part5 => &[
                "--train-limit", "5000", "--epochs", "6", "--schedule-epochs", "10", "--max-epochs", "10",
                "--adam-epochs", "6", "--eval-every", "20",
            ],
            Piece::Task1 => &["--iterations", "100"],
            Piece::Task2 => &["--train-limit", "5000", "--epochs", "6"],
        }
    }
}

impl Options {
    /// The parts to be run, in the homework's order.
    pub fn pieces(&self) -> Vec<Piece> {
        let wanted = |piece: &&Piece| self.only.is_empty() || self.only.contains(piece);
        Piece::value_variants().iter().filter(wanted).copied().collect()
    }

    /// The command line of a part: its binary, then its flags.
    pub fn command(&self, piece: Piece) -> Vec<String> {
        let mut words: Vec<String> = vec![piece.name().into()];
        let mut flag = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        flag("out", self.out.join(piece.name()).display().to_string());
        flag("seed", self.seed.to_string());
        if piece != Piece::Part2 {
            flag("device", self.device.device.to_string());
            if let Some(n) = self.device.threads {
                flag("threads", n.to_string());
            }
        }
        let trains = !matches!(piece, Piece::Part1 | Piece::Part2);
        if trains {
            flag("data", self.choice(piece).to_string());
            if let Some(dir) = &self.data.data_dir {
                flag("data-dir", dir.display().to_string());
            }
            #[cfg(feature = "download")]
            if let Some(mirror) = &self.data.mirror {
                flag("mirror", mirror.clone());
            }
            flag("keep", self.out.join("runs").display().to_string());
            flag("checkpoint-every", CHECKPOINT_EVERY.into());
            if let Some(n) = self.side_by_side {
                flag("side-by-side", n.to_string());
            }
        }
        if matches!(piece, Piece::Part3 | Piece::Part4 | Piece::Part5) {
            flag("edition", self.edition.to_string());
        }
        if piece == Piece::Part3
            && let Some(runs) = self.runs
        {
            flag("runs", runs.to_string());
        }
        if piece == Piece::Part4 {
            flag("inputs", self.bonus().into());
        }
        let scale = if self.full { &[][..] } else { piece.quick() };
        words.extend(scale.iter().map(|&word| word.to_owned()));
        #[cfg(feature = "download")]
        words.extend((self.data.download && trains).then(|| "--download".to_owned()));
        for (given, name) in
            [(trains, "--resume"), (self.pickle && trains, "--pickle"), (self.quiet, "--quiet")]
        {
            words.extend(given.then(|| name.to_owned()));
        }
        words
    }

    /// The data of a part. Task 1 is about Fashion-MNIST, whatever the others are trained on.
    fn choice(&self, piece: Piece) -> Choice {
        match (piece, self.data.data) {
            (Piece::Task1, Choice::Cifar10) => Choice::Auto,
            (_, choice) => choice,
        }
    }

    /// The other inputs of part 4's bonus.
    fn bonus(&self) -> &'static str {
        match self.edition.year() {
            2022 => "raw255",
            _ => "raw255,rgb01",
        }
    }
}
