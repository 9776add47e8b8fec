//! How many rows of a batch are classified right: the numerator of an accuracy.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;
