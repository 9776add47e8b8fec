//! The homework: one thin binary a part, its figures and result files.
#![forbid(unsafe_code)]

pub mod figure;
pub mod interrupt;
pub mod output;
pub mod progress;
pub mod results;
pub mod weights;
