//! How a correlation is cut into blocks and threads: by a model of what a tile costs.
use super::{
    correlation::Correlation,
    image::{self, Tile, clear_pitch},
    weights,
};
use crate::ptx::SHARED;

/// Output channels of a thread.
pub(super) const CHANNELS: usize = 8;
/// Bytes that the weights may take of shared memory.
const WEIGHTS: usize = 33 << 10;
/// Most threads of a block, and pixels of a thread.
const MOST_THREADS: usize = 256;
const MOST_PIXELS: usize = 10;
/// Most columns of a tile.
const MOST_COLUMNS: usize = 64;

/// A large GPU, as the model knows it: an H200.
pub(super) const MULTIPROCESSORS: usize = 132;
pub(super) const SHARED_OF_ALL: usize = 227 << 10;
pub(super) const REGISTERS: usize = 1 << 16;
/// Cycles until a load from global memory is there.
pub(super) const LATENCY: f64 = 600.0;
/// Instructions that a load takes with its addresses, and its way into shared memory.
pub(super) const PER_LOAD: f64 = 20.0;

/// How a correlation is cut.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Output channels of a block.
    pub outputs: usize,
    /// Input channels that are in shared memory at a time.
    pub channels: usize,
    /// Channels that a thread takes at a time: 4, as a vector, or up to 3, one by one.
    pub step: usize,
    /// Rows of a block's tile of y.
    pub rows: usize,
    /// Pixels of a thread, neighbours in a row.
    pub pixels: usize,
    /// Threads that share a row of the tile.
    pub segments: usize,
    /// The tile of x.
    pub tile: Tile,
    /// Threads of a block, a multiple of 32.
    pub threads: usize,
    /// Images that a block does one after the other with the same weights.
    pub images: usize,
}

impl Plan {
    /// The cheapest cut, unless kernels are so large that nothing fits in shared memory.
    pub(super) fn new(s: &Correlation) -> Option<Self> {
        let outputs = s.co.next_multiple_of(CHANNELS).min(16);
        let weights = |channels: usize, outputs: usize| {
            4 * s.kh * s.kw * channels * (outputs + if s.turned() && channels % 8 == 0 { 4 } else { 0 })
        };
        let fits = |&channels: &usize| {
            s.ci % channels == 0
                && (s.ci % 4 != 0 || channels % 4 == 0)
                && weights(channels, outputs) <= WEIGHTS.max(weights(1, outputs))
        };
        let least = if s.ci % 4 == 0 { 4 } else { 1 };
        let channels = (1..=s.ci.min(16)).rev().find(fits).unwrap_or(least);
        let step = match channels {
            c if c % 4 == 0 => 4,
            c if c < 4 => c,
            _ => 1,
        };
        let mut best: Option<(f64, Self)> = None;
        for pixels in 1..=MOST_PIXELS.min(s.ow) {
            let segments = s.ow.div_ceil(pixels).min((MOST_COLUMNS / pixels).max(1));
            for rows in 1..=s.oh.min(64) {
                let mut plan = Self {
                    outputs,
                    channels,
                    step,
                    rows,
                    pixels,
                    segments,
                    tile: Tile::dense((rows - 1) * s.stride + s.kh, s.reach(segments * pixels), channels),
                    threads: 0,
                    images: 1,
                };
                plan.threads = plan.active().next_multiple_of(32);
                let places = (0..plan.threads).map(|thread| plan.place(s, thread)).collect();
                let Some(pitch) = clear_pitch(plan.tile.pitch, step == 4, places) else { continue };
                plan.tile.pitch = pitch;
                if plan.threads > MOST_THREADS || plan.shared(s) > SHARED {
                    continue;
                }
                let cost = plan.cost(s);
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, plan));
                }
            }
        }
        best.map(|(_, mut plan)| {
            plan.images = plan.images_of_block(s);
            plan
        })
    }

    /// Threads that have something to compute.
    pub(super) fn active(&self) -> usize {
        self.rows * self.segments * self.groups()
    }

    /// Threads for the same pixels, each with other channels.
    pub(super) fn groups(&self) -> usize {
        self.outputs / CHANNELS
    }

    /// Columns of a tile of y.
    pub(super) fn columns(&self) -> usize {
        self.segments * self.pixels
    }

    /// Words from the weights of an input channel to those of the next.
    pub(super) fn weight_step(&self, s: &Correlation) -> usize {
        self.outputs + if self.weights_across(s) { 4 } else { 0 }
    }

    /// Whether a warp loads weights 8 input channels x 4 output channels at a time: turned weights lie with the input
    /// channels together.
    pub(super) fn weights_across(&self, s: &Correlation) -> bool {
        s.turned() && self.channels % 8 == 0
    }

    /// Bytes of the weights, and of a bias for each output.
    pub(super) fn weight_bytes(&self, s: &Correlation) -> [usize; 2] {
        [4 * s.kh * s.kw * self.channels * self.weight_step(s), 4 * self.outputs]
    }

    /// Tiles of an image, in rows, columns and channels.
    pub(super) fn grid(&self, s: &Correlation) -> [usize; 3] {
        [s.oh.div_ceil(self.rows), s.ow.div_ceil(self.columns()), s.co.div_ceil(self.outputs)]
    }

    fn tiles(&self, s: &Correlation) -> usize {
        self.grid(s).iter().product()
    }

    /// Bytes of shared memory.
    fn shared(&self, s: &Correlation) -> usize {
        self.tile.bytes() + self.weight_bytes(s).iter().sum::<usize>()
    }

    /// Row of the tile of x that a thread reads first, and words beside its begin; surplus threads do as the last.
    fn place(&self, s: &Correlation, thread: usize) -> [usize; 2] {
        let lane = thread.min(self.active() - 1) % (self.rows * self.segments);
        let (row, segment) = (lane % self.rows, lane / self.rows);
        [row * s.stride, segment * self.pixels * s.stride * self.tile.step]
    }

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
    fn cost(&self, s: &Correlation) -> f64 {
        let warps = self.threads as f64 / 32.0;
        let terms = (s.kh * s.kw * s.ci) as f64;
        let multiply_adds = terms * (CHANNELS * self.pixels) as f64;
        let x = (s.kh * s.ci * s.reach(self.pixels)) as f64;
        let loads = x + 8.0 * terms;
        let chunks = s.ci / self.channels;
        let tile = (self.tile.loads() * chunks) as f64;
        let weights = (s.kh * s.kw * s.ci * self.outputs).div_ceil(32) as f64;

        let resident = self.resident(s);
        let images = if chunks == 1 { self.images_of_block(s) } else { 1 };
        let blocks = self.tiles(s) * s.n.div_ceil(images);
        let together = resident.min(blocks.div_ceil(MULTIPROCESSORS)) as f64;
        let rounds = blocks.div_ceil(MULTIPROCESSORS * resident) as f64;
        let image = sums(together * warps, multiply_adds, loads) + together * tile * PER_LOAD / 4.0;
        let busy = image * images as f64 + together * weights * PER_LOAD / 4.0;
        let waits = |loads: f64, ahead: usize| (loads / (warps * ahead as f64)).ceil() * LATENCY;
        let image = (warps / 4.0).ceil() * multiply_adds + 0.5 * loads + waits(tile, image::AHEAD);
        let alone = image * images as f64 + waits(weights, weights::AHEAD);
        rounds * (busy.max(alone) + 0.1 * busy.min(alone))
    }

    /// Images that a block does one after the other, so that all blocks are there at once.
    fn images_of_block(&self, s: &Correlation) -> usize {
        let groups = (self.resident(s) * MULTIPROCESSORS / self.tiles(s)).max(1);
        s.n.div_ceil(groups).max(1)
    }
}

/// Cycles that a multiprocessor takes for the sums of all its warps. A warp stays with one of four schedulers, and each of these
/// issues a multiply-add a cycle; shared memory gives 128 bytes a cycle.
pub(super) fn sums(warps: f64, multiply_adds: f64, loads: f64) -> f64 {
    ((warps / 4.0).ceil() * multiply_adds).max(warps * loads)
}
