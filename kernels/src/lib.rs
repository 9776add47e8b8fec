//! What the hardware runs: shapes, specs and kernels over slices; knows no tape.
//!
//! One folder an operation family. In each, `mod.rs` holds the spec (sizes, shape arithmetic and its error text),
//! `reference.rs` the definition in plain loops over a [`Scalar`], `cpu.rs` the SIMD version.
pub mod activation;
pub mod conv2d;
pub mod count_correct;
mod cpu;
pub mod cross_entropy;
pub mod cuda;
pub mod dropout;
pub mod elementwise;
pub mod gather;
pub mod layout;
pub mod linear;
pub mod matmul;
pub mod max_pool2d;
pub mod mse;
pub mod optim;
mod parts;
pub mod philox;
mod pool;
pub mod ptx;
pub mod reduce;
mod scalar;
mod shape;
mod simd;
pub mod upstream;
mod view;

pub use cpu::{Cpu, CpuError, Isa};
pub use parts::{PARTS, Parts};
pub use pool::Pool;
pub use scalar::{Bound, Dual, Scalar};
pub use shape::{Layout, MAX_RANK, Shape, ShapeError};
pub use simd::{Kernel, LANES, Simd};
pub use view::{View, ViewMut, indices};
