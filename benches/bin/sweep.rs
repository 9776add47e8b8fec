//! Which way of computing a convolution wins where, and how far from the roof each is.
//!
//! ```sh
//! cargo run --release -p ferrotape-benches --bin sweep                     # channels x kernel x image size
//! cargo run --release -p ferrotape-benches --bin sweep -- layers           # the convolutions of tables A and B
//! cargo run --release -p ferrotape-benches --bin sweep -- gemm             # matrix products by instruction set
//! cargo run --release -p ferrotape-benches --bin sweep -- grid --csv > benches/results/sweep.csv
//! ```
//!
//! GFLOP/s of the fastest sample. The roof is calibrated again before every line; its share is that of the winner.
use clap::{Parser, ValueEnum};
use ferrotape_benches::{
    ladder::{Convolution, Rung, needed},
    networks::{Input, conv_name},
    peak::peak,
    rows::{PRODUCTS, product_of},
    timing::time,
    values,
};
use ferrotape_kernels::{Cpu, Isa, Pool, conv2d::Conv2d, matmul::cpu::matmul};
use std::{collections::BTreeMap, hint::black_box};

/// Tables of GFLOP/s: ways of computing a convolution, or matrix products.
#[derive(Parser)]
struct Args {
    /// What to sweep.
    #[arg(value_enum, default_value_t = Sweep::Grid)]
    sweep: Sweep,
    /// Threads that work, the caller's included.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Seconds a cell.
    #[arg(long, default_value_t = 0.02)]
    seconds: f64,
    /// Only lines whose name contains this: `k5`, `forward`, `16to8`.
    #[arg(long, default_value = "")]
    only: String,
    /// Commas instead of columns.
    #[arg(long)]
    csv: bool,
}

#[derive(Copy, Clone, PartialEq, Eq, ValueEnum)]
enum Sweep {
    /// Equal channels in and out, kernels, image sizes.
    Grid,
    /// The convolutions of tables A and B, batch 50.
    Layers,
    /// Matrix products.
    Gemm,
}

/// The definition is left out where one image takes it longer than about 0.1 s.
const SLOW: u64 = 20_000_000;
/// About as much work as fits a time slice.
const WORK: u64 = 100_000_000;

fn main() {
    let args = Args::parse();
    let pool = Pool::new(args.threads);
    let convolutions = match args.sweep {
        Sweep::Gemm => return products(&args, &pool),
        Sweep::Grid => grid(),
        Sweep::Layers => {
            let all = Input::ALL.iter().flat_map(|i| i.convolutions());
            all.map(|s| (conv_name(&s), s)).collect::<BTreeMap<_, _>>().into_values().collect()
        }
    };
    let rungs = Rung::all();
    head(&args, &rungs.iter().map(|r| r.name()).collect::<Vec<_>>());
    for s in convolutions {
        for pass in needed(&s) {
            let name = format!("{}/{pass}", conv_name(&s));
            let rates = rungs.iter().map(|&rung| {
                let n = if rung == Rung::Reference { 1 } else { s.n };
                let mut operands = Convolution::new(Conv2d { n, ..s });
                let (flops, context) = (operands.s.flops(), rung.context(&pool));
                let slow = rung == Rung::Reference && flops > SLOW;
                let mut run = || {
                    black_box(operands.run(rung, pass, &context));
                };
                (!slow).then(|| (rung.name(), time(args.seconds, 2, &mut run).best_rate(flops)))
            });
            line(&args, &name, rates);
        }
    }
}

/// Channels, kernels and sizes; as many images as make a measurable piece of work.
fn grid() -> Vec<Conv2d> {
    let mut all = Vec::new();
    for c in [1, 3, 4, 8, 16, 32, 64] {
        for k in [1, 3, 5, 7] {
            for size in [8, 16, 32, 64] {
                let (ci, co, h, w, kh, kw) = (c, c, size, size, k, k);
                let one = Conv2d { n: 1, ci, h, w, co, kh, kw, stride: 1, padding: 0 };
                all.push(Conv2d { n: (WORK / one.flops()).clamp(1, 16) as usize, ..one });
            }
        }
    }
    all
}

fn products(args: &Args, pool: &Pool) {
    head(args, &Isa::available().map(Isa::name).collect::<Vec<_>>());
    for name in PRODUCTS {
        let s = product_of(name).expect("well-formed");
        let (a, b, mut y) = (values(s.m * s.k), values(s.k * s.n), vec![0.0; s.m * s.n]);
        let rates = Isa::available().map(|isa| {
            let cpu = Cpu::with_isa(pool, isa).expect("available");
            let run = || matmul(&s, &a, &b, black_box(&mut y), &cpu);
            Some((isa.name(), time(args.seconds, 2, run).best_rate(s.flops())))
        });
        line(args, name, rates);
    }
}

fn head(args: &Args, columns: &[&str]) {
    let ends = ["winner", "% of roof"];
    print(args, "GFLOP/s", columns.iter().chain(&ends).map(|c| c.to_string()));
}

/// One line: the rate of each column, `None` where it was left out.
fn line(args: &Args, name: &str, rates: impl Iterator<Item = Option<(&'static str, f64)>>) {
    if !name.contains(&args.only) {
        return;
    }
    let roof = peak(args.threads);
    let rates: Vec<_> = rates.collect();
    let best = rates.iter().flatten().max_by(|a, b| a.1.total_cmp(&b.1)).expect("a column");
    let cells = rates.iter().map(|r| r.map_or("-".to_string(), |(_, rate)| format!("{rate:.1}")));
    let ends = [best.0.to_string(), format!("{:.0}", 100.0 * best.1 / roof)];
    print(args, name, cells.chain(ends));
}

fn print(args: &Args, name: &str, cells: impl Iterator<Item = String>) {
    match args.csv {
        true => println!("{}", cells.fold(name.to_string(), |line, cell| line + "," + &cell)),
        false => println!("{}", cells.fold(format!("{name:24}"), |line, cell| format!("{line} {cell:>12}"))),
    }
}
