//! GPU kernels: operations as [`Launches`] of PTX kernels.
#[allow(unused_macros, unused_imports)]
mod launch;
mod sum_parts;

#[allow(unused_imports)]
pub(crate) use launch::ptx;
pub use launch::{Arg, Launch, Launches, RangeState, Refusal, RunState, Text, size};
pub(crate) use sum_parts::SumParts;
