//! The whole homework. `reproduce --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, reproduce};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(reproduce::main(&reproduce::Options::parse()))
}
