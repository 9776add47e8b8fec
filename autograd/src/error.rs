//! What can go wrong outside the caller's control.
use crate::{DType, Type};

/// An error of a machine or of a program's inputs. Misuse of shapes panics instead, with the caller's line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program was given more or fewer inputs than it declares.
    #[error("the program declares {expected} inputs, {given} given")]
    FeedCount {
        /// Inputs declared.
        expected: usize,
        /// Inputs given.
        given: usize,
    },
    /// An input of another kind or size than declared.
    #[error("input {index} is declared {ty} ({} values), got {given} of {dtype:?}", ty.len())]
    Feed {
        /// Which input.
        index: usize,
        /// What was declared.
        ty: Type,
        /// Values given.
        given: usize,
        /// Kind of the values given.
        dtype: DType,
    },
    /// An operation that the device has no kernel for.
    #[cfg(feature = "cuda")]
    #[error("{op} at {loc}: there is no kernel for it on {device}")]
    NoKernel {
        /// Name of the operation.
        op: &'static str,
        /// What it was to run on.
        device: String,
        /// The user's line.
        loc: &'static std::panic::Location<'static>,
    },
    /// The GPU cannot be used as asked, or a kernel failed.
    #[cfg(feature = "cuda")]
    #[error(transparent)]
    Cuda(#[from] ferrotape_kernels::cuda::CudaError),
    /// The CPU cannot be used as asked.
    #[error(transparent)]
    Cpu(#[from] ferrotape_kernels::CpuError),
}
