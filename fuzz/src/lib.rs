//! Hostile input: every reader of files against mutated ones.
//!
//! Whatever the bytes of a file, a reader gives what the file holds or an error of one line that names the file. It does
//! not panic, does not hang, allocates no more than it says ([`Allowance`]) and writes nothing outside of its target.
//!
//! A [`Reader`] brings small valid files, made by our own writers where we have them; [`mutate`](mutate::mutated) damages
//! them; [`run()`] feeds them to it. Case `n` of a reader is the same for ever, so a failure can be repeated:
//!
//! ```text
//! cargo run -p ferrotape-fuzz -- --only npy --first 4711 --cases 1
//! ```
//!
//! # To add a reader
//!
//! Implement [`Reader`] in a file of `readers/` and put it into [`readers::all`]: the short run of `tests/short.rs` and the
//! full one of the binary have it then.
mod failure;
pub mod memory;
pub mod mutate;
mod random;
mod reader;
pub mod readers;
mod run;
mod watchdog;

pub use failure::Failure;
pub use random::Random;
pub use reader::{Allowance, Form, Reader};
pub use run::{Figures, Plan, run};
