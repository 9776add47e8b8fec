//! Texts of PTX: parsed, and what parses is run.
use crate::{Allowance, Form, Reader};
use ptx_machine::{Launch, Memory, Module, Options, run};
use std::{fs, path::Path};

/// A text, parsed.
pub(super) struct Text;

/// Every kernel of a text, launched with one block. That a thread does what it must not is no refusal of the text.
pub(super) struct Launched;

/// The project's own kernels, the shorter ones, and one with instructions that they do not have.
const SEEDS: [&str; 6] = [
    include_str!("../../seeds/odd.ptx"),
    include_str!("../../../kernels/src/mse/ptx/mse.ptx"),
    include_str!("../../../kernels/src/layout/ptx/layout.ptx"),
    include_str!("../../../kernels/src/optim/ptx/optim.ptx"),
    include_str!("../../../kernels/src/count_correct/ptx/count_correct.ptx"),
    include_str!("../../../kernels/src/activation/ptx/activation.ptx"),
];

/// Instructions of a block after which it is stopped.
const MOST_INSTRUCTIONS: u64 = 3000;
/// Bytes behind every pointer.
const BYTES: usize = 1024;

fn parsed(file: &Path) -> Result<Module, String> {
    let name = file.display().to_string();
    let text = fs::read(file).map_err(|error| format!("{name}: {error}"))?;
    let text = String::from_utf8(text).map_err(|error| format!("{name}: {error}"))?;
    Module::parse(&name, &text).map_err(|error| error.to_string())
}

fn seeds() -> Vec<Vec<u8>> {
    // Comments are a third of them, and say nothing to a parser.
    let plain = |text: &str| {
        text.lines()
            .map(|line| line.split("//").next().unwrap_or("").trim_end())
            .collect::<Vec<_>>()
            .join("\n")
    };
    SEEDS.map(|text| plain(text).into_bytes()).to_vec()
}

impl Reader for Text {
    fn name(&self) -> &'static str {
        "ptx"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds()
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        &[
            "/*",
            "*/",
            "\"",
            "{",
            "}",
            "[",
            "]",
            "<4294967295>",
            ".align",
            "1073741824",
            "2147483648",
            "[4294967295]",
            "ä",
        ]
    }

    /// A token of one byte is 32 in a list that grows by doubling; an instruction of `a;` is larger yet.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 200, constant: 256 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        for kernel in parsed(file)?.kernels() {
            assert!(kernel.params().iter().all(|param| param.offset + param.bytes <= kernel.param_bytes()));
            let _ = (kernel.max_threads(), kernel.registers(), kernel.source_line(1));
        }
        Ok(())
    }
}

impl Reader for Launched {
    fn name(&self) -> &'static str {
        "ptx-run"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds()
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        Text.words()
    }

    /// What parsing takes, and a warp of 65,535 registers of every size: 4, 8 and an eighth of a byte for 32 lanes.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 200, constant: 28 << 20 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        for kernel in parsed(file)?.kernels() {
            let memory = Memory::new(1 << 20);
            let mut args = vec![0; kernel.param_bytes() as usize];
            for (number, param) in kernel.params().iter().enumerate() {
                let place = param.offset as usize..(param.offset + param.bytes) as usize;
                if param.bytes == 8 {
                    let pointer = memory.alloc(BYTES as u64, &param.name).map_err(|error| error.to_string());
                    let pointer = pointer.map_err(|error| format!("{}: {error}", file.display()))?;
                    memory.write(pointer, &[number as u8; BYTES]).expect("all of it");
                    args[place].copy_from_slice(&pointer.to_le_bytes());
                } else {
                    args[place].fill(0);
                    args[param.offset as usize] = 2 + number as u8;
                }
            }
            let block = kernel.required_block().unwrap_or([32, 1, 1]);
            let options = Options { threads: 1, most_instructions: MOST_INSTRUCTIONS, ..Options::default() };
            // More than one warp is another's business: it needs the same code and more time.
            if block.iter().map(|extent| u64::from(*extent)).product::<u64>() <= 32 {
                let launch = Launch { grid: [1; 3], block, shared: 64, cooperative: false };
                if let Err(fault) = run(kernel, &launch, &args, &memory, &options) {
                    assert!(fault.to_string().contains(&*file.to_string_lossy()), "{fault}");
                }
            }
        }
        Ok(())
    }
}
