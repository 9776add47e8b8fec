//! Part 5: `part5_<name>.json` and the two schedules as the homework asks, `part5_<name>_details.json` beside them.

use serde::{Deserialize, Serialize};

use super::{Meta, ResultFile};

/// Three constant learning rates. Accuracies are percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part5 {
    /// The network.
    pub name: String,
    /// Training loss at 0.1.
    pub loss_curve_1: Vec<f64>,
    /// Training loss at 0.01.
    pub loss_curve_01: Vec<f64>,
    /// Training loss at 0.001.
    pub loss_curve_001: Vec<f64>,
    /// Validation accuracy at 0.1.
    pub val_acc_curve_1: Vec<f64>,
    /// Validation accuracy at 0.01.
    pub val_acc_curve_01: Vec<f64>,
    /// Validation accuracy at 0.001.
    pub val_acc_curve_001: Vec<f64>,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part5 {
    fn stem(&self) -> String {
        format!("part5_{}", self.name)
    }
}

/// A training whose rate falls: `part5_<name>_sch_1.json` (0.1 to 0.01), `…_sch_01.json` (0.1 to 0.01 to 0.001).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// The network.
    pub name: String,
    /// Training loss.
    pub loss_curve_1: Vec<f64>,
    /// Validation accuracy in percent.
    pub val_acc_curve_1: Vec<f64>,
    /// Where the numbers come from; the flag `schedule` is `sch_1` or `sch_01`.
    pub meta: Meta,
}

impl ResultFile for Scheduled {
    fn stem(&self) -> String {
        let which = self.meta.flags.get("schedule").map_or("sch", String::as_str);
        format!("part5_{}_{which}", self.name)
    }
}

/// Where a curve stopped rising.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plateau {
    /// The epoch from which the rate is lower: the first that does not use the old one, counted from 0.
    pub epoch: u64,
    /// The record at which it was seen, counted from 1.
    pub record: usize,
    /// Whether it was found in the curve (`found`), set by a flag (`given`), or forced since none showed (`none`).
    pub how: String,
}

/// What the homework's dictionaries have no key for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part5Details {
    /// The network.
    pub name: String,
    /// The constant rates, as in the homework.
    pub rates: Vec<f64>,
    /// Test accuracy of each in percent.
    pub test_accs: Vec<f64>,
    /// Seconds of each.
    pub seconds: Vec<f64>,
    /// How plateaus are found, in words.
    pub method: String,
    /// Where the rate falls: to 0.01, then to 0.001.
    pub plateaus: Vec<Plateau>,
    /// Records in an epoch.
    pub records_per_epoch: f64,
    /// Test accuracy of `sch_1` and `sch_01` in percent.
    pub scheduled_test_accs: Vec<f64>,
    /// Seconds of each.
    pub scheduled_seconds: Vec<f64>,
    /// Steps of each.
    pub scheduled_steps: Vec<u64>,
    /// The same network with Adam, as in part 3.
    pub adam: AdamRun,
    /// Where the numbers come from.
    pub meta: Meta,
}

impl ResultFile for Part5Details {
    fn stem(&self) -> String {
        format!("part5_{}_details", self.name)
    }
}

/// What the schedule is compared with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamRun {
    /// Where it comes from: `trained here`, or the file of part 3.
    pub source: String,
    /// Validation accuracy at every record, in percent.
    pub val_acc_curve: Vec<f64>,
    /// Test accuracy in percent.
    pub test_acc: f64,
    /// Steps made.
    pub steps: u64,
    /// Seconds it took.
    pub seconds: f64,
}
