//! One warp, step by step.
use super::{
    Exec, Observer,
    block::{Block, Common},
    grid,
    isa::Isa,
    stats::Stats,
};
use crate::{
    fault::Fault,
    launch::{self, Launch, Options},
    memory::Memory,
    module::Kernel,
    op::Pc,
    types::{File, Type},
};

/// An instruction that a warp has run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Line in the module's text.
    pub line: u32,
    /// Opcode with its modifiers.
    pub instruction: String,
    /// Lanes that ran it, a bit each.
    pub lanes: u32,
    /// Registers it wrote: name and, of the lowest lane that ran it, value.
    pub writes: Vec<(String, String)>,
}

struct Traced<'a> {
    warp: u32,
    tell: &'a mut dyn FnMut(Step),
}

impl Observer for Traced<'_> {
    fn after(&mut self, exec: &Exec, pc: Pc, lanes: u32) {
        if exec.warp.index != self.warp {
            return;
        }
        let note = &exec.kernel.notes[pc as usize];
        let lane = if lanes == 0 { 0 } else { lanes.trailing_zeros() as usize };
        let written = if lanes == 0 { &[][..] } else { &note.writes };
        let value = |(file, reg, name, ty): &(File, u16, Box<str>, Type)| {
            let value = match file {
                File::Pred => (exec.warp.preds[usize::from(*reg)] >> lane & 1).to_string(),
                _ => text(*ty, exec.lane(*file, *reg, lane)),
            };
            (name.to_string(), value)
        };
        (self.tell)(Step {
            line: note.line,
            instruction: note.opcode.to_string(),
            lanes,
            writes: written.iter().map(value).collect(),
        });
    }
}

/// A register's value as its type says.
fn text(ty: Type, bits: u64) -> String {
    match ty {
        Type::F32 => format!("{:?}", f32::from_bits(bits as u32)),
        Type::F64 => format!("{:?}", f64::from_bits(bits)),
        Type::S8 | Type::S16 | Type::S32 => (bits as u32 as i32).to_string(),
        Type::S64 => (bits as i64).to_string(),
        Type::U64 if bits >> 32 != 0 => format!("{bits:#x}"),
        Type::B32 | Type::B64 => format!("{bits:#x}"),
        _ => bits.to_string(),
    }
}

/// Runs one block and tells each step of one of its warps. Other blocks are not run.
///
/// # Errors
/// As [`run`](crate::run).
pub fn trace(
    kernel: &Kernel,
    launch: &Launch,
    args: &[u8],
    memory: &Memory,
    (block, warp): (u64, u32),
    tell: &mut dyn FnMut(Step),
) -> Result<(), Fault> {
    launch::check(kernel, launch, args)?;
    let (snapshot, options) = (memory.snapshot(), Options::default());
    let common = Common { kernel, launch, args, slots: snapshot.slots(), options: &options, isa: Isa::Any };
    let mut stats = Stats::new(kernel);
    let mut running = Block::default();
    running.start(&common, block, &mut stats);
    let mut observer = Traced { warp, tell };
    loop {
        for index in 0..running.warps.len() {
            let id = running.id;
            let mut exec = running.exec(&common, index, &mut stats);
            let result = exec.run(20_000, &mut observer);
            result.map_err(|(pc, stop)| grid::fault(&common, id, (pc, index as u32, stop)))?;
        }
        if !running.meet(&mut stats) {
            return Ok(());
        }
    }
}
