//! The kernel of a correlation: a tile of x and the weights in shared memory, pixels x channels of y in the registers of a thread.
use super::{
    correlation::{Correlation, Pool},
    direct,
    image::{Corner, Image},
    place::{Place, Shared},
    plan::{CHANNELS, Plan},
    records::{DataSet, Plane},
    weights,
};
use crate::{
    activation::Activation,
    cuda::{Arg, Launch, Launches, Text, size},
    ptx::{F32, Kernel, U32, U64},
};

/// What all parts of the kernel need.
pub(super) struct Correlate<'a> {
    pub(super) s: &'a Correlation,
    pub(super) plan: Plan,
}

/// Where tiles of x come from, and where they go in shared memory.
#[derive(Copy, Clone)]
struct Tiles {
    /// The data set whose bytes they are made of, if images are not numbers already.
    set: Option<DataSet>,
    corner: Corner,
    to: U32,
}

/// The launch of `s`, if it has anything to compute: operands x, w, perhaps b, then y and perhaps winners are `args`.
/// Without a plan a thread computes one number; that pools nothing.
pub(super) fn launches(s: &Correlation, plan: Option<Plan>, args: Vec<Arg>) -> Launches {
    if s.is_empty() {
        return Launches::default();
    }
    let Some(plan) = plan else { return direct::correlation(s, args).into() };
    let [rows, columns, channels] = plan.grid(s);
    let kernel = Correlate { s, plan };
    let mut launch = Launch::new(kernel.text(), kernel.name(), 1, size(plan.threads), args);
    launch.grid = [size(s.n.div_ceil(plan.images)), size(rows * columns), size(channels)];
    launch.into()
}

impl Correlate<'_> {
    fn name(&self) -> String {
        let Correlation { pass, n, ci, h, w, co, kh, kw, stride, padding, spread, activation, pool, .. } =
            self.s;
        let of = if self.s.records.is_some() { "_records" } else { "" };
        let mut name = format!("conv2d_{}{of}_{n}x{h}x{w}x{ci}_{kh}x{kw}x{co}", pass.name());
        for (what, value, usual) in [
            ("stride", *stride as isize, 1),
            ("spread", *spread as isize, 1),
            ("top", padding[0], 0),
            ("left", padding[1], 0),
        ] {
            if value != usual {
                let sign = if value < 0 { "m" } else { "" };
                name += &format!("_{what}{sign}{}", value.abs());
            }
        }
        name += match activation {
            None => "",
            Some(Activation::Relu) => "_relu",
            Some(Activation::LeakyRelu { .. }) => "_leaky_relu",
            Some(Activation::Sigmoid) => "_sigmoid",
            Some(Activation::Tanh) => "_tanh",
        };
        name + match pool {
            None => "",
            Some(Pool { winner: false, .. }) => "_pool",
            Some(Pool { winner: true, .. }) => "_pool_winner",
        }
    }

    fn about(&self) -> String {
        let Correlation { n, ci, h, w, co, oh, ow, kh, kw, pool, .. } = self.s;
        let Plan { rows, pixels, segments, threads, together, images, channels, .. } = self.plan;
        let what = match self.s.turned() {
            false if self.s.records.is_some() => {
                "y = f(b + x * w), a convolution with what follows it; x[n] = scale * record[index[n]] + shift, of a data set of bytes"
            }
            false => "y = f(b + x * w), a convolution with what follows it",
            true => "dx = dy * w', the input gradient: w' is w turned by 180 degrees, its channels exchanged",
        };
        let pooling = match pool {
            None => "",
            Some(_) => {
                "\nOf each 2 x 2 of them the largest is written: a thread compares neighbours, then with the lane that has the row below."
            }
        };
        let reach = self.s.reach(pixels);
        let (loads, vector) = (reach + 2 * kw * self.plan.step, self.plan.step == 4);
        let loads = if vector { format!("{loads} loads of 16 bytes") } else { format!("{loads} loads") };
        format!(
            "{what}.\nOf {n} images {h} x {w} x {ci}, {kh} x {kw} weights a channel, giving {oh} x {ow} x {co}. NHWC * HWIO.\n\
             \n\
             A block of {threads} threads makes tiles of {rows} x {} pixels of y, up to {} channels, of {together} image(s) at a time and \
             {images}\nin all, so that it loads the weights once. {channels} input channels of the tile of x that each of them needs are in \
             shared memory\nat a time. A thread has {pixels} neighbouring pixel(s) x {CHANNELS} channels in registers: a row of weights and {} \
             input channel(s)\ntake it {loads} for {} multiply-adds. The lanes of a warp have pixels in rows below each other; rows of the tile\n\
             lie {} words apart, so that lanes that are served together find different banks.{pooling}",
            segments * pixels,
            self.plan.outputs,
            self.plan.step,
            kw * self.plan.step * pixels * CHANNELS,
            self.plan.tile.pitch,
        )
    }

    fn text(&self) -> Text {
        let &Self { s, plan } = self;
        let mut kernel = Kernel::new(self.name(), self.about(), size(plan.threads));
        let k = &mut kernel;
        let set = s.records.map(|records| DataSet::new(k, records));
        let x = set.is_none().then(|| k.pointer("x"));
        let w = k.pointer("w");
        let bias = (!s.turned()).then(|| k.pointer("b"));
        let y = k.pointer("y");
        let winner = s.pool.is_some_and(|pool| pool.winner).then(|| k.pointer("winner"));
        let [weight_bytes, bias_bytes] = plan.weight_bytes(s);
        let block = Shared {
            tile: k.shared("x_tile", plan.tiles_bytes()),
            weights: k.shared("w_tile", weight_bytes),
            bias: k.shared("b_tile", bias_bytes),
        };

        let (corner, place, own) = self.place(k, block, y, winner);
        let weights = weights::Weights { s, plan: &plan, from: w, to: block.weights };
        let first_output = k.special("first_output", "ctaid.z");
        let first_output = k.mul("first_output", first_output, size(plan.outputs));
        weights::load_bias(k, &plan, s.co, bias, first_output, block.bias);
        let chunks = s.ci / plan.channels;
        let whole = plan.held == s.ci;
        if whole {
            weights.load(k, None, first_output);
        }

        k.note("The images of this block.");
        let group = k.special("group", "ctaid.x");
        let image = k.mul("image", group, size(plan.images));
        let next_group = k.add("next_group", image, size(plan.images));
        let end = k.min("end", next_group, size(s.n));
        let (x_image, y_image) = (k.register("x_image"), k.register("y_image"));
        if let Some(x) = x {
            k.wide_mad_to(x_image, image, (s.h * s.w * s.ci * 4) as u64, x);
        }
        let [y_rows, y_columns] = s.written();
        let y_bytes = y_rows * y_columns * s.co * 4;
        k.wide_mad_to(y_image, image, y_bytes as u64, place.y);
        let place = Place { y: y_image, ..place };
        let acc: Vec<[F32; CHANNELS]> = (0..plan.pixels).map(|_| k.registers("acc")).collect();
        let tiles = Tiles { set, corner, to: block.tile };
        k.repeat("image_loop", |k| {
            if let Some(set) = set {
                set.find(k, image, s.h * s.w * s.ci, x_image);
            }
            if chunks == 1 {
                self.load(k, tiles, image, None, x_image);
                k.barrier();
                self.start(k, own, &acc);
                self.add(k, own.weights, own, &acc);
            } else {
                k.barrier();
                self.start(k, own, &acc);
                let from: U64 = k.register("x_chunk");
                k.op(format_args!("mov.u64 {from}, {x_image}"));
                k.count_to("chunk", size(chunks), |k, chunk| {
                    k.note("The next input channels.");
                    k.barrier();
                    let mut of_chunk = own.weights;
                    if whole {
                        let words = plan.channels * s.kw * plan.weight_step(s);
                        of_chunk = k.mad("w_at", chunk, size(words * 4), own.weights);
                    } else {
                        let first = k.mul("first_channel", chunk, size(plan.channels));
                        weights.load(k, Some(first), first_output);
                    }
                    self.load(k, tiles, image, Some(chunk), from);
                    k.barrier();
                    self.add(k, of_chunk, own, &acc);
                    let to_next = if set.is_some() { s.h * s.w } else { 4 };
                    k.advance(from, (to_next * plan.channels) as u64);
                });
            }
            self.finish(k, image, place, &acc);
            k.increase(image, size(plan.together));
            if set.is_none() {
                k.advance(x_image, (plan.together * s.h * s.w * s.ci * 4) as u64);
            }
            k.advance(y_image, (plan.together * y_bytes) as u64);
            k.note("Nobody may load the next tile before all have read this one.");
            k.barrier();
            k.lt(image, end)
        });
        kernel.finish()
    }

    /// Loads the tiles of the images that the block has at a time, from `image` on, of their channels those of chunk `chunk`, the
    /// first of which is at `from`; zeros for images beyond the last.
    fn load(&self, k: &mut Kernel, tiles: Tiles, image: U32, chunk: Option<U32>, from: U64) {
        let &Self { s, plan } = self;
        let Tiles { set, corner, to } = tiles;
        let of = Image { h: s.h, w: s.w, c: s.ci, spread: s.spread };
        if let Some(set) = set {
            let channel = chunk.map(|chunk| k.mul("first_channel", chunk, size(plan.channels)));
            return set.load(k, &plan.tile, &of, corner, Plane { at: from, channel }, to);
        }
        plan.tile.load(k, &of, corner, from, to);
        for next in 1..plan.together {
            let (mut row, mut outside) = (corner.row, corner.outside);
            if s.n % plan.together != 0 {
                let there = k.lt(image, size(s.n.saturating_sub(next)));
                // Rows below the image are zeros.
                row = k.select_u32("corner_row", there, row, size((s.h - 1) * s.spread + 1));
                outside[0] = true;
            }
            let next_from = k.register("next_from");
            k.op(format_args!("add.u64 {next_from}, {from}, {}", next * s.h * s.w * s.ci * 4));
            let next_to = k.add("next_to", to, size(next * plan.tile_bytes()));
            plan.tile.load(k, &of, Corner { row, outside, ..corner }, next_from, next_to);
        }
    }
}
