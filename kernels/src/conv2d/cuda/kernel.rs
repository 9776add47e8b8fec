//! The kernel of a correlation: a tile of x and the weights in shared memory, pixels x channels of y in the registers of a thread.
use super::{
    activation,
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
struct Correlate<'a> {
    s: &'a Correlation,
    plan: Plan,
}

/// Addresses in shared memory, of what the block has or of what the thread reads.
#[derive(Copy, Clone)]
struct Shared {
    tile: U32,
    weights: U32,
    bias: U32,
}

/// This thread's place: row and column of its first pixel in y, its first channel, the address of both in an image of y.
#[derive(Copy, Clone)]
struct Place {
    row: U32,
    column: U32,
    channel: U32,
    y: U64,
    /// Whether it writes, where some have nothing to do and do as the last.
    active: Option<Pred>,
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
        let Plan { rows, pixels, segments, threads, images, channels, .. } = self.plan;
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
             A block of {threads} threads makes a tile of {rows} x {} pixels of y, up to {} channels, of {images} image(s) one after\n\
             the other, so that it loads the weights once. {channels} input channels of the tile of x that it needs are in shared\n\
             memory at a time. A thread has {pixels} neighbouring pixels x {CHANNELS} channels in registers: a row of weights and {} input\n\
             channel(s) take it {loads} for {} multiply-adds. The lanes of a warp have pixels in rows below each other; rows\n\
             of the tile lie {} words apart, so that lanes that are served together find different banks.",
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
            tile: k.shared("x_tile", plan.tile.bytes()),
            weights: k.shared("w_tile", weight_bytes),
            bias: k.shared("b_tile", bias_bytes),
        };

        let (corner, place, own) = self.place(k, block, y);
        let weights = weights::Weights { s, plan: &plan, from: w, to: block.weights };
        let first_output = k.special("first_output", "ctaid.z");
        let first_output = k.mul("first_output", first_output, size(plan.outputs));
        weights::load_bias(k, &plan, s.co, bias, first_output, block.bias);
        let chunks = s.ci / plan.channels;
        if chunks == 1 {
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
        let of = Image { h: s.h, w: s.w, c: s.ci, spread: s.spread };
        k.repeat("image_loop", |k| {
            if chunks == 1 {
                plan.tile.load(k, &of, corner, x_image, block.tile);
                k.barrier();
                self.start(k, own, &acc);
                self.add(k, own, &acc);
            } else {
                k.barrier();
                self.start(k, own, &acc);
                let from: U64 = k.register("x_chunk");
                k.op(format_args!("mov.u64 {from}, {x_image}"));
                k.count_to("chunk", size(chunks), |k, chunk| {
                    k.note("The next input channels.");
                    k.barrier();
                    let first = k.mul("first_channel", chunk, size(plan.channels));
                    weights.load(k, Some(first), first_output);
                    plan.tile.load(k, &of, corner, from, block.tile);
                    k.barrier();
                    self.add(k, own, &acc);
                    k.advance(from, 4 * plan.channels as u64);
                });
            }
            self.finish(k, place, &acc);
            k.increase(image, 1);
            k.advance(x_image, (s.h * s.w * s.ci * 4) as u64);
            k.advance(y_image, (s.oh * s.ow * s.co * 4) as u64);
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
        let lanes = plan.rows * plan.segments;
        let active = (plan.active() != plan.threads).then(|| k.lt(thread, size(plan.active())));
        let thread = match active {
            Some(_) => k.min("worker", thread, size(plan.active() - 1)),
            None => thread,
        };
        let [group, lane] = k.div_rem(["group", "lane"], thread, size(lanes));
        let [segment, row] = k.div_rem(["segment", "row"], lane, size(plan.rows));

        k.note("Its addresses in shared memory.");
        let tile = k.mad("x_at", row, size(s.stride * plan.tile.pitch * 4), block.tile);
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
        let pixel = k.mad("pixel_of_y", row, size(s.ow), column);
        let y = k.at(y, pixel, size(s.co * 4));
        let y = k.at(y, channel, 4);
        let place = Place { row, column, channel, y, active };
        (corner, place, Shared { tile, weights, bias })
    }

    /// Sums start at the bias, which lies in shared memory with zeros where there is none.
    fn start(&self, k: &mut Kernel, own: Shared, acc: &[[F32; CHANNELS]]) {
        k.note("Sums start at the bias.");
        let (first, rest) = acc.split_first().expect("a pixel");
        for half in 0..2 {
            let to = std::array::from_fn(|i| first[4 * half + i]);
            k.load_shared4(to, own.bias, 16 * half);
        }
        for pixel in rest {
            pixel.iter().zip(first).for_each(|(&to, &from)| k.set_f32(to, from));
        }
    }

    /// Adds what the channels in shared memory contribute.
    fn add(&self, k: &mut Kernel, own: Shared, acc: &[[F32; CHANNELS]]) {
        let &Self { s, plan } = self;
        let groups = plan.channels / plan.step;
        let (x_at, w_at) = (k.copy("x_here", own.tile), k.copy("w_here", own.weights));
        let x: Vec<F32> = (0..s.reach(plan.pixels) * plan.step).map(|_| k.register("x_of")).collect();
        let w: [[F32; CHANNELS]; 2] = [k.registers("w_of"), k.registers("w_of")];
        let weight_row = s.kw * plan.step * plan.weight_step(s) * 4;
        k.count_to("row_of_weights", size(s.kh), |k, _| {
            let row = |k: &mut Kernel| {
                self.add_row(k, x_at, w_at, &x, w, acc);
                k.increase(w_at, size(weight_row));
            };
            if groups == 1 {
                row(k);
                k.increase(x_at, size(plan.tile.pitch * 4));
                return;
            }
            k.count_to("channels", size(groups), |k, _| {
                row(k);
                k.increase(x_at, size(plan.step * 4));
            });
            k.increase(x_at, size((plan.tile.pitch - plan.channels) * 4));
        });
    }

    /// Adds a row of weights times some channels of a row of x.
    fn add_row(
        &self,
        k: &mut Kernel,
        x_at: U32,
        w_at: U32,
        x: &[F32],
        w: [[F32; CHANNELS]; 2],
        acc: &[[F32; CHANNELS]],
    ) {
        let &Self { s, plan } = self;
        k.note("Pixels of x, as far as this thread reaches.");
        for (pixel, x) in x.chunks(plan.step).enumerate() {
            let offset = pixel * plan.tile.step * 4;
            match *x {
                [a, b, c, d] => k.load_shared4([a, b, c, d], x_at, offset),
                _ => x.iter().enumerate().for_each(|(c, &x)| k.load_shared(x, x_at, offset + c * 4)),
            }
        }
        for q in 0..s.kw {
            for c in 0..plan.step {
                let term = q * plan.step + c;
                k.note(format!("Weight {q} of the row, channel {c}."));
                let w = w[term % 2];
                for half in 0..2 {
                    let to = std::array::from_fn(|i| w[4 * half + i]);
                    k.load_shared4(to, w_at, term * plan.weight_step(s) * 4 + 16 * half);
                }
                for (pixel, acc) in acc.iter().enumerate() {
                    let x = x[(pixel * s.stride + q) * plan.step + c];
                    acc.iter().zip(w).for_each(|(&acc, w)| k.fma_to(acc, x, w));
                }
            }
        }
    }

    /// What follows the sums, and y.
    fn finish(&self, k: &mut Kernel, place: Place, acc: &[[F32; CHANNELS]]) {
        let &Self { s, plan } = self;
        if let Some(f) = s.activation {
            k.note("The activation.");
            acc.iter().flatten().for_each(|&acc| activation::apply(k, f, acc));
        }
        k.note("Pixels and channels that y has.");
        let row = (s.oh % plan.rows != 0).then(|| k.lt(place.row, size(s.oh)));
        let there = k.both(place.active, row);
        let width = if s.co % 4 == 0 { 4 } else { 1 };
        let channels: Vec<Option<Pred>> = (0..CHANNELS)
            .step_by(width)
            .map(|c| {
                let beyond = s.co % plan.outputs != 0;
                let inside = beyond.then(|| k.lt(place.channel, size(s.co.saturating_sub(c))));
                k.both(there, inside)
            })
            .collect();
        for (pixel, acc) in acc.iter().enumerate() {
            let beyond = s.ow % plan.columns() != 0;
            let inside = beyond.then(|| k.lt(place.column, size(s.ow.saturating_sub(pixel))));
            for (&on, c) in channels.iter().zip((0..).step_by(width)) {
                let on = k.both(on, inside);
                let offset = (pixel * s.co + c) * 4;
                if width == 4 {
                    k.store_global4_if(on, place.y, offset, std::array::from_fn(|i| acc[c + i]));
                } else {
                    k.store_global_if(on, place.y, offset, acc[c]);
                }
            }
        }
    }
}
