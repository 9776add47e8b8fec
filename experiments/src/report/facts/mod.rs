//! What follows from the results by arithmetic: the numbers that sentences and verdicts are made of.
mod part3;
mod part4;
mod part5;
mod protocol;
mod weights;

pub use part3::{Architecture, Family, architectures, best_of, correlation_with};
pub use part4::{Descent, descents, learns};
pub use part5::{Course, Courses};
pub use protocol::{Protocol, data_name, is_synthetic};
