//! What is known of a program: one model, made from any tape and written as a file, which everything else only reads.
mod check;
mod listing;
mod memory;
mod roof;
mod values;

pub use listing::{Fate, Instruction, Kernel, Launch, Listing, Origin, Slot, Stage};
pub use memory::{Buffer, Life, Memory};
pub use roof::{Level, Roof};
pub use values::{Form, Norm, Picture, Seen, Step, Values};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// The version of the recorded file.
pub const FORMAT: u32 = 1;

/// A program looked at from all sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// [`FORMAT`].
    pub format: u32,
    /// What it is called.
    pub title: String,
    /// What else a reader should know: data, batch, rate.
    pub notes: Vec<String>,
    /// What it ran on: `cpu (avx512, 2 threads)`.
    pub machine: String,
    /// What that can do at most, calibrated in the same process; none where it was not asked for, or has no meaning for the
    /// machine.
    pub roof: Option<Roof>,
    /// The values: those of the tape by their numbers on it, then those that the planner added.
    pub slots: Vec<Slot>,
    /// The program as it was recorded.
    pub recorded: Listing,
    /// The program as it is run.
    pub planned: Listing,
    /// What became of each recorded instruction.
    pub fates: Vec<Fate>,
    /// Where values lie: as recorded, after fusion, and as run, in chains.
    pub memory: Vec<Memory>,
    /// The PTX that the instructions are on a GPU, each module once.
    pub kernels: Vec<Kernel>,
    /// Nanoseconds of a run as planned, half of them faster; none where it was not timed.
    pub run_ns: Option<f64>,
    /// The runs whose values were looked at.
    pub steps: Vec<Step>,
}

impl Inspection {
    /// As a recorded tape file.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers, texts and lists")
    }

    /// From a recorded tape file.
    ///
    /// # Errors
    /// Where it is not one, or contradicts itself; one line.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        read.check()?;
        Ok(read)
    }

    /// From a recorded tape file.
    ///
    /// # Errors
    /// If it cannot be read, and as [`Self::from_json`]; the text names it.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let text = fs::read_to_string(path).with_context(name)?;
        let read = Self::from_json(&text).map_err(anyhow::Error::msg);
        read.with_context(|| format!("{}: not a recorded tape", path.display()))
    }

    /// Numbers of the recorded gradient instructions that belong to the forward instruction `k`, in order.
    pub fn gradients_of(&self, k: usize) -> impl Iterator<Item = usize> + '_ {
        let own = move |(_, i): &(usize, &Instruction)| i.gradient_of == Some(k);
        self.recorded.instructions.iter().enumerate().filter(own).map(|(g, _)| g)
    }

    /// Numbers of the recorded gradient instructions that read an output of instruction `k`: what it is saved for.
    pub fn saved_for(&self, k: usize) -> Vec<usize> {
        let made = &self.recorded.instructions[k].y;
        let all = self.recorded.instructions.iter().enumerate();
        all.filter(|(_, i)| i.saved.iter().any(|id| made.contains(id))).map(|(g, _)| g).collect()
    }
}
