//! Modules, optimisers, schedules, initialisation, state dicts, checkpoints, and the networks of the homework.
//!
//! A module holds the numbers of its parameters, never their values: those live in a
//! [`Params`](ferrotape_autograd::Params) store, outside any tape. Losses are methods of
//! [`Var`](ferrotape_autograd::Var).
#![forbid(unsafe_code)]
pub mod checkpoint;
pub mod init;
mod layers;
pub mod models;
mod module;
mod schedule;
pub mod state_dict;
mod step;
mod summary;

pub use ferrotape_autograd::{Adam, Sgd};
pub use init::Init;
pub use layers::{Conv2d, Dropout, Flatten, LayerOptions, LeakyRelu, Linear, MaxPool2d, Relu, Sigmoid, Tanh};
pub use module::{Module, Sequential};
pub use schedule::{Constant, MultiStep, Schedule, StepDecay};
pub use step::Step;
pub use summary::{summary, thousands};
