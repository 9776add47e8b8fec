//! Task 2 of the fourth source. `task2 --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, tasks::task2};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(task2::main(task2::Options::parse()))
}
