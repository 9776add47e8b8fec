//! How a weight gradient is cut into blocks, threads and parts: by a model of what each costs.
use super::{
    image::{self, Tile, clear_pitch},
    plan::{self, LATENCY, MULTIPROCESSORS, PER_LOAD, REGISTERS, SHARED_OF_ALL},
};
use crate::{conv2d::Conv2d, ptx::SHARED};

/// Most threads of a block, and most of them that have different weights.
const MOST_THREADS: usize = 384;
const MOST_WORKERS: usize = 256;
/// Most weights of a row that a thread has.
const MOST_TAPS: usize = 7;
/// Most columns of a tile.
const MOST_COLUMNS: usize = 64;
/// Multiply-adds that are written out.
const UNROLLED: usize = 640;

/// How a weight gradient is cut.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Input channels of a block, and of a thread: 4, as a vector, or up to 3, one by one.
    pub channels: usize,
    pub step: usize,
    /// Output channels of a block, and of a thread: 4, as a vector, or 1.
    pub outputs: usize,
    pub output_step: usize,
    /// Rows of weights of a block; weights of a row that a thread has.
    pub weight_rows: usize,
    pub taps: usize,
    /// Rows and columns of a tile of dy.
    pub rows: usize,
    pub columns: usize,
    /// Columns that a thread takes at a time.
    pub unroll: usize,
    /// Threads that have the same weights and share the rows of a tile: a power of two.
    pub sharers: usize,
    /// The tiles of x and dy.
    pub x: Tile,
    pub dy: Tile,
    /// Threads of a block, a multiple of 32.
    pub threads: usize,
    /// Blocks with the same weights; each sums a part of all tiles.
    pub parts: usize,
}

impl Plan {
    /// The cheapest cut, unless kernels are so large that no tile fits in shared memory.
    pub(super) fn new(s: &Conv2d) -> Option<Self> {
        let chunk = |all: usize| {
            let vectors = if all % 4 == 0 { 4 } else { 1 };
            let fits = |c: &usize| all % c == 0 && c % vectors == 0;
            (1..=all.min(16)).rev().find(fits).unwrap_or(vectors)
        };
        let (channels, outputs) = (chunk(s.ci), chunk(s.co));
        let step = match channels {
            c if c % 4 == 0 => 4,
            c if c < 4 => c,
            _ => 1,
        };
        let output_step = if outputs % 4 == 0 { 4 } else { 1 };
        let taps = s.kw.div_ceil(s.kw.div_ceil(MOST_TAPS));
        let each = s.kw.div_ceil(taps) * (channels / step) * (outputs / output_step);
        let fits = |rows: &usize| s.kh % rows == 0 && rows * each <= MOST_WORKERS;
        let weight_rows = (1..=s.kh).rev().find(fits).unwrap_or(1);

        let columns = (1..=s.ow().min(MOST_COLUMNS)).rev().filter(|columns| s.ow() % columns == 0);
        columns.into_iter().find_map(|columns| {
            let per_column = taps * step * output_step;
            let unroll = (UNROLLED / per_column).clamp(1, 8).min(columns);
            let plans = (1..=s.oh().min(32)).flat_map(|rows| [1, 2, 4, 8].map(|sharers| (rows, sharers)));
            let plans = plans.filter(|(rows, sharers)| sharers <= rows).filter_map(|(rows, sharers)| {
                let x_rows = (rows - 1) * s.stride + weight_rows;
                let x = Tile::dense(x_rows, (columns - 1) * s.stride + s.kw.next_multiple_of(taps), channels);
                let dy = Tile::dense(rows, columns, outputs);
                let threads = (sharers * weight_rows * each).next_multiple_of(32);
                let plan = Self {
                    channels,
                    step,
                    outputs,
                    output_step,
                    weight_rows,
                    taps,
                    rows,
                    columns,
                    unroll,
                    sharers,
                    x,
                    dy,
                    threads,
                    parts: 1,
                };
                plan.completed(s)
            });
            plans.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, plan)| plan)
        })
    }

    /// With rows that do not meet in banks and its number of parts, and what it costs; unless it does not fit.
    fn completed(mut self, s: &Conv2d) -> Option<(f64, Self)> {
        let x = (0..self.threads).map(|t| self.x_place(s, self.worker(t)));
        self.x.pitch = clear_pitch(self.x.pitch, self.step == 4, x.collect())?;
        let dy = (0..self.threads).map(|t| {
            let w = self.worker(t);
            [w.sharer, w.output * self.output_step]
        });
        self.dy.pitch = clear_pitch(self.dy.pitch, self.output_step == 4, dy.collect())?;
        if self.threads > MOST_THREADS || self.x.bytes() + self.dy.bytes() > SHARED {
            return None;
        }
        let blocks = (self.resident(s) * MULTIPROCESSORS / self.chunks(s)).max(1);
        let units = self.units(s);
        self.parts = units.div_ceil(units.div_ceil(blocks).max(1)).max(1);
        Some((self.cost(s), self))
    }

    /// Different workers of a block: those with weights of their own.
    pub(super) fn workers(&self, s: &Conv2d) -> usize {
        self.weight_rows
            * s.kw.div_ceil(self.taps)
            * (self.channels / self.step)
            * (self.outputs / self.output_step)
    }

    /// What thread `t` does; the surplus ones do as the last.
    fn worker(&self, t: usize) -> Worker {
        let (sharer, rest) = (t % self.sharers, t / self.sharers);
        let (output, rest) =
            (rest % (self.outputs / self.output_step), rest / (self.outputs / self.output_step));
        let (group, rest) = (rest % (self.channels / self.step), rest / (self.channels / self.step));
        Worker { sharer, output, group, row_and_taps: rest }
    }

    /// Row of the x tile that a thread begins with, and words beside its begin.
    fn x_place(&self, s: &Conv2d, w: Worker) -> [usize; 2] {
        let tap_groups = s.kw.div_ceil(self.taps);
        let at = w.row_and_taps.min(self.weight_rows * tap_groups - 1);
        let (row, taps) = (at / tap_groups, at % tap_groups);
        [w.sharer * s.stride + row, taps * self.taps * self.x.step + w.group * self.step]
    }

    /// Tiles of an image, in rows and columns.
    pub(super) fn grid(&self, s: &Conv2d) -> [usize; 2] {
        [s.oh().div_ceil(self.rows), s.ow() / self.columns]
    }

    /// Tiles of the batch.
    pub(super) fn units(&self, s: &Conv2d) -> usize {
        s.n * self.grid(s).iter().product::<usize>()
    }

    /// Pieces of the weights, each for blocks of its own: rows, input channels, output channels.
    pub(super) fn pieces(&self, s: &Conv2d) -> [usize; 3] {
        [s.kh / self.weight_rows, s.ci / self.channels, s.co / self.outputs]
    }

    fn chunks(&self, s: &Conv2d) -> usize {
        self.pieces(s).iter().product()
    }

    /// Pixels of x that a thread needs for `columns` neighbours of dy.
    pub(super) fn reach(&self, s: &Conv2d, columns: usize) -> usize {
        (columns - 1) * s.stride + self.taps
    }

    fn resident(&self, s: &Conv2d) -> usize {
        let sums = self.taps * self.step * self.output_step;
        let registers = sums + self.reach(s, self.unroll) * self.step + self.unroll * self.output_step + 40;
        let room = [
            SHARED_OF_ALL / (self.x.bytes() + self.dy.bytes() + 1024),
            2048 / self.threads,
            REGISTERS / (self.threads * registers.min(255).next_multiple_of(8)),
            32,
        ];
        room.into_iter().min().expect("four").max(1)
    }

    /// Cycles that the whole batch takes, as that of a correlation; the second pass reads what all parts wrote.
    fn cost(&self, s: &Conv2d) -> f64 {
        let warps = self.threads as f64 / 32.0;
        let own = (self.taps * self.step * self.output_step) as f64;
        let passes = (self.rows.div_ceil(self.sharers) * self.columns) as f64;
        let multiply_adds = passes * own;
        let per_pass =
            (self.reach(s, self.unroll) * self.step) as f64 / self.unroll as f64 + self.output_step as f64;
        let loads = passes * per_pass;
        let tiles = (self.x.loads() + self.dy.loads()) as f64;
        let blocks = self.parts * self.chunks(s);
        let units = self.units(s).div_ceil(self.parts) as f64;
        let together = self.resident(s).min(blocks.div_ceil(MULTIPROCESSORS)) as f64;
        let rounds = blocks.div_ceil(MULTIPROCESSORS * self.resident(s)) as f64;
        let reduce = 2.0 * own * (self.sharers.ilog2() as f64 + 1.0) * warps / 4.0;
        let unit = plan::sums(together * warps, multiply_adds, loads) + together * tiles * PER_LOAD / 4.0;
        let busy = unit * units + together * reduce;
        let waits = (tiles / (warps * image::AHEAD as f64)).ceil() * LATENCY;
        let alone = ((warps / 4.0).ceil() * multiply_adds + 0.5 * loads + waits) * units;
        let bytes = (self.parts * s.weight().len() * 8) as f64;
        rounds * (busy.max(alone) + 0.1 * busy.min(alone)) + bytes / 2500.0
    }
}

/// What a thread does: which rows of a tile, which output channels, which input channels, which weights of which row.
#[derive(Copy, Clone)]
struct Worker {
    sharer: usize,
    output: usize,
    group: usize,
    row_and_taps: usize,
}
