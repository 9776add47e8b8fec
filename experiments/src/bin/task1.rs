//! Task 1 of the fourth source. `task1 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, tasks::task1};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(task1::main(task1::Options::parse()))
}
