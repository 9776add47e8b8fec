//! Part 4: activation functions. `part4 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, part4};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(part4::main(part4::Options::parse()))
}
