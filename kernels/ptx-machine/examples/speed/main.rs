//! How fast the machine is: lane-instructions a second of one thread, checks on and off.
//!
//! `cargo run --release -p ferrotape-ptx-machine --example speed`
use std::error::Error;

use ptx_machine::{Checks, Counters, Launch, Memory, Module, Options, run};

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:<12}{:>10}{:>16}{:>10}{:>12}", "kernel", "checks", "lane-instr.", "cpu ms", "M/s");
    for (name, checks) in [("all", Checks::default()), ("few", Checks { never_written: false, races: false })]
    {
        let options = Options { threads: 1, checks, ..Options::default() };
        report("saxpy", name, || saxpy(&options))?;
        report("gemm", name, || gemm(&options))?;
    }
    Ok(())
}

/// The best of five runs: the machine may be busy.
fn report(kernel: &str, checks: &str, run: impl Fn() -> Timed) -> Result<(), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    let mut lanes = 0;
    for _ in 0..5 {
        let (counters, seconds) = run()?;
        best = best.min(seconds);
        lanes = counters.lane_instructions();
    }
    println!("{kernel:<12}{checks:>10}{lanes:>16}{:>10.1}{:>12.0}", best * 1e3, lanes as f64 / best / 1e6);
    Ok(())
}

type Timed = Result<(Counters, f64), Box<dyn Error>>;

fn saxpy(options: &Options) -> Timed {
    let module = Module::parse("saxpy.ptx", include_str!("saxpy.ptx"))?;
    let (memory, n) = (Memory::new(1 << 30), 1 << 20);
    let [x, y] = [numbers(&memory, n, "x")?, numbers(&memory, n, "y")?];
    let args = [&x.to_le_bytes()[..], &y.to_le_bytes(), &2f32.to_le_bytes(), &(n as u32).to_le_bytes()];
    let launch = Launch { grid: [64, 1, 1], block: [256, 1, 1], shared: 0, cooperative: false };
    timed(&module, "saxpy", &launch, &args.concat(), &memory, options)
}

fn gemm(options: &Options) -> Timed {
    let (memory, n) = (Memory::new(1 << 30), 256);
    let module = Module::parse("gemm.ptx", &include_str!("gemm.ptx").replace("{{K}}", &products()))?;
    let [a, b] = [numbers(&memory, n * n, "a")?, numbers(&memory, n * n, "b")?];
    let c = memory.alloc(4 * (n * n) as u64, "c")?;
    let args = [&a.to_le_bytes()[..], &b.to_le_bytes(), &c.to_le_bytes(), &(n as u32).to_le_bytes()].concat();
    let blocks = n as u32 / 64;
    let launch = Launch { grid: [blocks, blocks, 1], block: [256, 1, 1], shared: 0, cooperative: false };
    timed(&module, "gemm", &launch, &args, &memory, options)
}

/// The products of a tile: 16 steps of k, unrolled.
fn products() -> String {
    let mut text = String::new();
    for k in 0..16 {
        text += &format!("ld.shared.v4.f32 {{%pa0, %pa1, %pa2, %pa3}}, [%from_a+{}];\n", k * 272);
        text += &format!("ld.shared.v4.f32 {{%pb0, %pb1, %pb2, %pb3}}, [%from_b+{}];\n", k * 256);
        for (i, j) in (0..16).map(|i| (i / 4, i % 4)) {
            let s = 4 * i + j;
            text += &format!("fma.rn.f32 %s{s}, %pa{i}, %pb{j}, %s{s};\n");
        }
    }
    text
}

fn numbers(memory: &Memory, n: usize, name: &str) -> Result<u64, Box<dyn Error>> {
    let address = memory.alloc(4 * n as u64, name)?;
    let values: Vec<u8> = (0..n).flat_map(|i| ((i % 17) as f32).to_le_bytes()).collect();
    memory.write(address, &values)?;
    Ok(address)
}

fn timed(
    module: &Module,
    kernel: &str,
    launch: &Launch,
    args: &[u8],
    memory: &Memory,
    options: &Options,
) -> Timed {
    let kernel = module.kernel(kernel).ok_or("no such kernel")?;
    let start = cpu_seconds()?;
    let counters = run(&kernel, launch, args, memory, options)?;
    Ok((counters, cpu_seconds()? - start))
}

/// Time this thread has spent on a core: what others do on the machine is not in it.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = statistics.split(' ').next().ok_or("an empty schedstat")?.parse()?;
    Ok(nanoseconds * 1e-9)
}
