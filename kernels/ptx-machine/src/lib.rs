//! A machine for PTX: runs kernels on a CPU, instruction by instruction, and checks them while it does.
//!
//! A kernel is parsed ([`Module`]), given memory ([`Memory`]) and launched ([`run`]). Threads run in warps of 32 lanes
//! in lock step, as on a GPU, so an instruction is a loop over 32 lanes which the compiler vectorises. Whatever a GPU
//! would let pass in silence is a [`Fault`] here: accesses outside of an allocation, reads of memory nobody wrote,
//! races in shared memory, barriers and shuffles that not all threads reach. What the launch did is counted
//! ([`Counters`]), always the same for the same launch.
//!
//! ```
//! let text = "
//!     .version 7.0
//!     .target sm_75
//!     .address_size 64
//!     .visible .entry twice(.param .u64 x) {
//!         .reg .u32 %t;  .reg .u64 %p, %o;  .reg .f32 %v;
//!         mov.u32 %t, %tid.x;
//!         ld.param.u64 %p, [x];
//!         mul.wide.u32 %o, %t, 4;
//!         add.u64 %p, %p, %o;
//!         ld.global.f32 %v, [%p];
//!         add.f32 %v, %v, %v;
//!         st.global.f32 [%p], %v;
//!         ret;
//!     }";
//! use ptx_machine::{Launch, Memory, Module, Options, run};
//! let module = Module::parse("twice.ptx", text)?;
//! let memory = Memory::new(1 << 20);
//! let x = memory.alloc(8, "x")?;
//! memory.write(x, &[1.5f32.to_le_bytes(), 4f32.to_le_bytes()].concat())?;
//! let launch = Launch { grid: [1; 3], block: [2, 1, 1], shared: 0, cooperative: false };
//! let kernel = module.kernel("twice").unwrap();
//! run(&kernel, &launch, &x.to_le_bytes(), &memory, &Options::default())?;
//! let mut y = [0; 8];
//! memory.read(x, &mut y)?;
//! assert_eq!(y, *[3f32.to_le_bytes(), 8f32.to_le_bytes()].concat());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod counters;
mod decode;
mod driver;
mod exec;
mod fault;
mod launch;
mod lex;
mod memory;
mod module;
mod op;
mod parse;
mod shadow;
mod types;

pub use counters::{Class, Count, Counters, Requests, Wavefronts};
pub use exec::{Step, trace};
pub use fault::{Fault, FaultKind};
pub use launch::{Checks, Launch, Options, run};
pub use memory::{Memory, MemoryError};
pub use module::{Kernel, Module, Param};
pub use parse::ParseError;
