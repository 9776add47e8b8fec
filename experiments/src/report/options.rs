//! The flags of the report.
use clap::Parser;
use std::path::PathBuf;

/// Makes a report of result files: report.html, report.typ, and report.pdf where Typst is installed.
#[derive(Parser, Clone, Debug)]
#[command(name = "report", version)]
pub struct Options {
    /// Directory of results: part1/, part2/, …, task2/, as far as they were run
    #[arg(long, default_value = "out/reproduce", value_name = "DIR")]
    pub dir: PathBuf,

    /// The page [default: report.html in --dir]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Typst's compiler [default: typst in PATH]
    #[arg(long, value_name = "PATH")]
    pub typst: Option<PathBuf>,
}
