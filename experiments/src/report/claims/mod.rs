//! What other reports give as figures and claims, against this run.
//!
//! A **figure** is compared only with a result of the same data set, edition (which sets input and networks), training
//! length and number of runs; it agrees within a tolerance that is stated. A **claim** of a direction (which is better,
//! what rises) is tested on any complete run on real images, whatever the edition. All else is not comparable,
//! and says why.

mod directions;
mod editions;
mod rule;
mod tasks;

pub use rule::RULE;

use super::{document::Verdict, load::Results};

/// All verdicts, under headings.
pub fn verdicts(results: &Results) -> Vec<(&'static str, Vec<Verdict>)> {
    vec![
        ("Edition 2022 (Fashion-MNIST)", editions::of_2022(results)),
        ("Edition 2023 (gray CIFAR-10)", editions::of_2023(results)),
        ("Edition 2025 (CIFAR-10)", editions::of_2025(results)),
        ("Claims of the reports", directions::claims(results)),
        ("The fourth source, task 1", tasks::one(results)),
        ("The fourth source, task 2", tasks::two(results)),
    ]
}
