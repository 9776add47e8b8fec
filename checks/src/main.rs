//! `checks`: all operations under all checks; `checks faults`: the checks under faults.
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use ferrotape_autograd::ops::CARDS;
use ferrotape_checks::{Matrix, faults_table, page, table};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// All operations under all checks, on all instruction sets and devices that are here.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// Only these operations, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = operation, value_name = "OPS")]
    only: Vec<String>,
    /// Write the table as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the table as a page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Spoil every gradient in every way, and print who notices
    Faults {
        /// Write the table to a file, too
        #[arg(long, value_name = "FILE.md")]
        out: Option<PathBuf>,
    },
}

/// An operation of the registry.
fn operation(name: &str) -> Result<String, String> {
    let known = || CARDS.iter().map(|card| card.name).collect::<Vec<_>>().join(", ");
    let found = CARDS.iter().any(|card| card.name == name);
    found.then(|| name.to_owned()).ok_or_else(|| format!("no such operation; there are {}", known()))
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing is wrong.
fn run(options: Options) -> Result<bool> {
    if let Some(Command::Faults { out }) = options.command {
        let (text, ok) = faults_table();
        print!("{text}");
        out.map_or(Ok(()), |path| write(&path, &text))?;
        return Ok(ok);
    }
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let count = CARDS.iter().filter(|card| wanted(card.name)).count();
    let mut number = 0;
    let matrix = Matrix::run(wanted, |row| {
        number += 1;
        eprintln!("{number:>2}/{count}  {}", row.op);
    });
    print!("{}", table(&matrix));
    println!("{:.0} s, the largest error as a share of what is allowed", matrix.seconds);
    if let Some(path) = &options.json {
        write(path, &serde_json::to_string_pretty(&matrix)?)?;
    }
    if let Some(path) = &options.html {
        write(path, &page(&matrix, None)?)?;
    }
    Ok(matrix.ok())
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("{}: cannot be written", path.display()))
}
