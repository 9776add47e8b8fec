//! The time that a launch should take on an H200, from what the PTX machine counted: a prediction, to be proven right or
//! wrong by the first run on one.
//!
//! ```text
//! kernel = max(issue, special, shared, l2, dram) + node
//! issue   = cycles in which a scheduler of the busiest multiprocessor issues: one warp instruction each
//! special = its special functions (an eighth of a warp a cycle and scheduler) and f64 (half)
//! shared  = its passes over the banks of shared memory: one a cycle
//! l2      = sectors asked for, as if L1 kept nothing
//! dram    = operands and outputs once, if they are more than the L2 cache holds
//! ```
//! Instructions are those of the PTX without moves and loads of parameters; ptxas makes fewer of the address arithmetic. Latency
//! is left out: small launches are near `node`, or slower than predicted.
use super::counts::Counted;
use serde::{Deserialize, Serialize};

/// Multiprocessors of an H200.
pub const MULTIPROCESSORS: f64 = 132.0;
/// Warp schedulers of a multiprocessor; each issues an instruction a cycle, a multiply-add of 32 lanes at best.
pub const SCHEDULERS: f64 = 4.0;
/// GHz. 132 x 128 lanes x 2 x 1.98 = 67 TFLOP/s: the peak of notes/cuda.md.
pub const CLOCK: f64 = 1.98;
/// GB/s of device memory: 4.3 TB/s of notes/cuda.md, of 4.8 on paper.
pub const DRAM: f64 = 4300.0;
/// GB/s of the L2 cache: an estimate.
pub const L2: f64 = 5500.0;
/// Bytes that stay in the L2 cache.
pub const L2_BYTES: f64 = 50e6;
/// Microseconds of a node of a graph: 1.1 to 1.3 measured elsewhere (notes/cuda.md).
pub const NODE: f64 = 1.2;
/// Microseconds of the host for a launch of its own: 4 to 6 measured elsewhere (notes/cuda.md).
pub const LAUNCH: f64 = 5.0;
/// Microseconds of the host to submit a graph with what it is fed and to read back what it kept: an estimate.
pub const SUBMIT: f64 = 30.0;
/// Cycles of a scheduler for a special function of a warp, and for an f64 instruction.
const SPECIAL: f64 = 8.0;
const DOUBLE: f64 = 2.0;

/// Predicted microseconds of an instruction of a program.
#[derive(Copy, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// All of its launches, as nodes of a graph.
    pub us: f64,
    /// Of this, what its multiply-adds alone take if they are spread over all multiprocessors.
    pub fma_us: f64,
    /// Nodes.
    pub nodes: usize,
    /// What sets the time of its longest launch.
    #[serde(skip_deserializing)]
    pub bound: &'static str,
}

/// The prediction for the launches of an instruction whose operands and outputs have `bytes` bytes, and `copies` copies
/// beside them.
pub fn predict(launches: &[Counted], bytes: u64, copies: usize) -> Predicted {
    let mut sum =
        Predicted { us: copies as f64 * NODE, nodes: copies + launches.len(), bound: "node", fma_us: 0.0 };
    let mut longest = NODE;
    for launch in launches {
        let (us, bound) = kernel(launch, bytes as f64);
        sum.us += us + NODE;
        sum.fma_us += launch.counts.class("f32 fma") / (MULTIPROCESSORS * SCHEDULERS * CLOCK * 1e3);
        if us > longest {
            (longest, sum.bound) = (us, bound);
        }
    }
    sum
}

/// Microseconds of a launch, without what a node costs, and what sets them.
fn kernel(launch: &Counted, bytes: f64) -> (f64, &'static str) {
    let counts = &launch.counts;
    // The busiest multiprocessor's share: blocks are dealt out one by one.
    let share = (launch.blocks() / MULTIPROCESSORS).ceil() / launch.blocks();
    let warps = (launch.threads() / 32.0).ceil() * (launch.blocks() / MULTIPROCESSORS).ceil();
    let cycles = |count: f64| count * share / (warps.min(SCHEDULERS) * CLOCK * 1e3);
    let dram = if bytes > L2_BYTES { bytes / (DRAM * 1e3) } else { 0.0 };
    let bounds = [
        (cycles(counts.issued()), "issue"),
        (cycles(SPECIAL * counts.class("f32 special") + DOUBLE * counts.class("f64")), "special"),
        (counts.wavefronts * share / (CLOCK * 1e3), "shared"),
        (counts.bytes() / (L2 * 1e3), "l2"),
        (dram, "dram"),
    ];
    bounds.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).expect("five")
}

#[cfg(test)]
mod tests {
    use super::{super::counts::Counts, *};

    fn launch(blocks: u32, fma: f64) -> Counted {
        let counts = Counts { warps: [("f32 fma".to_owned(), fma)].into(), ..Counts::default() };
        Counted { kernel: "k".into(), grid: [blocks, 1, 1], block: [128, 1, 1], counts }
    }

    /// Multiply-adds alone, spread evenly, run at the peak; one block more than multiprocessors takes twice as long.
    #[test]
    fn multiply_adds_run_at_the_peak() {
        let fma = 1e8;
        let full = predict(&[launch(1320, fma)], 0, 0);
        let peak = 64.0 * fma / ((full.us - NODE) * 1e6);
        assert!((peak / 66.9 - 1.0).abs() < 1e-2, "{peak} TFLOP/s");
        assert!((full.us - NODE - full.fma_us).abs() < 1e-9 && full.bound == "issue");
        let [even, uneven] =
            [132, 133].map(|blocks| predict(&[launch(blocks, f64::from(blocks) * 1e6)], 0, 0).us - NODE);
        assert!((uneven / even - 2.0).abs() < 1e-9);
    }

    #[test]
    fn large_operands_come_from_device_memory() {
        let found = predict(&[launch(1000, 1.0)], 430_000_000, 1);
        assert!((found.us - 100.0 - 2.0 * NODE).abs() < 1e-6 && found.bound == "dram", "{found:?}");
    }
}
