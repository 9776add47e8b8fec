//! One module through the assembler and the disassembler.
use crate::kernels::Module;
use anyhow::{Context, Result, bail, ensure};
use std::{fs, path::Path, process::Command};

/// Turing, Ampere (two), Ada, Hopper, Blackwell (two).
pub const ARCHITECTURES: [u32; 7] = [75, 80, 86, 89, 90, 100, 120];
/// The one that is disassembled.
const COUNTED: u32 = 90;

/// What became of a kernel.
#[derive(Debug, Default)]
pub struct Assembled {
    /// Module and kernel.
    pub name: String,
    /// Registers of a thread, by architecture.
    pub registers: Vec<u32>,
    /// Bytes of shared memory of a block.
    pub shared: u32,
    /// Instructions; those that are multiply-adds, loads of 16 bytes from shared memory, other loads from there.
    pub instructions: usize,
    pub multiply_adds: usize,
    pub vector_loads: usize,
    pub loads: usize,
}

/// All kernels of a module.
pub fn module(ptxas: &Path, nvdisasm: &Path, module: &Module) -> Result<Vec<Assembled>> {
    let folder = tempfile::tempdir()?;
    let [source, binary] = ["kernels.ptx", "kernels.cubin"].map(|name| folder.path().join(name));
    fs::write(&source, &module.text)?;
    let mut kernels = Vec::new();
    for architecture in ARCHITECTURES {
        let name = format!("--gpu-name=sm_{architecture}");
        let report = output(Command::new(ptxas).args(["-O3", "-v", &name, "-o"]).args([&binary, &source]))
            .with_context(|| format!("{}, sm_{architecture}", module.name))?;
        read_report(&report, &module.name, &mut kernels)
            .with_context(|| format!("{}, sm_{architecture}", module.name))?;
        if architecture == COUNTED {
            let listing = output(Command::new(nvdisasm).arg("-c").arg(&binary))
                .with_context(|| format!("{}, disassembled", module.name))?;
            kernels.iter_mut().for_each(|kernel| count(&listing, kernel));
        }
    }
    for kernel in &mut kernels {
        ensure!(kernel.instructions > 0, "{}: {} is not in the listing", module.name, kernel.name);
        // A module that was made has one kernel, called as it; `NAME x R` has that of NAME.
        if module.name.split(' ').next() != Some(&kernel.name) {
            kernel.name = format!("{} {}", module.name, kernel.name);
        } else {
            kernel.name.clone_from(&module.name);
        }
    }
    kernels.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(kernels)
}

/// What a program writes, both streams; its failure is an error with all of that.
fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("{command:?}"))?;
    let text = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    ensure!(done.status.success(), "{}", text.trim());
    Ok(text)
}

/// Adds what `ptxas -v` says of the kernels on an architecture.
fn read_report(report: &str, module: &str, kernels: &mut Vec<Assembled>) -> Result<()> {
    let mut current = None;
    for line in report.lines() {
        if let Some((_, rest)) = line.split_once("Compiling entry function '") {
            let (name, _) = rest.split_once('\'').context("a name in quotes")?;
            let found = kernels.iter().position(|kernel| kernel.name == name);
            current = Some(found.unwrap_or_else(|| {
                kernels.push(Assembled { name: name.to_owned(), ..Assembled::default() });
                kernels.len() - 1
            }));
        } else if line.contains("spill stores") {
            ensure!(
                line.contains(" 0 bytes spill stores, 0 bytes spill loads"),
                "registers are spilled: {}",
                line.trim()
            );
        } else if let Some((_, rest)) = line.split_once("Used ") {
            let Some(current) = current else { bail!("{module}: {line}: of which kernel?") };
            let kernel: &mut Assembled = &mut kernels[current];
            let number = |unit: &str| {
                let part = rest.split(", ").find_map(|part| part.strip_suffix(unit));
                part.map(|number| number.trim_start_matches("used ").parse()).transpose()
            };
            kernel.registers.push(number(" registers")?.context("registers")?);
            kernel.shared = number(" bytes smem")?.unwrap_or(0);
        }
    }
    Ok(())
}

/// Counts the kernel's instructions in a listing, where its section begins with `.text.NAME:`.
fn count(listing: &str, kernel: &mut Assembled) {
    let begin = format!(".text.{}:", kernel.name);
    let body = listing.lines().skip_while(|line| line.trim() != begin).skip(1);
    let body = body.take_while(|line| !line.trim().starts_with(".text.") && !line.starts_with("//---"));
    // An instruction's line begins with its address in a comment; branches' targets have lines of their own.
    for line in body.filter(|line| line.trim_start().starts_with("/*") && line.contains(';')) {
        kernel.instructions += 1;
        let has = |name: &str| line.split_whitespace().any(|word| word.split('.').next() == Some(name));
        kernel.multiply_adds += usize::from(has("FFMA"));
        let vector = line.contains("LDS.128");
        kernel.vector_loads += usize::from(vector);
        kernel.loads += usize::from(has("LDS") && !vector);
    }
}
