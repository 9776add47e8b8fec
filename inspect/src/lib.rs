//! Looks at a program from all sides: what is on its tape, what the planner makes of it, how long each instruction takes, and
//! what it computes, step by step.
//!
//! An [`Inspector`] runs a program and fills a model, [`model::Inspection`]; what is in [`write`](mod@write) only reads that: a listing, a
//! page to click through, Graphviz, a timeline, and a file of which all of these can be made again.
#![forbid(unsafe_code)]
pub mod model;
pub mod network;
pub mod options;
mod record;
pub mod sources;
pub mod write;

pub use model::Inspection;
pub use record::Inspector;
