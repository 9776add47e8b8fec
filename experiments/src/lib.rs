//! The homework: one thin binary a part, its figures and result files.
#![forbid(unsafe_code)]

#[cfg(feature = "download")]
mod download;
pub mod evaluate;
pub mod exit;
pub mod figure;
pub mod interrupt;
pub mod metrics;
pub mod npy;
pub mod options;
pub mod output;
pub mod part1;
pub mod part2;
pub mod part3;
pub mod part4;
pub mod part5;
pub mod picture;
pub mod progress;
pub mod report;
pub mod reproduce;
pub mod results;
pub mod session;
pub mod tasks;
pub mod train;
pub mod weights;
