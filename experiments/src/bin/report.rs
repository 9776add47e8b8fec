//! The report of result files. `report --help` lists the flags.
#![forbid(unsafe_code)]
use clap::Parser;
use ferrotape_experiments::{exit, report};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::with(report::main(&report::Options::parse()))
}
