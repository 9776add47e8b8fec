//! Every PTX kernel on the PTX machine, instruction by instruction, against the reference; all checks of the machine on.
//!
//! One file a family. A kernel's operands have their exact size, so that an access beside them is found; outputs are never
//! written before, so that a missing write is; parameters and their gradients lie at odd multiples of 4 bytes, as in a flat
//! buffer.
mod activation;
mod builder;
mod conv2d;
mod conv2d_block;
mod conv2d_records;
mod count_correct;
mod cross_entropy;
mod dropout;
mod elementwise;
mod gather;
mod golden;
mod harness;
mod layout;
mod matmul;
mod max_pool2d;
mod mse;
mod optim;
mod reduce;
mod replicas;
mod same;
#[path = "../support/mod.rs"]
mod support;
mod upstream;
