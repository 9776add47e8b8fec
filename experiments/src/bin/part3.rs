//! Part 3: architectures. `part3 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, part3};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(part3::main(part3::Options::parse()))
}
