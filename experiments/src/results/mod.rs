//! Result files of part 3: `part3_<name>.json`, one line a key.

mod lines;
mod nested;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::output::{self, Error, OutDir, Result};

pub use nested::Nested;

/// What part 3 hands in for one network. Accuracies are percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part3 {
    /// The network: `mlp_1` … `cnn_5`.
    pub name: String,
    /// Training loss at every record, averaged over the runs.
    pub loss_curve: Vec<f64>,
    /// Training accuracy at every record, averaged over the runs.
    pub train_acc_curve: Vec<f64>,
    /// Validation accuracy at every record, averaged over the runs.
    pub val_acc_curve: Vec<f64>,
    /// Best test accuracy of the runs.
    pub test_acc: f64,
    /// First-layer weights of that run, in PyTorch's layout.
    pub weights: Nested,
    /// Where the numbers come from.
    pub meta: Meta,
}

/// Where a result comes from and how to make it again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// Data set, e.g. "CIFAR-10" or "synthetic".
    pub data_set: String,
    /// Edition of the homework.
    pub edition: u32,
    /// Input form: `rgb`, `gray`, ….
    pub input: String,
    /// Seed of the first run.
    pub seed: u64,
    /// Every resolved flag, by name.
    pub flags: BTreeMap<String, String>,
    /// Hexadecimal digest of the final parameters.
    pub digest: String,
    /// Wall-clock seconds of the training.
    pub seconds: f64,
    /// What it ran on.
    pub device: String,
    /// This program's version.
    pub version: String,
    /// Number of trainable parameters.
    pub parameters: usize,
    /// Runs with fresh initialisation that the curves average.
    pub runs: usize,
    /// Test accuracy of each run.
    pub run_test_accs: Vec<f64>,
    /// Whether a Ctrl-C cut the training short.
    pub interrupted: bool,
    /// Step at which a loss or weight was no longer finite: the curves and weights are those of the last record before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_at: Option<u64>,
}

impl Part3 {
    /// The file's name: `part3_<name>.json`.
    pub fn file_name(&self) -> String {
        format!("part3_{}.json", self.name)
    }

    /// Writes the result into `out`; refuses NaN and infinities, naming the key.
    pub fn write(&self, out: &OutDir) -> Result<PathBuf> {
        let path = out.file(&self.file_name());
        let text = self.to_json()?;
        output::write_bytes(&path, text.as_bytes()).map(|()| path)
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String> {
        self.check()?;
        lines::to_string(self).map_err(|source| Error::Json { path: self.file_name().into(), source })
    }

    /// Reads a result file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            action: "read the result file",
            source,
        })?;
        serde_json::from_str(&text).map_err(|source| Error::Json { path: path.to_owned(), source })
    }

    fn check(&self) -> Result<()> {
        check_finite("loss_curve", &self.loss_curve)?;
        check_finite("train_acc_curve", &self.train_acc_curve)?;
        check_finite("val_acc_curve", &self.val_acc_curve)?;
        check_finite_value("test_acc", self.test_acc)?;
        check_finite("weights", self.weights.values())?;
        check_finite_value("meta.seconds", self.meta.seconds)?;
        check_finite("meta.run_test_accs", &self.meta.run_test_accs)
    }
}

/// Refuses NaN and infinities in a list, naming its `key` and the first such index.
pub fn check_finite<T: Copy + Into<f64>>(key: &str, values: &[T]) -> Result<()> {
    let mut numbered = values.iter().map(|&v| v.into()).enumerate();
    match numbered.find(|(_, value)| !value.is_finite()) {
        Some((index, value)) => Err(not_finite(key, Some(index), value)),
        None => Ok(()),
    }
}

/// Refuses NaN and infinities in a single number, naming its `key`.
pub fn check_finite_value(key: &str, value: f64) -> Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    Err(not_finite(key, None, value))
}

fn not_finite(key: &str, index: Option<usize>, value: f64) -> Error {
    Error::NotFinite { key: key.to_owned(), index, value }
}
