//! How a correlation is cut into blocks and threads: the cut that costs least by the model of `cost.rs`.
use super::{
    correlation::Correlation,
    image::{Tile, clear_pitch},
};
use crate::ptx::SHARED;

/// Output channels of a thread.
pub(super) const CHANNELS: usize = 8;
/// Bytes that the weights may take of shared memory.
const WEIGHTS: usize = 33 << 10;
/// Most threads of a block, and pixels of a thread.
const MOST_THREADS: usize = 256;
const MOST_PIXELS: usize = 10;
/// Most columns of a tile, and images of a block at a time.
const MOST_COLUMNS: usize = 64;
const MOST_TOGETHER: usize = 4;

/// How a correlation is cut.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Output channels of a block.
    pub outputs: usize,
    /// Input channels of x that are in shared memory at a time.
    pub channels: usize,
    /// Input channels whose weights are in shared memory at a time: all, so that a block loads them once, or those of x.
    pub held: usize,
    /// Channels that a thread takes at a time: 4, as a vector, or up to 3, one by one.
    pub step: usize,
    /// Rows of a block's tile of y.
    pub rows: usize,
    /// Pixels of a thread, neighbours in a row.
    pub pixels: usize,
    /// Threads that share a row of the tile.
    pub segments: usize,
    /// Images of a block at a time, side by side; more than one only where a tile is a whole image.
    pub together: usize,
    /// The tile of x, of each of them, and rows from one to the next.
    pub tile: Tile,
    pub tile_rows: usize,
    /// Threads of a block, a multiple of 32.
    pub threads: usize,
    /// Images that a block does with the same weights, a multiple of those it does together.
    pub images: usize,
}

impl Plan {
    /// The cheapest cut, unless there is nothing to cut, or kernels are so large that nothing fits in shared memory. With
    /// `channels`, the cheapest that has so many of x in shared memory at a time: the order of its sums depends on nothing else.
    pub(super) fn new(s: &Correlation, channels: Option<usize>) -> Option<Self> {
        if s.is_empty() {
            return None;
        }
        let outputs = s.co.next_multiple_of(CHANNELS).min(16);
        let weights = |held: usize| {
            4 * s.kh * s.kw * held * (outputs + if s.turned() && held.is_multiple_of(8) { 4 } else { 0 })
        };
        let vectors = if s.ci.is_multiple_of(4) { 4 } else { 1 };
        let pieces: Vec<usize> =
            (1..=s.ci.min(16)).rev().filter(|c| s.ci.is_multiple_of(*c) && c % vectors == 0).collect();
        let whole = weights(s.ci) <= WEIGHTS;
        let of_order = |piece: usize| channels.is_none_or(|channels| channels == piece);
        let held = pieces.iter().copied().find(|&held| weights(held) <= WEIGHTS).unwrap_or(vectors);

        // Tiles have whole windows.
        let side = s.side();
        let mut best: Option<(f64, Self)> = None;
        for &channels in pieces.iter().filter(|&&c| (whole || c == held) && of_order(c)) {
            let held = if whole { s.ci } else { held };
            for pixels in 1..=MOST_PIXELS.min(s.ow) {
                let segments = s.ow.div_ceil(pixels).min((MOST_COLUMNS / pixels).max(1));
                let segments = segments.next_multiple_of(if pixels % side == 0 { 1 } else { side });
                // Numbers are made of one record after the other.
                let whole_image = segments * pixels >= s.ow && s.oh <= 64 && s.records.is_none();
                let images = if whole_image { MOST_TOGETHER.min(s.n) } else { 1 };
                let images = (2..=images).map(|together| (s.oh, together));
                let rows = (side..=s.oh.min(64)).step_by(side).map(|rows| (rows, 1));
                for (rows, together) in rows.chain(images) {
                    let tile =
                        Tile::dense((rows - 1) * s.stride + s.kh, s.reach(segments * pixels), channels);
                    let mut plan = Self {
                        outputs,
                        channels,
                        held,
                        step: vector(channels),
                        rows,
                        pixels,
                        segments,
                        together,
                        tile,
                        tile_rows: tile.rows,
                        threads: 0,
                        images: 1,
                    };
                    plan.threads = plan.active().next_multiple_of(32);
                    if plan.threads > MOST_THREADS || !plan.spread(s) || plan.shared(s) > SHARED {
                        continue;
                    }
                    let cost = plan.cost(s);
                    if best.is_none_or(|(least, _)| cost < least) {
                        best = Some((cost, plan));
                    }
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
        self.lanes() * self.groups()
    }

    /// Threads that have the same channels.
    pub(super) fn lanes(&self) -> usize {
        self.together * self.rows * self.segments
    }

    /// Lanes side by side that have segments side by side, before the next have rows below: two, where a window of pooling is in
    /// both of them.
    pub(super) fn across(&self, s: &Correlation) -> usize {
        if self.pixels.is_multiple_of(s.side()) { 1 } else { s.side() }
    }

    /// Threads for the same pixels, neighbours, each with other channels.
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
        s.turned() && self.held.is_multiple_of(8)
    }

    /// Weights of a tap that a thread loads.
    pub(super) fn weight_rounds(&self) -> usize {
        (self.held * self.outputs).div_ceil(self.threads)
    }

    /// Bytes of the weights, and of a bias for each output.
    pub(super) fn weight_bytes(&self, s: &Correlation) -> [usize; 2] {
        [4 * s.kh * s.kw * self.held * self.weight_step(s), 4 * self.outputs]
    }

    /// Bytes from the tile of x of an image to that of the next.
    pub(super) fn tile_bytes(&self) -> usize {
        4 * self.tile_rows * self.tile.pitch
    }

    /// Bytes of the tiles of x that a block has at a time.
    pub(super) fn tiles_bytes(&self) -> usize {
        (self.together - 1) * self.tile_bytes() + self.tile.bytes()
    }

    /// Tiles of an image, in rows, columns and channels.
    pub(super) fn grid(&self, s: &Correlation) -> [usize; 3] {
        [s.oh.div_ceil(self.rows), s.ow.div_ceil(self.columns()), s.co.div_ceil(self.outputs)]
    }

    pub(super) fn tiles(&self, s: &Correlation) -> usize {
        self.grid(s).iter().product()
    }

    /// Bytes of shared memory.
    pub(super) fn shared(&self, s: &Correlation) -> usize {
        self.tiles_bytes() + self.weight_bytes(s).iter().sum::<usize>()
    }

    /// Moves rows of a tile, and tiles, apart until no lanes that are served together read different words of a bank; whether that
    /// is possible.
    fn spread(&mut self, s: &Correlation) -> bool {
        let more = if self.together > 1 { 8 } else { 1 };
        let first = self.tile_rows;
        (first..first + more).any(|rows| {
            self.tile_rows = rows;
            let places = (0..self.threads).map(|thread| self.place(s, thread)).collect();
            let pitch = clear_pitch(self.tile.pitch, self.step == 4, places);
            self.tile.pitch = pitch.unwrap_or(self.tile.pitch);
            pitch.is_some()
        })
    }

    /// Row of the tile of x that a thread reads first, and words beside its begin; surplus threads do as the last.
    fn place(&self, s: &Correlation, thread: usize) -> [usize; 2] {
        let lane = thread.min(self.active() - 1) / self.groups();
        let (lane, beside) = (lane / self.across(s), lane % self.across(s));
        let (row, segment) = (lane % (self.together * self.rows), lane / (self.together * self.rows));
        let segment = segment * self.across(s) + beside;
        let (image, row) = (row / self.rows, row % self.rows);
        [image * self.tile_rows + row * s.stride, segment * self.pixels * s.stride * self.tile.step]
    }
}

/// Channels that a thread takes at a time, of so many: 4, as a vector, or up to 3, one by one.
pub(super) fn vector(channels: usize) -> usize {
    match channels {
        c if c % 4 == 0 => 4,
        c if c < 4 => c,
        _ => 1,
    }
}
