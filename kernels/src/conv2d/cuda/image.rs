//! Tiles of images in shared memory.
use crate::{
    cuda::size,
    ptx::{F32, Kernel, Pred, U32, U64},
};

/// Loads of a thread that are under way at a time.
pub(super) const AHEAD: usize = 4;

/// A rectangle of pixels in shared memory, some channels of each: `[rows][pitch]` words, a pixel every `step` words.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Rows.
    pub rows: usize,
    /// Pixels of a row.
    pub columns: usize,
    /// Channels.
    pub channels: usize,
    /// Words from a pixel to the next.
    pub step: usize,
    /// Words from a row to the next.
    pub pitch: usize,
}

/// The image in global memory, (H, W, C), that a tile is cut out of. Zeros are between its pixels if they are spread, and
/// around it.
#[derive(Copy, Clone, Debug)]
pub(super) struct Image {
    /// Rows.
    pub h: usize,
    /// Pixels of a row.
    pub w: usize,
    /// Channels of a pixel; a tile may have some of them.
    pub c: usize,
    /// Distance between neighbours where the tile sees them: 1, or more with zeros between them.
    pub spread: usize,
}

/// Where a tile begins: row and column as the tile sees the image. Before 0 they have wrapped, and are beyond its end.
#[derive(Copy, Clone)]
pub(super) struct Corner {
    pub row: U32,
    pub column: U32,
    /// Whether rows or columns of a tile may lie outside of the image.
    pub outside: [bool; 2],
}

/// Words from a pixel to the next such that neighbouring lanes may load neighbouring pixels, four channels each, without bank
/// conflicts: an odd number of vectors. Where there is no vector of channels, pixels are dense.
pub(super) fn step(channels: usize) -> usize {
    if channels.is_multiple_of(8) { channels + 4 } else { channels }
}

/// The least length of a row, from `pitch` words on, with which no two threads that are served together read different words of
/// a bank: 8 with vectors, else 32. Thread t reads row `places[t][0]`, `places[t][1]` words behind its begin.
pub(super) fn clear_pitch(pitch: usize, vectors: bool, places: Vec<[usize; 2]>) -> Option<usize> {
    let (unit, banks) = if vectors { (4, 8) } else { (1, 32) };
    let first = pitch.next_multiple_of(unit);
    let clear = |pitch: &usize| {
        places.chunks(banks).all(|served| {
            let mut seen = [None; 32];
            served.iter().all(|&[row, word]| {
                let place = (row * pitch + word) / unit;
                *seen[place % banks].get_or_insert(place) == place
            })
        })
    };
    (0..banks).map(|more| first + more * unit).find(clear)
}

impl Tile {
    /// A tile whose rows lie one behind the other, for pixels as [`step`] says.
    pub(super) fn dense(rows: usize, columns: usize, channels: usize) -> Self {
        let step = step(channels);
        Self { rows, columns, channels, step, pitch: columns * step }
    }

    /// Whether channels come in vectors of four.
    pub(super) fn vectors(&self) -> bool {
        self.channels.is_multiple_of(4)
    }

    /// Bytes.
    pub(super) fn bytes(&self) -> usize {
        4 * self.rows * self.pitch
    }

    /// Loads by a warp that it takes to fill.
    pub(super) fn loads(&self) -> usize {
        let width = if self.vectors() { 4 } else { 1 };
        self.rows * (self.columns * self.channels / width).div_ceil(32)
    }

    /// Loads the tile: all threads of the block together. `from` is the image's first number of the tile's channels.
    ///
    /// A warp takes a piece of a row of 32 loads at a time. With vectors, neighbouring lanes take neighbouring pixels: the warp's
    /// loads cover whole sectors of memory all the same, and its stores have no bank conflicts.
    pub(super) fn load(&self, k: &mut Kernel, image: &Image, corner: Corner, from: U64, to: U32) {
        let width = if self.vectors() { 4 } else { 1 };
        let per_pixel = self.channels / width;
        let per_row = self.columns * per_pixel;
        let pieces = per_row.div_ceil(32);
        let (items, warps) = (self.rows * pieces, k.threads() as usize / 32);
        k.note(format!(
            "Tile of {} x {} pixels, {} channels: a warp loads {} of a row at a time.",
            self.rows,
            self.columns,
            self.channels,
            if width == 4 { "32 vectors" } else { "32 numbers" }
        ));
        let thread = k.special("thread", "tid.x");
        let [warp, lane] = k.div_rem(["warp", "lane"], thread, 32);
        let ([lane_pixel, lane_channel], pixels) = self.of_lane(k, lane, per_pixel);
        let item = k.copy("item", warp);
        let rounds = items.div_ceil(warps);
        let ahead = AHEAD.min(rounds);
        k.count_to("load_tile", size(rounds.div_ceil(ahead)), |k, _| {
            let mut stores = Vec::new();
            for _ in 0..ahead {
                let there = (items % (warps * ahead) != 0).then(|| k.lt(item, size(items)));
                let [row, piece] = k.div_rem(["tile_row", "piece"], item, size(pieces));
                let (pixel, channel) = match pixels {
                    Some(pixels) => (k.mad("pixel", piece, pixels, lane_pixel), lane_channel),
                    None => {
                        let word = k.mad("word", piece, 32, lane);
                        let [pixel, channel] = k.div_rem(["pixel", "channel"], word, size(per_pixel));
                        (pixel, channel)
                    }
                };
                let full = match pixels {
                    Some(pixels) => self.columns.is_multiple_of(pixels as usize),
                    None => per_row.is_multiple_of(32),
                };
                let real = (!full).then(|| k.lt(pixel, size(self.columns)));
                let writes = k.both(there, real);
                let (at, inside) = locate(k, image, corner, row, pixel);
                let reads = k.both(writes, inside);
                let at = k.mad("from_pixel", at, size(image.c), 0);
                let at = k.mad("from_word", channel, size(width), at);
                let at = k.at(from, at, 4);
                let place = k.mad("place", row, size(self.pitch * 4), to);
                let place = k.mad("place", pixel, size(self.step * 4), place);
                let place = k.mad("place", channel, size(width * 4), place);
                let values: [F32; 4] = k.registers("loaded");
                if width == 4 {
                    k.load_global4_or_zero(reads, values, at, 0);
                } else {
                    k.load_global_or_zero(reads, values[0], at, 0);
                }
                stores.push((writes, place, values));
                k.increase(item, size(warps));
            }
            for (writes, place, values) in stores {
                if width == 4 {
                    k.store_shared4_if(writes, place, 0, values);
                } else {
                    k.store_shared_if(writes, place, 0, values[0]);
                }
            }
        });
    }

    /// Pixel and channel of a lane within its piece of a row, and pixels of a piece; if that is not the same for all pieces, none.
    fn of_lane(&self, k: &mut Kernel, lane: U32, per_pixel: usize) -> ([U32; 2], Option<u32>) {
        if self.vectors() && 32 % per_pixel == 0 {
            let pixels = size(32 / per_pixel);
            let [channel, pixel] = k.div_rem(["lane_channel", "lane_pixel"], lane, pixels);
            ([pixel, channel], Some(pixels))
        } else {
            ([lane, lane], None)
        }
    }
}

/// Number of the pixel in the image, and whether it is there, where that is in question.
pub(super) fn locate(
    k: &mut Kernel,
    image: &Image,
    corner: Corner,
    row: U32,
    column: U32,
) -> (U32, Option<Pred>) {
    let mut inside = None;
    let [row, column] = [(corner.row, row, image.h, 0), (corner.column, column, image.w, 1)].map(
        |(first, offset, extent, axis)| {
            let mut at = k.add("at_axis", first, offset);
            if image.spread > 1 {
                let [quotient, rest] = k.div_rem(["unspread", "between"], at, size(image.spread));
                let on_pixel = k.eq(rest, 0);
                inside = k.both(inside, Some(on_pixel));
                at = quotient;
            }
            if corner.outside[axis] || image.spread > 1 {
                let below = k.lt(at, size(extent));
                inside = k.both(inside, Some(below));
            }
            at
        },
    );
    (k.mad("pixel_of_image", row, size(image.w), column), inside)
}
