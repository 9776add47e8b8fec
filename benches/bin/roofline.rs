//! Where a step's time goes, instruction by instruction, and how close each comes to what the machine allows.
//!
//! ```sh
//! cargo run --release -p ferrotape-benches --bin roofline -- --network cnn_3 --threads 2
//! ```
//!
//! The bound of an instruction is the time that its FLOPs take at the calibrated peak or its bytes at the bandwidth of
//! the nearest level of memory that holds them, whichever is longer. It flatters the machine: the bytes may well come
//! from further away. FLOPs are those of the definition: a fused instruction that skips work nobody reads may exceed it.
//! Instructions are timed one by one, without the chains that a step runs; the heads of a convolution's gradients
//! (`…_bias_grad`) then run on one thread, whose bound they are not judged by.
use clap::Parser;
use ferrotape_autograd::{Code, Device, Instruction, Program, Rewrites};
use ferrotape_benches::{
    bandwidth::{Level, levels},
    networks::{BATCH, Images, Input, evaluation, training},
    peak::peak,
};
use std::{error::Error, time::Duration};

/// Roofline table of the instructions of a training step or a validation batch.
#[derive(Parser)]
struct Args {
    /// Only this network (default: all).
    #[arg(long)]
    network: Option<String>,
    /// What it looks at: rgb, gray, fashion.
    #[arg(long, default_value_t = Input::Rgb)]
    input: Input,
    /// Threads that work, the caller's included.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Images of a batch.
    #[arg(long, default_value_t = BATCH)]
    batch: usize,
    /// Runs; each instruction's time is its fastest.
    #[arg(long, default_value_t = 60)]
    runs: usize,
    /// The forward pass of an evaluation instead of a step.
    #[arg(long)]
    evaluation: bool,
}

/// What the machine can do.
struct Machine {
    /// GFLOP/s.
    peak: f64,
    levels: Vec<Level>,
}

impl Machine {
    fn calibrate(threads: usize) -> Self {
        let machine = Self { peak: peak(threads), levels: levels(threads) };
        println!("{threads} thread(s): {:.0} GFLOP/s of multiply-adds in registers", machine.peak);
        for level in &machine.levels {
            println!("  {:4} {:6.1} GB/s read  {:6.1} GB/s copied", level.name, level.read, level.copy);
        }
        machine
    }

    /// The nearest level that holds `bytes`.
    fn level(&self, bytes: u64) -> &Level {
        self.levels.iter().find(|l| bytes <= l.capacity).expect("the last one holds all")
    }

    /// Nanoseconds at least, and what sets them.
    fn bound(&self, flops: u64, bytes: u64) -> (f64, &'static str) {
        let level = self.level(bytes);
        let (compute, memory) = (flops as f64 / self.peak, bytes as f64 / level.best());
        if compute > memory { (compute, "FMA") } else { (memory, level.name) }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let machine = Machine::calibrate(args.threads);
    let device = Device::threads(args.threads)?;
    let images = Images::new(args.input, args.batch);
    let chosen = |name: &str| args.network.as_deref().is_none_or(|only| only == name);
    let mut found = false;
    for network in args.input.table().iter().filter(|n| chosen(n.name)) {
        // One by one: a chain has one time for all of its instructions.
        let plan = Rewrites { chain: None, ..Rewrites::ALL };
        let (params, model, work) = args.input.network(network.name)?;
        let measure = |program: &mut Program| -> Result<Vec<Duration>, ferrotape_autograd::Error> {
            let count = program.code().instructions().len();
            let mut best = vec![Duration::MAX; count];
            for _ in 0..args.runs.max(1) {
                let mut times = vec![Duration::ZERO; count];
                program.run_timed(&params, &images.feeds(0..args.batch), &mut times)?;
                best.iter_mut().zip(times).for_each(|(best, t)| *best = t.min(*best));
            }
            Ok(best)
        };
        println!("\n{} {}, batch {}, {} thread(s)", network.name, args.input, args.batch, args.threads);
        if args.evaluation {
            let mut pass =
                evaluation(model, work.layout, args.input.image()).on(device.clone()).planned(plan);
            let program = pass.program(&params, args.batch)?;
            let times = measure(program)?;
            print(program.code(), &times, &machine);
        } else {
            let mut step = training(model, work.layout, args.input.image()).on(device.clone()).planned(plan);
            let program = step.program(&params, args.batch)?;
            let times = measure(program)?;
            print(program.code(), &times, &machine);
        }
        found = true;
    }
    if found { Ok(()) } else { Err(format!("no network {}", args.network.unwrap_or_default()).into()) }
}

fn print(code: &Code, times: &[Duration], machine: &Machine) {
    println!(
        "{:>3}  {:<26} {:<26} {:>8} {:>8} {:>9} {:>9} {:>8} {:>7}  {:>7} of bound",
        "", "instruction", "type", "MFLOP", "MB", "FLOP/B", "us", "GFLOP/s", "GB/s", "%"
    );
    let (mut total, mut bounds, mut flops, mut bytes) = (0.0, 0.0, 0, 0);
    for (k, (i, time)) in code.instructions().iter().zip(times).enumerate() {
        let (cost, ns) = (code.cost(i), time.as_nanos() as f64);
        let (bound, by) = machine.bound(cost.flops, cost.bytes);
        let what = format!("{:.0}", 100.0 * bound / ns);
        line(
            &format!("{k:>3}"),
            i.name(),
            &ty(code, i),
            cost.flops,
            cost.bytes,
            ns,
            &format!("{what:>7}  {by}"),
        );
        total += ns;
        bounds += bound;
        flops += cost.flops;
        bytes += cost.bytes;
    }
    line("", "total", "", flops, bytes, total, &format!("{:>7.0}", 100.0 * bounds / total));
}

fn line(k: &str, name: &str, ty: &str, flops: u64, bytes: u64, ns: f64, end: &str) {
    let (f, b) = (flops as f64, bytes as f64);
    println!(
        "{k:>3}  {name:<26} {ty:<26} {:>8.2} {:>8.3} {:>9.1} {:>9.1} {:>8.1} {:>7.1}  {end}",
        f / 1e6,
        b / 1e6,
        f / b,
        ns / 1e3,
        f / ns,
        b / ns
    );
}

/// Type of the first output; what an update changes.
fn ty(code: &Code, i: &Instruction) -> String {
    match i.y.first() {
        Some(&y) => code.slot(y).ty.to_string(),
        None => format!("{} gradients", i.x.len()),
    }
}
