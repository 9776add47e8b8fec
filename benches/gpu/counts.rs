//! What the PTX machine counts, launch by launch.
use super::{
    Error,
    laid::{Laid, Task},
};
use ferrotape_kernels::cuda::{Gpu, Launch};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counters of one launch. Fractions come of extrapolation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Instructions that warps issued, by class.
    pub warps: BTreeMap<String, f64>,
    /// Sectors of 32 bytes of global memory: loads.
    pub sectors_loaded: f64,
    /// Stores.
    pub sectors_stored: f64,
    /// Passes over the banks of shared memory.
    pub wavefronts: f64,
    /// Of them beyond the least.
    pub bank_conflicts: f64,
}

/// One launch: who, how large, what it did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counted {
    /// File and kernel.
    pub kernel: String,
    /// Blocks.
    pub grid: [u32; 3],
    /// Threads of a block.
    pub block: [u32; 3],
    /// What it did.
    pub counts: Counts,
}

impl Counted {
    /// Blocks in all.
    pub fn blocks(&self) -> f64 {
        self.grid.iter().map(|&n| f64::from(n)).product()
    }

    /// Threads of a block.
    pub fn threads(&self) -> f64 {
        self.block.iter().map(|&n| f64::from(n)).product()
    }
}

/// Runs what is laid out, launch by launch: what each instruction's launches counted.
///
/// # Errors
/// If it is not the PTX machine, or its report is not understood.
pub fn of(gpu: &Gpu, laid: &Laid) -> Result<Vec<Vec<Counted>>, Error> {
    let mut before = Counts::now(gpu)?;
    let mut of_task = |task: &Task| -> Result<Option<Counted>, Error> {
        task.enqueue(gpu)?;
        gpu.synchronise()?;
        let Task::Kernel(resolved, Launch { grid, block, .. }) = task else { return Ok(None) };
        let now = Counts::now(gpu)?;
        let counts = now.map(&before, |now, before| now - before);
        before = now;
        Ok(Some(Counted { kernel: resolved.name().into(), grid: *grid, block: *block, counts }))
    };
    let mut of_work = |tasks: &[Task]| tasks.iter().filter_map(|task| of_task(task).transpose()).collect();
    laid.works.iter().map(|work| of_work(&work.tasks)).collect()
}

/// The launches for `images` images, from those counted for fewer: on the line through the counts of both sizes. Grids are
/// those of `asked`, the real launches, which must be the same kernels.
pub fn extrapolate(
    [(n1, few), (n2, more)]: [(usize, &[Counted]); 2],
    images: usize,
    asked: &[Launch],
) -> Vec<Counted> {
    let share = (images as f64 - n1 as f64) / (n2 as f64 - n1 as f64);
    let line = |few: f64, more: f64| (few + share * (more - few)).max(0.0);
    let launches = few.iter().zip(more).zip(asked);
    let launches = launches.map(|((few, more), asked)| Counted {
        kernel: more.kernel.clone(),
        grid: asked.grid,
        block: asked.block,
        counts: few.counts.map(&more.counts, line),
    });
    launches.collect()
}

impl Counts {
    /// Warp instructions of all classes but those that ptxas makes none of: moves and loads of parameters.
    pub fn issued(&self) -> f64 {
        self.warps.iter().filter(|(class, _)| *class != MOVE).map(|(_, count)| count).sum()
    }

    /// Warp instructions of one class.
    pub fn class(&self, class: &str) -> f64 {
        self.warps.get(class).copied().unwrap_or(0.0)
    }

    /// Bytes moved between a multiprocessor's L1 and the L2 cache if L1 keeps nothing.
    pub fn bytes(&self) -> f64 {
        32.0 * (self.sectors_loaded + self.sectors_stored)
    }

    pub(super) fn map(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let classes = self.warps.keys().chain(other.warps.keys()).cloned();
        Self {
            warps: classes
                .map(|c| (c.clone(), f(self.class(&c), other.class(&c))))
                .filter(|(_, n)| *n != 0.0)
                .collect(),
            sectors_loaded: f(self.sectors_loaded, other.sectors_loaded),
            sectors_stored: f(self.sectors_stored, other.sectors_stored),
            wavefronts: f(self.wavefronts, other.wavefronts),
            bank_conflicts: f(self.bank_conflicts, other.bank_conflicts),
        }
    }

    /// All that the process has counted so far.
    pub(super) fn now(gpu: &Gpu) -> Result<Self, Error> {
        let report = gpu.counters().ok_or("only the PTX machine counts instructions")?;
        Self::parse(&report)
    }

    /// The sum over the kernels of a report: `Gpu::counters`.
    fn parse(report: &str) -> Result<Self, Error> {
        let mut sum = Self::default();
        let mut memory = "";
        for line in report.lines().filter(|line| line.len() > NAME && line.is_char_boundary(NAME)) {
            let (name, rest) = (line[..NAME].trim_end(), &line[NAME..]);
            let number = |k: usize| -> Result<f64, Error> {
                let word = rest.split_whitespace().nth(k);
                let number = word.and_then(|word| word.parse().ok());
                Ok(number.ok_or_else(|| format!("the PTX machine's report is not understood: {line}"))?)
            };
            match name {
                "global memory" | "shared memory" => memory = &line[..6],
                "loads" if memory == "global" => sum.sectors_loaded += number(1)?,
                "stores" | "atomics" if memory == "global" => sum.sectors_stored += number(1)?,
                "loads" | "stores" => {
                    sum.wavefronts += number(1)?;
                    sum.bank_conflicts += number(2)?;
                }
                class if CLASSES.contains(&class) => {
                    *sum.warps.entry(class.into()).or_default() += number(0)?
                }
                _ => {}
            }
        }
        Ok(sum)
    }
}

/// Columns of the names in a report.
const NAME: usize = 16;

/// The class of what becomes no instruction.
const MOVE: &str = "move";

/// The classes, as the PTX machine calls them.
const CLASSES: [&str; 16] = [
    "f32 fma",
    "f32 other",
    "f32 special",
    "f64",
    "integer",
    MOVE,
    "convert",
    "load global",
    "store global",
    "load shared",
    "store shared",
    "load const",
    "atomic",
    "warp",
    "barrier",
    "control",
];
