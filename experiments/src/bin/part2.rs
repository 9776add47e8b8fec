//! Part 2: a convolution's forward pass. `part2 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, part2};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(part2::main(&part2::Options::parse()))
}
