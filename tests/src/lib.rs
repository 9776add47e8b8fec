//! What the tests that cross crates share: data, one training step in both ways of running it, PyTorch.
#![forbid(unsafe_code)]
mod images;
pub mod pytorch;
mod training;

pub use images::{noise, photographs};
pub use training::{Task, eager, losses, recorded};
