//! Devices, over `cudarc`: the driver is loaded when a [`Gpu`] is opened, nothing of CUDA is needed to build.
#[cfg(not(target_os = "linux"))]
compile_error!("the feature cuda is for Linux");

mod error;
mod gpu;
mod graph;
mod library;
mod memory;
mod module;
mod params;
mod pending;
mod resolve;
mod staging;
pub mod testing;

use super::{Arg, Launch, Text, comments, size};
pub use error::CudaError;
pub use gpu::{DeviceMemory, Gpu};
pub use graph::Graph;
pub use memory::{ALIGNMENT, Arena, Buffer};
pub use resolve::Resolved;
pub use staging::Staging;
