//! What NVIDIA's assembler makes of every GPU kernel, for every generation of GPUs: `tools/ptxas.sh`.
//!
//! Registers decide how many threads a multiprocessor has room for, a spill is a load and a store nobody wrote, and multiply-adds for
//! each load from shared memory are what a kernel of matrix products lives by. None of it shows in results, so it is
//! written down, `tools/ptxas/table.txt`, and a change that is not written down fails. No GPU is needed for it.
#![forbid(unsafe_code)]
mod assemble;
mod kernels;

use anyhow::{Context, Result, bail};
use assemble::{ARCHITECTURES, Assembled};
use clap::Parser;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Assembles every kernel and compares with the table.
#[derive(Parser)]
struct Options {
    /// The assembler.
    #[arg(long)]
    ptxas: PathBuf,
    /// The disassembler.
    #[arg(long)]
    nvdisasm: PathBuf,
    /// Write the table instead of comparing with it.
    #[arg(long)]
    update: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modules = kernels::all(&root.join("../../kernels/src"))?;
    let table = table(&assemble_all(options, &modules)?);
    let path = root.join("table.txt");
    if options.update {
        fs::write(&path, &table).with_context(|| path.display().to_string())?;
        println!(
            "{} kernels, written to {}",
            table.lines().count() - HEAD.lines().count() - 1,
            path.display()
        );
        return Ok(());
    }
    let known = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let changed: Vec<_> = table.lines().filter(|line| !known.lines().any(|old| old == *line)).collect();
    let gone: Vec<_> = known.lines().filter(|line| !table.lines().any(|new| new == *line)).collect();
    if changed.is_empty() && gone.is_empty() {
        println!("{} kernels as in {}", table.lines().count() - HEAD.lines().count() - 1, path.display());
        return Ok(());
    }
    gone.iter().for_each(|line| println!("- {line}"));
    changed.iter().for_each(|line| println!("+ {line}"));
    bail!("the kernels are not as in {}; if that is meant: tools/ptxas.sh --update", path.display())
}

/// All modules, on as many threads as there are processors.
fn assemble_all(options: &Options, modules: &[kernels::Module]) -> Result<Vec<Assembled>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let work = || {
        while let Some((i, module)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, modules.get(i)?)))
        {
            let assembled = assemble::module(&options.ptxas, &options.nvdisasm, module);
            results.lock().expect("no panic").push((i, assembled));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, |n| n.get()) {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().expect("no panic");
    results.sort_by_key(|(i, _)| *i);
    let mut all = Vec::new();
    for (_, assembled) in results {
        all.extend(assembled?);
    }
    Ok(all)
}

const HEAD: &str = "\
What ptxas 13.0 makes of the kernels. Written by tools/ptxas.sh --update; a test of CI.
registers: of a thread, on sm_75, 80, 86, 89, 90, 100, 120. No kernel spills any. shared: bytes of a block, static.
Instructions on sm_90, as they stand in the code, loops once: all, FFMA, loads from shared memory of 16 bytes and others;
ratio: FFMA for the time of a 16-byte load (others of 4 bytes take a quarter of it).
";

/// The table.
fn table(kernels: &[Assembled]) -> String {
    let mut table = format!("{HEAD}\n");
    let width = kernels.iter().map(|k| k.name.len()).max().unwrap_or(0);
    let registers = ARCHITECTURES.map(|a| format!("{a:>4}")).concat();
    writeln!(
        table,
        "{:<width$}{registers} {:>7}{:>7}{:>6}{:>8}{:>5}{:>7}",
        "kernel", "shared", "all", "FFMA", "LDS.128", "LDS", "ratio"
    )
    .expect("a string");
    for k in kernels {
        let registers: String = k.registers.iter().map(|r| format!("{r:>4}")).collect();
        let loads = k.vector_loads as f64 + 0.25 * k.loads as f64;
        let ratio = if k.multiply_adds > 0 && loads > 0.0 {
            format!("{:.1}", k.multiply_adds as f64 / loads)
        } else {
            "-".into()
        };
        writeln!(
            table,
            "{:<width$}{registers} {:>7}{:>7}{:>6}{:>8}{:>5}{ratio:>7}",
            k.name, k.shared, k.instructions, k.multiply_adds, k.vector_loads, k.loads
        )
        .expect("a string");
    }
    table
}
