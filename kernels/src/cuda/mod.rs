//! GPU kernels: operations as [`Launches`] of PTX kernels, and the runtime that runs them.
//!
//! [`Launch`] is data and needs no driver: it is always here. With the feature `cuda` there is [`Gpu`], a device: it hands
//! out memory ([`Arena`]), turns launches into [`Resolved`] ones, records them as [`Graph`]s. It is the only unsafe code of
//! the GPU path.
//!
//! The driver is loaded when a [`Gpu`] is opened; nothing of CUDA is needed to build.
mod comments;
mod launch;
mod replicas;
#[cfg(feature = "cuda")]
mod runtime;
mod sum_parts;

pub(crate) use launch::ptx;
pub use launch::{Arg, Launch, Launches, RangeState, Refusal, RunState, Text, size};
#[cfg(feature = "cuda")]
pub use runtime::{
    ALIGNMENT, Arena, Buffer, CudaError, DeviceMemory, Gpu, Graph, Resolved, Staging, testing,
};
pub(crate) use sum_parts::SumParts;
