//! The tape: operations recorded as instructions, differentiated by appending more of them, replayed as a program.
//!
//! A training step is a tape; a tape is a program; every machine runs the same program.
#![forbid(unsafe_code)]
mod backward;
mod by_image;
pub mod card;
mod chain;
pub mod check;
mod code;
#[cfg(feature = "cuda")]
mod cuda;
mod error;
mod io;
mod layout;
mod listing;
mod machine;
mod memory;
mod not_finite;
mod op;
pub mod ops;
mod params;
mod plan;
mod program;
mod replay;
mod sequence;
mod slot;
mod source;
mod tape;
mod update;
mod var;

pub use backward::Gradients;
pub use by_image::{ByImage, Share};
pub use code::{Action, Chain, Code, Instruction, Phase};
pub use error::Error;
pub use ferrotape_kernels::cuda::Launches;
pub use ferrotape_kernels::gather::Input;
pub use ferrotape_kernels::optim::{Adam, Sgd};
pub use ferrotape_kernels::{Bound, Cpu, Dual, Isa, Layout, Parts, Scalar, Shape, ShapeError, View, ViewMut};
pub use io::{In, Io, MAX_OPERANDS, MAX_OUTPUTS, Out};
pub use listing::scaled;
pub use machine::{Device, Feed, Machine};
pub use not_finite::{NotFinite, Values};
pub use op::{Arithmetic, Cost, DynOp, Op, REFERENCE, Site};
pub use params::{ParamData, ParamInfo, Params};
pub use plan::Rewrites;
pub use program::{Outputs, Program};
pub use replay::Replay;
pub use sequence::{Part, Sequence};
pub use slot::{DType, ParamId, Place, Slot, SlotId, Type};
pub use source::Source;
pub use tape::Tape;
pub use update::{DynUpdate, MAX_MOMENTS, Range, Update};
pub use var::Var;
