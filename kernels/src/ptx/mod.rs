//! A small typed builder of PTX: kernels that are unrolled for the constants of a layer.
//!
//! A kernel is written as a Rust function that says its instructions one after the other. Rust's `for` is unrolling,
//! [`Kernel::repeat`] is a loop of the GPU, and a register is a Rust value that knows its type and its name. What comes out is PTX
//! to be read: registers are called what they hold, and what the function notes stands in the text as a comment. Golden dumps of
//! every kernel lie beside the families, in `<family>/ptx/golden/`.
//!
//! ```text
//! let mut k = Kernel::new("scale", "y[i] = 2 x[i], a thread a number", 256);
//! let (x, y) = (k.pointer("x"), k.pointer("y"));                 // .param .u64 x, .param .u64 y
//! let i = k.thread_of_grid();
//! let inside = k.lt(i, 1000);
//! k.when(inside, "inside", |k| {                                  //     @!%p0 bra inside_end;
//!     let (x, y) = (k.at(x, i, 4), k.at(y, i, 4));
//!     let v = k.load_global("v", x, 0);
//!     let doubled = k.mul_f32("doubled", v, 2.0);                 //     mul.rn.f32 %doubled0, %v0, 0f40000000;
//!     k.store_global(y, 0, doubled);
//! });
//! ```
mod arithmetic;
mod kernel;
mod memory;
mod register;

pub use kernel::{Kernel, SHARED};
pub use register::{F32, F64, Operand, Pred, Register, U32, U64};
