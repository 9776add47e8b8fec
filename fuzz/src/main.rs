//! Feeds mutated files to every reader, and prints what came of them.
use clap::Parser;
use ferrotape_fuzz::{Figures, Plan, memory, readers, run};
use std::{path::PathBuf, process::ExitCode, time::Duration};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// Mutated files for every reader. Exits with 1 where one went wrong.
#[derive(Parser)]
struct Options {
    /// Cases of each reader
    #[arg(long, default_value_t = 500_000)]
    cases: u64,
    /// Number of the first case
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Minutes of processor time for each reader, after which it needs no more cases
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Decides all cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Readers to be fuzzed; all where none is named
    #[arg(long, value_delimiter = ',', value_name = "READER")]
    only: Vec<String>,
    /// Folder for files that went wrong
    #[arg(long, default_value = "target/fuzz")]
    keep: PathBuf,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let all = readers::all();
    if let Some(unknown) = options.only.iter().find(|name| all.iter().all(|reader| reader.name() != *name)) {
        let names: Vec<_> = all.iter().map(|reader| reader.name()).collect();
        eprintln!("--only {unknown}: expected one of {}", names.join(", "));
        return ExitCode::from(2);
    }
    if let Err(error) = std::fs::create_dir_all(&options.keep) {
        eprintln!("{}: {error}", options.keep.display());
        return ExitCode::from(2);
    }
    let plan = Plan {
        seed: options.seed,
        first: options.first,
        cases: options.cases,
        time: Duration::from_secs_f64(60.0 * options.minutes),
        keep: Some(options.keep),
    };
    println!(
        "| reader | cases | processor s | accepted | refused | slowest case | most allocated | allowance | of it |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut failed = false;
    for reader in all
        .iter()
        .filter(|reader| options.only.is_empty() || options.only.iter().any(|name| name == reader.name()))
    {
        let Figures { cases, accepted, time, slowest, peak, share, failures } = run(&**reader, &plan);
        let allowance = reader.allowance();
        println!(
            "| {} | {cases} | {:.0} | {accepted} | {} | {:.0} ms | {} KiB | {} x + {} KiB | {:.0} % |",
            reader.name(),
            time.as_secs_f64(),
            cases - accepted,
            1e3 * slowest.as_secs_f64(),
            peak / 1024,
            allowance.per_byte,
            allowance.constant / 1024,
            100.0 * share
        );
        failed |= !failures.is_empty();
        failures.iter().for_each(|failure| eprintln!("{failure}"));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
