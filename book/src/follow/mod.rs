//! The worked example, followed literally: its blocks are applied to a copy of the tree, its commands are run there.
mod run;
mod steps;

pub use run::follow;
pub use steps::{Commands, Step, apply_to_tree, steps};

/// The chapter that is followed.
pub const CHAPTER: &str = "14-add-an-operation.md";
