//! Where a result comes from and how to make it again.

use std::{collections::BTreeMap, time::SystemTime};

use serde::{Deserialize, Serialize};

/// Where a result comes from and how to make it again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Meta {
    /// Data set, e.g. "cifar10 (50,000 training …)" or "synthetic …".
    pub data_set: String,
    /// Edition of the homework.
    pub edition: u32,
    /// Input form: `rgb`, `gray`, ….
    pub input: String,
    /// Seed of the first run.
    pub seed: u64,
    /// Every resolved flag that decides the result, by name.
    pub flags: BTreeMap<String, String>,
    /// Hexadecimal digest of the final parameters; empty where there are none.
    pub digest: String,
    /// Wall-clock seconds of the training.
    pub seconds: f64,
    /// When it was written, UTC.
    pub date: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverged_at: Option<u64>,
    /// The first instruction that made such a number, and what it made it from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverged_by: Option<String>,
}

/// The time now, UTC, as `date` has it.
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
