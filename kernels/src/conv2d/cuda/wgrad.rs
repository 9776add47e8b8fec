//! The kernel of a weight gradient: tiles of x and dy in shared memory, weights x channels in the registers of a thread.
use super::{
    image::{Corner, Image},
    wgrad_plan::Plan,
};
use crate::{
    conv2d::Conv2d,
    cuda::{Arg, Launch, Launches, SumParts, Text, size},
    ptx::{F32, Kernel, Pred, U32, U64},
};

/// The kernel while it is written.
struct Wgrad<'a> {
    s: &'a Conv2d,
    plan: Plan,
}

/// Where the thread works: its addresses in both tiles and in dw, which rows, and whether it writes.
struct Place {
    x: U32,
    dy: U32,
    sharer: U32,
    dw: U64,
    /// The first weight of its row.
    tap: Option<U32>,
    writes: Option<Pred>,
}

/// Sums of a thread: `[tap][input channel][output channel]`.
type Sums = Vec<Vec<Vec<F32>>>;

/// The launches: operands x and dy, output dw, HWIO. None where no tile fits in shared memory.
pub(super) fn launches(s: &Conv2d, x: Arg, dy: Arg, dw: Arg) -> Option<Launches> {
    let plan = Plan::new(s)?;
    let kernel = Wgrad { s, plan };
    let split = plan.parts > 1;
    let to = if split { Arg::Scratch(0) } else { dw };
    let mut launch = Launch::new(kernel.text(), kernel.name(), 1, size(plan.threads), vec![x, dy, to]);
    let [rows, inputs, outputs] = plan.pieces(s);
    launch.grid = [size(plan.parts), size(rows * inputs), size(outputs)];
    if !split {
        return Some(launch.into());
    }
    let len = s.weight().len();
    let sum = SumParts { parts: plan.parts, len, from: Arg::Scratch(0), bias: None, y: dw };
    Some(Launches { list: vec![launch, sum.launch()], scratch: plan.parts * len * 4 })
}

impl Wgrad<'_> {
    fn name(&self) -> String {
        let Conv2d { n, ci, h, w, co, kh, kw, stride, padding } = self.s;
        let stride = if *stride > 1 { format!("_stride{stride}") } else { String::new() };
        let padding = if *padding > 0 { format!("_padding{padding}") } else { String::new() };
        format!("conv2d_wgrad_{n}x{h}x{w}x{ci}_{kh}x{kw}x{co}{stride}{padding}")
    }

    fn about(&self) -> String {
        let Conv2d { n, ci, h, w, co, kh, kw, .. } = self.s;
        let Plan { rows, columns, taps, step, output_step, sharers, unroll, parts, threads, .. } = self.plan;
        format!(
            "dw[p,q,c,o] = the sum of dy[n,i,j,o] x[n,i+p,j+q,c] over n, i, j: the weight gradient of a convolution.\n\
             {n} images {h} x {w} x {ci}, {kh} x {kw} weights a channel, dy {} x {} x {co}. NHWC, dw HWIO.\n\
             \n\
             {parts} block(s) of {threads} threads share the {} tiles of {rows} x {columns} pixels of dy that the images have; each sums a \
             part, in\nregisters, over all its tiles, and writes it once. If there are several a second kernel sums them.\n\
             A thread has {taps} neighbouring weights x {step} input x {output_step} output channels. It takes {unroll} pixels of dy at a \
             time, for which it\nloads {} pixels of x: {} multiply-adds for {} values. {sharers} neighbouring lane(s) have the same weights and \
             share the rows\nof a tile; in the end they add up by shuffles. Rows of the tiles lie {} and {} words apart, so that lanes that \
             are\nserved together find different banks.",
            self.s.oh(),
            self.s.ow(),
            self.plan.units(self.s),
            self.plan.reach(self.s, unroll),
            unroll * taps * step * output_step,
            self.plan.reach(self.s, unroll) * step + unroll * output_step,
            self.plan.x.pitch,
            self.plan.dy.pitch,
        )
    }

    fn text(&self) -> Text {
        let &Self { s, plan } = self;
        let mut kernel = Kernel::new(self.name(), self.about(), size(plan.threads));
        let k = &mut kernel;
        let [x, dy, dw] = ["x", "dy", "dw"].map(|name| k.pointer(name));
        let x_tile = k.shared("x_tile", plan.x.bytes());
        let dy_tile = k.shared("dy_tile", plan.dy.bytes());

        k.note("The weights of this block: their first row, input channel, output channel.");
        let [_, inputs, _] = plan.pieces(s);
        let piece = k.special("piece", "ctaid.y");
        let [first_row, first_input] = k.div_rem(["first_row", "first_input"], piece, size(inputs));
        let first_row = k.mul("first_row", first_row, size(plan.weight_rows));
        let first_input = k.mul("first_input", first_input, size(plan.channels));
        let first_output = k.special("first_output", "ctaid.z");
        let first_output = k.mul("first_output", first_output, size(plan.outputs));
        let x = k.at(x, first_input, 4);
        let dy = k.at(dy, first_output, 4);
        let place = self.place(k, [x_tile, dy_tile], [first_row, first_input, first_output], dw);

        let sums: Sums = (0..plan.taps)
            .map(|_| {
                (0..plan.step).map(|_| (0..plan.output_step).map(|_| k.register("sum")).collect()).collect()
            })
            .collect();
        sums.iter().flatten().flatten().for_each(|&sum| k.set_f32(sum, 0.0));

        let units = plan.units(s);
        if units > 0 {
            k.note("The tiles of this block.");
            let unit = k.special("unit", "ctaid.x");
            k.repeat("tile_loop", |k| {
                let rows = self.load(k, unit, first_row, [x, dy], [x_tile, dy_tile]);
                k.barrier();
                self.add(k, &place, rows, &sums);
                k.increase(unit, size(plan.parts));
                k.note("Nobody may load the next tiles before all have read these.");
                k.barrier();
                k.lt(unit, size(units))
            });
        }
        self.write(k, &place, &sums);
        kernel.finish()
    }

    /// What of the weights this thread has.
    fn place(&self, k: &mut Kernel, tiles: [U32; 2], first: [U32; 3], dw: U64) -> Place {
        let &Self { s, plan } = self;
        let workers = plan.workers(s);
        k.note("This thread: which rows of a tile it shares, its output and input channels, its weights.");
        let thread = k.special("thread", "tid.x");
        let [worker, sharer] = k.div_rem(["worker", "sharer"], thread, size(plan.sharers));
        let surplus = workers * plan.sharers != plan.threads;
        let real = surplus.then(|| k.lt(worker, size(workers)));
        let worker = k.min("worker", worker, size(workers - 1));
        let [rest, output] = k.div_rem(["rest", "output"], worker, size(plan.outputs / plan.output_step));
        let [rest, group] = k.div_rem(["rest", "group"], rest, size(plan.channels / plan.step));
        let [row, taps] = k.div_rem(["weight_row", "taps"], rest, size(s.kw.div_ceil(plan.taps)));
        let output = k.mul("output", output, size(plan.output_step));
        let input = k.mul("input", group, size(plan.step));
        let tap = k.mul("tap", taps, size(plan.taps));

        k.note("Its addresses in shared memory.");
        let x = k.mad("x_at", row, size(plan.x.pitch * 4), tiles[0]);
        let x = k.mad("x_at", sharer, size(s.stride * plan.x.pitch * 4), x);
        let x = k.mad("x_at", tap, size(plan.x.step * 4), x);
        let x = k.mad("x_at", input, 4, x);
        let dy = k.mad("dy_at", sharer, size(plan.dy.pitch * 4), tiles[1]);
        let dy = k.mad("dy_at", output, 4, dy);

        k.note("Its address in dw, or in a part of it.");
        let row = k.add("weight_row", row, first[0]);
        let weight = k.mad("weight", row, size(s.kw), tap);
        let input = k.add("input", input, first[1]);
        let weight = k.mad("weight", weight, size(s.ci), input);
        let output = k.add("output", output, first[2]);
        let weight = k.mad("weight", weight, size(s.co), output);
        let mut at = k.at(dw, weight, 4);
        if plan.parts > 1 {
            let part = k.special("part", "ctaid.x");
            let of_part = k.register("at");
            k.wide_mad_to(of_part, part, 4 * s.weight().len() as u64, at);
            at = of_part;
        }
        let first = (plan.sharers > 1).then(|| k.eq(sharer, 0));
        let writes = k.both(real, first);
        let tap = (s.kw % plan.taps != 0).then_some(tap);
        Place { x, dy, sharer, dw: at, tap, writes }
    }

    /// Loads the tiles of a unit; rows of dy that there are.
    fn load(&self, k: &mut Kernel, unit: U32, first_row: U32, from: [U64; 2], to: [U32; 2]) -> U32 {
        let &Self { s, plan } = self;
        let [rows, columns] = plan.grid(s);
        let [image, tile] = k.div_rem(["image", "tile"], unit, size(rows * columns));
        let [tile_row, tile_column] = k.div_rem(["tile_row", "tile_column"], tile, size(columns));
        let row = k.mul("row_of_dy", tile_row, size(plan.rows));
        let column = k.mul("column_of_dy", tile_column, size(plan.columns));
        let padding = (s.padding as u32).wrapping_neg();
        let x_row = k.mad("row_of_x", row, size(s.stride), padding);
        let x_row = k.add("row_of_x", x_row, first_row);
        let x_column = k.mad("column_of_x", column, size(s.stride), padding);
        let [x, dy] = [
            self.image_at(k, from[0], image, s.h * s.w * s.ci),
            self.image_at(k, from[1], image, s.oh() * s.ow() * s.co),
        ];

        let last_row = (rows * plan.rows - 1) * s.stride + s.kh;
        let last_column = (columns - 1) * plan.columns * s.stride + plan.x.columns;
        let outside = [s.padding > 0 || last_row > s.h, s.padding > 0 || last_column > s.w];
        let of = Image { h: s.h, w: s.w, c: s.ci, spread: 1 };
        plan.x.load(k, &of, Corner { row: x_row, column: x_column, outside }, x, to[0]);
        let of = Image { h: s.oh(), w: s.ow(), c: s.co, spread: 1 };
        let outside = [s.oh() % plan.rows != 0, false];
        plan.dy.load(k, &of, Corner { row, column, outside }, dy, to[1]);
        let rest = k.reversed("rows_left", size(s.oh()), row);
        k.min("rows_there", rest, size(plan.rows))
    }

    fn image_at(&self, k: &mut Kernel, first: U64, image: U32, len: usize) -> U64 {
        let at = k.register("image_at");
        k.wide_mad_to(at, image, 4 * len as u64, first);
        at
    }

    /// Adds what the tiles contribute: this thread's rows of dy.
    fn add(&self, k: &mut Kernel, place: &Place, rows: U32, sums: &Sums) {
        let &Self { s, plan } = self;
        let [x_at, dy_at] = [k.copy("x_here", place.x), k.copy("dy_here", place.dy)];
        let row = k.copy("row", place.sharer);
        let x: Vec<F32> = (0..plan.reach(s, plan.unroll) * plan.step).map(|_| k.register("x_of")).collect();
        let dy: Vec<F32> = (0..plan.unroll * plan.output_step).map(|_| k.register("dy_of")).collect();
        let any = k.lt(row, rows);
        k.when(any, "rows", |k| {
            k.repeat("row_loop", |k| {
                let [x_row, dy_row] = [k.copy("x_column", x_at), k.copy("dy_column", dy_at)];
                k.count_to("columns", size(plan.columns / plan.unroll), |k, _| {
                    self.add_columns(k, plan.unroll, [x_row, dy_row], &x, &dy, sums);
                    k.increase(x_row, size(plan.unroll * s.stride * plan.x.step * 4));
                    k.increase(dy_row, size(plan.unroll * plan.dy.step * 4));
                });
                if plan.columns % plan.unroll > 0 {
                    self.add_columns(k, plan.columns % plan.unroll, [x_row, dy_row], &x, &dy, sums);
                }
                k.increase(x_at, size(plan.sharers * s.stride * plan.x.pitch * 4));
                k.increase(dy_at, size(plan.sharers * plan.dy.pitch * 4));
                k.increase(row, size(plan.sharers));
                k.lt(row, rows)
            });
        });
    }

    /// Adds neighbouring pixels of dy times the pixels of x that their weights were applied to.
    fn add_columns(&self, k: &mut Kernel, columns: usize, at: [U32; 2], x: &[F32], dy: &[F32], sums: &Sums) {
        let &Self { s, plan } = self;
        k.note(format!("{columns} pixels of dy, and the pixels of x that they need."));
        for (pixel, x) in x.chunks(plan.step).take(plan.reach(s, columns)).enumerate() {
            load(k, x, at[0], pixel * plan.x.step * 4);
        }
        for (pixel, dy) in dy.chunks(plan.output_step).take(columns).enumerate() {
            load(k, dy, at[1], pixel * plan.dy.step * 4);
            for (q, sums) in sums.iter().enumerate() {
                let x = &x[(pixel * s.stride + q) * plan.step..];
                for (&x, sums) in x.iter().zip(sums) {
                    sums.iter().zip(dy).for_each(|(&sum, &dy)| k.fma_to(sum, dy, x));
                }
            }
        }
    }

    /// Adds up what the sharers have, and writes it.
    fn write(&self, k: &mut Kernel, place: &Place, sums: &Sums) {
        let &Self { s, plan } = self;
        let mut distance = plan.sharers / 2;
        while distance > 0 {
            k.note(format!("Plus the sums of the lane {distance} further."));
            for &sum in sums.iter().flatten().flatten() {
                let other = k.shuffle_across("other", sum, size(distance));
                k.add_to(sum, other);
            }
            distance /= 2;
        }
        k.note("One of the sharers writes.");
        for (q, sums) in sums.iter().enumerate() {
            let tap = place.tap.map(|tap| k.lt(tap, size(s.kw - q)));
            let on = k.both(place.writes, tap);
            for (c, sums) in sums.iter().enumerate() {
                let offset = (q * s.ci + c) * s.co * 4;
                match sums[..] {
                    [a, b, c, d] if plan.parts > 1 => k.store_global4_if(on, place.dw, offset, [a, b, c, d]),
                    _ => sums
                        .iter()
                        .enumerate()
                        .for_each(|(o, &sum)| k.store_global_if(on, place.dw, offset + 4 * o, sum)),
                }
            }
        }
    }
}

/// Loads a vector, or up to three numbers one by one.
fn load(k: &mut Kernel, to: &[F32], at: U32, offset: usize) {
    match *to {
        [a, b, c, d] => k.load_shared4([a, b, c, d], at, offset),
        _ => to.iter().enumerate().for_each(|(i, &to)| k.load_shared(to, at, offset + 4 * i)),
    }
}
