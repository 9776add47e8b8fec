//! Result files: the homework's keys, `meta`, one line a key; and the same dictionaries as Python pickles.

mod file;
pub(crate) mod lines;
mod meta;
mod nested;
mod origin;
pub mod part1;
pub mod part2;
mod part3;
mod part4;
mod part5;
mod task;

pub use file::ResultFile;
pub use meta::{Meta, now};
pub use nested::Nested;
pub use origin::Origin;
pub use part3::{Curve, Evaluation, Part3, Part3Details};
pub use part4::{Part4, Part4Details, Part4Inputs};
pub use part5::{AdamRun, Part5, Part5Details, Plateau, Scheduled};
pub use task::{Histogram, Task};
