//! The kernel of a correlation: a tile of x and the weights in shared memory, pixels x channels of y in the registers of a thread.
use super::{
    correlation::Correlation,
    direct,
    image::{Corner, Image},
    plan::{CHANNELS, Plan},
    weights,
};
use crate::{
    activation::Activation,
    cuda::{Arg, Launch, Launches, Text, size},
    ptx::{F32, Kernel, Pred, U32, U64},
};

/// What all parts of the kernel need.
pub(super) struct Correlate<'a> {
    pub(super) s: &'a Correlation,
    pub(super) plan: Plan,
}

/// Addresses in shared memory, of what the block has or of what the thread reads.
#[derive(Copy, Clone)]
pub(super) struct Shared {
    pub(super) tile: U32,
    pub(super) weights: U32,
    pub(super) bias: U32,
}

/// This thread's place: row and column of its first pixel in y, its first channel, the address of both in an image of y.
#[derive(Copy, Clone)]
pub(super) struct Place {
    /// Its image, of those that the block has at a time.
    pub(super) image: U32,
    pub(super) row: U32,
    pub(super) column: U32,
    pub(super) channel: U32,
    pub(super) y: U64,
    /// Whether it writes, where some have nothing to do and do as the last.
    pub(super) active: Option<Pred>,
}

/// The launches of `s`: operands x, w, perhaps b, and the output.
pub(super) fn launches(s: &Correlation, x: Arg, w: Arg, b: Option<Arg>, y: Arg) -> Launches {
    if s.n * s.oh * s.ow * s.co == 0 {
        return Launches::default();
    }
    let Some(plan) = Plan::new(s) else { return direct::correlation(s, x, w, b, y).into() };
    let [rows, columns, channels] = plan.grid(s);
    let kernel = Correlate { s, plan };
    let args = [Some(x), Some(w), b, Some(y)].into_iter().flatten().collect();
    let mut launch = Launch::new(kernel.text(), kernel.name(), 1, size(plan.threads), args);
    launch.grid = [size(s.n.div_ceil(plan.images)), size(rows * columns), size(channels)];
    launch.into()
}

impl Correlate<'_> {
    fn name(&self) -> String {
        let Correlation { pass, n, ci, h, w, co, kh, kw, stride, padding, spread, activation, .. } = self.s;
        let mut name = format!("conv2d_{}_{n}x{h}x{w}x{ci}_{kh}x{kw}x{co}", pass.name());
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
        name + match activation {
            None => "",
            Some(Activation::Relu) => "_relu",
            Some(Activation::LeakyRelu { .. }) => "_leaky_relu",
            Some(Activation::Sigmoid) => "_sigmoid",
            Some(Activation::Tanh) => "_tanh",
        }
    }

    fn about(&self) -> String {
        let Correlation { n, ci, h, w, co, oh, ow, kh, kw, .. } = self.s;
        let Plan { rows, pixels, segments, threads, together, images, channels, .. } = self.plan;
        let what = match self.s.turned() {
            false => "y = f(b + x * w), a convolution with what follows it",
            true => "dx = dy * w', the input gradient: w' is w turned by 180 degrees, its channels exchanged",
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
             lie {} words apart, so that lanes that are served together find different banks.",
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
        let (x, w) = (k.pointer("x"), k.pointer("w"));
        let bias = (!s.turned()).then(|| k.pointer("b"));
        let y = k.pointer("y");
        let [weight_bytes, bias_bytes] = plan.weight_bytes(s);
        let block = Shared {
            tile: k.shared("x_tile", plan.tiles_bytes()),
            weights: k.shared("w_tile", weight_bytes),
            bias: k.shared("b_tile", bias_bytes),
        };

        let (corner, place, own) = self.place(k, block, y);
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
        k.wide_mad_to(x_image, image, (s.h * s.w * s.ci * 4) as u64, x);
        k.wide_mad_to(y_image, image, (s.oh * s.ow * s.co * 4) as u64, place.y);
        let place = Place { y: y_image, ..place };
        let acc: Vec<[F32; CHANNELS]> = (0..plan.pixels).map(|_| k.registers("acc")).collect();
        k.repeat("image_loop", |k| {
            if chunks == 1 {
                self.load(k, image, corner, x_image, block.tile);
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
                    self.load(k, image, corner, from, block.tile);
                    k.barrier();
                    self.add(k, of_chunk, own, &acc);
                    k.advance(from, 4 * plan.channels as u64);
                });
            }
            self.finish(k, image, place, &acc);
            k.increase(image, size(plan.together));
            k.advance(x_image, (plan.together * s.h * s.w * s.ci * 4) as u64);
            k.advance(y_image, (plan.together * s.oh * s.ow * s.co * 4) as u64);
            k.note("Nobody may load the next tile before all have read this one.");
            k.barrier();
            k.lt(image, end)
        });
        kernel.finish()
    }

    /// Where the block's tile begins, and where the thread works.
    fn place(&self, k: &mut Kernel, block: Shared, y: U64) -> (Corner, Place, Shared) {
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
        let [segment, row] = k.div_rem(["segment", "row"], lane, size(plan.together * plan.rows));
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
        let pixel = k.mad("pixel_of_y", image, size(s.oh), row);
        let pixel = k.mad("pixel_of_y", pixel, size(s.ow), column);
        let y = k.at(y, pixel, size(s.co * 4));
        let y = k.at(y, channel, 4);
        let place = Place { image, row, column, channel, y, active };
        (corner, place, Shared { tile, weights, bias })
    }

    /// Loads the tiles of the images that the block has at a time, from `image` on; zeros for those beyond the last.
    fn load(&self, k: &mut Kernel, image: U32, corner: Corner, from: U64, to: U32) {
        let &Self { s, plan } = self;
        let of = Image { h: s.h, w: s.w, c: s.ci, spread: s.spread };
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
