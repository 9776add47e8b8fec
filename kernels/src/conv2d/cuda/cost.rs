//! What a cut of a correlation costs: a model of a large GPU. It decides between kernels that are all right, so it need not be
//! exact; that it depends on nothing but sizes makes results the same on every machine.
use super::{
    correlation::Correlation,
    image,
    plan::{CHANNELS, Plan},
    weights,
};
use crate::max_pool2d::MaxPool2d;

/// A large GPU, as the model knows it: an H200.
pub(super) const MULTIPROCESSORS: usize = 132;
pub(super) const SHARED_OF_ALL: usize = 227 << 10;
pub(super) const REGISTERS: usize = 1 << 16;
/// Cycles until a load from global memory is there.
pub(super) const LATENCY: f64 = 600.0;
/// Instructions that a load takes with its addresses, and its way into shared memory.
pub(super) const PER_LOAD: f64 = 20.0;
/// The same for a byte, of which a number is made.
const PER_BYTE: f64 = 24.0;
/// The same for a weight, whose addresses are computed once.
const PER_WEIGHT: f64 = 3.0;
/// Instructions of a warp that pools in registers, for each number that it has.
const PER_POOLED: f64 = 5.0;
/// The same for a launch that pools, for each number it writes.
const PER_WINDOW: f64 = 60.0;
/// The same for a launch that makes numbers of bytes, for each of them.
const PER_GATHERED: f64 = 32.0;
/// Cycles that a launch takes if it does nothing, and bytes a cycle of the L2 cache.
const LAUNCH: f64 = 2400.0;
const L2: f64 = 2800.0;

impl Plan {
    /// Blocks that a multiprocessor has room for.
    fn resident(&self, s: &Correlation) -> usize {
        let registers = CHANNELS * self.pixels + self.step * s.reach(self.pixels) + 40;
        let room = [
            SHARED_OF_ALL / (self.shared(s) + 1024),
            2048 / self.threads,
            REGISTERS / (self.threads * registers.next_multiple_of(8)),
            32,
        ];
        room.into_iter().min().expect("four").max(1)
    }

    /// Cycles that the whole batch takes: multiply-adds or loads from shared memory,
    /// whichever take longer, in as many rounds as the GPU needs; in a round with few warps, what one of them waits for.
    pub(super) fn cost(&self, s: &Correlation) -> f64 {
        let warps = self.threads as f64 / 32.0;
        let terms = (s.kh * s.kw * s.ci) as f64;
        let multiply_adds = terms * (CHANNELS * self.pixels) as f64;
        let pooling = if s.pool.is_some() { PER_POOLED * (CHANNELS * self.pixels) as f64 } else { 0.0 };
        let x = (s.kh * s.ci * s.reach(self.pixels)) as f64;
        let loads = x + 8.0 * terms;
        let chunks = s.ci / self.channels;
        let whole = self.held == s.ci;
        let (loads_of_tile, per_load) = match s.records {
            None => (self.tile.loads(), PER_LOAD),
            Some(_) => (self.record_loads(), PER_BYTE),
        };
        let tile = (self.together * loads_of_tile * chunks) as f64;
        let weights = (s.kh * s.kw * s.ci / self.held * self.weight_rounds()) as f64 * warps;

        let resident = self.resident(s);
        let images = if whole { self.images_of_block(s) } else { self.together };
        let blocks = self.tiles(s) * s.n.div_ceil(images);
        let times = (images / self.together) as f64;
        let together = resident.min(blocks.div_ceil(MULTIPROCESSORS)) as f64;
        let rounds = blocks.div_ceil(MULTIPROCESSORS * resident) as f64;
        let image = sums(together * warps, multiply_adds + pooling, loads) + together * tile * per_load / 4.0;
        let busy = image * times + together * weights * PER_WEIGHT / 4.0;
        let waits = |loads: f64, ahead: usize| (loads / (warps * ahead as f64)).ceil() * LATENCY;
        let chunks = chunks as f64;
        let image = (warps / 4.0).ceil() * (multiply_adds + pooling)
            + 0.5 * loads
            + chunks * waits(tile / chunks, image::AHEAD);
        let alone = image * times + waits(weights, weights::AHEAD);
        rounds * (busy.max(alone) + 0.1 * busy.min(alone))
    }

    /// Images that a block does one after the other, so that all blocks are there at once.
    pub(super) fn images_of_block(&self, s: &Correlation) -> usize {
        let groups = (self.resident(s) * MULTIPROCESSORS / self.tiles(s)).max(1);
        s.n.div_ceil(groups).next_multiple_of(self.together)
    }
}

/// Cycles of a launch of its own that pools, and of the way that what it pools takes through memory.
pub(super) fn pooling(s: &MaxPool2d) -> f64 {
    let instructions = PER_WINDOW * s.y().len() as f64 / (32 * 4 * MULTIPROCESSORS) as f64;
    let bytes = (4 * 2 * s.x().len()) as f64;
    LAUNCH + instructions.max(bytes / L2)
}

/// Cycles of a launch of its own that makes `len` numbers of bytes, and of the way that these take through memory.
pub(super) fn gathering(len: usize) -> f64 {
    let instructions = PER_GATHERED * len as f64 / (32 * 4 * MULTIPROCESSORS) as f64;
    LAUNCH + instructions.max((4 * 2 * len) as f64 / L2)
}

/// Cycles that a multiprocessor takes for the sums of all its warps. A warp stays with one of four schedulers, and each of these
/// issues a multiply-add a cycle; shared memory gives 128 bytes a cycle.
pub(super) fn sums(warps: f64, multiply_adds: f64, loads: f64) -> f64 {
    ((warps / 4.0).ceil() * multiply_adds).max(warps * loads)
}
