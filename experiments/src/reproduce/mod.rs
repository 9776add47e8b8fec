//! The whole homework by one command: every part with its own binary's flags, then the report.
mod options;

pub use options::{Options, Piece};

use crate::{
    interrupt,
    output::OutDir,
    part1, part2, part3, part4, part5,
    progress::duration,
    report,
    tasks::{task1, task2},
};
use anyhow::{Context, Result, bail};
use clap::Parser;
use std::time::{Duration, Instant};

/// Runs all parts that are wanted and writes the report; whether the user stopped it.
///
/// A part that fails does not keep the others from running.
///
/// # Errors
/// Where the output directory or the report cannot be written, and at the end where a part failed: the text names it.
pub fn run(options: &Options) -> Result<bool> {
    let out = OutDir::create(&options.out)?;
    let say = |text: &str| {
        if !options.quiet {
            println!("{text}");
        }
    };
    let pieces = options.pieces();
    estimate(options, &pieces, &say)?;
    if options.estimate {
        return Ok(false);
    }
    let mut failed = Vec::new();
    for &piece in &pieces {
        let command = options.command(piece);
        say(&format!("\n== {}", command.join(" ")));
        if piece.is_finished(&command)? {
            say(&format!("== {} kept from before", piece.name()));
            continue;
        }
        let started = Instant::now();
        match piece.run(&command) {
            Ok(true) => return Ok(true),
            Ok(false) => {
                say(&format!("== {} done in {:.1} s", piece.name(), started.elapsed().as_secs_f64()))
            }
            Err(e) => {
                say(&format!("== {} failed: {e:#}", piece.name()));
                failed.push(format!("{}: {e:#}", piece.name()));
            }
        }
        if interrupt::requested() {
            return Ok(true);
        }
    }
    let report = report::write(out.path())?;
    say(&format!("\n{}", report.html.display()));
    match &report.pdf {
        Ok(pdf) => say(&pdf.display().to_string()),
        Err(why) => say(why),
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("; "));
    }
    Ok(false)
}

/// Says how long each part and all of them will take.
fn estimate(options: &Options, pieces: &[Piece], say: &dyn Fn(&str)) -> Result<()> {
    say("timing a few steps of each training:");
    let mut total = 0.0;
    for &piece in pieces {
        let seconds = piece.estimate(&options.command(piece)).with_context(|| piece.name())?;
        total += seconds;
        say(&format!("  {:<6} about {}", piece.name(), duration(Duration::from_secs_f64(seconds))));
    }
    say(&format!("  {:<6} about {}", "all", duration(Duration::from_secs_f64(total))));
    Ok(())
}

impl Piece {
    fn run(self, command: &[String]) -> Result<bool> {
        match self {
            Piece::Part1 => part1::run(&part1::Options::try_parse_from(command)?),
            Piece::Part2 => part2::run(&part2::Options::try_parse_from(command)?),
            Piece::Part3 => part3::run(part3::Options::try_parse_from(command)?),
            Piece::Part4 => part4::run(part4::Options::try_parse_from(command)?),
            Piece::Part5 => part5::run(part5::Options::try_parse_from(command)?),
            Piece::Task1 => task1::run(task1::Options::try_parse_from(command)?),
            Piece::Task2 => task2::run(task2::Options::try_parse_from(command)?),
        }
    }

    /// Whether its results are there already. Parts that train keep single trainings, and so always run.
    fn is_finished(self, command: &[String]) -> Result<bool> {
        Ok(match self {
            Piece::Part1 => part1::is_finished(&part1::Options::try_parse_from(command)?),
            Piece::Part2 => part2::is_finished(&part2::Options::try_parse_from(command)?),
            _ => false,
        })
    }

    /// Seconds it will take on this machine.
    fn estimate(self, command: &[String]) -> Result<f64> {
        if self.is_finished(command)? {
            return Ok(0.0);
        }
        // It opens the data a first time: nobody needs to read that twice.
        let flags = command.iter().map(String::as_str).filter(|&word| word != "--quiet");
        let command: Vec<&str> = flags.chain(["--quiet"]).collect();
        match self {
            Piece::Part1 => part1::estimate(&part1::Options::try_parse_from(&command)?),
            Piece::Part2 => Ok(0.0),
            Piece::Part3 => part3::estimate(part3::Options::try_parse_from(&command)?),
            Piece::Part4 => part4::estimate(part4::Options::try_parse_from(&command)?),
            Piece::Part5 => part5::estimate(part5::Options::try_parse_from(&command)?),
            Piece::Task1 => task1::estimate(task1::Options::try_parse_from(&command)?),
            Piece::Task2 => task2::estimate(task2::Options::try_parse_from(&command)?),
        }
    }
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: &Options) -> Result<i32> {
    interrupt::main(|| run(options))
}
