//! Part 1: activations, XOR, concepts. `part1 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, part1};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(part1::main(&part1::Options::parse()))
}
