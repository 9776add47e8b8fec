//! GPU kernels: operations as [`Launches`] of PTX kernels.
#[allow(unused_macros, unused_imports)]
mod launch;

#[allow(unused_imports)]
pub(crate) use launch::ptx;
pub use launch::{Arg, Launch, Launches, RangeState, Refusal, RunState, Text, size};
