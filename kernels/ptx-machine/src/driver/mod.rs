//! A stand-in for the CUDA driver library: its functions, over the machine.
//!
//! Only what is needed to load kernels, give them memory, launch them, and record them as graphs. A function that is
//! not here is a missing symbol for whoever asks. There is one device and its primary context.
//!
//! **Nothing is asynchronous**: work runs when it is put on a stream, unless the stream is being captured. A fault of
//! a kernel shows nevertheless as on a card: the launch succeeds, and every call after it fails.
//!
//! **What CUDA leaves undefined or passes in silence is refused** where it can be seen: copies that leave an
//! allocation or read what nobody wrote, parameter blocks of the wrong size, handles of what was destroyed. The reason
//! is kept for `ptx_machine_last_fault`.
//!
//! The functions are exported from the shared library, whose SONAME is `libcuda.so`. They are documented in NVIDIA's
//! [driver API](https://docs.nvidia.com/cuda/cuda-driver-api/); pointers that a caller passes are taken to be what is
//! written there.
#![allow(non_snake_case)]
mod capture;
mod code;
mod device;
mod event;
mod graph;
mod host;
mod launch;
mod limits;
mod memory;
mod module;
mod name;
mod node;
mod report;
mod state;
mod stream;
mod table;
