//! Runs a kernel on made-up data and prints what it did; with `--trace`, step by step.
mod argument;
mod values;

use std::{error::Error, path::PathBuf, process::ExitCode, sync::Arc};

use argument::Argument;
use clap::Parser;
use ptx_machine::{Counters, Kernel, Launch, Memory, Module, Options, Step, run, trace};

/// Runs a PTX kernel on the CPU, checks it, and counts what it does.
///
/// Arguments stand in the order of the kernel's parameters. A number is a number (`7`, `-1`, `0.5`, `0x1F`); a buffer
/// is `TYPE[COUNT]` and says what is in it: `f32[1024]` random, `f32[1024]=0` that number everywhere,
/// `u32[64]=i` counting from 0, `f32[1024]=?` nothing yet, as memory for results. A `!` behind it prints its first
/// values afterwards.
#[derive(Parser)]
#[command(name = "ptx-run", version, after_help = EXAMPLE)]
struct Flags {
    /// File of the module.
    file: PathBuf,
    /// The kernel; not needed where the module has only one.
    entry: Option<String>,
    /// Blocks: X, X,Y or X,Y,Z.
    #[arg(long, default_value = "1", value_parser = extents)]
    grid: [u32; 3],
    /// Threads of a block: X, X,Y or X,Y,Z.
    #[arg(long, default_value = "32", value_parser = extents)]
    block: [u32; 3],
    /// Bytes of shared memory of a block beyond those the kernel declares.
    #[arg(long, default_value_t = 0)]
    shared: u32,
    /// Blocks are all there at once and may wait for each other.
    #[arg(long)]
    cooperative: bool,
    /// An argument of the kernel, once for each parameter.
    #[arg(long = "arg", value_name = "VALUE", allow_hyphen_values = true)]
    args: Vec<Argument>,
    /// Seed of the random values.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads of this machine that run blocks.
    #[arg(long)]
    threads: Option<usize>,
    /// Counts of each line, beside the text.
    #[arg(long)]
    lines: bool,
    /// Prints each step of one warp: number of its block, number of the warp in it.
    #[arg(long, value_name = "B,W", value_parser = pair)]
    trace: Option<(u64, u32)>,
}

const EXAMPLE: &str = "Example:\n  ptx-run saxpy.ptx --grid 4 --block 256 --arg f32[1000] --arg f32[1000]=1! --arg 2.0 --arg 1000";

fn main() -> ExitCode {
    match ptx_run(&Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ptx-run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn ptx_run(flags: &Flags) -> Result<(), Box<dyn Error>> {
    let file = flags.file.display().to_string();
    let text = std::fs::read_to_string(&flags.file).map_err(|error| format!("{file}: {error}"))?;
    let module = Module::parse(&file, &text)?;
    let kernel = chosen(&module, &file, flags.entry.as_deref())?;
    let memory = Memory::new(1 << 36);
    let (block, buffers) = argument::parameters(&kernel, &flags.args, &memory, flags.seed)?;
    let launch =
        Launch { grid: flags.grid, block: flags.block, shared: flags.shared, cooperative: flags.cooperative };
    if let Some(place) = flags.trace {
        return steps(&kernel, &launch, &block, &memory, place);
    }
    let mut options = Options::default();
    options.threads = flags.threads.unwrap_or(options.threads);
    let counters = run(&kernel, &launch, &block, &memory, &options)?;
    print!("{counters}");
    if flags.lines {
        print_lines(&kernel, &counters);
    }
    for buffer in buffers {
        println!("{}", buffer.shown(&memory)?);
    }
    Ok(())
}

fn chosen(module: &Module, file: &str, entry: Option<&str>) -> Result<Arc<Kernel>, String> {
    let names: Vec<_> = module.kernels().map(|kernel| kernel.name()).collect();
    let found = match entry {
        Some(name) => module.kernel(name),
        None if names.len() == 1 => module.kernel(names[0]),
        None => {
            return Err(format!(
                "{file} has {} kernels, expected ENTRY, one of: {}",
                names.len(),
                names.join(" ")
            ));
        }
    };
    found.ok_or_else(|| format!("{file} has no kernel `{}`, but: {}", entry.unwrap_or(""), names.join(" ")))
}

/// Lines of the file that have instructions, and how often warps and lanes ran them.
fn print_lines(kernel: &Kernel, counters: &Counters) {
    println!("\n{:>6}{:>14}{:>16}  text", "line", "warps", "lanes");
    for (line, count) in &counters.lines {
        println!("{line:>6}{:>14}{:>16}  {}", count.warps, count.lanes, kernel.source_line(*line));
    }
}

fn steps(
    kernel: &Kernel,
    launch: &Launch,
    args: &[u8],
    memory: &Memory,
    (block, warp): (u64, u32),
) -> Result<(), Box<dyn Error>> {
    let blocks = launch.grid.iter().map(|extent| u64::from(*extent)).product::<u64>();
    let warps = launch.block.iter().product::<u32>().div_ceil(32);
    if block >= blocks || warp >= warps {
        return Err(format!("--trace {block},{warp}: there are {blocks} blocks of {warps} warps").into());
    }
    println!("{:>6}  {:<10}  {:<44}  written, in the lowest of the lanes", "line", "lanes", "text");
    let mut last = 0;
    let mut tell = |step: Step| {
        // Of several instructions on a line the text is shown once.
        let text = if step.line == last { &step.instruction } else { kernel.source_line(step.line) };
        let written: Vec<_> = step.writes.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        println!("{:>6}  {:#010x}  {text:<44}  {}", step.line, step.lanes, written.join(", "));
        last = step.line;
    };
    trace(kernel, launch, args, memory, (block, warp), &mut tell)?;
    Ok(())
}

/// `X`, `X,Y` or `X,Y,Z`.
fn extents(text: &str) -> Result<[u32; 3], String> {
    let mut extents = [1; 3];
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > 3 {
        return Err(format!("{} numbers, expected at most three", parts.len()));
    }
    for (extent, part) in extents.iter_mut().zip(parts) {
        *extent = part.trim().parse().map_err(|_| format!("`{part}`, expected a number"))?;
    }
    Ok(extents)
}

/// `B,W`.
fn pair(text: &str) -> Result<(u64, u32), String> {
    let numbers = text.split_once(',').and_then(|(b, w)| Some((b.parse().ok()?, w.parse().ok()?)));
    numbers.ok_or_else(|| "expected a block and a warp, as in 0,1".to_owned())
}
