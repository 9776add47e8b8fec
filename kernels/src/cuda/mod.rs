//! GPU kernels: operations as [`Launches`] of PTX kernels, and the runtime that runs them.
//!
//! [`Launch`] is data and needs no driver. [`Gpu`] is a device: it hands out memory ([`Arena`]), turns launches into
//! [`Resolved`] ones, records them as [`Graph`]s. It is the only unsafe code of the GPU path.
//!
//! The driver is loaded when a [`Gpu`] is opened; nothing of CUDA is needed to build.
#[cfg(not(target_os = "linux"))]
compile_error!("the feature cuda is for Linux");

mod error;
mod gpu;
mod graph;
#[allow(unused_macros, unused_imports)]
mod launch;
mod library;
mod memory;
mod module;
mod params;
mod pending;
mod resolve;
mod staging;
pub mod testing;

pub use error::CudaError;
pub use gpu::{DeviceMemory, Gpu};
pub use graph::Graph;
#[allow(unused_imports)]
pub(crate) use launch::ptx;
pub use launch::{Arg, Launch, Launches, RangeState, Refusal, RunState, Text, size};
pub use memory::{ALIGNMENT, Arena, Buffer};
pub use resolve::Resolved;
pub use staging::Staging;
