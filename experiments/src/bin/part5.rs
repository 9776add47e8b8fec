//! Part 5: learning rates. `part5 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, part5};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(part5::main(part5::Options::parse()))
}
