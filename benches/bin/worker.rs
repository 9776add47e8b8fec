//! Times rows on request: one JSON object a line in, one out. `benches/vs_pytorch.py` talks to it.
//!
//! ```sh
//! echo '{"row": "step/cnn_3/rgb", "seconds": 1}' | cargo run --release -p ferrotape-benches --bin worker
//! ```
use clap::Parser;
use ferrotape_benches::{
    networks::Input,
    peak::peak,
    rows::{names, prepare},
    timing::{Times, time},
};
use ferrotape_kernels::Isa;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write, stdin, stdout};

/// Times rows on request: `{"row": "step/cnn_3/rgb", "seconds": 1}`, one a line.
#[derive(Parser)]
struct Args {
    /// Threads that work, the caller's included.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Print the names of the rows and stop.
    #[arg(long)]
    list: bool,
    /// Images of the rows listed: rgb, gray, fashion.
    #[arg(long, default_value_t = Input::Rgb)]
    input: Input,
}

#[derive(Deserialize)]
struct Request {
    row: String,
    seconds: f64,
    /// Samples at least.
    #[serde(default = "five")]
    least: usize,
}

fn five() -> usize {
    5
}

#[derive(Serialize)]
struct Answer {
    row: String,
    threads: usize,
    isa: &'static str,
    #[serde(flatten)]
    times: Times,
    flops: u64,
    /// Of this process at this moment: the better of one calibration before and one after.
    peak_gflops: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    if args.list {
        names(args.input).iter().for_each(|name| println!("{name}"));
        return Ok(());
    }
    for line in stdin().lock().lines() {
        let Request { row, seconds, least } = serde_json::from_str(&line?)?;
        let mut work = prepare(&row, args.threads)?;
        let before = peak(args.threads);
        let times = time(seconds, least, &mut work.run);
        let peak_gflops = before.max(peak(args.threads));
        let (threads, isa, flops) = (args.threads, Isa::best().name(), work.flops);
        let answer = Answer { row, threads, isa, times, flops, peak_gflops };
        writeln!(stdout(), "{}", serde_json::to_string(&answer)?)?;
        stdout().flush()?;
    }
    Ok(())
}
