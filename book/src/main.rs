//! `ferrotape-book` builds the book; `record` makes its outputs again; `follow` follows the worked example.
use anyhow::Result;
use clap::{Parser, Subcommand};
use ferrotape_book::{build, follow, record};
use std::process::ExitCode;

/// The book: builds target/book/index.html
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the commands of book/output/*.txt again, and write down what they print
    Record {
        /// Only these outputs
        names: Vec<String>,
    },
    /// Follow chapter 14 in a copy of the tree
    Follow,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    match options.command {
        None => println!("{}", build::build()?.display()),
        Some(Command::Follow) => follow::follow()?,
        Some(Command::Record { names }) => {
            for recorded in record::all()? {
                if names.is_empty() || names.contains(&recorded.name) {
                    println!("{}: {}", recorded.name, recorded.command);
                    recorded.renew()?;
                }
            }
        }
    }
    Ok(())
}
