//! What the compiler makes of the innermost loops: `cargo run -p ferrotape-codegen`.
//!
//! Whether accumulators stay in registers is up to the register allocator, and no test of results notices when they
//! do not; a bench on a busy machine hardly does. So the release build is disassembled: of each tile the innermost loop
//! that is densest in multiply-adds is looked at. No more vectors than stated may go through the stack there, and a stated part of the
//! instructions must be multiply-adds. Needs objdump (binutils).
#![forbid(unsafe_code)]
mod disassembly;

use anyhow::{Context, Result, ensure};
use disassembly::{Loop, functions};
use std::{
    env,
    ops::RangeInclusive,
    process::{Command, ExitCode},
};

/// What is demanded of the tiles whose kernel's name begins with `kernel`.
struct Rule {
    isa: &'static str,
    kernel: &'static str,
    /// The heights looked at: short tiles cannot be dense, and taller ones than the kernel asks for never run.
    rows: RangeInclusive<usize>,
    /// Percent of the instructions that are multiply-adds, at least.
    percent: usize,
    /// Instructions that take a vector through the stack, at most. Not 0 where the loop holds the path for the end of
    /// a row, which fills up a vector there.
    stack: usize,
}

const fn rule(
    isa: &'static str,
    kernel: &'static str,
    rows: RangeInclusive<usize>,
    percent: usize,
    stack: usize,
) -> Rule {
    Rule { isa, kernel, rows, percent, stack }
}

/// What there is, so that it does not get worse; who makes it better tightens them. The first of the name counts.
const RULES: &[Rule] = &[
    rule("avx512", "Rows<Wide, 0>", 8..=10, 30, 0),
    rule("avx512", "Rows<Wide", 8..=15, 60, 0),
    rule("avx512", "Rows<Paired, 0>", 8..=10, 34, 0),
    rule("avx512", "Rows<Paired", 8..=14, 40, 0),
    rule("avx512", "Images<Wide, 0>", 8..=10, 28, 0),
    rule("avx512", "Images<Wide", 8..=15, 60, 0),
    rule("avx512", "Images<Paired, 0>", 8..=10, 34, 0),
    rule("avx512", "Images<Paired", 8..=14, 40, 0),
    rule("avx512", "Product", 8..=15, 32, 0),
    rule("avx512", "Block", 8..=10, 22, 0),
    rule("avx512", "Tiles", 28..=28, 55, 0),
    rule("avx512", "Planes<1>", 16..=16, 35, 0),
    rule("avx512", "Planes<3>", 16..=16, 48, 0),
    rule("avx2", "Tiles", 6..=6, 40, 0),
    rule("avx2", "Rows<Wide, 0>", 6..=6, 25, 40),
    rule("avx2", "Rows<Wide", 6..=6, 50, 0),
    rule("avx2", "Rows<Paired, 0>", 6..=6, 26, 14),
    rule("avx2", "Rows<Paired", 6..=6, 38, 0),
    rule("avx2", "Images<Wide, 0>", 6..=6, 30, 40),
    rule("avx2", "Images<Wide", 6..=6, 50, 0),
    rule("avx2", "Images<Paired, 0>", 6..=6, 28, 24),
    rule("avx2", "Images<Paired", 6..=6, 38, 0),
    rule("avx2", "Product", 6..=6, 15, 5),
    rule("avx2", "Block", 6..=6, 15, 5),
];

/// A kernel compiled for tiles of some height.
struct Tile<'a> {
    isa: &'a str,
    /// `Rows<Wide, 16>`
    kernel: String,
    height: usize,
    hot: Loop,
}

impl<'a> Tile<'a> {
    /// Takes `<…::avx512::Avx512 as …>::vectorize::inner::<…::Fixed<kernel, height>>` apart.
    fn parse(name: &'a str, hot: impl FnOnce() -> Loop) -> Option<Self> {
        let (isa, kernel) = name.split_once("::vectorize::inner::<")?;
        let isa = isa.split_once("::simd::")?.1.split_once("::")?.0;
        if let Some((_, tile)) = kernel.split_once("::packed::Tiles<") {
            // Large products fix the height themselves: rows by vectors.
            let (rows, vectors) = tile.trim_end_matches('>').split_once(", ")?;
            let height = rows.parse::<usize>().ok()? * vectors.parse::<usize>().ok()?;
            return Some(Self { isa, kernel: "Tiles".into(), height, hot: hot() });
        }
        if let Some((_, channels)) = kernel.split_once("::planes::Planes<") {
            // Two vectors of pixels for each of eight channels.
            let kernel = format!("Planes<{}>", channels.trim_end_matches('>'));
            return Some(Self { isa, kernel, height: 16, hot: hot() });
        }
        let (kernel, height) = kernel.split_once("::Fixed<")?.1.trim_end_matches('>').rsplit_once(", ")?;
        Some(Self { isa, kernel: without_paths(kernel), height: height.parse().ok()?, hot: hot() })
    }

    /// What is wrong with it.
    fn fault(&self, rule: &Rule) -> Option<String> {
        let Loop { all, fmas, spills, .. } = self.hot;
        // A vector of sixteen is one zmm or two ymm registers.
        let expected = self.height * if self.isa == "avx2" { 2 } else { 1 };
        if fmas < expected {
            return Some(format!("{fmas} multiply-adds, expected at least {expected}"));
        }
        if spills > rule.stack {
            return Some(format!("{spills} vectors through the stack, expected at most {}", rule.stack));
        }
        let percent = 100 * fmas / all;
        (percent < rule.percent).then(|| format!("{percent} % multiply-adds, expected {}", rule.percent))
    }
}

/// `Rows<Wide, 16>` of `a::b::Rows<a::c::Wide, 16>`
fn without_paths(name: &str) -> String {
    let words = name.split_inclusive(['<', '>', ',', ' ']);
    words.map(|word| word.rsplit("::").next().unwrap_or(word)).collect()
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let text = disassembled()?;
    let functions = functions(&text);
    let mut tiles: Vec<Tile<'_>> =
        functions.iter().filter_map(|f| Tile::parse(f.name, || f.hot_loop())).collect();
    tiles.sort_by(|a, b| (a.isa, &a.kernel, a.height).cmp(&(b.isa, &b.kernel, b.height)));
    tiles.dedup_by(|a, b| (a.isa, &a.kernel, a.height) == (b.isa, &b.kernel, b.height));

    println!(
        "{:7} {:24} {:>4} {:>5} {:>5} {:>6} {:>6} {:>6}",
        "isa", "kernel", "rows", "fmas", "loads", "others", "spills", "stack"
    );
    let (mut faults, mut used) = (0, vec![false; RULES.len()]);
    for tile in &tiles {
        let called = |r: &Rule| r.isa == tile.isa && tile.kernel.starts_with(r.kernel);
        let Some(at) = RULES.iter().position(called) else { continue };
        if !RULES[at].rows.contains(&tile.height) {
            continue;
        }
        used[at] = true;
        let Loop { all, fmas, loads, spills, stack } = tile.hot;
        let fault = tile.fault(&RULES[at]);
        faults += usize::from(fault.is_some());
        println!(
            "{:7} {:24} {:4} {fmas:5} {loads:5} {:6} {spills:6} {stack:6}  {}",
            tile.isa,
            tile.kernel,
            tile.height,
            all - fmas - loads,
            fault.map_or(String::new(), |fault| format!("FAULT: {fault}"))
        );
    }
    for (Rule { isa, kernel, rows, .. }, used) in RULES.iter().zip(used) {
        ensure!(used, "no {isa} tile of {rows:?} rows is called {kernel}: adapt the rules");
    }
    ensure!(faults == 0, "{faults} innermost loops are not what they should be");
    Ok(())
}

/// The release build of the kernels, with symbols that name type parameters.
fn disassembled() -> Result<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/codegen");
    let build =
        ["build", "--release", "--locked", "--package", "ferrotape-kernels", "--manifest-path", manifest];
    let status = Command::new(cargo)
        .args(build)
        .args(["--target-dir", target])
        .env("RUSTFLAGS", "-Csymbol-mangling-version=v0")
        .status()
        .context("cargo")?;
    ensure!(status.success(), "the kernels do not build");
    let library = format!("{target}/release/libferrotape_kernels.rlib");
    let output = Command::new("objdump")
        .args(["--disassemble", "--no-show-raw-insn", "--demangle", &library])
        .output()
        .context("objdump, of binutils")?;
    ensure!(output.status.success(), "objdump: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
