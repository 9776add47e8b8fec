//! Four concepts of training, shown by numbers.
pub mod batches;
pub mod calibration;
pub mod parameters;
pub mod snapshots;
