//! Where the numbers of parts 1 and 2 come from.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a result without a single network comes from and how to make it again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Data, in words.
    pub data_set: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Every resolved flag, by name.
    pub flags: BTreeMap<String, String>,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// When it was written, UTC.
    #[serde(default)]
    pub date: String,
    /// What it ran on.
    pub device: String,
    /// This program's version.
    pub version: String,
    /// Whether a Ctrl-C cut it short.
    pub interrupted: bool,
}

impl Origin {
    /// Whether it is of a whole run with these flags by this version.
    pub fn is_of(&self, flags: &BTreeMap<String, String>) -> bool {
        self.flags == *flags && self.version == env!("CARGO_PKG_VERSION") && !self.interrupted
    }
}
