//! The homework: one thin binary a part, its figures and result files.
#![forbid(unsafe_code)]

pub mod exit;
pub mod figure;
pub mod interrupt;
pub mod options;
pub mod output;
pub mod part3;
pub mod progress;
pub mod results;
pub mod train;
pub mod weights;
