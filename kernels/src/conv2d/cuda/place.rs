//! Where a thread of a correlation works: in shared memory, in the tile of its block, in y.
use super::{image::Corner, kernel::Correlate, plan::CHANNELS};
use crate::{
    cuda::size,
    ptx::{Kernel, Pred, U32, U64},
};

/// Addresses in shared memory, of what the block has or of what the thread reads.
#[derive(Copy, Clone)]
pub(super) struct Shared {
    pub(super) tile: U32,
    pub(super) weights: U32,
    pub(super) bias: U32,
}

/// This thread's place: row and column of its first pixel before pooling, its first channel, the address of both in an image of
/// y, which pooled pixels share.
#[derive(Copy, Clone)]
pub(super) struct Place {
    /// Its image, of those that the block has at a time.
    pub(super) image: U32,
    pub(super) row: U32,
    pub(super) column: U32,
    pub(super) channel: U32,
    pub(super) y: U64,
    /// Bytes from a number of y to its winner, where winners are written.
    pub(super) to_winner: Option<U64>,
    /// Whether it writes, where some have nothing to do and do as the last.
    pub(super) active: Option<Pred>,
}

impl Correlate<'_> {
    /// Where the block's tile begins, and where the thread works.
    pub(super) fn place(
        &self,
        k: &mut Kernel,
        block: Shared,
        y: U64,
        winner: Option<U64>,
    ) -> (Corner, Place, Shared) {
        let &Self { s, plan } = self;
        let [rows, columns, _] = plan.grid(s);
        k.note("This thread: its row and segment of the tile, its channels.");
        let thread = k.special("thread", "tid.x");
        let active = (plan.active() != plan.threads).then(|| k.lt(thread, size(plan.active())));
        let thread = match active {
            Some(_) => k.min("worker", thread, size(plan.active() - 1)),
            None => thread,
        };
        let [lane, group] = k.div_rem(["lane", "group"], thread, size(plan.groups()));
        let lanes = plan.together * plan.rows;
        let [segment, row] = match plan.across(s) {
            1 => k.div_rem(["segment", "row"], lane, size(lanes)),
            across => {
                let [lane, beside] = k.div_rem(["lane", "beside"], lane, size(across));
                let [segments, row] = k.div_rem(["segments", "row"], lane, size(lanes));
                [k.mad("segment", segments, size(across), beside), row]
            }
        };
        let [image, row] = k.div_rem(["image_of_tile", "row"], row, size(plan.rows));

        k.note("Its addresses in shared memory.");
        let tile = k.mad("x_at", row, size(s.stride * plan.tile.pitch * 4), block.tile);
        let tile = k.mad("x_at", image, size(plan.tile_bytes()), tile);
        let tile = k.mad("x_at", segment, size(plan.pixels * s.stride * plan.tile.step * 4), tile);
        let weights = k.mad("w_at", group, 4 * CHANNELS as u32, block.weights);
        let bias = k.mad("b_at", group, 4 * CHANNELS as u32, block.bias);

        k.note("The tile of this block, in y and in x.");
        let index = k.special("tile", "ctaid.y");
        let [tile_row, tile_column] = k.div_rem(["tile_row", "tile_column"], index, size(columns));
        let (down, across) = (size(plan.rows * s.stride), size(plan.columns() * s.stride));
        let corner_row = k.mad("corner_row", tile_row, down, (-s.padding[0]) as u32);
        let corner_column = k.mad("corner_column", tile_column, across, (-s.padding[1]) as u32);
        let beyond = |tiles: usize, step: usize, extent: usize, padding: isize, of: usize| {
            let last = ((tiles - 1) * step * s.stride + extent) as isize - padding;
            padding > 0 || last > ((of - 1) * s.spread + 1) as isize
        };
        let outside = [
            beyond(rows, plan.rows, plan.tile.rows, s.padding[0], s.h),
            beyond(columns, plan.columns(), plan.tile.columns, s.padding[1], s.w),
        ];
        let corner = Corner { row: corner_row, column: corner_column, outside };

        k.note("The first of its pixels and channels in y.");
        let row = k.mad("row", tile_row, size(plan.rows), row);
        let column = k.mad("column", tile_column, size(plan.columns()), 0);
        let column = k.mad("column", segment, size(plan.pixels), column);
        let channel = k.special("channel", "ctaid.z");
        let channel = k.mul("channel", channel, size(plan.outputs));
        let channel = k.mad("channel", group, CHANNELS as u32, channel);
        let [y_rows, y_columns] = s.written();
        let [y_row, y_column] = match s.pool {
            None => [row, column],
            Some(_) => {
                // The first window that begins in the segment.
                let first = k.add("first_window", column, size(plan.across(s) - 1));
                [k.shr("y_row", row, 1), k.shr("y_column", first, 1)]
            }
        };
        let pixel = k.mad("pixel_of_y", image, size(y_rows), y_row);
        let pixel = k.mad("pixel_of_y", pixel, size(y_columns), y_column);
        let to_winner = winner.map(|winner| k.sub_wide("to_winner", winner, y));
        let y = k.at(y, pixel, size(s.co * 4));
        let y = k.at(y, channel, 4);
        let place = Place { image, row, column, channel, y, to_winner, active };
        (corner, place, Shared { tile, weights, bias })
    }
}
