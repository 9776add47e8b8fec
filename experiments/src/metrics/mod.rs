//! What is measured of a trained classifier: confusion, rankings, calibration, and statistics over runs.
//!
//! All of it is computed in f64, and no result is NaN: what a definition leaves as 0/0 is stated where it
//! is computed.

mod calibration;
mod confusion;
mod ranking;
mod runs;
mod thin;

pub use calibration::{Bin, Calibration, calibration};
pub use confusion::{ClassScores, Confusion};
pub use ranking::{Curve, one_against_rest, precision_recall, roc};
pub use runs::{mean, spread};
pub use thin::thin;

/// Why something cannot be measured: a programming mistake in most cases, so it names both sides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// `Result` of a measurement.
pub type Result<T> = std::result::Result<T, Error>;

/// An error unless two lists belong together.
fn check_equal(what: &str, a: usize, b: usize) -> Result<()> {
    if a == b { Ok(()) } else { Err(Error(format!("{what}: {a} and {b}, expected as many"))) }
}

/// `a / b`, and 0 where both are 0.
fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}
