//! Images that are records of a data set: made of its bytes while they are loaded, as `gather` makes them, the same bits.
use super::{
    image::{self, Corner, Image, Tile, locate},
    plan::Plan,
};
use crate::{
    cuda::size,
    gather::Input,
    ptx::{F32, F64, Kernel, U32, U64},
};

/// The data set.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Records {
    /// Records that it has.
    pub len: usize,
    /// How bytes become numbers: each of one byte.
    pub input: Input,
}

/// The first channel of a tile: its plane in the record, and its number, if that is not always 0.
#[derive(Copy, Clone)]
pub(super) struct Plane {
    pub(super) at: U64,
    pub(super) channel: Option<U32>,
}

/// Where everything lies.
#[derive(Copy, Clone)]
pub(super) struct DataSet {
    of: Records,
    pixels: U64,
    labels: U64,
    indices: U64,
    batch_labels: U64,
    refusal: U64,
}

impl DataSet {
    /// Parameters of the kernel: pixels, labels, indices, where labels of the batch go, where an index is refused.
    pub(super) fn new(k: &mut Kernel, of: Records) -> Self {
        let [pixels, labels, indices, batch_labels, refusal] =
            ["pixels", "labels", "indices", "batch_labels", "refusal"].map(|name| k.pointer(name));
        Self { of, pixels, labels, indices, batch_labels, refusal }
    }

    /// Puts the address of the record that image `image` of the batch is into `to`. The first thread of the first tile writes
    /// its label. An index beyond the data set is refused, and stands for the first record.
    pub(super) fn find(&self, k: &mut Kernel, image: U32, bytes: usize, to: U64) {
        k.note("The record of this image.");
        let at = k.at(self.indices, image, 4);
        let index = k.load_global_u32("index", at);
        let good = k.lt(index, size(self.of.len));
        let record = k.select_u32("record", good, index, 0);
        k.wide_mad_to(to, record, bytes as u64, self.pixels);
        let thread = k.special("thread", "tid.x");
        let (tile, outputs) = (k.special("tile", "ctaid.y"), k.special("first_output", "ctaid.z"));
        let first = k.add("first", thread, tile);
        let first = k.add("first", first, outputs);
        let first = k.eq(first, 0);
        k.when(first, "label", |k| {
            let at = k.at(self.labels, record, 1);
            let label = k.load_global_u8("label", None, at, 0);
            let at = k.at(self.batch_labels, image, 4);
            k.store_global_if(None, at, 0, label);
            let beyond = k.ge(index, size(self.of.len));
            k.when(beyond, "refused", |k| {
                let [refusal, before] = [self.refusal.to_string(), k.register::<U32>("before").to_string()];
                k.op(format_args!("atom.global.cas.b32 {before}, [{refusal}], 0, 1"));
                let free = k.register("p");
                k.op(format_args!("setp.eq.u32 {free}, {before}, 0"));
                for (word, what) in [image, index].into_iter().enumerate() {
                    k.store_global_if(Some(free), self.refusal, 4 * (word + 1), what);
                }
                let limit = k.copy("limit", size(self.of.len));
                k.store_global_if(Some(free), self.refusal, 12, limit);
            });
        });
    }

    /// Loads a tile: all threads of the block together. A warp takes 32 pixels of a row at a time, of every channel: bytes that lie
    /// side by side, and numbers that are an odd number of words apart in shared memory.
    pub(super) fn load(
        &self,
        k: &mut Kernel,
        tile: &Tile,
        image: &Image,
        corner: Corner,
        from: Plane,
        to: U32,
    ) {
        let (pieces, warps) = (tile.columns.div_ceil(32), k.threads() as usize / 32);
        let items = tile.rows * pieces;
        k.note(format!(
            "Tile of {} x {} pixels, {} channels: a warp loads 32 bytes of each, and makes numbers of them.",
            tile.rows, tile.columns, tile.channels
        ));
        let thread = k.special("thread", "tid.x");
        let [item, lane] = k.div_rem(["item", "lane"], thread, 32);
        let rounds = items.div_ceil(warps);
        let ahead = image::AHEAD.div_ceil(tile.channels).min(rounds);
        let affine: Vec<[F64; 2]> =
            (0..tile.channels).map(|c| self.affine(k, c, from.channel, image.c)).collect();
        k.count_to("load_tile", size(rounds.div_ceil(ahead)), |k, _| {
            let mut stores = Vec::new();
            for _ in 0..ahead {
                let there = (!items.is_multiple_of(warps * ahead)).then(|| k.lt(item, size(items)));
                let [row, piece] = k.div_rem(["tile_row", "piece"], item, size(pieces));
                let pixel = k.mad("pixel", piece, 32, lane);
                let real = (!tile.columns.is_multiple_of(32)).then(|| k.lt(pixel, size(tile.columns)));
                let writes = k.both(there, real);
                let (at, inside) = locate(k, image, corner, row, pixel);
                let reads = k.both(writes, inside);
                let at = k.at(from.at, at, 1);
                let plane = image.h * image.w;
                let bytes: Vec<U32> =
                    (0..tile.channels).map(|c| k.load_global_u8("byte", reads, at, c * plane)).collect();
                let place = k.mad("place", row, size(tile.pitch * 4), to);
                let place = k.mad("place", pixel, size(tile.step * 4), place);
                stores.push((writes, inside, place, bytes));
                k.increase(item, size(warps));
            }
            for (writes, inside, place, bytes) in stores {
                for (c, (byte, affine)) in bytes.into_iter().zip(&affine).enumerate() {
                    let mut value = number(k, byte, *affine);
                    if let Some(inside) = inside {
                        value = k.select("value", inside, value, 0.0);
                    }
                    k.store_shared_if(writes, place, c * 4, value);
                }
            }
        });
    }

    /// Scale and shift of channel `c`, or of the one among `channels` that is `c` behind `first`.
    fn affine(&self, k: &mut Kernel, c: usize, first: Option<U32>, channels: usize) -> [F64; 2] {
        let of = |c: usize| <[f64; 2]>::from(self.of.input.affine(c));
        let own: [F64; 2] = k.registers("affine");
        for (own, of) in own.iter().zip(of(c)) {
            k.op(format_args!("mov.f64 {own}, 0d{:016X}", of.to_bits()));
        }
        let Some(first) = first else { return own };
        for other in (c + 1..channels).filter(|&other| of(other) != of(c)) {
            let is = k.eq(first, size(other - c));
            for (own, of) in own.iter().zip(of(other)) {
                k.op(format_args!("selp.f64 {own}, 0d{:016X}, {own}, {is}", of.to_bits()));
            }
        }
        own
    }
}

/// What a byte stands for: `byte · scale + shift`, in f64, and then rounded.
fn number(k: &mut Kernel, byte: U32, [scale, shift]: [F64; 2]) -> F32 {
    let wide: F64 = k.register("wide_value");
    let value = k.register("value");
    k.op(format_args!("cvt.rn.f64.u32 {wide}, {byte}"));
    k.op(format_args!("mul.rn.f64 {wide}, {wide}, {scale}"));
    k.op(format_args!("add.rn.f64 {wide}, {wide}, {shift}"));
    k.op(format_args!("cvt.rn.f32.f64 {value}, {wide}"));
    value
}

impl Plan {
    /// Warps' rounds of loads of a tile, where its numbers are made of bytes.
    pub(super) fn record_loads(&self) -> usize {
        self.tile.rows * self.tile.columns.div_ceil(32) * self.tile.channels
    }
}
